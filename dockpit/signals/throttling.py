"""CFS throttling of a container over the last window, by its own quota or by that of a cgroup above it.

                     ┌─► _CounterWindow (own cgroup) ────┐
Sample ─► ThrottlingWindow.add                           ├─► assess: the greater share ─► Throttling
                     └─► _CounterWindow (cgroup above) ──┘
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from dockpit.metrics.derive import growth
from dockpit.metrics.samples import Sample
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Level, Throttling

_JITTER_SECONDS = 0.5
"""Tolerance by which a sample may be older than the window and still count: no source is punctual."""


class _CumulativeCounts(NamedTuple):
    """Growth of the counters from the first sample of a window up to the one read at `at` seconds."""

    at: float
    pairs: int = 0
    periods: int = 0
    throttled_periods: int = 0
    throttled_ns: int = 0
    seconds_with_throttled_ns: float = 0.0
    """Seconds between the samples for which the throttled time is known."""


_CfsCounters = tuple[int | None, int | None, int | None]
"""nr_periods, nr_throttled and throttled_time (ns) of a cgroup; None where the source cannot give one."""


class _CounterWindow:
    """The growth of one cgroup's CFS counters over a sliding window, as the difference of two cumulative counts.

    A pair of samples with a missing counter, or one that fell (a reset), adds nothing.
    """

    __slots__ = ("_counts", "_last_counters")

    def __init__(self) -> None:
        self._counts: deque[_CumulativeCounts] = deque()
        self._last_counters: _CfsCounters | None = None

    def clear(self) -> None:
        self._counts.clear()
        self._last_counters = None

    def add(self, now: float, counters: _CfsCounters, window_seconds: float) -> None:
        counts, before = self._counts, self._last_counters
        self._last_counters = counters
        if before is None:
            counts.append(_CumulativeCounts(now))
            return
        at, pairs, periods, throttled, throttled_ns, seconds = counts[-1]
        if now > at:
            new_periods, new_throttled, new_ns = map(growth, before, counters)
            if new_periods is not None and new_throttled is not None:
                pairs, periods, throttled = pairs + 1, periods + new_periods, throttled + new_throttled
            if new_ns is not None:
                throttled_ns, seconds = throttled_ns + new_ns, seconds + (now - at)
        counts.append(_CumulativeCounts(now, pairs, periods, throttled, throttled_ns, seconds))
        start = now - window_seconds - _JITTER_SECONDS
        while len(counts) > 2 and counts[0].at < start:
            counts.popleft()

    def throttled_percent(self) -> float | None:
        """Throttled periods ÷ periods of the window, 0..100.

        None without the counters or with fewer than two samples, 0 if no period ran.
        """
        if len(self._counts) < 2:
            return None
        first, last = self._counts[0], self._counts[-1]
        if last.pairs == first.pairs:
            return None
        periods = last.periods - first.periods
        return min(100.0, 100.0 * (last.throttled_periods - first.throttled_periods) / periods) if periods else 0.0

    def throttled_ms_per_s(self) -> float | None:
        """CPU-ms lost to throttling in each second of the window, None if not known."""
        if len(self._counts) < 2:
            return None
        first, last = self._counts[0], self._counts[-1]
        seconds = last.seconds_with_throttled_ns - first.seconds_with_throttled_ns
        return (last.throttled_ns - first.throttled_ns) / 1e6 / seconds if seconds > 0 else None


class ThrottlingWindow:
    """The throttling of one container over a sliding window: by its own quota, or by that of a cgroup above."""

    __slots__ = ("_above", "_above_path", "_own")

    def __init__(self) -> None:
        self._own = _CounterWindow()
        self._above: _CounterWindow | None = None
        self._above_path = ""

    def clear(self) -> None:
        """Forget all samples, so that the next one is not compared with them."""
        self._own.clear()
        self._above = None

    def add(self, sample: Sample, window: float) -> None:
        """Add a sample not older than the last one, and drop those older than `window` seconds."""
        self._own.add(sample.at, (sample.periods, sample.throttled_periods, sample.throttled_ns), window)
        above = sample.throttling_above
        if above is None:
            self._above = None
            return
        if self._above is None or above.path != self._above_path:
            self._above, self._above_path = _CounterWindow(), above.path
        self._above.add(sample.at, (above.periods, above.throttled_periods, None), window)

    def assess(self, thresholds: Thresholds) -> Throttling:
        """The throttling of the window, by the cgroup above if that was throttled more than the container itself.

        `percent` is None without the counters or with fewer than two samples, 0 if no period ran; `since` is left 0.
        """
        own = self._own.throttled_percent()
        above = self._above.throttled_percent() if self._above is not None else None
        if above is not None and above > (own or 0.0):
            lost_ms_per_s = self._own.throttled_ms_per_s()
            return Throttling(_level(above, thresholds), above, lost_ms_per_s, above=self._above_path)
        if own is None:
            return _UNKNOWN
        return Throttling(_level(own, thresholds), own, self._own.throttled_ms_per_s())


_UNKNOWN = Throttling()


def assess_throttling(samples: Iterable[Sample], thresholds: Thresholds) -> Throttling:
    """The throttling over the last window of `samples`, which are of one run of one container, oldest first."""
    window = ThrottlingWindow()
    for sample in samples:
        window.add(sample, thresholds.throttle_window_seconds)
    return window.assess(thresholds)


def _level(percent: float, thresholds: Thresholds) -> Level:
    if percent >= thresholds.throttled_high_percent:
        return "high"
    return "watch" if percent >= thresholds.throttled_watch_percent else "ok"
