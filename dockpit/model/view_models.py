"""Content of screens as plain values: texts, tones and shares of a scale, without widgets, colours or the engine.

The package views builds them and the package widgets draws them. A tone is a meaning, which a widget turns into
colour and weight or, without colour, into a sign. Texts are untrusted; widgets make them printable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

COLUMN_GAP = 1
"""Cells between two columns of a live table."""
TABLE_MARGIN = 1
"""Cells left of the first column, for the cursor's sign, and right of the last, for the scrollbar."""

Tone = Literal["normal", "dim", "good", "watch", "high", "critical", "accent", "info"]
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Cell of a table; `bar` and `spark` are shares 0..1 of a fixed scale, NaN is a gap."""

    text: str = ""
    tone: Tone = "normal"
    bar: float | None = None
    """Length of the bar before the text, None for no bar."""
    spark: tuple[float, ...] = ()
    """Values of the sparkline before the text, newest last; empty for no sparkline."""


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a live table, `width` in terminal cells; the highest `priority` number is dropped first."""

    id: str
    title: str
    width: int
    align: Align = "left"
    priority: int = 5
    stretch: bool = False
    """Whether the column takes spare width."""
    help: str = ""
    """Explanation of the column."""


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a live table with a stable `key` and its cells in the order of the columns."""

    key: str
    cells: tuple[Cell, ...]
    kind: Literal["item", "group"] = "item"
    tone: Tone = "normal"
    indent: int = 0
    """Levels of indentation below a group."""
    folded: bool = False
    """Whether the rows of a group are hidden."""


@dataclass(frozen=True, slots=True)
class TableView:
    """Content of a table."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sort: str = ""
    """Id of the sorted column, "" for none."""
    descending: bool = True
    empty: str = ""
    """Message shown while there are no rows."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Curve of a chart: `points` oldest first in the chart's unit, NaN is a gap."""

    name: str
    points: tuple[float, ...]
    tone: Tone = "accent"
    stacked: bool = False
    """Whether the curve is an area on top of the previous stacked one."""


@dataclass(frozen=True, slots=True)
class ChartMark:
    """Event at `position` (0 oldest .. 1 newest) of a chart: an OOM kill, a restart."""

    position: float
    sign: str
    """One character drawn at the top of the chart."""
    tone: Tone = "critical"
    text: str = ""


@dataclass(frozen=True, slots=True)
class ChartLane:
    """Row of bars under a chart: share of each interval lost to throttling or pressure."""

    label: str
    """Three letters, for the scale."""
    name: str
    shares: tuple[float, ...]
    """Lost shares 0..1, oldest first, NaN is a gap."""
    watch_share: float = 0.0
    """Minimum share with the tone "watch"; smaller ones are dim."""
    high_share: float = 0.25
    """Minimum share with the tone "high"."""
    least_share: float = 0.0
    """Minimum share that is drawn; smaller ones are blank."""


@dataclass(frozen=True, slots=True)
class ChartView:
    """Time chart on a fixed scale 0..`top`."""

    title: str
    lines: tuple[Curve, ...] = ()
    top: float = 1.0
    top_text: str = ""
    """`top` as text, drawn at the upper end of the scale."""
    now_text: str = ""
    """Latest value as text."""
    now_tone: Tone = "normal"
    limit: float | None = None
    """Current limit in the chart's unit, None for no limit."""
    limit_text: str = ""
    limit_steps: tuple[tuple[float, float | None], ...] = ()
    """Start (0..1 of the span) and value of each limit, the first at 0.0; empty if `limit` held all the time."""
    lanes: tuple[ChartLane, ...] = ()
    """Lanes under the curves; a small chart keeps the first."""
    marks: tuple[ChartMark, ...] = ()
    span_text: str = ""
    """Length of the span as text: "15 min"."""
    revision: int = field(default=0, compare=False)
    """Revision of the snapshot, ignored in comparisons."""
    empty: str = ""
    """Reason shown instead of the chart when there is nothing to draw."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """Labelled figure of the header or the host line."""

    label: str
    text: str
    tone: Tone = "normal"
    spark: tuple[float, ...] = ()
    """Values 0..1 of the sparkline before the text, newest last; empty for no sparkline."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """Line of an event list; without `container_id` it cannot be opened."""

    time_text: str
    name: str
    text: str
    tone: Tone = "normal"
    container_id: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """Line across the screen: the engine is gone, the view is paused, the result of an action."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class DetailView:
    """History of the row under the cursor: charts, none for a group, and events."""

    title: str = ""
    charts: tuple[ChartView, ...] = ()
    events: tuple[EventLine, ...] = ()


@dataclass(frozen=True, slots=True)
class OverviewView:
    """Overview screen for one frame."""

    header: tuple[LabelledText, ...] = ()
    host: tuple[LabelledText, ...] = ()
    table: TableView = field(default_factory=lambda: TableView((), ()))
    banner: Banner | None = None
    detail: DetailView = field(default_factory=DetailView)
    alerts: int = 0
    """Number of alerts."""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ContainerView:
    """Screen of one container for one frame, without the tables and texts that are fetched on demand."""

    container_id: str = ""
    title: str = ""
    facts: tuple[LabelledText, ...] = ()
    charts: tuple[ChartView, ...] = ()
    events: tuple[EventLine, ...] = ()
    limits: TableView = field(default_factory=lambda: TableView((), ()))
    banner: Banner | None = None
    gone: bool = False
    """Whether the container no longer exists."""
    live: bool = False
    """Whether the container has processes: it is running or paused."""
    revision: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
