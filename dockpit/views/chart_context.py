"""What the four charts of one container share: its history as curves, limit steps, the scale, why a chart is empty."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dockpit.metrics import formatting
from dockpit.metrics.resampling import resample_peaks
from dockpit.metrics.row_ring import NAN
from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import EngineInfo
from dockpit.model.view_models import ChartMark
from dockpit.views.view_context import ViewContext, curve, curve_bounds

NO_FIGURES = "no figures in this time"
NOT_RUNNING = "not running"
STALE = "no figures come from the engine"

LimitStep = tuple[float, float | None]
"""When a limit began to hold (epoch seconds, or 0..1 of the time spanned), and the limit, None for none."""


@dataclass(frozen=True, slots=True)
class ChartContext:
    """The history of `entry` over `span_seconds` up to now, as curves of `points` values each."""

    entry: Entry
    engine: EngineInfo
    view: ViewContext
    span_seconds: float
    points: int
    marks: tuple[ChartMark, ...]
    revision: int

    @property
    def span_text(self) -> str:
        """The time spanned in words: "15 min"."""
        return formatting.duration(self.span_seconds) if self.span_seconds >= 60 else f"{self.span_seconds:.0f} s"

    def curve(self, name: str) -> tuple[float, ...]:
        """One metric as a curve, NaN for gaps."""
        if not self.entry.window.has(name):
            return (NAN,) * self.points
        return curve(self.entry.window, name, self.view.at, self.span_seconds, self.points)

    def samples(self, name: str) -> Sequence[float]:
        """One metric as it was sampled, oldest first."""
        return self.entry.window.values(name, self._bounds()[0])

    def resample(self, samples: Sequence[float]) -> tuple[float, ...]:
        """A curve of values computed from `samples()`, one per sample."""
        begin, edge = self._bounds()
        return resample_peaks(self.entry.window.times(begin), samples, edge, self.span_seconds, self.points)

    def limit_steps(self, limits: Sequence[LimitStep]) -> tuple[LimitStep, ...]:
        """The positions (0..1) in the time spanned where each limit began to hold; empty for one that held all along.

        `limits` are (epoch seconds, limit), oldest first.
        """
        begin, edge = self._bounds()
        found: list[LimitStep] = []
        for at, limit in limits:
            if at >= edge or (found and found[-1][1] == limit):
                continue
            position = max(0, int((at - begin) / (edge - begin) * self.points)) / self.points
            if found and position == 0.0:
                found.clear()
            found.append((position if found else 0.0, limit))
        return tuple(found) if len(found) > 1 else ()

    def empty_reason(self) -> str:
        """Why there is no curve at all, in words."""
        if not self.entry.container.live:
            return NOT_RUNNING
        return STALE if self.entry.stale else NO_FIGURES

    def _bounds(self) -> tuple[float, float]:
        return curve_bounds(self.view.at, self.span_seconds, self.points)


def scale_top(values: Iterable[float], limit: float | None, least: float, binary: bool = False) -> float:
    """The top of the scale: the limit, or a round number above the peak, so that the axis does not move constantly.

    A peak above the limit is not cut. Without a limit the scale ends at `least` or above; `binary` rounds to powers
    of two instead of ten.
    """
    peak = max((value for value in values if math.isfinite(value)), default=0.0)
    if limit:
        return max(limit, peak)
    return _round_up(max(peak * 1.1, least), binary)


def _round_up(value: float, binary: bool) -> float:
    if binary:
        power = 2.0 ** math.floor(math.log2(value))
        return next(power * step for step in (1.0, 1.5, 2.0) if power * step >= value)
    power = 10.0 ** math.floor(math.log10(value))
    return next((power * step for step in (1, 2, 5, 10) if power * step >= value), power * 10)


def is_blank(values: Iterable[float]) -> bool:
    """Whether a curve has nothing but gaps."""
    return all(math.isnan(value) for value in values)
