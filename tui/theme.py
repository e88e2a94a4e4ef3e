"""How it looks: quiet by default, colour for trouble, light or dark after the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from textual.theme import Theme

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
)

STYLES = """
Screen { background: $background; color: $foreground; }
ModalScreen { background: $background 60%; }
"""


def choose_theme(wanted: str, known: Iterable[str]) -> str:
    """The theme asked for, as it is or with our prefix; dark where there is no such theme."""
    names = set(known)
    if wanted in names:
        return wanted
    own = f"dockpit-{wanted}"
    return own if own in names else DARK.name
