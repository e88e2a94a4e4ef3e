"""The tabs of one container that are fetched on demand: processes, logs, inspect."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input
from widgets.json_tree import JsonTree

from dockpit.errors import DockpitError
from dockpit.model import LogLine
from dockpit.session import Session
from dockpit.views.processes import processes_view
from widgets.live_table import LiveTable
from widgets.tail import Tail

KEPT_LINES = 10_000
BATCH_SECONDS = 0.1
"""Log lines that come within this time are shown together."""


class Fetching(Vertical):
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
        self.app.notify(str(error), severity="warning", markup=False)


class ProcessesTab(Fetching):
    """The engine's top, asked for when the tab is opened and when R is pressed: each asking costs an event."""

    def compose(self) -> ComposeResult:
        yield LiveTable(id="process-table")

    def begin(self) -> None:
        """Ask for the processes."""
        self.query_one(LiveTable).focus()
        self._fetch()

    @work(name="processes", group="fetch", exclusive=True, exit_on_error=False)
    async def _fetch(self) -> None:
        try:
            found = await self._session.processes(self._container_id)
        except DockpitError as error:
            self.trouble(error)
            return
        self.query_one(LiveTable).view = processes_view(found, self._session.now())


class InspectTab(Fetching):
    """docker inspect as a tree."""

    def compose(self) -> ComposeResult:
        yield JsonTree(id="tree")

    def begin(self) -> None:
        """Ask for the inspect."""
        self._fetch()

    @work(name="inspect", group="fetch", exclusive=True, exit_on_error=False)
    async def _fetch(self) -> None:
        try:
            found = await self._session.client.inspect(self._container_id)
        except DockpitError as error:
            self.trouble(error)
            return
        tree = self.query_one(JsonTree)
        tree.data = found
        tree.focus()

    @on(JsonTree.CopyRequested)
    def _copy(self, event: JsonTree.CopyRequested) -> None:
        self.app.copy_to_clipboard(event.text)
        self.app.notify("copied", markup=False)


class LogsTab(Fetching):
    """The container's logs, followed."""

    CSS = """
    LogsTab #log-search { height: 1; border: none; padding: 0 1; display: none; }
    LogsTab #log-search.open { display: block; }
    """

    def __init__(self, session: Session, container_id: str, *, id: str) -> None:
        super().__init__(session, container_id, id=id)
        self._following = False
        self._waiting: list[LogLine] = []

    def compose(self) -> ComposeResult:
        yield Tail(id="tail")
        yield Input(id="log-search", compact=True)

    def begin(self) -> None:
        """Follow from the last lines on."""
        self.query_one(Tail).focus()
        if not self._following:
            self._following = True
            self._follow()

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
            entry = self._session.snapshot().entries.get(self._container_id)
            if entry is None or not entry.container.live:
                self._waiting.append(LogLine("note", "it is not running; these were its last lines"))
                return
            await asyncio.sleep(BATCH_SECONDS)

    async def _read(self, since: float) -> float:
        entry = self._session.snapshot().entries.get(self._container_id)
        tty = entry.container.tty if entry is not None else False
        stream = self._session.client.logs(self._container_id, tty=tty, tail=0 if since else 2000, since=since)
        async with aclosing(stream) as batches:
            async for batch in batches:
                self._waiting += batch
                since = max(since, batch[-1].at + 1e-6)
                while len(self._waiting) > KEPT_LINES:
                    await asyncio.sleep(BATCH_SECONDS)
        return since

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(BATCH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        if self._waiting and self.is_mounted:
            waiting, self._waiting = self._waiting, []
            self.query_one(Tail).append(waiting)
