"""When a growing figure meets its limit: the seam for forecasts of memory, and a robust straight line behind it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import lt, sub
from statistics import median

POINTS = 30
"""A slope is taken of at most this many points."""
MIN_POINTS = 5
MIN_SECONDS = 4.0
WINDOWS_SECONDS = (10.0, 30.0)
"""Growth is looked for in the last of these first: a spike after a calm is not averaged away."""
SIGNIFICANT_Z = 1.96
STILL_GROWING = 0.25
"""Growth of the shortest window, as a share of the slope, under which the growth has stopped."""
NOTABLE_GROWTH = 0.001
"""Growth over a window, as a share of the limit, under which there is none to speak of."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a figure is going: bytes per second, and seconds until it meets the limit."""

    slope_bytes_per_s: float
    eta_seconds: float


Forecast = Callable[[Sequence[float], Sequence[float], float, float], Projection | None]
"""(seconds, bytes, limit in bytes, seconds within which the end matters) -> where it goes.

Series are oldest first, NaN for a gap. None where it is not growing; what ends later than matters may be None too.
"""


def linear(
    times: Sequence[float], values: Sequence[float], limit: float, within: float = math.inf
) -> Projection | None:
    """The Theil–Sen line through the latest unbroken growth that Mann–Kendall finds significant."""
    values = list(values)
    if not values or values[-1] - min(values) < NOTABLE_GROWTH * limit:
        return None
    if _too_slow(times, values, (limit - values[-1]) / within):
        return None
    points = unbroken(times, values)
    if not points:
        return None
    for window in WINDOWS_SECONDS:
        recent = _thin(points[bisect_left(points, (points[-1][0] - window,)) :])
        if not _enough(recent) or recent[-1][1] - recent[0][1] < NOTABLE_GROWTH * limit:
            continue
        slope = _slope(recent)
        if slope > 0 and _growing_still(points, slope):
            return Projection(slope, max(0.0, limit - points[-1][1]) / slope)
    return None


def _too_slow(times: Sequence[float], values: Sequence[float], slope: float) -> bool:
    """Whether no two neighbours rise at `slope`, for certain: then no pair does, and it takes no line to tell."""
    shortest = min(map(sub, times[1:], times), default=0.0)
    return shortest > 0 and max(map(sub, values[1:], values)) < slope * shortest


def unbroken(times: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """The (time, value) points after the last break: a gap, a time that does not rise, a fall below half."""
    if _without_break(times, values):
        return list(zip(times, values, strict=True))
    points: list[tuple[float, float]] = []
    for at, value in zip(times, values, strict=True):
        if math.isnan(value):
            points.clear()
            continue
        if points and (at <= points[-1][0] or value < points[-1][1] / 2):
            points.clear()
        points.append((at, value))
    return points


def _without_break(times: Sequence[float], values: Sequence[float]) -> bool:
    """Whether there is no break for certain, as is usual: that is told without looking at each point."""
    even = bool(values) and not math.isnan(sum(values)) and max(values) <= 2 * min(values)
    return even and all(map(lt, times, times[1:]))


def _thin(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most POINTS of them, evenly picked from the newest back."""
    if len(points) <= POINTS:
        return points
    step = -(-len(points) // POINTS)
    return points[::-1][::step][::-1]


def _enough(points: Sequence[tuple[float, float]]) -> bool:
    return len(points) >= MIN_POINTS and points[-1][0] - points[0][0] >= MIN_SECONDS


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """The median slope of all pairs; 0 where the trend is not significant, which is told without them."""
    values = [value for _, value in points]
    if _z(_score(values), values) <= SIGNIFICANT_Z:
        return 0.0
    return median((later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in combinations(points, 2))


def _score(values: Iterable[float]) -> int:
    """Mann–Kendall's S: how many pairs rise, less those that fall."""
    score, before = 0, list[float]()
    for value in values:
        least = bisect_left(before, value)
        most = bisect_right(before, value, least)
        score += least - (len(before) - most)
        before.insert(most, value)
    return score


def _z(score: int, values: Sequence[float]) -> float:
    """Mann–Kendall's |Z| of `score`, corrected for ties."""
    n = len(values)
    tied = len(set(values)) < n
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values() if t > 1) if tied else 0
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    return max(0, abs(score) - 1) / math.sqrt(variance) if variance > 0 else 0.0


def _growing_still(points: Sequence[tuple[float, float]], slope: float) -> bool:
    """Whether the last seconds grew at a fair share of `slope`."""
    at, last = points[-1]
    begin = next(point for point in points if point[0] >= at - WINDOWS_SECONDS[0])
    if begin[0] == at:
        begin = points[-2]
    return last - begin[1] >= STILL_GROWING * slope * (at - begin[0])
