"""The overview: every container, the machine, and the past of the container under the cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import NamedTuple

from dockpit.metrics import formatting, readers, table_figures
from dockpit.metrics.filtering import Filter, FilterError, parse
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.metrics.sorting import TROUBLE, ordered, worst, worst_level
from dockpit.model.container import Container
from dockpit.model.verdicts import LEVELS, Alert
from dockpit.model.view_models import Cell, Column, DetailView, EventLine, OverviewView, Row, TableView
from dockpit.views import table_cells, table_columns
from dockpit.views.charts import charts
from dockpit.views.event_lines import lines, standing
from dockpit.views.header import banner, header, host
from dockpit.views.view_context import LEVEL_TONES, ViewContext, view_context

GROUP = "project:"
"""What the key of a group's row begins with; the project's name follows."""
SPARE = 100
"""So many rows of containers that are gone may be kept; with more they all are made anew."""
LOOSE = ""
"""The project of containers without one."""


@dataclass(frozen=True, slots=True)
class OverviewOptions:
    """What the user has chosen. `sort` is a metric's id or "trouble"; `columns` () is the default set.

    `cursor` is a row's key: a container's full id, or "project:<name>". `width` is the table's, 0 for no end.
    `visible` are the indexes of the rows that can be seen: the others have a sign and a name only; None for all.
    """

    sort: str = "name"
    descending: bool = False
    filter: str = ""
    grouped: bool = True
    folded: frozenset[str] = frozenset()
    """Keys of the group rows whose containers are not shown."""
    columns: tuple[str, ...] = ()
    cursor: str = ""
    width: int = 0
    span_seconds: float = 60.0
    points: int = 120
    """Values in each curve of the charts."""
    detailed: bool = True
    """Whether there is room for what is under the cursor."""
    paused: bool = False
    ascii: bool = False
    interval: float = 1.0
    visible: range | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The containers of one Compose project that are shown, in order; `size` is how many it has in all."""

    project: str
    entries: tuple[Entry, ...]
    size: int

    @property
    def key(self) -> str:
        """The key of its row."""
        return GROUP + self.project


class TableRow(NamedTuple):
    """A container's place in the table, under its group's row if there is one."""

    entry: Entry
    group: Group | None = None


@dataclass(slots=True)
class RowCache:
    """The rows of the last table, as far as they are the same in the next.

    Those in `sight` are when a key asks again for the same moment, those out of it while nothing happens to them.
    """

    columns: tuple[Column, ...] = ()
    stage: ViewContext | None = None
    sight: dict[str, tuple[Entry, bool, Row]] = field(default_factory=dict)
    far: dict[str, tuple[Container, tuple[Alert, ...], bool, Row]] = field(default_factory=dict)

    def begin(self, columns: tuple[Column, ...], stage: ViewContext, count: int) -> None:
        """What follows is a table of so many containers with these columns, of this moment."""
        if columns != self.columns or len(self.far) > 2 * count + SPARE:
            self.far.clear()
        if columns != self.columns or stage != self.stage:
            self.sight.clear()
        self.columns, self.stage = columns, stage

    def row(self, member: TableRow, in_sight: bool) -> Row:
        """The row of one container."""
        entry, group = member
        grouped = group is not None
        if in_sight:
            seen = self.sight.get(entry.container.id)
            if seen is None or seen[0] is not entry or seen[1] != grouped:
                seen = self.sight[entry.container.id] = (entry, grouped, self._made(member, True))
            return seen[2]
        known = self.far.get(entry.container.id)
        if known is None or known[0] is not entry.container or known[2] != grouped or not alike(known[1], entry.alerts):
            known = self.far[entry.container.id] = (entry.container, entry.alerts, grouped, self._made(member, False))
        return known[3]

    def _made(self, member: TableRow, in_sight: bool) -> Row:
        assert self.stage is not None
        name, indent = _name(member.entry, member.group), 1 if member.group else 0
        return table_cells.row(member.entry, self.columns, self.stage, name, indent, in_sight)


def alike(one: tuple[Alert, ...], other: tuple[Alert, ...]) -> bool:
    """Whether alerts are of the same kinds and levels: their words and times are told elsewhere."""
    return one is other or [(alert.kind, alert.level) for alert in one] == [
        (alert.kind, alert.level) for alert in other
    ]


def overview(
    snapshot: Snapshot, options: OverviewOptions, now: float, tz: tzinfo, made: RowCache | None = None
) -> OverviewView:
    """The overview of `snapshot` at `now` (epoch seconds of this machine); `made` is handed in again each time."""
    stage = _stage(snapshot, options, now, tz)
    chosen, trouble = _filter(options.filter)
    found = [entry for entry in snapshot.entries.values() if chosen.matches(entry)]
    clock = view_context(snapshot, now, tz, interval=options.interval, ascii=options.ascii) if options.paused else stage
    return OverviewView(
        header=header(
            snapshot,
            clock,
            options.width,
            paused=options.paused,
            filtered=chosen.text,
            interval=options.interval,
        ),
        host=host(snapshot, stage, options.width),
        table=_table(snapshot, found, chosen, options, stage, made or RowCache()),
        banner=banner(snapshot, clock, paused=options.paused, trouble=trouble),
        detail=_detail(snapshot, options, stage),
        alerts=len(snapshot.alerts),
        revision=snapshot.revision,
    )


def detail(snapshot: Snapshot, options: OverviewOptions, now: float, tz: tzinfo) -> DetailView:
    """The part of the overview that the cursor decides, alone: what a move of it has to wait for."""
    return _detail(snapshot, options, _stage(snapshot, options, now, tz))


def _stage(snapshot: Snapshot, options: OverviewOptions, now: float, tz: tzinfo) -> ViewContext:
    """The moment that is shown: a paused screen stands still."""
    shown = snapshot.at if options.paused and snapshot.at else now
    spark_points = table_columns.spark_width(options.width) if options.width else 8
    return view_context(snapshot, shown, tz, interval=options.interval, ascii=options.ascii, spark_points=spark_points)


def _detail(snapshot: Snapshot, options: OverviewOptions, stage: ViewContext) -> DetailView:
    if not options.detailed:
        return DetailView()
    under, cursor = _under_cursor(snapshot, options.cursor), options.cursor
    past = (
        charts(
            under[0], snapshot.engine, snapshot.events, stage, options.span_seconds, options.points, snapshot.revision
        )
        if under and not cursor.startswith(GROUP)
        else ()
    )
    return DetailView(_detail_title(under, cursor, stage), past, _events(snapshot, under, stage))


def _filter(text: str) -> tuple[Filter, str]:
    """The filter to use and what is wrong with `text`; a wrong one lets everything through."""
    try:
        return parse(text), ""
    except FilterError as error:
        return Filter(), f"filter: {error}"


def _under_cursor(snapshot: Snapshot, cursor: str) -> tuple[Entry, ...]:
    if cursor.startswith(GROUP):
        project = cursor.removeprefix(GROUP)
        return tuple(entry for entry in snapshot.entries.values() if entry.container.project == project)
    entry = snapshot.entries.get(cursor)
    return (entry,) if entry is not None else ()


def _detail_title(under: Sequence[Entry], cursor: str, stage: ViewContext) -> str:
    if not under:
        return ""
    if cursor.startswith(GROUP):
        name = under[0].container.project or "no project"
        return f"{name[: table_cells.NAME_LENGTH]}{stage.text(' · ')}{formatting.plural(len(under), 'container')}"
    return under[0].container.name[: table_cells.NAME_LENGTH]


def _events(snapshot: Snapshot, under: Sequence[Entry], stage: ViewContext) -> tuple[EventLine, ...]:
    """What is wrong now, then what happened, the newest first; the name of a single container is in the title."""
    found = standing(under, stage) + lines(snapshot.events, [entry.container.id for entry in under], stage)
    return tuple(replace(line, name="") for line in found) if len(under) == 1 else found


# --- the table -----------------------------------------------------------------------------------------------------


def _table(
    snapshot: Snapshot,
    found: Sequence[Entry],
    chosen: Filter,
    options: OverviewOptions,
    stage: ViewContext,
    made: RowCache,
) -> TableView:
    columns = table_columns.columns(options.columns or table_figures.DEFAULT_COLUMNS, options.width)
    entries = ordered(found, options.sort, options.descending)
    plan = _grouped(snapshot, entries, options) if options.grouped else map(TableRow, entries)
    made.begin(columns, stage, len(snapshot.entries))
    rows = tuple(
        made.row(item, options.visible is None or index in options.visible)
        if isinstance(item, TableRow)
        else _group_row(item, columns, item.key in options.folded, stage)
        for index, item in enumerate(plan)
    )
    return TableView(columns, rows, options.sort, options.descending, _empty(snapshot, chosen))


def _empty(snapshot: Snapshot, chosen: Filter) -> str:
    if snapshot.entries:
        return f"no container matches {chosen.text}"
    if snapshot.ready:
        return "this engine has no containers"
    return "" if snapshot.link.state == "lost" else "listing containers"


def _grouped(snapshot: Snapshot, entries: Sequence[Entry], options: OverviewOptions) -> Iterator[Group | TableRow]:
    """Each group's row, then its containers; without any project there are no groups."""
    groups = _groups(snapshot, entries, options.sort)
    if all(group.project == LOOSE for group in groups):
        yield from (TableRow(entry) for entry in entries)
        return
    for group in groups:
        yield group
        if group.key not in options.folded:
            yield from (TableRow(entry, group) for entry in group.entries)


def _groups(snapshot: Snapshot, entries: Sequence[Entry], sort: str) -> list[Group]:
    """Groups by name, those without a project last; by "trouble" the group with the worst alert comes first."""
    sizes: dict[str, int] = {}
    for entry in snapshot.entries.values():
        sizes[entry.container.project] = sizes.get(entry.container.project, 0) + 1
    members: dict[str, list[Entry]] = {}
    for entry in entries:
        members.setdefault(entry.container.project, []).append(entry)
    groups = [Group(project, tuple(found), sizes[project]) for project, found in members.items()]
    groups.sort(key=lambda group: (group.project == LOOSE, table_figures.natural(group.project)))
    if sort == TROUBLE:
        groups.sort(key=lambda group: -max(LEVELS.index(worst_level(entry)) for entry in group.entries))
    return groups


def _name(entry: Entry, group: Group | None) -> str:
    """Its name, without the project's under the project's own row."""
    name = entry.container.name
    project = group.project if group else ""
    for mark in "-_":
        short = name.removeprefix(project + mark)
        if project and short != name and short:
            return short
    return name


def _group_row(group: Group, columns: Sequence[Column], folded: bool, stage: ViewContext) -> Row:
    signs = {
        "name": _group_name(group, stage),
        "oom": _hidden_alerts(group, stage) if folded else Cell(),
        "cpu": stage.cell(formatting.cores(_sum([readers.cpu_cores(entry) for entry in group.entries])), "dim"),
        "memory": stage.cell(
            formatting.bytes_short(_sum([readers.memory_used(entry) for entry in group.entries])), "dim"
        ),
    }
    row = tuple(signs.get(column.id, Cell()) for column in columns)
    return Row(group.key, row, "group", folded=folded)


def _group_name(group: Group, stage: ViewContext) -> Cell:
    shown = len(group.entries)
    number = str(shown) if shown == group.size else f"{shown} of {group.size}"
    if not group.project:
        return stage.cell(f"no project · {number}", "dim")
    return Cell(f"{group.project[: table_cells.NAME_LENGTH]}  {stage.text(f'compose · {number}')}")


def _hidden_alerts(group: Group, stage: ViewContext) -> Cell:
    """What a folded group hides, where its containers would say it."""
    alerts = [alert for entry in group.entries for alert in entry.alerts]
    return stage.cell(formatting.plural(len(alerts), "alert"), LEVEL_TONES[worst(alerts)]) if alerts else Cell()


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
