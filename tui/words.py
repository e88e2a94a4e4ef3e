"""Text of our own or of an engine on a screen: never markup, always visible, in ASCII where there is no more."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.app import App
from textual.widgets import Static

from widgets.ink import ASCII_CLASS, visible

LONGEST_LINE = 1000
"""Characters of one line beyond this are not looked at."""


def seen(app: App[Any], text: str, most: int = LONGEST_LINE) -> str:
    """`text` as `app`'s terminal can show it; its lines stay lines."""
    ascii = app.has_class(ASCII_CLASS)
    return "\n".join(_line(line, most, ascii) for line in text.split("\n"))


def one_line(text: str) -> str:
    """`text` with its line breaks taken out."""
    return " ".join(text.split("\n"))


def _line(line: str, most: int, ascii: bool) -> str:
    shown = visible(line[:most], ascii=ascii)
    return shown if len(line) <= most else shown + ("~" if ascii else "…")


class Words(Static):
    """Some lines of text; nothing to say takes no room."""

    DEFAULT_CSS = """
    Words.-silent { display: none; }
    """

    def __init__(self, text: str = "", style: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._said = text
        self._rich_style = style

    def on_mount(self) -> None:
        """Draw what was given before there was an app."""
        self.say(self._said)

    @property
    def said(self) -> str:
        """What is said."""
        return self._said

    def say(self, text: str) -> None:
        """Say something else."""
        self._said = text
        self.set_class(not text, "-silent")
        if self.is_attached:
            self.update(Text(seen(self.app, text), self._rich_style))
