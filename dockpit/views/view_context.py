"""What every part of one frame shares: the moment it shows, the time zone, the signs the terminal can draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from dockpit.metrics import formatting
from dockpit.metrics.series import Window, resample
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.verdicts import Level, Risk
from dockpit.model.view_models import Cell, Tone

SPARK_SECONDS = 60.0
"""How far back a sparkline goes."""

LEVEL_TONES: dict[Level, Tone] = {"ok": "normal", "watch": "watch", "high": "high", "critical": "critical"}
RISK_TONES: dict[Risk, Tone] = {"none": "normal", "watch": "watch", "high": "high", "imminent": "critical"}


def pressure_tone(percent: float | None) -> Tone | None:
    """How loud a pressure (PSI some) is; None where it is no trouble."""
    if percent is None or percent < 10:
        return None
    return "watch" if percent < 40 else "high"


@dataclass(frozen=True, slots=True)
class ViewContext:
    """One frame: `at` is its moment on the engine's clock, `now` the same on this machine's, both in epoch seconds."""

    at: float
    now: float
    tz: tzinfo
    ascii: bool = False
    spark_points: int = 8

    def text(self, text: str) -> str:
        """`text` of dockpit's own making in signs that the terminal can draw."""
        return formatting.plain(text) if self.ascii else text

    def cell(self, text: str = "", tone: Tone = "normal", bar: float | None = None) -> Cell:
        """A cell whose text is dockpit's own."""
        return Cell(self.text(text), tone, bar)

    def clock(self, at: float) -> str:
        """The time of day of `at`, with the date when that is not today's."""
        return self.text(formatting.stamp(at, self.at, self.tz))


def view_context(
    snapshot: Snapshot, now: float, tz: tzinfo, *, interval: float = 1.0, ascii: bool = False, spark_points: int = 8
) -> ViewContext:
    """The frame of `snapshot` shown at `now` (epoch seconds of this machine).

    Times of containers, samples and events are the engine's. Where its clock is off by more than ten seconds (or three
    intervals), its newest sample tells the time, so that charts and ages are right all the same.
    """
    samples = (entry.sample for entry in snapshot.entries.values() if entry.container.live)
    newest = max((sample.at for sample in samples if sample is not None), default=now)
    at = newest if abs(newest - now) > max(10.0, 3 * interval) else now
    return ViewContext(at=at, now=now, tz=tz, ascii=ascii, spark_points=spark_points)


def curve(window: Window, name: str, end: float, span: float, points: int) -> tuple[float, ...]:
    """`points` values of the `span` seconds up to `end`, on slots that stay put while time moves on within one.

    A curve then changes once a slot and at its newest point only, instead of trembling as a whole every second.
    """
    begin, edge = bounds(end, span, points)
    return resample(window.times(begin), window.values(name, begin), edge, span, points)


def bounds(end: float, span: float, points: int) -> tuple[float, float]:
    """Where the slots of a curve begin and where they end."""
    slot = span / points
    edge = (int(end / slot) + 1) * slot
    return edge - span, edge
