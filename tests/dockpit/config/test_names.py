"""The names that the configuration takes are those of the screens."""

from __future__ import annotations

import pytest
from textual.theme import BUILTIN_THEMES

from dockpit.config.names import BINDINGS, THEMES, is_key
from tui.keys import KEYS, ids
from tui.theme import DARK, LIGHT


def test_every_binding_of_the_screens_is_known() -> None:
    assert sorted(BINDINGS) == sorted(set(ids()))


def test_every_theme_of_the_screens_is_known() -> None:
    assert set(THEMES) == {"dark", "light", "auto", DARK.name, LIGHT.name, *BUILTIN_THEMES}


def test_every_key_in_use_is_one() -> None:
    assert all(is_key(name) for key in KEYS for name in key.keys.split(","))


@pytest.mark.parametrize("name", ["x", "?", "ctrl+x", "ctrl+shift+left", "f12", "left_square_bracket", "ctrl+at"])
def test_what_is_a_key(name: str) -> None:
    assert is_key(name)


@pytest.mark.parametrize("name", ["nothing", "ctrl+nothing", "control+x", "f99", ""])
def test_what_is_no_key(name: str) -> None:
    assert not is_key(name)
