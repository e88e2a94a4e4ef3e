"""Two samples -> rates: a pure function of the counters and of the samples' own times.

A counter that went down, or a pair out of order, gives None: a gap, never a spike and never a zero.
"""

from __future__ import annotations

from dockpit.metrics.samples import Pressure, Rates, Sample

MIN_SECONDS = 0.05
"""Two reads nearer than this say nothing about a rate."""


def counters_fell(before: Sample, after: Sample) -> bool:
    """Whether the container started again between the two: the source says so, or its CPU time went down."""
    fell = before.cpu_ns is not None and after.cpu_ns is not None and after.cpu_ns < before.cpu_ns
    return after.first or fell


def rates(before: Sample, after: Sample) -> Rates | None:
    """The rates between two samples of one container, None where the pair gives none (same instant, restart)."""
    seconds = after.at - before.at
    if before.container_id != after.container_id or not seconds >= MIN_SECONDS or counters_fell(before, after):
        return None
    cpu_some, _ = _stalled(before.cpu_pressure, after.cpu_pressure, seconds)
    memory_some, memory_full = _stalled(before.memory_pressure, after.memory_pressure, seconds)
    io_some, io_full = _stalled(before.io_pressure, after.io_pressure, seconds)
    return Rates(
        after.at,
        seconds,
        _per_second(before.cpu_ns, after.cpu_ns, seconds, 1e9),
        _per_second(before.cpu_user_ns, after.cpu_user_ns, seconds, 1e9),
        _per_second(before.cpu_system_ns, after.cpu_system_ns, seconds, 1e9),
        throttled_ratio(before, after),
        _per_second(before.throttled_ns, after.throttled_ns, seconds, 1e6),
        _per_second(before.net_rx_bytes, after.net_rx_bytes, seconds),
        _per_second(before.net_tx_bytes, after.net_tx_bytes, seconds),
        _per_second(before.block_read_bytes, after.block_read_bytes, seconds),
        _per_second(before.block_write_bytes, after.block_write_bytes, seconds),
        _per_second(before.major_faults, after.major_faults, seconds),
        _per_second(before.refaults, after.refaults, seconds),
        cpu_some,
        memory_some,
        memory_full,
        io_some,
        io_full,
    )


def throttled_ratio(before: Sample, after: Sample) -> float | None:
    """Throttled periods ÷ periods, 0..1; 0 when no period ran, None without the counters or after a reset.

    The greater of its own and that of the cgroup above with the tightest quota: either stops it.
    """
    own = _stopped(before.periods, after.periods, before.throttled_periods, after.throttled_periods)
    was, now = before.quota_above, after.quota_above
    if was is None or now is None or was.path != now.path:
        return own
    above = _stopped(was.periods, now.periods, was.throttled_periods, now.throttled_periods)
    return above if own is None or (above or 0.0) > own else own


def _stopped(
    ran_before: int | None, ran: int | None, throttled_before: int | None, throttled_after: int | None
) -> float | None:
    periods, throttled = _delta(ran_before, ran), _delta(throttled_before, throttled_after)
    if periods is None or throttled is None:
        return None
    return min(1.0, throttled / periods) if periods > 0 else 0.0


def _delta(before: int | None, after: int | None) -> int | None:
    if before is None or after is None or after < before:
        return None
    return after - before


def _per_second(before: int | None, after: int | None, seconds: float, unit: float = 1.0) -> float | None:
    if before is None or after is None or after < before:
        return None
    return (after - before) / unit / seconds


def _stalled(before: Pressure | None, after: Pressure | None, seconds: float) -> tuple[float | None, float | None]:
    """Percent of the time in which some tasks waited, and in which all did."""
    if before is None or after is None:
        return None, None
    some = _per_second(before.some_us, after.some_us, seconds, 1e4)
    full = _per_second(before.full_us, after.full_us, seconds, 1e4)
    return (
        100.0 if some is not None and some > 100.0 else some,
        100.0 if full is not None and full > 100.0 else full,
    )


RATE_FIELDS = tuple(name for name in Rates._fields if name not in ("at", "seconds"))
"""The names of every figure of Rates."""
