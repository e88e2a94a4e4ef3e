"""The lower part of the overview: charts of the container under the cursor, and its newest events."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Grid, Horizontal, Vertical

from dockpit.model.view_models import ChartView, DetailView, LabelledText
from widgets.charts.time_chart import TimeChart
from widgets.lists.event_list import EventList
from widgets.text.figure_bar import FigureBar

CHART_COUNT = 4
MIN_POINTS = 40


class RecentEvents(EventList, can_focus=False):
    """The newest events; the focus stays with the table."""


class DetailPane(Vertical):
    """Four charts and the newest events; the overview sets its height."""

    DEFAULT_CSS = """
    DetailPane #charts { grid-size: 2 2; grid-gutter: 0 2; width: 2fr; }
    DetailPane RecentEvents { width: 1fr; margin-left: 2; }
    """

    def compose(self) -> ComposeResult:
        yield FigureBar(id="under")
        with Horizontal():
            with Grid(id="charts"):
                for number in range(CHART_COUNT):
                    yield TimeChart(id=f"chart-{number}")
            yield RecentEvents(id="past", empty="no events")

    @property
    def points(self) -> int:
        """The number of values that a curve has room for: two in a cell."""
        return max(MIN_POINTS, 2 * self.query_one("#chart-0").size.width)

    def fill(self, view: DetailView, span_seconds: float) -> None:
        """Show `view`, whose charts cover the last `span_seconds`."""
        span = LabelledText("", f"{span_seconds / 60:.0f} min", "dim")
        self.query_one("#under", FigureBar).figures = (LabelledText("", view.title, "accent"), span)
        self.query_one("#charts").display = bool(view.charts)
        for number in range(CHART_COUNT):
            chart = view.charts[number] if number < len(view.charts) else ChartView("")
            self.query_one(f"#chart-{number}", TimeChart).view = chart
        self.query_one(RecentEvents).events = view.events
