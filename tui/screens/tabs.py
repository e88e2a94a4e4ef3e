"""The tabs of one container that are fetched on demand: processes, logs, inspect."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, tzinfo

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from dockpit.metrics.snapshot import Entry
from dockpit.model.container import LogLine
from dockpit.model.errors import DockpitError
from dockpit.monitor.session import Session
from dockpit.views.process_table import processes_view
from tui.failing import Failing
from tui.keys import bindings
from tui.words import Words, seen
from widgets.json_tree import JsonTree
from widgets.live_table import LiveTable
from widgets.tail import Tail

KEPT_LINES = 10_000
SAID_MOST = 200
"""Characters of an engine's error that are shown."""
BATCH_SECONDS = 0.1
"""Log lines that come within this time are shown together."""


class Fetching(Failing, Vertical):
    """A tab whose content is asked of the engine when it is opened."""

    def __init__(self, session: Session, container_id: str, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._container_id = container_id

    def begin(self) -> None:
        """Fetch, and take the keyboard."""
        raise NotImplementedError

    def trouble(self, error: DockpitError) -> None:
        """Say that it could not be fetched."""
        self.app.notify(seen(self.app, str(error), SAID_MOST), severity="warning", markup=False)

    def entry(self) -> Entry | None:
        """The container as it is now, None when it is gone."""
        return self._session.snapshot().entries.get(self._container_id)

    def action_refresh(self) -> None:
        """Ask again."""
        self.begin()


class ProcessesTab(Fetching):
    """The engine's top, asked for when the tab is opened and when R is pressed: each asking costs an event."""

    BINDINGS = bindings("processes")

    def compose(self) -> ComposeResult:
        yield LiveTable(id="process-table")

    def begin(self) -> None:
        """Ask for the processes."""
        self.query_one(LiveTable).focus()
        self._fetch()

    @work(name="processes", group="fetch", exclusive=True, exit_on_error=False)
    async def _fetch(self) -> None:
        table, entry = self.query_one(LiveTable), self.entry()
        if entry is not None and not entry.container.live:
            table.view = replace(processes_view((), self._session.now()), empty="it is not running")
            return
        try:
            found = await self._session.processes(self._container_id)
        except DockpitError as error:
            table.view = replace(processes_view((), self._session.now()), empty=str(error)[:SAID_MOST])
            return
        table.view = processes_view(found, self._session.now())


class InspectTab(Fetching):
    """docker inspect as a tree."""

    BINDINGS = bindings("inspect")
    DEFAULT_CSS = """
    InspectTab #inspect-ask { height: 1; border: none; padding: 0 1; display: none; }
    InspectTab #inspect-ask.open { display: block; }
    """

    def compose(self) -> ComposeResult:
        yield JsonTree(id="tree")
        yield Input(placeholder="search", id="inspect-ask", compact=True)

    def begin(self) -> None:
        """Ask for the inspect."""
        self.query_one(JsonTree).focus()
        self._fetch()

    @work(name="inspect", group="fetch", exclusive=True, exit_on_error=False)
    async def _fetch(self) -> None:
        try:
            found = await self._session.client.inspect(self._container_id)
        except DockpitError as error:
            self.trouble(error)
            return
        self.query_one(JsonTree).document = found

    @on(JsonTree.CopyRequested)
    def _copy(self, event: JsonTree.CopyRequested) -> None:
        self.app.copy_to_clipboard(event.text)
        self.app.notify(f"copied {len(event.text)} characters", markup=False, timeout=2)

    @on(JsonTree.SearchRequested)
    def _ask(self) -> None:
        field = self.query_one("#inspect-ask", Input)
        field.add_class("open")
        field.focus()

    @on(Input.Changed, "#inspect-ask")
    def _typed(self, event: Input.Changed) -> None:
        found = self.query_one(JsonTree).search(event.value)
        event.input.set_class(bool(event.value) and not found, "-nothing")

    @on(Input.Submitted, "#inspect-ask")
    def _entered(self) -> None:
        self._close()

    def on_key(self, event: events.Key) -> None:
        """Esc leaves the search."""
        if event.key == "escape" and self.query_one("#inspect-ask", Input).has_class("open"):
            event.stop()
            self._close()

    def _close(self) -> None:
        self.query_one("#inspect-ask", Input).remove_class("open")
        self.query_one(JsonTree).focus()


class LogsTab(Fetching):
    """The container's logs, followed."""

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
        self._asked = "search"
        self._pattern = ""
        self._missing = False
        self._waiting: list[LogLine] = []
        self._shown = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Tail(time_text=self._time_text, id="tail")
        yield Input(id="log-ask", compact=True)
        yield Words(id="log-state")

    def _time_text(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._tz).strftime("%H:%M:%S.%f")[:-3]

    def begin(self) -> None:
        """Follow from the last lines on."""
        self.query_one(Tail).focus()
        if not self._following:
            self._following = True
            self._follow()

    def action_ask(self, what: str) -> None:
        """Type words to look for, or a regular expression that lines must match."""
        self._asked = what
        field = self.query_one("#log-ask", Input)
        field.placeholder = "search" if what == "search" else "regular expression; empty shows every line"
        field.value = self.query_one(Tail).words if what == "search" else self._pattern
        field.add_class("open")
        field.focus()

    @on(Input.Changed, "#log-ask")
    def _typed(self, event: Input.Changed) -> None:
        tail = self.query_one(Tail)
        if self._asked == "search":
            self._missing = bool(event.value) and not tail.search(event.value)
            if not event.value:
                tail.search("")
        elif tail.set_filter(event.value):
            self._pattern = event.value
        self._say()

    @on(Input.Submitted, "#log-ask")
    def _entered(self) -> None:
        self._close()

    def on_key(self, event: events.Key) -> None:
        """Esc leaves what is being typed and lifts it; else it lifts the search and the filter in force."""
        if event.key != "escape":
            return
        field, tail = self.query_one("#log-ask", Input), self.query_one(Tail)
        if field.has_class("open"):
            event.stop()
            field.value = ""
            self._close()
        elif self._pattern or tail.words:
            event.stop()
            self._lift()

    def _lift(self) -> None:
        """Search for nothing and show every line."""
        tail = self.query_one(Tail)
        tail.search("")
        tail.set_filter("")
        self._pattern, self._missing = "", False
        self._say()

    def _close(self) -> None:
        self.query_one("#log-ask", Input).remove_class("open")
        self.query_one(Tail).focus()
        self._say()

    @on(Tail.FollowChanged)
    @on(Tail.Counted)
    def _say(self) -> None:
        tail = self.query_one(Tail)
        parts = [f"{tail.shown} of {tail.kept} lines" if tail.shown != tail.kept else f"{tail.kept} lines"]
        parts += [f"{tail.dropped} older ones dropped"] if tail.dropped else []
        parts += [f"filter {self._pattern}"] if self._pattern else []
        parts += [f"nothing has {tail.words}"] if self._missing else []
        parts += [tail.filter_error] if tail.filter_error else []
        parts.append("following" if tail.follow else "held: f follows again")
        self.query_one("#log-state", Words).say(" · ".join(parts))

    @work(name="logs", group="logs", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        flushing = asyncio.create_task(self._flush_for_ever(), name="log flush")
        try:
            await self._follow_runs()
        except DockpitError as error:
            self._waiting.append(LogLine("note", f"the logs ended: {error}"))
        finally:
            flushing.cancel()
            self._flush()
            self._following = False

    async def _follow_runs(self) -> None:
        """One run of the container after the other, until it is down."""
        since = 0.0
        while True:
            since = await self._read(since)
            entry = self.entry()
            if entry is None or not entry.container.live:
                self._waiting.append(LogLine("note", "it is not running; these were its last lines"))
                return
            await asyncio.sleep(BATCH_SECONDS)

    async def _read(self, since: float) -> float:
        entry = self.entry()
        tty = entry.container.tty if entry is not None else False
        stream = self._session.client.logs(self._container_id, tty=tty, tail=0 if since else 2000, since=since)
        async with aclosing(stream) as batches:
            async for batch in batches:
                self._waiting += batch
                since = max(since, batch[-1].at + 1e-6)
                if len(self._waiting) > KEPT_LINES:
                    self._shown.clear()
                    await self._shown.wait()
        return since

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(BATCH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        if self._waiting and self.is_mounted:
            waiting, self._waiting = self._waiting, []
            self.query_one(Tail).append(waiting)
            self._say()
        self._shown.set()
