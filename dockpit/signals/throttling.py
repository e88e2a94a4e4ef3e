"""How much of the last seconds a container was held back by its CFS quota."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dockpit.model import Level, Sample, Throttling
from dockpit.signals.thresholds import Thresholds

_JITTER_SECONDS = 0.5
"""A sample this much older than the window still belongs to it: no source is punctual."""


def judge(samples: Sequence[Sample], thresholds: Thresholds) -> Throttling:
    """Throttled share of the last window of `samples` (one run of one container, oldest first).

    `percent` is None without the counters or with fewer than two samples, 0 when no period ran; `since` is left 0.
    """
    pairs = list(_pairs(samples, thresholds.throttle_window_seconds))
    periods = throttled = 0
    counted = False
    for before, after in pairs:
        ran, held = _grown(before.periods, after.periods), _grown(before.throttled_periods, after.throttled_periods)
        if ran is not None and held is not None:
            periods, throttled, counted = periods + ran, throttled + held, True
    if not counted:
        return Throttling()
    percent = min(100.0, 100.0 * throttled / periods) if periods else 0.0
    return Throttling(level=_level(percent, thresholds), percent=percent, ms_per_s=_stall(pairs))


def _pairs(samples: Sequence[Sample], window: float) -> Iterator[tuple[Sample, Sample]]:
    """The neighbours within the window that are in order of time; the last two samples always count."""
    if len(samples) < 2:
        return
    begin = min(samples[-1].at - window - _JITTER_SECONDS, samples[-2].at)
    recent = [sample for sample in samples if sample.at >= begin]
    for before, after in pairwise(recent):
        if after.at > before.at:
            yield before, after


def _grown(before: int | None, after: int | None) -> int | None:
    """The growth of a counter, None where it is missing or was reset."""
    if before is None or after is None or after < before:
        return None
    return after - before


def _stall(pairs: Sequence[tuple[Sample, Sample]]) -> float | None:
    """Milliseconds stalled per second over the pairs that have the counter."""
    seconds = stalled = 0.0
    for before, after in pairs:
        held = _grown(before.throttled_ns, after.throttled_ns)
        if held is not None:
            stalled += held / 1e6
            seconds += after.at - before.at
    return stalled / seconds if seconds > 0 else None


def _level(percent: float, thresholds: Thresholds) -> Level:
    if percent >= thresholds.throttled_high_percent:
        return "high"
    return "watch" if percent >= thresholds.throttled_watch_percent else "ok"
