"""Every alert with since when; enter jumps to its container."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from dockpit.snapshot import Snapshot
from dockpit.viewmodel import Figure
from dockpit.views.alerts import alerts_view, container_of
from tui.desk import Desk
from tui.keys import bindings
from widgets.figures import FigureBar
from widgets.key_bar import KeyBar
from widgets.live_table import LiveTable


class AlertsScreen(Screen[None]):
    """What is wrong, the worst first."""

    WHERE = "alerts"
    BINDINGS = bindings(WHERE)
    AUTO_FOCUS = "#alerts"
    CSS = """
    AlertsScreen #alerts { height: 1fr; margin-top: 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        yield FigureBar(id="header")
        yield LiveTable(id="alerts")
        yield KeyBar(self._desk.footer("alerts"))

    def target(self) -> str | None:
        """The container of the alert under the cursor."""
        key = self.query_one(LiveTable).cursor_key
        return container_of(key) if key else None

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show the alerts of `snapshot` as of `now`."""
        count = len(snapshot.alerts)
        figures = (Figure("alerts", str(count), "high" if count else "good"), Figure("", snapshot.engine.name, "dim"))
        self.query_one("#header", FigureBar).figures = figures
        state = self._desk.state
        self.query_one(LiveTable).view = alerts_view(snapshot, now, state.tz, state.ascii)

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        self.dismiss()
        self._desk.open_container(container_of(event.key))

    def action_back(self) -> None:
        """Back to where one was."""
        self.dismiss()
