"""The alerts screen: every alert with its beginning; enter opens its container."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from dockpit.metrics.snapshot import Snapshot
from dockpit.model.view_models import LabelledText
from dockpit.views.alerts_table import alerts_table, container_id_of
from dockpit.views.status_banner import banner
from dockpit.views.view_context import view_context
from tui.app_interface import CockpitApp
from tui.keys import bindings
from widgets.tables.live_table import LiveTable
from widgets.text.banner_line import BannerLine
from widgets.text.figure_bar import FigureBar
from widgets.text.key_bar import KeyBar


class AlertsScreen(Screen[None]):
    """A table of alerts, the worst first."""

    BINDINGS = bindings("alerts")
    AUTO_FOCUS = "#alerts"
    CSS = """
    AlertsScreen #alerts { height: 1fr; margin-top: 1; }
    """

    def __init__(self, cockpit: CockpitApp) -> None:
        super().__init__()
        self._cockpit = cockpit

    def compose(self) -> ComposeResult:
        yield FigureBar(id="header")
        yield BannerLine(id="banner")
        yield LiveTable(id="alerts")
        yield KeyBar(self._cockpit.footer(*self.key_scopes()))

    def key_scopes(self) -> tuple[str, ...]:
        """This screen."""
        return ("alerts",)

    def target(self) -> str | None:
        """The container of the alert under the cursor."""
        key = self.query_one(LiveTable).cursor_key
        return container_id_of(key) if key else None

    def visible_containers(self) -> frozenset[str]:
        """The containers of the alerts on the screen."""
        return frozenset(container_id_of(row.key) for row in self.query_one(LiveTable).rows_in_sight())

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show the alerts of `snapshot` as of `now`."""
        count, state = len(snapshot.alerts), self._cockpit.state
        figures = (
            LabelledText("alerts", str(count), "high" if count else "good"),
            LabelledText("", snapshot.engine.name, "dim"),
        )
        self.query_one("#header", FigureBar).figures = figures
        context = view_context(snapshot, now, state.tz, interval=state.interval_seconds, ascii=state.ascii)
        self.query_one("#banner", BannerLine).banner = banner(snapshot, context, paused=self._cockpit.paused)
        self.query_one(LiveTable).view = alerts_table(snapshot, now, state.tz, state.ascii)

    @on(LiveTable.Opened)
    def _on_row_opened(self, event: LiveTable.Opened) -> None:
        self._open_container(event.key)

    def action_open(self) -> None:
        """Open the container of the alert under the cursor."""
        key = self.query_one(LiveTable).cursor_key
        if key:
            self._open_container(key)

    def _open_container(self, key: str) -> None:
        self.dismiss()
        self._cockpit.open_container(container_id_of(key))

    def action_back(self) -> None:
        """Close the screen."""
        self.dismiss()
