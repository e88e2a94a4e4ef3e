"""What a screen shows, as plain values: text, a tone, a share of a scale. No widget, no colour, no engine.

views.py fills these; widgets/ draw them. A tone is a meaning; the widget turns it into colour, weight and, without
colour, into a sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["normal", "dim", "good", "watch", "high", "critical", "accent", "info"]
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `text` is hostile until drawn; `bar` and `spark` are shares of a fixed scale, 0..1, NaN is a gap."""

    text: str = ""
    tone: Tone = "normal"
    bar: float | None = None
    """Draw a bar of this share of its room before the text."""
    spark: tuple[float, ...] = ()
    """Draw a sparkline of these shares, newest last."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a live table. A lower `priority` stays longer when the room shrinks."""

    id: str
    title: str
    width: int
    align: Align = "left"
    priority: int = 5
    stretch: bool = False
    """Takes the room that is left over."""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a live table, found again by `key`; cells in the order of the table's columns."""

    key: str
    cells: tuple[Cell, ...]
    kind: Literal["item", "group"] = "item"
    tone: Tone = "normal"
    indent: int = 0
    folded: bool = False


@dataclass(frozen=True, slots=True)
class TableView:
    """A whole table: what it shows this second."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sort: str = ""
    descending: bool = True
    empty: str = ""
    """What to say when there is no row."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: `points` oldest first in the chart's unit, NaN is a gap."""

    name: str
    points: tuple[float, ...]
    tone: Tone = "accent"
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at `position` (0 oldest .. 1 newest) of a chart: an OOM kill, a restart."""

    position: float
    sign: str
    tone: Tone = "critical"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of marks under a chart: how much of each moment was lost to something, 0..1, oldest first, NaN is a gap."""

    label: str
    """Three letters, for the scale."""
    name: str
    shares: tuple[float, ...]
    watch_share: float = 0.0
    """From here on it has the colour of something to watch; below it is quiet."""
    high_share: float = 0.25
    least_share: float = 0.0
    """Below this it is blank."""


@dataclass(frozen=True, slots=True)
class ChartView:
    """One time chart on a fixed scale 0..`top`."""

    title: str
    lines: tuple[Curve, ...] = ()
    top: float = 1.0
    top_text: str = ""
    """`top` in words, drawn at the upper left of the axis."""
    now_text: str = ""
    now_tone: Tone = "normal"
    limit: float | None = None
    limit_text: str = ""
    limit_steps: tuple[tuple[float, float | None], ...] = ()
    """Where in the span, 0..1, each limit began to hold, the first at 0.0; empty where it was `limit` all along."""
    lanes: tuple[Lane, ...] = ()
    """Drawn under the curves; the first stays longest when the room shrinks."""
    marks: tuple[Mark, ...] = ()
    span_text: str = ""
    revision: int = field(default=0, compare=False)
    """Of the snapshot it was made of; two of the same content are equal whatever theirs."""
    empty: str = ""
    """Said instead of a chart when there is nothing to draw: why."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A labelled figure of the header or the host line."""

    label: str
    text: str
    tone: Tone = "normal"
    spark: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of an event list."""

    time_text: str
    name: str
    text: str
    tone: Tone = "normal"
    container_id: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """A line across the screen: the engine is gone, the view is paused, an action answered."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class DetailView:
    """What is under the cursor: its past as charts, none for a group, and what happened to it."""

    title: str = ""
    charts: tuple[ChartView, ...] = ()
    events: tuple[EventLine, ...] = ()


@dataclass(frozen=True, slots=True)
class OverviewView:
    """The overview for one frame."""

    header: tuple[LabelledText, ...] = ()
    host: tuple[LabelledText, ...] = ()
    table: TableView = field(default_factory=lambda: TableView((), ()))
    banner: Banner | None = None
    detail: DetailView = field(default_factory=DetailView)
    alerts: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ContainerView:
    """The screen of one container for one frame; tables and texts that are fetched on demand are not in here."""

    container_id: str = ""
    title: str = ""
    facts: tuple[LabelledText, ...] = ()
    charts: tuple[ChartView, ...] = ()
    events: tuple[EventLine, ...] = ()
    limits: TableView = field(default_factory=lambda: TableView((), ()))
    banner: Banner | None = None
    gone: bool = False
    live: bool = False
    revision: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
