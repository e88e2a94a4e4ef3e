"""The names known to the configuration are those used by the screens and by Textual."""

from __future__ import annotations

import pytest
from textual.theme import BUILTIN_THEMES

from dockpit.config.ui_names import BINDING_NAMES, THEME_NAMES, is_key_name
from tui.keys import KEYS, key_ids
from tui.theme import DARK, LIGHT


def test_the_bindings_are_those_of_the_screens() -> None:
    assert sorted(BINDING_NAMES) == sorted(set(key_ids()))


def test_the_themes_are_ours_and_textuals() -> None:
    assert set(THEME_NAMES) == {"dark", "light", "auto", DARK.name, LIGHT.name, *BUILTIN_THEMES}


def test_every_default_key_is_a_key_name() -> None:
    assert all(is_key_name(name) for key in KEYS for name in key.keys.split(","))


@pytest.mark.parametrize("name", ["x", "?", "ctrl+x", "ctrl+shift+left", "f12", "left_square_bracket", "ctrl+at"])
def test_key_names_are_accepted(name: str) -> None:
    assert is_key_name(name)


@pytest.mark.parametrize("name", ["nothing", "ctrl+nothing", "control+x", "f99", ""])
def test_other_names_are_refused(name: str) -> None:
    assert not is_key_name(name)
