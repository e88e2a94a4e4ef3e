"""Themes and the styles of the whole app: quiet colours but for trouble; light or dark as the terminal is."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from textual.theme import Theme


def _scrollbars(background: str, thumb: str, active_thumb: str) -> dict[str, str]:
    """Textual's theme variables for unobtrusive scrollbars."""
    backgrounds = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
    thumbs = {"scrollbar": thumb, "scrollbar-hover": active_thumb, "scrollbar-active": active_thumb}
    return {**dict.fromkeys((*backgrounds, "scrollbar-corner-color"), background), **thumbs}


DARK = Theme(
    name="dockpit-dark",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#5fd7d7",
    foreground="#d7dbe0",
    background="#101418",
    surface="#151a20",
    panel="#1c232b",
    success="#87d787",
    warning="#ffc75f",
    error="#ff6b6b",
    dark=True,
    variables=_scrollbars("#101418", "#33404c", "#4a5a68"),
)
LIGHT = Theme(
    name="dockpit-light",
    primary="#005f9e",
    secondary="#3f6f6f",
    accent="#006d77",
    foreground="#1d2329",
    background="#fbfbf9",
    surface="#f3f3ef",
    panel="#e8e8e2",
    success="#1f7a33",
    warning="#9a5b00",
    error="#b3261e",
    dark=False,
    variables=_scrollbars("#fbfbf9", "#c6c6be", "#a3a39a"),
)

STYLES = """
Screen { background: $background; color: $foreground; }
ModalScreen { background: $background 60%; }
Toast { width: auto; max-width: 60%; padding: 0 1; }
CommandPalette #--input { border: none; }
.-ascii ModalScreen #box { border: ascii $primary; }
.-ascii Toast { border: none; }
.-ascii OptionList, .-ascii VerticalScroll, .-ascii JsonTree, .-ascii LogView { scrollbar-size: 0 0; }
CommandPalette SearchIcon { display: none; }
.-ascii CommandPalette CommandList { border: none; }
"""


TRUE_COLORS = 1 << 24
LIGHT_BACKGROUNDS = ("7", "15")
"""The colour numbers of white, as the background in COLORFGBG."""


def color_count(console: Console) -> int:
    """The number of colours of a terminal: 16, 256 or TRUE_COLORS."""
    return {"standard": 16, "windows": 16, "256": 256}.get(console.color_system or "", TRUE_COLORS)


def choose_theme(wanted: str, known: Iterable[str], colors: int = TRUE_COLORS, colorfgbg: str = "") -> str:
    """The theme named `wanted`, with or without the prefix "dockpit-", else a light or dark one.

    `colorfgbg` is the variable COLORFGBG as some terminals set it, "15;0" for white on black. With 16 colours the theme
    is made of the terminal's own ones.
    """
    names = set(known)
    light = wanted == "light" or (wanted in ("", "auto") and colorfgbg.rpartition(";")[2] in LIGHT_BACKGROUNDS)
    if wanted in names:
        return wanted
    if f"dockpit-{wanted}" in names and wanted not in ("light", "dark"):
        return f"dockpit-{wanted}"
    if colors <= 16:
        return "ansi-light" if light else "ansi-dark"
    return LIGHT.name if light else DARK.name
