"""The crash screen: an unexpected error, where its report is, and how to go on."""

from __future__ import annotations

import traceback
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.plain_text import PlainText

MAX_TRACEBACK_LINES = 200


class CrashScreen(Screen[None]):
    """Shows `error` with its traceback; `report` is the path of the crash report, "" for none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,escape,enter", "app.go_on", "continue", show=False),
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
        self._traceback = "\n".join("".join(traceback.format_exception(error)).splitlines()[-MAX_TRACEBACK_LINES:])

    def compose(self) -> ComposeResult:
        yield PlainText("an unexpected error happened in dockpit", id="what")
        yield PlainText(f"A report was written to {self._report}" if self._report else "No report could be written.")
        with VerticalScroll(id="trace"):
            yield PlainText(self._traceback, id="lines")
        yield PlainText("r continues · y copies the traceback · q leaves")

    def on_mount(self) -> None:
        """Scroll to the end, where the error is named."""
        self.query_one("#trace", VerticalScroll).focus()
        self.call_after_refresh(self.query_one("#trace", VerticalScroll).scroll_end, animate=False)

    def action_copy(self) -> None:
        """Copy the traceback."""
        self.app.copy_to_clipboard(self._traceback)
        self.app.notify("copied the traceback", markup=False, timeout=2)
