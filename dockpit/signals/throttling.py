"""How much of the last seconds a container was held back by its CFS quota, or by one above it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from dockpit.metrics.samples import Sample
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Level, Throttling

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


_Counters = tuple[int | None, int | None, int | None]
"""Periods, throttled periods and throttled time in ns."""


class _CounterWindow:
    """Adds up the growth of one cgroup's CFS counters; what the last window holds is a difference of two sums.

    A pair whose counter is missing or fell (a reset) adds nothing.
    """

    __slots__ = ("_last", "_sums")

    def __init__(self) -> None:
        self._sums: deque[_Sums] = deque()
        self._last: _Counters | None = None

    def clear(self) -> None:
        self._sums.clear()
        self._last = None

    def add(self, now: float, counters: _Counters, window: float) -> None:
        sums, before = self._sums, self._last
        self._last = counters
        if before is None:
            sums.append(_Sums(now))
            return
        at, pairs, periods, throttled, stalled, seconds = sums[-1]
        if now > at:
            ran, held, lost = map(_grown, before, counters)
            if ran is not None and held is not None:
                pairs, periods, throttled = pairs + 1, periods + ran, throttled + held
            if lost is not None:
                stalled, seconds = stalled + lost, seconds + (now - at)
        sums.append(_Sums(now, pairs, periods, throttled, stalled, seconds))
        begin = now - window - _JITTER_SECONDS
        while len(sums) > 2 and sums[0].at < begin:
            sums.popleft()

    def percent(self) -> float | None:
        """Throttled periods of the window; None without the counters or with fewer than two, 0 when no period ran."""
        if len(self._sums) < 2:
            return None
        first, last = self._sums[0], self._sums[-1]
        if last.pairs == first.pairs:
            return None
        periods, throttled = last.periods - first.periods, last.throttled - first.throttled
        return min(100.0, 100.0 * throttled / periods) if periods else 0.0

    def stalled(self) -> float | None:
        """CPU-ms lost in each second of the window."""
        if len(self._sums) < 2:
            return None
        first, last = self._sums[0], self._sums[-1]
        seconds = last.stalled_seconds - first.stalled_seconds
        return (last.stalled_ns - first.stalled_ns) / 1e6 / seconds if seconds > 0 else None


class ThrottlingWindow:
    """Says how much of the last window one container was stopped: by its own quota, or by one above it."""

    __slots__ = ("_above", "_own", "_path")

    def __init__(self) -> None:
        self._own = _CounterWindow()
        self._above: _CounterWindow | None = None
        self._path = ""

    def clear(self) -> None:
        """Begin anew: what comes next does not follow on what came."""
        self._own.clear()
        self._above = None

    def add(self, sample: Sample, window: float) -> None:
        """Take a sample that is not older than the last one; sums from before the `window` of seconds are let go."""
        self._own.add(sample.at, (sample.periods, sample.throttled_periods, sample.throttled_ns), window)
        above = sample.quota_above
        if above is None:
            self._above = None
            return
        if self._above is None or above.path != self._path:
            self._above, self._path = _CounterWindow(), above.path
        self._above.add(sample.at, (above.periods, above.throttled_periods, None), window)

    def judge(self, thresholds: Thresholds) -> Throttling:
        """Throttled share of the window, the greater of the two.

        `percent` is None without the counters or with fewer than two samples, 0 when no period ran; `since` is left 0.
        """
        own, above = self._own.percent(), self._above.percent() if self._above is not None else None
        if above is not None and above > (own or 0.0):
            return Throttling(_level(above, thresholds), above, self._own.stalled(), above=self._path)
        return _NOTHING if own is None else Throttling(_level(own, thresholds), own, self._own.stalled())


_NOTHING = Throttling()


def judge(samples: Iterable[Sample], thresholds: Thresholds) -> Throttling:
    """Throttled share of the last window of `samples` (one run of one container, oldest first)."""
    meter = ThrottlingWindow()
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
