"""The theme is chosen by the setting and by what the terminal says of itself."""

from __future__ import annotations

import pytest
from rich.console import Console

from tui.theme import choose_theme, color_count

KNOWN = ("ansi-dark", "ansi-light", "dockpit-dark", "dockpit-light", "nord")


@pytest.mark.parametrize(
    ("wanted", "number", "background", "theme"),
    [
        ("", 1 << 24, "", "dockpit-dark"),
        ("auto", 256, "0;15", "dockpit-light"),
        ("light", 256, "15;0", "dockpit-light"),
        ("dark", 256, "0;15", "dockpit-dark"),
        ("nord", 16, "", "nord"),
        ("dark", 16, "", "ansi-dark"),
        ("light", 16, "", "ansi-light"),
        ("", 16, "0;15", "ansi-light"),
        ("no such theme", 256, "", "dockpit-dark"),
    ],
)
def test_the_theme_is_chosen_by_setting_and_terminal(wanted: str, number: int, background: str, theme: str) -> None:
    assert choose_theme(wanted, KNOWN, number, background) == theme


def test_the_number_of_colours_of_a_terminal() -> None:
    assert color_count(Console(color_system="standard", force_terminal=True)) == 16
    assert color_count(Console(color_system="256", force_terminal=True)) == 256
    assert color_count(Console(color_system="truecolor", force_terminal=True)) > 256
