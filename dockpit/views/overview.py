"""The overview: every container, the machine, and the history of the container under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from dockpit.metrics import compiled_columns, formatting
from dockpit.metrics.filtering import Filter, FilterError, parse_filter
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.metrics.sorting import sort_entries
from dockpit.model.container import Container
from dockpit.model.verdicts import Alert
from dockpit.model.view_models import Column, DetailView, EventLine, OverviewView, Row, TableView
from dockpit.views import column_fitting, table_cells
from dockpit.views.charts import charts
from dockpit.views.event_lines import alert_lines, event_lines
from dockpit.views.header import header
from dockpit.views.host_line import host_line
from dockpit.views.project_groups import GROUP_PREFIX, TableRow, group_row, grouped_rows, short_name
from dockpit.views.status_banner import banner
from dockpit.views.view_context import SPARK_POINTS, ViewContext, shown_time, view_context

SPARE_ROWS = 100
"""Rows of removed containers that RowCache may keep beyond twice the number of containers, before all are dropped."""


@dataclass(frozen=True, slots=True)
class OverviewOptions:
    """What the user has chosen. `sort` is a metric's id or "trouble"; `columns` () is the default set.

    `cursor` is a row's key: a container's full id, or "project:<name>". `width` is the table's in characters, 0 for
    no limit. `visible` are the indexes of the rows on the screen: all others have a sign and a name only; None for all.
    """

    sort: str = "name"
    descending: bool = False
    filter: str = ""
    grouped: bool = True
    folded: frozenset[str] = frozenset()
    """Keys of the group rows whose containers are hidden."""
    columns: tuple[str, ...] = ()
    cursor: str = ""
    width: int = 0
    span_seconds: float = 60.0
    points: int = 120
    """Values in each curve of the charts."""
    detailed: bool = True
    """Whether there is room for the charts and events of what is under the cursor."""
    paused: bool = False
    ascii: bool = False
    interval: float = 1.0
    """Seconds between two samples."""
    visible: range | None = None


@dataclass(slots=True)
class RowCache:
    """The rows of the last table, for those that are the same in the next.

    A row on the screen is the same while its Entry and the ViewContext are, as when a key asks for the same frame
    again; one off the screen has no figures and is the same until its container or its alerts change.
    """

    columns: tuple[Column, ...] = ()
    context: ViewContext | None = None
    visible: dict[str, tuple[Entry, bool, Row]] = field(default_factory=dict)
    """By full container id: what the row was made from, whether it was in a group, and the row."""
    hidden: dict[str, tuple[Container, tuple[Alert, ...], bool, Row]] = field(default_factory=dict)

    def begin(self, columns: tuple[Column, ...], context: ViewContext, containers: int) -> None:
        """Start a table with these columns for an engine with this number of containers; drop what cannot be reused."""
        if columns != self.columns or len(self.hidden) > 2 * containers + SPARE_ROWS:
            self.hidden.clear()
        if columns != self.columns or context != self.context:
            self.visible.clear()
        self.columns, self.context = columns, context

    def row(self, place: TableRow, visible: bool) -> Row:
        """The row of one container, made only if it is not the same as before."""
        entry, group = place
        key, in_group = entry.container.id, group is not None
        if visible:
            known = self.visible.get(key)
            if known is None or known[0] is not entry or known[1] != in_group:
                known = self.visible[key] = (entry, in_group, self._make(place, True))
            return known[2]
        kept = self.hidden.get(key)
        if (
            kept is None
            or kept[0] is not entry.container
            or kept[2] != in_group
            or not _same_levels(kept[1], entry.alerts)
        ):
            kept = self.hidden[key] = (entry.container, entry.alerts, in_group, self._make(place, False))
        return kept[3]

    def _make(self, place: TableRow, visible: bool) -> Row:
        assert self.context is not None
        name, indent = short_name(place.entry, place.group), 1 if place.group else 0
        return table_cells.row(place.entry, self.columns, self.context, name, indent, visible)


def _same_levels(one: tuple[Alert, ...], other: tuple[Alert, ...]) -> bool:
    """Whether alerts have the same kinds and levels, all that a row off the screen shows of them."""
    return one is other or [(alert.kind, alert.level) for alert in one] == [
        (alert.kind, alert.level) for alert in other
    ]


def overview(
    snapshot: Snapshot, options: OverviewOptions, now: float, tz: tzinfo, cache: RowCache | None = None
) -> OverviewView:
    """The overview of `snapshot` at `now` (epoch seconds of this machine); pass the same `cache` every time."""
    context = _context(snapshot, options, now, tz)
    chosen, trouble = _parse_filter(options.filter)
    matching = [entry for entry in snapshot.entries.values() if chosen.matches(entry)]
    # A paused screen keeps the figures of its time while its clock and its banner go on.
    clock = context
    if options.paused:
        clock = view_context(snapshot, now, tz, interval=options.interval, ascii=options.ascii)
    return OverviewView(
        header=header(
            snapshot,
            clock,
            options.width,
            paused=options.paused,
            filtered=chosen.text,
            interval=options.interval,
        ),
        host=host_line(snapshot, context, options.width),
        table=_table(snapshot, matching, chosen, options, context, cache or RowCache()),
        banner=banner(snapshot, clock, paused=options.paused, trouble=trouble),
        detail=_detail(snapshot, options, context),
        alerts=len(snapshot.alerts),
        revision=snapshot.revision,
    )


def detail(snapshot: Snapshot, options: OverviewOptions, now: float, tz: tzinfo) -> DetailView:
    """The part of the overview that depends on the cursor, alone: moving the cursor need not wait for the table."""
    return _detail(snapshot, options, _context(snapshot, options, now, tz))


def _context(snapshot: Snapshot, options: OverviewOptions, now: float, tz: tzinfo) -> ViewContext:
    shown = shown_time(snapshot, now, options.paused)
    spark_points = column_fitting.spark_width(options.width) if options.width else SPARK_POINTS
    return view_context(snapshot, shown, tz, interval=options.interval, ascii=options.ascii, spark_points=spark_points)


def _parse_filter(text: str) -> tuple[Filter, str]:
    """The filter in force and what is wrong with `text`; a wrong one lets everything through."""
    try:
        return parse_filter(text), ""
    except FilterError as error:
        return Filter(), f"filter: {error}"


# --- what is under the cursor --------------------------------------------------------------------------------------


def _detail(snapshot: Snapshot, options: OverviewOptions, context: ViewContext) -> DetailView:
    if not options.detailed:
        return DetailView()
    entries, on_group = _entries_under_cursor(snapshot, options.cursor), options.cursor.startswith(GROUP_PREFIX)
    title = _detail_title(entries, on_group, context)
    lines = _detail_lines(snapshot, entries, context)
    if not entries or on_group:
        return DetailView(title, (), lines)
    span_seconds, points = options.span_seconds, options.points
    drawn = charts(entries[0], snapshot.engine, snapshot.events, context, span_seconds, points, snapshot.revision)
    return DetailView(title, drawn, lines)


def _entries_under_cursor(snapshot: Snapshot, cursor: str) -> tuple[Entry, ...]:
    if cursor.startswith(GROUP_PREFIX):
        project = cursor.removeprefix(GROUP_PREFIX)
        return tuple(entry for entry in snapshot.entries.values() if entry.container.project == project)
    entry = snapshot.entries.get(cursor)
    return (entry,) if entry is not None else ()


def _detail_title(entries: Sequence[Entry], on_group: bool, context: ViewContext) -> str:
    if not entries:
        return ""
    if on_group:
        name = (entries[0].container.project or "no project")[: table_cells.NAME_LENGTH]
        return f"{name}{context.text(' · ')}{formatting.plural(len(entries), 'container')}"
    return entries[0].container.name[: table_cells.NAME_LENGTH]


def _detail_lines(snapshot: Snapshot, entries: Sequence[Entry], context: ViewContext) -> tuple[EventLine, ...]:
    """The alerts, then the events, newest first; without the name of a single container, which is in the title."""
    ids = [entry.container.id for entry in entries]
    lines = alert_lines(entries, context) + event_lines(snapshot.events, ids, context)
    return tuple(replace(line, name="") for line in lines) if len(entries) == 1 else lines


# --- the table -----------------------------------------------------------------------------------------------------


def _table(
    snapshot: Snapshot,
    matching: Sequence[Entry],
    chosen: Filter,
    options: OverviewOptions,
    context: ViewContext,
    cache: RowCache,
) -> TableView:
    columns = column_fitting.columns(options.columns or compiled_columns.DEFAULT_COLUMNS, options.width)
    entries = sort_entries(matching, options.sort, options.descending)
    places = (
        grouped_rows(snapshot, entries, options.sort, options.folded) if options.grouped else map(TableRow, entries)
    )
    cache.begin(columns, context, len(snapshot.entries))
    rows = tuple(
        cache.row(place, options.visible is None or index in options.visible)
        if isinstance(place, TableRow)
        else group_row(place, columns, place.key in options.folded, context)
        for index, place in enumerate(places)
    )
    return TableView(columns, rows, options.sort, options.descending, _empty_text(snapshot, chosen))


def _empty_text(snapshot: Snapshot, chosen: Filter) -> str:
    """Why the table has no rows, in words."""
    if snapshot.entries:
        return f"no container matches {chosen.text}"
    if snapshot.ready:
        return "this engine has no containers"
    return "" if snapshot.link.state == "lost" else "listing containers"
