"""Something unexpected happened: what, where it is written down, and how to go on."""

from __future__ import annotations

import traceback

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from widgets.ink import visible


class CrashScreen(Screen[None]):
    """The one error screen."""

    BINDINGS = [  # noqa: RUF012 - Textual's own spelling of a class attribute
        Binding("r", "app.reconnect", "go on", show=False),
        Binding("escape", "app.reconnect", "go on", show=False),
        Binding("q", "app.leave", "quit", show=False),
    ]
    CSS = """
    CrashScreen { padding: 1 2; }
    CrashScreen #what { color: $text-error; text-style: bold; }
    CrashScreen #trace { height: 1fr; margin: 1 0; }
    """

    def __init__(self, error: BaseException, report: str = "") -> None:
        super().__init__()
        self._error = error
        self._report = report

    def compose(self) -> ComposeResult:
        yield Static(Text("dockpit met something it does not know how to handle"), id="what")
        yield Static(Text(f"A report was written to {self._report}" if self._report else "No report could be written."))
        with VerticalScroll(id="trace"):
            lines = "".join(traceback.format_exception(self._error)).splitlines()
            yield Static(Text("\n".join(visible(line, 400) for line in lines[-200:]), "dim"))
        yield Static(Text("r goes on with a new connection · q leaves"))
