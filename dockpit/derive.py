"""Two samples -> rates: a pure function of the counters and of the samples' own times.

A counter that went down, or a pair out of order, gives None: a gap, never a spike and never a zero.
"""

from __future__ import annotations

from dataclasses import fields

from dockpit.model import Pressure, Rates, Sample

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
    return Rates(
        at=after.at,
        seconds=seconds,
        cpu_cores=_per_second(before.cpu_ns, after.cpu_ns, seconds, 1e9),
        cpu_user_cores=_per_second(before.cpu_user_ns, after.cpu_user_ns, seconds, 1e9),
        cpu_system_cores=_per_second(before.cpu_system_ns, after.cpu_system_ns, seconds, 1e9),
        throttled_ratio=throttled_ratio(before, after),
        throttled_ms_per_s=_per_second(before.throttled_ns, after.throttled_ns, seconds, 1e6),
        net_rx_bytes_per_s=_per_second(before.net_rx_bytes, after.net_rx_bytes, seconds),
        net_tx_bytes_per_s=_per_second(before.net_tx_bytes, after.net_tx_bytes, seconds),
        block_read_bytes_per_s=_per_second(before.block_read_bytes, after.block_read_bytes, seconds),
        block_write_bytes_per_s=_per_second(before.block_write_bytes, after.block_write_bytes, seconds),
        major_faults_per_s=_per_second(before.major_faults, after.major_faults, seconds),
        refaults_per_s=_per_second(before.refaults, after.refaults, seconds),
        cpu_some_percent=_stalled(before.cpu_pressure, after.cpu_pressure, "some_us", seconds),
        memory_some_percent=_stalled(before.memory_pressure, after.memory_pressure, "some_us", seconds),
        memory_full_percent=_stalled(before.memory_pressure, after.memory_pressure, "full_us", seconds),
        io_some_percent=_stalled(before.io_pressure, after.io_pressure, "some_us", seconds),
        io_full_percent=_stalled(before.io_pressure, after.io_pressure, "full_us", seconds),
    )


def throttled_ratio(before: Sample, after: Sample) -> float | None:
    """Throttled periods ÷ periods, 0..1; 0 when no period ran, None without the counters or after a reset."""
    periods = _delta(before.periods, after.periods)
    throttled = _delta(before.throttled_periods, after.throttled_periods)
    if periods is None or throttled is None:
        return None
    return min(1.0, throttled / periods) if periods > 0 else 0.0


def _delta(before: int | None, after: int | None) -> int | None:
    if before is None or after is None or after < before:
        return None
    return after - before


def _per_second(before: int | None, after: int | None, seconds: float, unit: float = 1.0) -> float | None:
    delta = _delta(before, after)
    return None if delta is None else delta / unit / seconds


def _stalled(before: Pressure | None, after: Pressure | None, which: str, seconds: float) -> float | None:
    if before is None or after is None:
        return None
    share = _per_second(getattr(before, which), getattr(after, which), seconds, 1e6)
    return None if share is None else min(100.0, share * 100)


RATE_FIELDS = tuple(f.name for f in fields(Rates) if f.name not in ("at", "seconds"))
"""The names of every figure of Rates."""
