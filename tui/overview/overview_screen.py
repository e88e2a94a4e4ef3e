"""The overview: header, host line, the live table, and the charts of the container under the cursor."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import Screen

from dockpit.metrics import compiled_columns
from dockpit.metrics.snapshot import Snapshot
from dockpit.metrics.sorting import TROUBLE
from dockpit.model.view_models import Banner, DetailView, OverviewView
from dockpit.views.overview import OverviewOptions, RowCache, detail, overview
from dockpit.views.project_groups import GROUP_PREFIX
from tui.app_interface import CockpitApp
from tui.keys import bindings
from tui.overview.column_choices import ask_columns, ask_sort_column
from tui.overview.detail_pane import DetailPane
from tui.overview.filter_field import FilterField
from tui.overview.initial_cursor import InitialCursor, move_to_first_container
from tui.overview.overview_options import overview_options
from widgets.tables.live_table import LiveTable
from widgets.text.banner_line import BannerLine
from widgets.text.figure_bar import FigureBar
from widgets.text.key_bar import KeyBar

TALL_ROWS = 29
"""Terminal rows from which on there is room for the charts."""
HUGE_ROWS = 45
"""Terminal rows from which on the charts are higher."""
SLIM_COLUMNS = 100
"""Terminal columns below which the events have no room beside the charts."""


class OverviewScreen(Screen[None]):
    """Every container at a glance."""

    BINDINGS = bindings("overview")
    AUTO_FOCUS = "#table"
    CSS = """
    OverviewScreen { layout: vertical; }
    OverviewScreen #table { height: 1fr; }
    OverviewScreen #detail { height: 13; display: none; }
    OverviewScreen.tall #detail { display: block; }
    OverviewScreen.huge #detail { height: 19; }
    OverviewScreen.bare #detail { display: none; }
    OverviewScreen.slim #past { display: none; }
    OverviewScreen #filter { height: 1; border: none; padding: 0 1; display: none; }
    OverviewScreen #filter.open { display: block; }
    """

    def __init__(self, cockpit: CockpitApp) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._snapshot = Snapshot()
        self._now = 0.0
        self._row_cache = RowCache()
        self._complete_rows = range(0)
        """The indexes of the rows that have their figures; the others have only their names."""
        self._initial_cursor = InitialCursor()

    def compose(self) -> ComposeResult:
        self._set_size_classes(self.app.size)
        yield FigureBar(id="header")
        yield FigureBar(id="host", keep=0)
        yield BannerLine(id="banner")
        yield LiveTable(id="table")
        yield DetailPane(id="detail")
        yield FilterField(id="filter")
        yield KeyBar(self._cockpit.footer(*self.key_scopes()), id="keys")

    @property
    def _live_table(self) -> LiveTable:
        return self.query_one("#table", LiveTable)

    @property
    def _detail_pane(self) -> DetailPane:
        return self.query_one("#detail", DetailPane)

    @property
    def _filter_field(self) -> FilterField:
        return self.query_one("#filter", FilterField)

    def key_scopes(self) -> tuple[str, ...]:
        """This screen."""
        return ("overview",)

    def target(self) -> str | None:
        """The container under the cursor; None on a project's row."""
        key = self._live_table.cursor_key
        return key if key and not key.startswith(GROUP_PREFIX) else None

    def visible_containers(self) -> frozenset[str]:
        """The containers whose rows are on the screen."""
        return frozenset(row.key for row in self._live_table.rows_in_sight() if not row.key.startswith(GROUP_PREFIX))

    # frames

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show `snapshot` as of `now`."""
        self._snapshot, self._now = snapshot, now
        table = self._live_table
        cursor_before = table.cursor_key
        options = self._options(cursor_before or "")
        self._complete_rows = options.visible or range(0)
        self._fill(overview(snapshot, options, now, self._cockpit.state.tz, self._row_cache))
        self._initial_cursor.follow(table, cursor_before, snapshot)
        if table.cursor_key != cursor_before:
            self._present_detail()

    def _present_detail(self) -> None:
        """Show the container under the cursor in the detail pane only: a key does not wait for the table."""
        options = self._options(self._live_table.cursor_key or "")
        self._fill_detail(detail(self._snapshot, options, self._now, self._cockpit.state.tz))

    def _present_again(self) -> None:
        self.present(self._snapshot, self._now)

    def _options(self, cursor: str) -> OverviewOptions:
        table, pane, paused = self._live_table, self._detail_pane, self._cockpit.paused
        return overview_options(self._cockpit.state, table, pane, cursor, self.size.width, paused=paused)

    def _fill(self, view: OverviewView) -> None:
        self.query_one("#header", FigureBar).figures = view.header
        self.query_one("#host", FigureBar).figures = view.host
        error = self._filter_field.error
        self.query_one("#banner", BannerLine).banner = Banner(error, "watch") if error else view.banner
        self._live_table.view = view.table
        self._fill_detail(view.detail)

    def _fill_detail(self, view: DetailView) -> None:
        pane = self._detail_pane
        if pane.display:
            pane.fill(view, self._cockpit.state.span_seconds)

    def on_resize(self, event: events.Resize) -> None:
        """Show the charts where there is room for them."""
        self._set_size_classes(event.size)
        if self.is_mounted:
            self.call_after_refresh(self._present_again)

    def _set_size_classes(self, size: Size) -> None:
        self.set_class(size.height >= TALL_ROWS, "tall")
        self.set_class(size.height >= HUGE_ROWS, "huge")
        self.set_class(size.width < SLIM_COLUMNS, "slim")
        self.set_class(not self._cockpit.state.detail, "bare")

    # the table

    @on(LiveTable.Highlighted)
    def _on_cursor_moved(self) -> None:
        self._present_detail()

    @on(LiveTable.Scrolled)
    def _on_scrolled(self) -> None:
        """Make the figures of rows that came into sight."""
        table = self._live_table
        top, rows = int(table.scroll_offset.y), table.rows_in_sight()
        if rows and not (top in self._complete_rows and top + len(rows) - 1 in self._complete_rows):
            self._present_again()

    @on(LiveTable.Opened)
    def _on_row_opened(self, event: LiveTable.Opened) -> None:
        if event.key.startswith(GROUP_PREFIX):
            self._toggle_fold(event.key)
        else:
            self._cockpit.open_container(event.key)

    @on(LiveTable.FoldToggled)
    def _on_fold_toggled(self, event: LiveTable.FoldToggled) -> None:
        self._toggle_fold(event.key)

    @on(LiveTable.HeaderClicked)
    def _on_header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        self._sort_by(event.column_id)

    def _toggle_fold(self, key: str) -> None:
        self._cockpit.state.folded ^= {key}
        self._initial_cursor.release()
        self._present_again()

    def action_open(self) -> None:
        """Open the container under the cursor, or fold the project."""
        self._live_table.action_open()

    def action_fold(self) -> None:
        """Fold or unfold the project under the cursor, or that of the container there."""
        key = self._live_table.cursor_key or ""
        entry = self._snapshot.entries.get(key)
        group = key if key.startswith(GROUP_PREFIX) else f"{GROUP_PREFIX}{entry.container.project}" if entry else ""
        if group:
            self._toggle_fold(group)
            self._live_table.cursor_key = group

    def action_flat(self) -> None:
        """Group by Compose project, or not."""
        self._cockpit.state.grouped = not self._cockpit.state.grouped
        self._present_again()

    # sorting and columns

    def _sort_by(self, column_id: str) -> None:
        self._cockpit.state.sort_by(column_id)
        self._present_again()

    def action_sort(self) -> None:
        """Sort by the next column that is shown."""
        ids = [column.id for column in self._live_table.view.columns if column.id in compiled_columns.COLUMN_FIGURES]
        if ids:
            sort = self._cockpit.state.sort
            index = ids.index(sort) if sort in ids else -1
            self._sort_by(ids[(index + 1) % len(ids)])

    def action_sort_pick(self) -> None:
        """Choose the column to sort by."""
        ask_sort_column(self.app, self._cockpit.state.sort, self._sort_by)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._cockpit.state.descending = not self._cockpit.state.descending
        self._present_again()

    def action_trouble(self) -> None:
        """Sort trouble first, or by name where it is sorted so already."""
        self._sort_by("name" if self._cockpit.state.sort == TROUBLE else TROUBLE)
        move_to_first_container(self._live_table)

    def action_columns(self) -> None:
        """Choose the columns."""
        ask_columns(self.app, self._cockpit.state.columns, self._choose_columns)

    def _choose_columns(self, columns: tuple[str, ...]) -> None:
        self._cockpit.choose_columns(columns)
        self._present_again()

    # the charts

    def action_detail(self) -> None:
        """Show or hide the charts."""
        self._cockpit.state.detail = not self._cockpit.state.detail
        self.set_class(not self._cockpit.state.detail, "bare")
        self.call_after_refresh(self._present_again)

    def action_span(self, step: int) -> None:
        """Lengthen the time span of the charts, or shorten it where `step` is negative."""
        self._cockpit.state.change_span(step)
        self._present_again()

    # the filter

    def action_filter(self) -> None:
        """Type a filter; the table follows as it is typed."""
        self._filter_field.open(self._cockpit.state.filter)

    @on(FilterField.Changed, "#filter")
    def _on_filter_typed(self) -> None:
        field = self._filter_field
        if field.is_open and not field.error:
            self._cockpit.state.filter = field.value
        self._present_again()

    @on(FilterField.Submitted, "#filter")
    def _close_filter(self) -> None:
        self._filter_field.close()
        self._live_table.focus()
        self._present_again()

    def on_key(self, event: events.Key) -> None:
        """Clear the filter with esc, and close its field."""
        if event.key == "escape" and (self._filter_field.is_open or self._cockpit.state.filter):
            event.stop()
            self._cockpit.state.filter = ""
            self._filter_field.value = ""
            self._close_filter()
