"""The user's view settings: order, filter, columns, time span; they outlive screens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from dockpit.metrics import compiled_columns

SPAN_CHOICES_SECONDS = (60.0, 120.0, 300.0, 600.0, 900.0)
"""Time spans of the charts."""

MIN_FRAME_SECONDS = 0.2
MAX_FRAME_SECONDS = 1.0
CALM_FRAME_SECONDS = 2.0


@dataclass(slots=True)
class ViewState:
    """The settings behind the overview and the charts.

    `sort` is a column id or "trouble"; `folded` holds row keys of projects; `columns` are column ids, empty for the
    default ones; `span_index` is one of SPAN_CHOICES_SECONDS; `interval_seconds` is that of the samples.
    """

    tz: tzinfo
    sort: str = "trouble"
    descending: bool = True
    filter: str = ""
    grouped: bool = True
    folded: set[str] = field(default_factory=set)
    columns: tuple[str, ...] = ()
    span_index: int = 2
    detail: bool = True
    ascii: bool = False
    interval_seconds: float = 1.0
    calm: bool = False

    @property
    def frame_seconds(self) -> float:
        """Seconds between frames: the sampling interval within limits, longer in calm mode."""
        if self.calm:
            return CALM_FRAME_SECONDS
        return max(MIN_FRAME_SECONDS, min(MAX_FRAME_SECONDS, self.interval_seconds))

    @property
    def span_seconds(self) -> float:
        """The time span of the charts."""
        return SPAN_CHOICES_SECONDS[self.span_index]

    def change_span(self, step: int) -> None:
        """Go `step` spans up, or down where it is negative, as far as there are any."""
        self.span_index = max(0, min(len(SPAN_CHOICES_SECONDS) - 1, self.span_index + step))

    def sort_by(self, column_id: str) -> None:
        """Sort by a column in its natural direction; turn the direction round if it is the sort column already."""
        if self.sort == column_id:
            self.descending = not self.descending
        else:
            self.sort = column_id
            metric = compiled_columns.COLUMN_FIGURES.get(column_id)
            self.descending = metric.column.descending if metric is not None else True
