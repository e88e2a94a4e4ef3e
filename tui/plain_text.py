"""Text of dockpit or of an engine on a screen: never markup, control characters visible, ASCII where asked for."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.app import App
from textual.widgets import Static

from widgets.drawing.terminal_text import ASCII_CLASS, visible

MAX_LINE_CHARACTERS = 1000


def displayable(app: App[Any], text: str, max_line: int = MAX_LINE_CHARACTERS) -> str:
    """`text` as the terminal of `app` can show it, each line cut to `max_line` characters; line breaks are kept."""
    ascii = app.has_class(ASCII_CLASS)
    return "\n".join(_line(line, max_line, ascii) for line in text.split("\n"))


def one_line(text: str) -> str:
    """`text` with a space for every line break."""
    return " ".join(text.split("\n"))


def _line(line: str, max_characters: int, ascii: bool) -> str:
    shown = visible(line[:max_characters], ascii=ascii)
    return shown if len(line) <= max_characters else shown + ("~" if ascii else "…")


class PlainText(Static):
    """Some lines of text; an empty one is hidden and takes no room."""

    DEFAULT_CSS = """
    PlainText.-empty { display: none; }
    """

    def __init__(self, text: str = "", style: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._text = text
        self._rich_style = style

    def on_mount(self) -> None:
        """Draw the initial text, now that the app is known."""
        self.set_text(self._text)

    @property
    def text(self) -> str:
        """The text as given."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.set_class(not text, "-empty")
        if self.is_attached:
            self.update(Text(displayable(self.app, text), self._rich_style))
