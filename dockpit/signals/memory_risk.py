"""How near a container is to an OOM kill, assessed on the memory that reclaim cannot free."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import RISKS, MemoryRisk, Risk
from dockpit.signals.forecast import Forecaster, linear_forecast

CACHE_FULL_SHARE = 0.9
"""Share of the limit in use from which a container counts as full."""
CACHE_HARMLESS_SHARE = 0.7
"""Share of the limit below which unreclaimable memory makes a full container harmless: the rest is page cache."""
ETA_MIN_SHARE = 0.5
"""Share of the limit in use below which a forecast must be imminent to count, and then says high at most."""

NO_RISK = MemoryRisk()
"""The result for a container without a limit."""


def assess_memory_risk(
    times: Sequence[float],
    unreclaimable: Sequence[float],
    used_bytes: int | None,
    limit_bytes: int | None,
    thresholds: Thresholds,
    forecast: Forecaster = linear_forecast,
) -> MemoryRisk:
    """The greater of two risks: from the headroom of unreclaimable memory, and from the time its growth leaves.

    `times` (seconds) and `unreclaimable` (bytes) are of one run, oldest first, NaN for a gap. Without a limit, or if
    the newest value is a gap, the risk is none and the headroom None. `eta_seconds` is set if it is near enough to
    raise the risk. `kills`, `last_kill_at` and `since` are left 0.
    """
    last = float(unreclaimable[-1]) if len(unreclaimable) else math.nan
    if not limit_bytes or limit_bytes <= 0 or math.isnan(last):
        return NO_RISK
    share = last / limit_bytes
    horizon_seconds = _horizon_seconds(share, thresholds)
    projection = forecast(times, unreclaimable, limit_bytes, horizon_seconds)
    if projection is not None and projection.eta_seconds > horizon_seconds:
        projection = None
    eta_seconds = projection.eta_seconds if projection is not None else None
    risk = _risk_of_share(share, thresholds)
    if eta_seconds is not None:
        risk = max(risk, _risk_of_eta(eta_seconds, share, thresholds), key=RISKS.index)
    return MemoryRisk(
        risk=risk,
        eta_seconds=eta_seconds,
        slope_bytes_per_s=projection.slope_bytes_per_s if projection else None,
        headroom_bytes=max(0, limit_bytes - int(last)),
        cache_heavy=_is_cache_heavy(used_bytes, last, limit_bytes),
    )


def _horizon_seconds(share: float, thresholds: Thresholds) -> float:
    """Maximum time left at which a forecast counts."""
    watch_seconds = thresholds.eta_watch_seconds
    return watch_seconds if share > ETA_MIN_SHARE else min(watch_seconds, thresholds.eta_imminent_seconds)


def _risk_of_share(share: float, thresholds: Thresholds) -> Risk:
    percent = 100.0 * share
    if percent >= thresholds.memory_imminent_percent:
        return "imminent"
    if percent >= thresholds.memory_high_percent:
        return "high"
    return "watch" if percent >= thresholds.memory_watch_percent else "none"


def _risk_of_eta(eta_seconds: float, share: float, thresholds: Thresholds) -> Risk:
    if eta_seconds <= thresholds.eta_imminent_seconds and share > ETA_MIN_SHARE:
        return "imminent"
    return "high" if eta_seconds <= thresholds.eta_high_seconds else "watch"


def _is_cache_heavy(used_bytes: int | None, unreclaimable_bytes: float, limit_bytes: int) -> bool:
    full = used_bytes is not None and used_bytes >= CACHE_FULL_SHARE * limit_bytes
    return full and unreclaimable_bytes < CACHE_HARMLESS_SHARE * limit_bytes
