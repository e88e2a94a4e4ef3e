"""How much of the last seconds a container was held back by its CFS quota."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from dockpit.model import Level, Sample, Throttling
from dockpit.signals.thresholds import Thresholds

_JITTER_SECONDS = 0.5
"""A sample this much older than the window still belongs to it: no source is punctual."""


class _Sums(NamedTuple):
    """What had been counted by one sample, since the meter was cleared."""

    at: float
    pairs: int = 0
    periods: int = 0
    throttled: int = 0
    stalled_ns: int = 0
    stalled_seconds: float = 0.0


class Meter:
    """Adds up the growth of one container's CFS counters; what the last window holds is a difference of two sums.

    A pair whose counter is missing or fell (a reset) adds nothing.
    """

    __slots__ = ("_last", "_sums")

    def __init__(self) -> None:
        self._sums: deque[_Sums] = deque()
        self._last: Sample | None = None

    def clear(self) -> None:
        """Begin anew: what comes next does not follow on what came."""
        self._sums.clear()
        self._last = None

    def add(self, sample: Sample, window: float) -> None:
        """Take a sample that is not older than the last one; sums from before the `window` of seconds are let go."""
        sums, before = self._sums, self._last
        self._last = sample
        if before is None:
            sums.append(_Sums(sample.at))
            return
        at, pairs, periods, throttled, stalled, seconds = sums[-1]
        if sample.at > at:
            ran = _grown(before.periods, sample.periods)
            held = _grown(before.throttled_periods, sample.throttled_periods)
            lost = _grown(before.throttled_ns, sample.throttled_ns)
            if ran is not None and held is not None:
                pairs, periods, throttled = pairs + 1, periods + ran, throttled + held
            if lost is not None:
                stalled, seconds = stalled + lost, seconds + (sample.at - at)
        sums.append(_Sums(sample.at, pairs, periods, throttled, stalled, seconds))
        begin = sample.at - window - _JITTER_SECONDS
        while len(sums) > 2 and sums[0].at < begin:
            sums.popleft()

    def judge(self, thresholds: Thresholds) -> Throttling:
        """Throttled share of the window.

        `percent` is None without the counters or with fewer than two samples, 0 when no period ran; `since` is left 0.
        """
        if len(self._sums) < 2:
            return _NOTHING
        first, last = self._sums[0], self._sums[-1]
        if last.pairs == first.pairs:
            return _NOTHING
        periods, throttled = last.periods - first.periods, last.throttled - first.throttled
        percent = min(100.0, 100.0 * throttled / periods) if periods else 0.0
        seconds = last.stalled_seconds - first.stalled_seconds
        stall = (last.stalled_ns - first.stalled_ns) / 1e6 / seconds if seconds > 0 else None
        return Throttling(_level(percent, thresholds), percent, stall)


_NOTHING = Throttling()


def judge(samples: Iterable[Sample], thresholds: Thresholds) -> Throttling:
    """Throttled share of the last window of `samples` (one run of one container, oldest first)."""
    meter = Meter()
    for sample in samples:
        meter.add(sample, thresholds.throttle_window_seconds)
    return meter.judge(thresholds)


def _grown(before: int | None, after: int | None) -> int | None:
    """The growth of a counter, None where it is missing or was reset."""
    if before is None or after is None or after < before:
        return None
    return after - before


def _level(percent: float, thresholds: Thresholds) -> Level:
    if percent >= thresholds.throttled_high_percent:
        return "high"
    return "watch" if percent >= thresholds.throttled_watch_percent else "ok"
