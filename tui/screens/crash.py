"""Something unexpected happened: what, where it is written down, and how to go on."""

from __future__ import annotations

import traceback
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.words import Words

LAST_LINES = 200


class CrashScreen(Screen[None]):
    """The one error screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,escape,enter", "app.go_on", "go on", show=False),
        Binding("y", "copy", "copy the traceback", show=False),
        Binding("q", "app.leave", "quit", show=False),
    ]
    CSS = """
    CrashScreen { padding: 1 2; }
    CrashScreen #what { color: $text-error; text-style: bold; }
    CrashScreen #trace { height: 1fr; margin: 1 0; scrollbar-size-vertical: 1; }
    CrashScreen #lines { color: $foreground 60%; }
    """

    def __init__(self, error: BaseException, report: str = "") -> None:
        super().__init__()
        self._report = report
        self._trace = "\n".join("".join(traceback.format_exception(error)).splitlines()[-LAST_LINES:])

    def compose(self) -> ComposeResult:
        yield Words("dockpit met something it does not know how to handle", id="what")
        yield Words(f"A report was written to {self._report}" if self._report else "No report could be written.")
        with VerticalScroll(id="trace"):
            yield Words(self._trace, id="lines")
        yield Words("r goes on · y copies the traceback · q leaves")

    def on_mount(self) -> None:
        """Begin where the error is named: at the end."""
        self.query_one("#trace", VerticalScroll).focus()
        self.call_after_refresh(self.query_one("#trace", VerticalScroll).scroll_end, animate=False)

    def action_copy(self) -> None:
        """Copy the traceback."""
        self.app.copy_to_clipboard(self._trace)
        self.app.notify("copied the traceback", markup=False, timeout=2)
