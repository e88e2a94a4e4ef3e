"""Entries of a JSON document in the order of the tree, with their paths."""

from __future__ import annotations

from widgets.lists.json_entries import JsonEntry, child_entries, format_path, mask_secrets, walk_entries


def test_every_value_is_walked() -> None:
    paths = [format_path(entry.path) for entry in walk_entries(JsonEntry((), {"a": [1, {"b": 2}]}))]
    assert paths == ["a", "a[0]", "a[1]", "a[1].b"]


def test_a_plain_value_has_no_children_and_nothing_to_mask() -> None:
    assert child_entries(JsonEntry((), "text")) == [] and mask_secrets(JsonEntry(("Env", "x"), 3)) == 3
