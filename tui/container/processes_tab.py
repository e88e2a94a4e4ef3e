"""The processes tab: the engine's list of the container's processes."""

from __future__ import annotations

from dataclasses import replace

from textual import work
from textual.app import ComposeResult

from dockpit.model.errors import DockpitError
from dockpit.views.process_table import process_table
from tui.container.fetched_tab import MAX_ERROR_CHARACTERS, FetchedTab
from tui.keys import bindings
from widgets.tables.live_table import LiveTable


class ProcessesTab(FetchedTab):
    """Fetched when the tab is opened and when R is pressed, and at no other time: each request costs an event."""

    BINDINGS = bindings("processes")

    def compose(self) -> ComposeResult:
        yield LiveTable(id="process-table")

    def begin(self) -> None:
        """Focus the table and fetch the processes."""
        self.query_one(LiveTable).focus()
        self._fetch()

    @work(name="processes", group="fetch", exclusive=True, exit_on_error=False)
    async def _fetch(self) -> None:
        table, entry = self.query_one(LiveTable), self.entry()
        if entry is not None and not entry.container.live:
            table.view = replace(process_table((), self._session.now()), empty="it is not running")
            return
        try:
            processes = await self._session.processes(self._container_id)
        except DockpitError as error:
            empty = str(error)[:MAX_ERROR_CHARACTERS]
            table.view = replace(process_table((), self._session.now()), empty=empty)
            return
        table.view = process_table(processes, self._session.now())
