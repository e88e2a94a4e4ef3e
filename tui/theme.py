"""How it looks: quiet by default, colour for trouble, light or dark after the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from textual.theme import Theme


def _scrollbars(ground: str, thumb: str, held: str) -> dict[str, str]:
    """Scrollbars that are there and say no more."""
    grounds = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
    thumbs = {"scrollbar": thumb, "scrollbar-hover": held, "scrollbar-active": held}
    return {**dict.fromkeys((*grounds, "scrollbar-corner-color"), ground), **thumbs}


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
.-ascii OptionList, .-ascii VerticalScroll, .-ascii JsonTree, .-ascii Tail { scrollbar-size: 0 0; }
CommandPalette SearchIcon { display: none; }
.-ascii CommandPalette CommandList { border: none; }
"""


def colours(console: Console) -> int:
    """How many colours a terminal has: 16, 256 or more."""
    return {"standard": 16, "windows": 16, "256": 256}.get(console.color_system or "", 1 << 24)


def choose_theme(wanted: str, known: Iterable[str], colours: int = 1 << 24, background: str = "") -> str:
    """The theme asked for, as it is or with our prefix, else light or dark after what the terminal says of itself.

    `background` is COLORFGBG, as some terminals set it: "15;0". With 16 colours it is the terminal's own ones.
    """
    names = set(known)
    light = wanted == "light" or (wanted in ("", "auto") and background.rpartition(";")[2] in ("7", "15"))
    if wanted in names:
        return wanted
    if f"dockpit-{wanted}" in names and wanted not in ("light", "dark"):
        return f"dockpit-{wanted}"
    if colours <= 16:
        return "ansi-light" if light else "ansi-dark"
    return LIGHT.name if light else DARK.name
