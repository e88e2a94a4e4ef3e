"""How near a container is to an OOM kill, judged on the memory that reclaim cannot give back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import MemoryRisk, Risk
from dockpit.signals.forecast import Forecast, linear

__all__ = ["MemoryRisk", "judge"]

CACHE_FULL_SHARE = 0.9
"""Use of this share of the limit is full …"""
CACHE_HARMLESS_SHARE = 0.7
"""… and harmless while less than this share of it cannot be reclaimed."""
ETA_COUNTS_SHARE = 0.5
"""Below this share of the limit only an imminent end is believed of a forecast, and called no worse than high."""

SAFE = MemoryRisk()
"""What there is to say of a container without a limit."""

_ORDER: tuple[Risk, ...] = ("none", "watch", "high", "imminent")


def judge(
    times: Sequence[float],
    unreclaimable: Sequence[float],
    used_bytes: int | None,
    limit_bytes: int | None,
    thresholds: Thresholds,
    forecast: Forecast = linear,
) -> MemoryRisk:
    """The risk from the headroom of unreclaimable memory, or from the time its growth leaves.

    `times` in seconds and `unreclaimable` in bytes are of one run, oldest first, NaN for a gap. Without a limit, or
    when the newest figure is a gap, there is nothing to judge: risk none, headroom None. `eta_seconds` is given when it
    is near enough to raise the risk. `kills`, `last_kill_at` and `since` are left 0.
    """
    last = float(unreclaimable[-1]) if len(unreclaimable) else math.nan
    if not limit_bytes or limit_bytes <= 0 or math.isnan(last):
        return SAFE
    share = last / limit_bytes
    within = _within(share, thresholds)
    projection = forecast(times, unreclaimable, limit_bytes, within)
    if projection is not None and projection.eta_seconds > within:
        projection = None
    eta = projection.eta_seconds if projection is not None else None
    risk = _by_share(share, thresholds)
    if eta is not None:
        risk = max(risk, _by_eta(eta, share, thresholds), key=_ORDER.index)
    return MemoryRisk(
        risk=risk,
        eta_seconds=eta,
        slope_bytes_per_s=projection.slope_bytes_per_s if projection else None,
        headroom_bytes=max(0, limit_bytes - int(last)),
        cache_heavy=_cache_heavy(used_bytes, last, limit_bytes),
    )


def _within(share: float, thresholds: Thresholds) -> float:
    """How near an end must be to be believed, in seconds."""
    watched = thresholds.eta_watch_seconds
    return watched if share > ETA_COUNTS_SHARE else min(watched, thresholds.eta_imminent_seconds)


def _by_share(share: float, thresholds: Thresholds) -> Risk:
    percent = 100.0 * share
    if percent >= thresholds.memory_imminent_percent:
        return "imminent"
    if percent >= thresholds.memory_high_percent:
        return "high"
    return "watch" if percent >= thresholds.memory_watch_percent else "none"


def _by_eta(eta: float, share: float, thresholds: Thresholds) -> Risk:
    if eta <= thresholds.eta_imminent_seconds and share > ETA_COUNTS_SHARE:
        return "imminent"
    return "high" if eta <= thresholds.eta_high_seconds else "watch"


def _cache_heavy(used_bytes: int | None, unreclaimable: float, limit_bytes: int) -> bool:
    full = used_bytes is not None and used_bytes >= CACHE_FULL_SHARE * limit_bytes
    return full and unreclaimable < CACHE_HARMLESS_SHARE * limit_bytes
