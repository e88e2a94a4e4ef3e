"""Every alert with since when; enter jumps to its container."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from dockpit.metrics.snapshot import Snapshot
from dockpit.model.view_models import LabelledText
from dockpit.views.alerts_table import alerts_view, container_of
from dockpit.views.header import banner
from dockpit.views.view_context import view_context
from tui.desk import Desk
from tui.keys import bindings
from widgets.banner import BannerLine
from widgets.figures import FigureBar
from widgets.key_bar import KeyBar
from widgets.live_table import LiveTable


class AlertsScreen(Screen[None]):
    """What is wrong, the worst first."""

    BINDINGS = bindings("alerts")
    AUTO_FOCUS = "#alerts"
    CSS = """
    AlertsScreen #alerts { height: 1fr; margin-top: 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        yield FigureBar(id="header")
        yield BannerLine(id="banner")
        yield LiveTable(id="alerts")
        yield KeyBar(self._desk.footer(*self.places()))

    def places(self) -> tuple[str, ...]:
        """This screen."""
        return ("alerts",)

    def target(self) -> str | None:
        """The container of the alert under the cursor."""
        key = self.query_one(LiveTable).cursor_key
        return container_of(key) if key else None

    def in_sight(self) -> frozenset[str]:
        """The containers whose alerts can be seen."""
        return frozenset(container_of(row.key) for row in self.query_one(LiveTable).rows_in_sight())

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show the alerts of `snapshot` as of `now`."""
        count, state = len(snapshot.alerts), self._desk.state
        figures = (
            LabelledText("alerts", str(count), "high" if count else "good"),
            LabelledText("", snapshot.engine.name, "dim"),
        )
        self.query_one("#header", FigureBar).figures = figures
        clock = view_context(snapshot, now, state.tz, interval=state.interval, ascii=state.ascii)
        self.query_one("#banner", BannerLine).banner = banner(snapshot, clock, paused=self._desk.paused)
        self.query_one(LiveTable).view = alerts_view(snapshot, now, state.tz, state.ascii)

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        self._jump(event.key)

    def action_open(self) -> None:
        """Jump to the container of the alert under the cursor."""
        key = self.query_one(LiveTable).cursor_key
        if key:
            self._jump(key)

    def _jump(self, key: str) -> None:
        self.dismiss()
        self._desk.open_container(container_of(key))

    def action_back(self) -> None:
        """Back to where one was."""
        self.dismiss()
