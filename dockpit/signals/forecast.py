"""Forecast of when growing memory reaches its limit, by a robust straight line."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import lt, sub
from statistics import median

MAX_POINTS = 30
"""Maximum number of points from which a slope is computed."""
MIN_POINTS = 5
MIN_SECONDS = 4.0
WINDOWS_SECONDS = (10.0, 30.0)
"""Windows in which growth is searched, shortest first, so that a spike after a calm is not averaged away."""
SIGNIFICANT_Z = 1.96
MIN_SLOPE_SHARE = 0.25
"""Share of the slope below which the growth of the shortest window counts as stopped."""
MIN_GROWTH_SHARE = 0.001
"""Share of the limit below which the growth over a window is ignored."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Projected growth, and the time until it reaches the limit."""

    slope_bytes_per_s: float
    eta_seconds: float


Forecaster = Callable[[Sequence[float], Sequence[float], float, float], Projection | None]
"""(times in seconds, values in bytes, limit in bytes, horizon in seconds) -> projection.

The series are oldest first, NaN for a gap. None if the values do not grow; an end beyond the horizon may be None too.
"""


def linear_forecast(
    times: Sequence[float], values: Sequence[float], limit: float, horizon_seconds: float = math.inf
) -> Projection | None:
    """The Theil–Sen line through the latest unbroken growth that the Mann–Kendall test finds significant."""
    values = list(values)
    if not values or values[-1] - min(values) < MIN_GROWTH_SHARE * limit:
        return None
    if _grows_slower_than(times, values, (limit - values[-1]) / horizon_seconds):
        return None
    points = points_after_last_break(times, values)
    if not points:
        return None
    for window in WINDOWS_SECONDS:
        recent = _thin_out(points[bisect_left(points, (points[-1][0] - window,)) :])
        if not _has_enough_points(recent) or recent[-1][1] - recent[0][1] < MIN_GROWTH_SHARE * limit:
            continue
        slope = _significant_slope(recent)
        if slope > 0 and _still_grows(points, slope):
            return Projection(slope, max(0.0, limit - points[-1][1]) / slope)
    return None


def _grows_slower_than(times: Sequence[float], values: Sequence[float], slope: float) -> bool:
    """Whether all neighbouring points rise more slowly than `slope`, so that no line can; False if that is not clear.

    It saves the computation of a line for a container that does not grow.
    """
    shortest = min(map(sub, times[1:], times), default=0.0)
    return shortest > 0 and max(map(sub, values[1:], values)) < slope * shortest


def points_after_last_break(times: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """The (time, value) points after the last break: a gap, a time that does not increase, a fall below half."""
    if _certainly_unbroken(times, values):
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


def _certainly_unbroken(times: Sequence[float], values: Sequence[float]) -> bool:
    """Whether there is certainly no break, the usual case, decided without a loop over the points."""
    steady = bool(values) and not math.isnan(sum(values)) and max(values) <= 2 * min(values)
    return steady and all(map(lt, times, times[1:]))


def _thin_out(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MAX_POINTS points, evenly picked from the newest back."""
    if len(points) <= MAX_POINTS:
        return points
    step = -(-len(points) // MAX_POINTS)
    return points[::-1][::step][::-1]


def _has_enough_points(points: Sequence[tuple[float, float]]) -> bool:
    return len(points) >= MIN_POINTS and points[-1][0] - points[0][0] >= MIN_SECONDS


def _significant_slope(points: Sequence[tuple[float, float]]) -> float:
    """The median slope of all pairs; 0 if the trend is not significant, which is decided before pairs are built."""
    values = [value for _, value in points]
    if _mann_kendall_z(_mann_kendall_s(values), values) <= SIGNIFICANT_Z:
        return 0.0
    return median((later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in combinations(points, 2))


def _mann_kendall_s(values: Iterable[float]) -> int:
    """Mann–Kendall's S: the number of pairs that rise minus the number of those that fall."""
    score, sorted_before = 0, list[float]()
    for value in values:
        smaller = bisect_left(sorted_before, value)
        not_greater = bisect_right(sorted_before, value, smaller)
        score += smaller - (len(sorted_before) - not_greater)
        sorted_before.insert(not_greater, value)
    return score


def _mann_kendall_z(score: int, values: Sequence[float]) -> float:
    """Mann–Kendall's |Z| of `score`, corrected for ties."""
    n = len(values)
    tied = len(set(values)) < n
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values() if t > 1) if tied else 0
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    return max(0, abs(score) - 1) / math.sqrt(variance) if variance > 0 else 0.0


def _still_grows(points: Sequence[tuple[float, float]], slope: float) -> bool:
    """Whether the shortest window grew by at least MIN_SLOPE_SHARE of `slope`."""
    at, last = points[-1]
    start = next(point for point in points if point[0] >= at - WINDOWS_SECONDS[0])
    if start[0] == at:
        start = points[-2]
    return last - start[1] >= MIN_SLOPE_SHARE * slope * (at - start[0])
