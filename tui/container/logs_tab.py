"""The logs tab: the container's logs, followed across restarts, with a search and a filter.

engine's log stream -> _read_run -> _pending lines --every BATCH_SECONDS--> LogView
                          ^  waits while more than MAX_PENDING_LINES are pending
                          +-- again with each run of the container, until it is down
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import datetime, tzinfo

from textual import events, on, work
from textual.app import ComposeResult
from textual.widgets import Input

from dockpit.metrics.formatting import plural
from dockpit.model.container import LogLine
from dockpit.model.errors import DockpitError
from dockpit.monitor.session import Session
from tui.container.fetched_tab import FetchedTab
from tui.keys import bindings
from tui.plain_text import PlainText
from widgets.logs.log_view import LogView

MAX_PENDING_LINES = 10_000
FIRST_LINES = 2000
"""Past lines that are fetched when the tab is opened."""
BATCH_SECONDS = 0.1
"""Log lines that come within this time are shown together."""
MAX_WAIT_SECONDS = 2.0
"""Maximum wait before logs that ended are read on."""
STOPPED_NOTE = "the container is not running; these are its last lines"
RESUME_STEP_SECONDS = 1e-6
"""Added to the time of the last line to resume after it."""


class LogsTab(FetchedTab):
    """Follows the logs from the first opening of the tab on."""

    BINDINGS = bindings("logs")
    DEFAULT_CSS = """
    LogsTab #log-state { height: 1; color: $foreground 55%; padding: 0 1; }
    LogsTab #log-ask { height: 1; border: none; padding: 0 1; display: none; }
    LogsTab #log-ask.open { display: block; }
    """

    def __init__(self, session: Session, container_id: str, tz: tzinfo, *, id: str) -> None:
        super().__init__(session, container_id, id=id)
        self._tz = tz
        self._following = False
        self._field_purpose = "search"
        self._filter_pattern = ""
        self._search_failed = False
        self._pending: list[LogLine] = []
        self._flushed = asyncio.Event()
        self._since = 0.0
        """The time after the last line, from which reading goes on; 0 before the first."""

    def compose(self) -> ComposeResult:
        yield LogView(time_text=self._time_text, id="tail")
        yield Input(id="log-ask", compact=True)
        yield PlainText(id="log-state")

    def _time_text(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._tz).strftime("%H:%M:%S.%f")[:-3]

    def begin(self) -> None:
        """Focus the lines, and follow the logs unless that is under way."""
        self.query_one(LogView).focus()
        if not self._following:
            self._following = True
            self._follow()

    # search and filter

    def action_ask(self, purpose: str) -> None:
        """Open the field for words to "search", or for a regular expression that lines must match ("filter")."""
        self._field_purpose = purpose
        searching = purpose == "search"
        field = self.query_one("#log-ask", Input)
        field.placeholder = "search" if searching else "regular expression; empty shows every line"
        field.value = self.query_one(LogView).words if searching else self._filter_pattern
        field.add_class("open")
        field.focus()

    @on(Input.Changed, "#log-ask")
    def _on_field_changed(self, event: Input.Changed) -> None:
        tail = self.query_one(LogView)
        if self._field_purpose == "search":
            self._search_failed = bool(event.value) and not tail.search(event.value)
            if not event.value:
                tail.search("")
        elif tail.set_filter(event.value):
            self._filter_pattern = event.value
        self._show_state()

    @on(Input.Submitted, "#log-ask")
    def _on_field_submitted(self) -> None:
        self._close_field()

    def on_key(self, event: events.Key) -> None:
        """Esc clears and closes the open field; without one it clears the search and the filter."""
        if event.key != "escape":
            return
        field, tail = self.query_one("#log-ask", Input), self.query_one(LogView)
        if field.has_class("open"):
            event.stop()
            field.value = ""
            self._close_field()
        elif self._filter_pattern or tail.words:
            event.stop()
            self._clear_search_and_filter()

    def _clear_search_and_filter(self) -> None:
        tail = self.query_one(LogView)
        tail.search("")
        tail.set_filter("")
        self._filter_pattern, self._search_failed = "", False
        self._show_state()

    def _close_field(self) -> None:
        self.query_one("#log-ask", Input).remove_class("open")
        self.query_one(LogView).focus()
        self._show_state()

    @on(LogView.FollowChanged)
    @on(LogView.Counted)
    def _show_state(self) -> None:
        """Update the line below the logs."""
        tail = self.query_one(LogView)
        parts = [f"{tail.shown} of {tail.kept} lines" if tail.shown != tail.kept else plural(tail.kept, "line")]
        parts += [f"{tail.dropped} older ones dropped"] if tail.dropped else []
        parts += [f"filter {self._filter_pattern}"] if self._filter_pattern else []
        parts += [f"not found: {tail.words}"] if self._search_failed else []
        parts += [tail.filter_error] if tail.filter_error else []
        parts.append("following" if tail.follow else "held: f follows again")
        self.query_one("#log-state", PlainText).set_text(" · ".join(parts))

    # following

    @work(name="logs", group="logs", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        flushing = asyncio.create_task(self._flush_periodically(), name="log flush")
        try:
            await self._read_runs()
        finally:
            flushing.cancel()
            self._flush()
            self._following = False

    async def _read_runs(self) -> None:
        """Read on until the container is removed: after a restart, and after a stream that was cut.

        Each line is shown once, as reading goes on after the last one. A reason is noted once until lines come again.
        """
        noted, wait = "", BATCH_SECONDS
        while (entry := self.entry()) is not None:
            before = self._since
            has_ended = noted == STOPPED_NOTE and not entry.container.live
            note = STOPPED_NOTE if has_ended else await self._read_run()
            if self._since != before:
                noted, wait = "", BATCH_SECONDS
            if note and note != noted:
                self._pending.append(LogLine("note", note))
                noted = note
            await asyncio.sleep(wait)
            wait = min(2 * wait, MAX_WAIT_SECONDS)
        self._pending.append(LogLine("note", "the container was removed"))

    async def _read_run(self) -> str:
        """Read until the stream ends; why it ended in words, "" if it is to be read on."""
        entry = self.entry()
        tty = entry.container.tty if entry is not None else False
        tail = 0 if self._since else FIRST_LINES
        try:
            stream = self._session.client.logs(self._container_id, tty=tty, tail=tail, since=self._since)
            async with aclosing(stream) as batches:
                async for batch in batches:
                    self._pending += batch
                    self._since = max(self._since, batch[-1].at + RESUME_STEP_SECONDS)
                    if len(self._pending) > MAX_PENDING_LINES:
                        self._flushed.clear()
                        await self._flushed.wait()
        except DockpitError as error:
            return f"the logs are interrupted: {error}"
        entry = self.entry()
        return "" if entry is None or entry.container.live else STOPPED_NOTE

    async def _flush_periodically(self) -> None:
        while True:
            await asyncio.sleep(BATCH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        """Show the pending lines."""
        if self._pending and self.is_mounted:
            pending, self._pending = self._pending, []
            self.query_one(LogView).append(pending)
            self._show_state()
        self._flushed.set()
