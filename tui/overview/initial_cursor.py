"""The cursor of the overview while the first figures come in and the order of the rows changes with them."""

from __future__ import annotations

from dockpit.metrics.snapshot import Snapshot
from widgets.tables.live_table import LiveTable


class InitialCursor:
    """Keeps the cursor on the first container until every container has figures or the user moves it."""

    def __init__(self) -> None:
        self._row_key: str | None = ""
        """The row where the cursor was put, "" at first; None once the cursor is left alone."""

    def release(self) -> None:
        """Leave the cursor alone from now on."""
        self._row_key = None

    def follow(self, table: LiveTable, cursor_before: str | None, snapshot: Snapshot) -> None:
        """Put the cursor on the first container, after `table` got new rows; `cursor_before` is where it was."""
        if self._row_key is None:
            return
        if cursor_before and cursor_before != self._row_key:
            self._row_key = None
            return
        move_to_first_container(table)
        live = [entry for entry in snapshot.entries.values() if entry.container.live]
        settled = snapshot.ready and all(entry.rates is not None for entry in live)
        self._row_key = None if settled else table.cursor_key or ""


def move_to_first_container(table: LiveTable) -> None:
    """Put the cursor on the first row that is a container, and scroll to the top."""
    first = next((row.key for row in table.view.rows if row.kind == "item"), None)
    if first is not None:
        table.cursor_key = first
        table.scroll_to(y=0, animate=False)
