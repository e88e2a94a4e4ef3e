"""The screen of one container: charts, processes, logs, events, limits and inspect, a tab each."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from dockpit.metrics.snapshot import Snapshot
from dockpit.model.view_models import ChartView, ContainerView, LabelledText
from dockpit.monitor.session import Session
from dockpit.views.container_view import container_view
from tui.app_interface import CockpitApp
from tui.container.fetched_tab import FetchedTab
from tui.container.inspect_tab import InspectTab
from tui.container.logs_tab import LogsTab
from tui.container.processes_tab import ProcessesTab
from tui.keys import bindings
from widgets.charts.time_chart import TimeChart
from widgets.charts.zoom_chart import ZoomChart
from widgets.lists.event_list import EventList
from widgets.tables.live_table import LiveTable
from widgets.text.banner_line import BannerLine
from widgets.text.figure_bar import FigureBar
from widgets.text.key_bar import KeyBar

TABS = ("charts", "processes", "logs", "events", "limits", "inspect")
CHART_COUNT = 4
MIN_POINTS = 60
"""Minimum values of a curve; a terminal cell has room for two."""
NARROW_ROWS = 30
"""Terminal rows below which there are no blank lines."""
NO_ZOOM = -1


class ContainerScreen(Screen[None]):
    """Everything about one container, beginning on `tab`; it stays when the container is removed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("container"), *bindings("charts")]
    CSS = """
    ContainerScreen #tabs { height: 1; margin-top: 1; padding: 0 1; }
    ContainerScreen.narrow #tabs { margin-top: 0; }
    ContainerScreen #body { height: 1fr; }
    ContainerScreen #charts { grid-size: 2 2; grid-gutter: 1 2; height: 1fr; padding: 0 1; }
    ContainerScreen.narrow #charts { grid-gutter: 0 1; }
    ContainerScreen #zoom { display: none; }
    ContainerScreen #limits { height: 1fr; }
    """

    def __init__(self, cockpit: CockpitApp, session: Session, container_id: str, tab: str = "charts") -> None:
        super().__init__()
        self._cockpit = cockpit
        self._session = session
        self._container_id = container_id
        self._tab = tab
        self._zoomed_chart = NO_ZOOM
        self._name = ""
        self._snapshot = session.snapshot()
        self._now = session.now()

    def compose(self) -> ComposeResult:
        yield FigureBar(id="facts", keep=0)
        yield BannerLine(id="banner")
        yield Static(id="tabs", markup=False)
        with ContentSwitcher(initial=self._tab, id="body"):
            with Grid(id="charts"):
                for number in range(CHART_COUNT):
                    yield TimeChart(id=f"chart-{number}")
            yield ProcessesTab(self._session, self._container_id, id="processes")
            yield LogsTab(self._session, self._container_id, self._cockpit.state.tz, id="logs")
            yield EventList(id="events", empty="no events since dockpit started")
            yield LiveTable(id="limits")
            yield InspectTab(self._session, self._container_id, id="inspect")
            yield ZoomChart(id="zoom")
        yield KeyBar(self._cockpit.footer(*self.key_scopes()), id="keys")

    def on_mount(self) -> None:
        """Open the initial tab."""
        self.show_tab(self._tab)

    @property
    def tab(self) -> str:
        """The tab in front."""
        return self._tab

    def key_scopes(self) -> tuple[str, ...]:
        """This screen and the tab in front."""
        return ("container", self._tab)

    def target(self) -> str | None:
        """This container."""
        return self._container_id

    def visible_containers(self) -> frozenset[str]:
        """This container."""
        return frozenset({self._container_id})

    # frames

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show `snapshot` as of `now`."""
        self._snapshot, self._now = snapshot, now
        state = self._cockpit.state
        points = max(MIN_POINTS, self.size.width * 2)
        view = container_view(
            snapshot,
            self._container_id,
            state.span_seconds,
            points,
            now,
            state.tz,
            ascii=state.ascii,
            paused=self._cockpit.paused,
            interval=state.interval_seconds,
        )
        name = view.title or self._container_id[:12]
        self._name = name if not view.gone else self._name or name
        self.query_one("#facts", FigureBar).figures = (LabelledText("", self._name, "accent"), *view.facts)
        self.query_one("#banner", BannerLine).banner = view.banner
        self._fill_tab(view)

    def _fill_tab(self, view: ContainerView) -> None:
        """Update the tab in front."""
        if self._tab == "charts":
            self._fill_charts(view)
        elif self._tab == "events":
            self.query_one("#events", EventList).events = view.events
        elif self._tab == "limits":
            self.query_one("#limits", LiveTable).view = view.limits

    def _fill_charts(self, view: ContainerView) -> None:
        if self._zoomed_chart != NO_ZOOM:
            if self._zoomed_chart < len(view.charts):
                self.query_one("#zoom", ZoomChart).view = view.charts[self._zoomed_chart]
            return
        for number in range(CHART_COUNT):
            chart = view.charts[number] if number < len(view.charts) else ChartView("")
            self.query_one(f"#chart-{number}", TimeChart).view = chart

    def _refresh_view(self) -> None:
        self.present(self._snapshot, self._now)

    def on_resize(self, event: events.Resize) -> None:
        """Drop blank lines where there is little room."""
        self.set_class(event.size.height < NARROW_ROWS, "narrow")

    # tabs

    def show_tab(self, tab: str) -> None:
        """Go to a tab, and fetch its contents where they are fetched."""
        self._tab = tab
        self._zoomed_chart = NO_ZOOM
        self.query_one("#body", ContentSwitcher).current = tab
        self.query_one("#tabs", Static).update(self._tab_titles())
        self.query_one("#keys", KeyBar).keys = self._cockpit.footer(*self.key_scopes())
        if tab in ("limits", "events"):
            self.query_one(f"#{tab}", Widget).focus()
        elif tab in ("processes", "logs", "inspect"):
            self.query_one(f"#{tab}", FetchedTab).begin()
        else:
            self.set_focus(None)
        self._refresh_view()

    def _tab_titles(self) -> Text:
        text = Text()
        for tab in TABS:
            style = Style.parse("bold reverse" if tab == self._tab else "dim")
            text.append(f" {tab} ", style + Style.from_meta({"@click": ("screen.show", (tab,))}))
            text.append(" ")
        return text

    def action_show(self, tab: str) -> None:
        """Go to a tab whose title was clicked."""
        if tab in TABS:
            self.show_tab(tab)

    def action_tab(self, step: int) -> None:
        """Go `step` tabs on; -1 goes to the tab before."""
        self.show_tab(TABS[(TABS.index(self._tab) + step) % len(TABS)])

    def action_zoom(self) -> None:
        """Zoom into the next chart, with axes; after the last one show all charts again."""
        if self._tab != "charts":
            self.show_tab("charts")
        self._zoomed_chart = self._zoomed_chart + 1 if self._zoomed_chart + 1 < CHART_COUNT else NO_ZOOM
        self.query_one("#body", ContentSwitcher).current = "charts" if self._zoomed_chart == NO_ZOOM else "zoom"
        self._refresh_view()

    def action_span(self, step: int) -> None:
        """Lengthen the time span of the charts, or shorten it where `step` is negative."""
        self._cockpit.state.change_span(step)
        self._refresh_view()

    def action_back(self) -> None:
        """Go back from a zoomed chart to all charts, otherwise to the screen before."""
        if self._zoomed_chart == NO_ZOOM:
            self.dismiss()
        else:
            self.show_tab("charts")
