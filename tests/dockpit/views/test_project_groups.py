"""The overview's rows grouped by Compose project: their order, their sums, and what a folded group hides."""

from __future__ import annotations

from dockpit.model.view_models import Cell
from tests.builders import entry, full_id, snapshot
from tests.dockpit.views.overview_of_a_fleet import cell, fleet, keys, labels, show


def test_groups_are_sorted_by_name_with_loose_containers_last() -> None:
    view = show(snapshot(fleet()))
    assert labels(view) == ["Apps", "apple", "shop", "db", "web-1", "no project · 2", "migrate", "worker"]
    assert keys(view)[2] == "project:shop"
    assert [row.kind for row in view.table.rows].count("group") == 3
    assert {row.indent for row in view.table.rows if row.kind == "item"} == {1}


def test_a_group_row_has_its_size_and_its_sums() -> None:
    view = show(snapshot(fleet()))
    assert cell(view, "project:shop", "name").text == "shop  compose · 2"
    assert cell(view, "project:shop", "cpu").text == "0.40"
    assert cell(view, "project:shop", "memory").text == "82M"
    assert cell(view, "project:shop", "throttled").text == ""


def test_a_group_without_figures_sums_to_a_dash() -> None:
    done = entry("a", about={"project": "p", "state": "exited"})
    assert cell(show(snapshot([done])), "project:p", "cpu").text == "–"


def test_a_folded_group_hides_its_containers_but_not_their_alerts() -> None:
    view = show(snapshot(fleet()), folded=frozenset({"project:shop"}))
    group = next(row for row in view.table.rows if row.key == "project:shop")
    assert group.folded
    assert full_id("shop-web-1") not in keys(view)
    assert cell(view, "project:shop", "oom") == Cell("1 alert", "high")
    assert cell(show(snapshot(fleet())), "project:shop", "oom") == Cell()


def test_without_projects_there_are_no_group_rows() -> None:
    assert labels(show(snapshot([entry("b"), entry("a")]))) == ["a", "b"]


def test_flat_shows_whole_names() -> None:
    view = show(snapshot(fleet()), grouped=False)
    assert labels(view) == ["apple", "migrate", "shop-db", "shop-web-1", "worker"]


def test_a_name_that_is_only_the_project_stays_whole() -> None:
    found = [entry("shop", about={"project": "shop"}), entry("shop-", about={"project": "shop"})]
    assert labels(show(snapshot(found)))[1:] == ["shop", "shop-"]


def test_sorting_by_trouble_puts_the_group_with_the_worst_container_first() -> None:
    assert labels(show(snapshot(fleet()), sort="trouble"))[:2] == ["shop", "web-1"]
