"""What every view of one frame shares: the time it shows, the time zone, the characters the terminal can draw.

It also holds what is said in one place for all views: tones of levels, pressure thresholds, the slots of curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from dockpit.metrics import formatting
from dockpit.metrics.metric_ring import Window
from dockpit.metrics.resampling import resample_peaks
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.thresholds import PRESSURE_HIGH_PERCENT, PRESSURE_WATCH_PERCENT
from dockpit.model.verdicts import LEVELS, Level, Risk
from dockpit.model.view_models import Cell, Tone

SPARK_SECONDS = 60.0
"""Time that a sparkline spans."""
SPARK_POINTS = 8
"""Values in a sparkline, unless the table has room for more."""
TEXT_LENGTH = 200
"""Maximum characters of a text from outside (address, filter, reason, event detail) in a line."""


LEVEL_TONES: dict[Level, Tone] = {"ok": "normal", "watch": "watch", "high": "high", "critical": "critical"}
RISK_TONES: dict[Risk, Tone] = {"none": "normal", "watch": "watch", "high": "high", "imminent": "critical"}
_SEVERITY: tuple[Tone, ...] = tuple(LEVEL_TONES[level] for level in LEVELS)


def pressure_tone(percent: float | None) -> Tone | None:
    """The tone of a pressure (PSI some); None where it is unknown or no trouble."""
    if percent is None or percent < PRESSURE_WATCH_PERCENT:
        return None
    return "watch" if percent < PRESSURE_HIGH_PERCENT else "high"


def worse_tone(first: Tone, second: Tone) -> Tone:
    """The more severe of two tones of levels. Raises ValueError for a tone that no level has."""
    return max(first, second, key=_SEVERITY.index)


@dataclass(frozen=True, slots=True)
class ViewContext:
    """One frame. `at` is the time shown on the engine's clock, `now` on this machine's, both in epoch seconds."""

    at: float
    now: float
    tz: tzinfo
    ascii: bool = False
    spark_points: int = SPARK_POINTS

    def text(self, text: str) -> str:
        """Text of dockpit's own in characters that the terminal can draw."""
        return formatting.to_ascii(text) if self.ascii else text

    def cell(self, text: str = "", tone: Tone = "normal", bar: float | None = None) -> Cell:
        """A cell whose text is dockpit's own."""
        return Cell(self.text(text), tone, bar)

    def clock(self, at: float) -> str:
        """The time of day of `at` (epoch seconds), with the date unless that is today's."""
        return self.text(formatting.time_and_date(at, self.at, self.tz))


def view_context(
    snapshot: Snapshot,
    now: float,
    tz: tzinfo,
    *,
    interval: float = 1.0,
    ascii: bool = False,
    spark_points: int = SPARK_POINTS,
) -> ViewContext:
    """The frame of `snapshot` shown at `now` (epoch seconds of this machine), with samples every `interval` seconds.

    Containers, samples and events have the engine's times. If its clock is off by more than ten seconds (or three
    intervals), the time of its newest sample is the time shown, so that charts and ages are right all the same.
    """
    samples = (entry.sample for entry in snapshot.entries.values() if entry.container.live)
    newest = max((sample.at for sample in samples if sample is not None), default=now)
    at = newest if abs(newest - now) > max(10.0, 3 * interval) else now
    return ViewContext(at=at, now=now, tz=tz, ascii=ascii, spark_points=spark_points)


def shown_time(snapshot: Snapshot, now: float, paused: bool) -> float:
    """The time (epoch seconds) whose figures are shown: `now`, or the snapshot's own on a paused screen."""
    return snapshot.at if paused and snapshot.at else now


def curve(window: Window, name: str, end: float, span_seconds: float, points: int) -> tuple[float, ...]:
    """The metric `name` over the `span_seconds` up to `end` in `points` values, NaN for gaps.

    Its slots stay in place while time moves on within one: a curve then changes once per slot and at its newest point
    only, instead of trembling as a whole every second.
    """
    begin, edge = curve_bounds(end, span_seconds, points)
    return resample_peaks(window.times(begin), window.values(name, begin), edge, span_seconds, points)


def curve_bounds(end: float, span_seconds: float, points: int) -> tuple[float, float]:
    """The times (epoch seconds) where the first slot of a curve begins and the last one ends."""
    slot_seconds = span_seconds / points
    edge = (int(end / slot_seconds) + 1) * slot_seconds
    return edge - span_seconds, edge
