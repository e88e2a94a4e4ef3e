"""The overview: header, host line, the live table, and the past of the container under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import Screen

from dockpit.metrics import table_figures
from dockpit.metrics.snapshot import Snapshot
from dockpit.metrics.sorting import TROUBLE
from dockpit.model.view_models import DetailView, OverviewView
from dockpit.views.overview import GROUP, OverviewOptions, RowCache, detail, overview
from tui.desk import Desk
from tui.keys import bindings
from tui.screens.detail_pane import DetailPane
from tui.screens.filter_field import FilterField
from widgets.banner import BannerLine
from widgets.figures import FigureBar
from widgets.key_bar import KeyBar
from widgets.live_table import LiveTable

if TYPE_CHECKING:
    from tui.screens.choose import Choice

TALL = 29
"""Rows from which on there is room for the charts."""
HUGE = 45
SLIM = 100
"""Columns below which the events have no room beside the charts."""


class OverviewScreen(Screen[None]):
    """Everything at one glance."""

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

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._snapshot = Snapshot()
        self._now = 0.0
        self._made = RowCache()
        self._whole = range(0)
        """The places of the rows that have their figures: the others had only their names made."""
        self._placed: str | None = ""
        """Where the cursor was put at the start, None once the user has moved it or every figure is there."""

    def compose(self) -> ComposeResult:
        self._fit(self.app.size)
        yield FigureBar(id="header")
        yield FigureBar(id="host", keep=0)
        yield BannerLine(id="banner")
        yield LiveTable(id="table")
        yield DetailPane(id="detail")
        yield FilterField(id="filter")
        yield KeyBar(self._desk.footer(*self.places()), id="keys")

    @property
    def _table(self) -> LiveTable:
        return self.query_one("#table", LiveTable)

    @property
    def _pane(self) -> DetailPane:
        return self.query_one("#detail", DetailPane)

    @property
    def _field(self) -> FilterField:
        return self.query_one("#filter", FilterField)

    def places(self) -> tuple[str, ...]:
        """This screen."""
        return ("overview",)

    def target(self) -> str | None:
        """The container under the cursor; None on a group's row."""
        key = self._table.cursor_key
        return key if key and not key.startswith(GROUP) else None

    def in_sight(self) -> frozenset[str]:
        """The containers whose rows can be seen."""
        return frozenset(row.key for row in self._table.rows_in_sight() if not row.key.startswith(GROUP))

    # frames

    def present(self, snapshot: Snapshot, now: float) -> None:
        """Show `snapshot` as of `now`."""
        self._snapshot, self._now = snapshot, now
        table = self._table
        before = table.cursor_key
        options = self._options(before or "")
        self._whole = options.visible or range(0)
        self._fill(overview(snapshot, options, now, self._desk.state.tz, self._made))
        self._lead(before)
        if table.cursor_key != before:
            self._look_under()

    def _look_under(self) -> None:
        """Show what is under the cursor now, and nothing else anew: a key waits for no table."""
        options = self._options(self._table.cursor_key or "")
        self._fill_pane(detail(self._snapshot, options, self._now, self._desk.state.tz))

    def _lead(self, before: str | None) -> None:
        """At the start the cursor is on the first container, however often the order changes with the first figures."""
        if self._placed is None:
            return
        if before and before != self._placed:
            self._placed = None
            return
        self._to_first_container()
        live = [entry for entry in self._snapshot.entries.values() if entry.container.live]
        settled = self._snapshot.ready and all(entry.rates is not None for entry in live)
        self._placed = None if settled else self._table.cursor_key or ""

    def _to_first_container(self) -> None:
        first = next((row.key for row in self._table.view.rows if row.kind == "item"), None)
        if first is not None:
            self._table.cursor_key = first
            self._table.scroll_to(y=0, animate=False)

    def _options(self, cursor: str) -> OverviewOptions:
        state, table, pane = self._desk.state, self._table, self._pane
        top = int(table.scroll_offset.y)
        return OverviewOptions(
            sort=state.sort,
            descending=state.descending,
            filter=state.filter,
            grouped=state.grouped,
            folded=frozenset(state.folded),
            columns=state.columns,
            cursor=cursor,
            width=self.size.width,
            span_seconds=state.span_seconds,
            points=pane.points,
            detailed=bool(pane.display),
            paused=self._desk.paused,
            ascii=state.ascii,
            interval=state.interval,
            visible=range(max(0, top - 2), top + max(table.size.height, 1) + 2),
        )

    def _fill(self, view: OverviewView) -> None:
        self.query_one("#header", FigureBar).figures = view.header
        self.query_one("#host", FigureBar).figures = view.host
        wrong = self._field.wrong
        self.query_one("#banner", BannerLine).banner = self._desk.warning(wrong) if wrong else view.banner
        self._table.view = view.table
        self._fill_pane(view.detail)

    def _fill_pane(self, view: DetailView) -> None:
        pane = self._pane
        if pane.display:
            pane.fill(view, self._desk.state.span_seconds)

    def _again(self) -> None:
        self.present(self._snapshot, self._now)

    def on_resize(self, event: events.Resize) -> None:
        """Give the charts room where there is some."""
        self._fit(event.size)
        if self.is_mounted:
            self.call_after_refresh(self._again)

    def _fit(self, size: Size) -> None:
        self.set_class(size.height >= TALL, "tall")
        self.set_class(size.height >= HUGE, "huge")
        self.set_class(size.width < SLIM, "slim")
        self.set_class(not self._desk.state.detail, "bare")

    # the table

    @on(LiveTable.Highlighted)
    def _highlighted(self) -> None:
        self._look_under()

    @on(LiveTable.Scrolled)
    def _scrolled(self) -> None:
        table = self._table
        top, rows = int(table.scroll_offset.y), table.rows_in_sight()
        if rows and not (top in self._whole and top + len(rows) - 1 in self._whole):
            self._again()

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        if event.key.startswith(GROUP):
            self._toggle(event.key)
        else:
            self._desk.open_container(event.key)

    @on(LiveTable.FoldToggled)
    def _fold_toggled(self, event: LiveTable.FoldToggled) -> None:
        self._toggle(event.key)

    @on(LiveTable.HeaderClicked)
    def _header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        self._sort_by(event.column_id)

    def _toggle(self, key: str) -> None:
        self._desk.state.folded ^= {key}
        self._placed = None
        self._again()

    def action_open(self) -> None:
        """Open the container under the cursor, or fold the project."""
        self._table.action_open()

    def action_fold(self) -> None:
        """Fold or unfold the project under the cursor."""
        key = self._table.cursor_key or ""
        entry = self._snapshot.entries.get(key)
        group = key if key.startswith(GROUP) else f"{GROUP}{entry.container.project}" if entry else ""
        if group:
            self._toggle(group)
            self._table.cursor_key = group

    def action_flat(self) -> None:
        """Group by Compose project, or not."""
        self._desk.state.grouped = not self._desk.state.grouped
        self._again()

    # sorting and columns

    def action_sort(self) -> None:
        """Sort by the next column that is shown."""
        ids = [column.id for column in self._table.view.columns if column.id in table_figures.TABLE_FIGURES]
        if ids:
            at = ids.index(self._desk.state.sort) if self._desk.state.sort in ids else -1
            self._sort_by(ids[(at + 1) % len(ids)])

    def action_sort_pick(self) -> None:
        """Choose the column to sort by."""
        from tui.screens.choose import Choice, ChooseScreen

        choices = (Choice(TROUBLE, "trouble", "What is worst comes first"), *_choices())
        self.app.push_screen(ChooseScreen("Sort by", choices, self._desk.state.sort), self._picked)

    def _picked(self, chosen: str | None) -> None:
        if chosen:
            self._sort_by(chosen)

    def _sort_by(self, column_id: str) -> None:
        state = self._desk.state
        if state.sort == column_id:
            state.descending = not state.descending
        else:
            state.sort = column_id
            metric = table_figures.TABLE_FIGURES.get(column_id)
            state.descending = metric.column.descending if metric is not None else True
        self._again()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._desk.state.descending = not self._desk.state.descending
        self._again()

    def action_trouble(self) -> None:
        """Trouble first, or by name again."""
        self._sort_by("name" if self._desk.state.sort == TROUBLE else TROUBLE)
        self._to_first_container()

    def action_columns(self) -> None:
        """Choose the columns."""
        from tui.screens.choose import ChooseScreen

        chosen = self._desk.state.columns or table_figures.DEFAULT_COLUMNS
        self.app.push_screen(ChooseScreen("Columns", _choices(), "", tuple(chosen)), self._columns_chosen)

    def _columns_chosen(self, chosen: str | None) -> None:
        if chosen is not None:
            self._desk.choose_columns(tuple(chosen.split()))
            self._again()

    def action_detail(self) -> None:
        """Show or hide the charts."""
        self._desk.state.detail = not self._desk.state.detail
        self.set_class(not self._desk.state.detail, "bare")
        self.call_after_refresh(self._again)

    def action_span(self, step: int) -> None:
        """Look further back, or less far."""
        self._desk.state.change_span(step)
        self._again()

    # the filter

    def action_filter(self) -> None:
        """Type a filter; the table follows as it is typed."""
        self._field.open(self._desk.state.filter)

    @on(FilterField.Changed, "#filter")
    def _filter_typed(self) -> None:
        field = self._field
        if field.is_open and not field.wrong:
            self._desk.state.filter = field.value
        self._again()

    @on(FilterField.Submitted, "#filter")
    def _filter_done(self) -> None:
        self._field.close()
        self._table.focus()
        self._again()

    def on_key(self, event: events.Key) -> None:
        """Esc in the filter clears and closes it; elsewhere it clears the filter in force."""
        if event.key == "escape" and (self._field.is_open or self._desk.state.filter):
            event.stop()
            self._desk.state.filter = ""
            self._field.value = ""
            self._filter_done()


def _choices() -> tuple[Choice, ...]:
    """Every column; two with the same title are told apart by what stands before them."""
    from tui.screens.choose import Choice

    found, before = [], ""
    for metric in table_figures.TABLE_FIGURES.values():
        title = metric.title or metric.id
        repeated = sum(other.title == title for other in table_figures.TABLE_FIGURES.values()) > 1
        found.append(Choice(metric.id, f"{before} {title}" if repeated else title, metric.help))
        before = before if repeated else title
    return tuple(found)
