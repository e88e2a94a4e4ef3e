"""What is measured of a container: raw counters as a source read them, and the rates between two reads.

Units are in the names. `None` always means that the host cannot say; it is shown as n/a and never as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dockpit.model.container_limits import EnforcedLimits, QuotaAbove


@dataclass(frozen=True, slots=True)
class Pressure:
    """PSI of one resource: microseconds stalled since boot, for `some` and for all (`full`) tasks."""

    some_us: int | None = None
    full_us: int | None = None


class Sample(NamedTuple):
    """Raw counters of one container, read at one instant.

    `at` is the time of the read on the clock of whoever read it (the engine's `read` field), in seconds since the
    epoch. Counters are totals since the container started; gauges are values at `at`.
    """

    container_id: str
    at: float
    cpu_ns: int | None = None
    cpu_user_ns: int | None = None
    cpu_system_ns: int | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_ns: int | None = None
    memory_used_bytes: int | None = None
    """docker's figure: usage less inactive_file."""
    memory_unreclaimable_bytes: int | None = None
    """anon + shmem + unreclaimable slab + kernel stack + sockets: what reclaim cannot give back."""
    memory_cache_bytes: int | None = None
    memory_limit_bytes: int | None = None
    """The limit in force; None when the container has none of its own."""
    memory_peak_bytes: int | None = None
    memory_failures: int | None = None
    net_rx_bytes: int | None = None
    net_tx_bytes: int | None = None
    block_read_bytes: int | None = None
    block_write_bytes: int | None = None
    pids: int | None = None
    pids_limit: int | None = None
    oom_kills: int | None = None
    """The kernel's own count; None from a source that does not have it."""
    cpu_pressure: Pressure | None = None
    memory_pressure: Pressure | None = None
    io_pressure: Pressure | None = None
    swap_bytes: int | None = None
    anon_bytes: int | None = None
    file_bytes: int | None = None
    """The kernel's `file` (v2) or `cache` (v1): page cache, shmem and tmpfs included."""
    kernel_bytes: int | None = None
    """Memory of the kernel's own for it: slab, stacks, page tables, sockets."""
    shmem_bytes: int | None = None
    major_faults: int | None = None
    refaults: int | None = None
    in_force: EnforcedLimits | None = None
    """The limits that the kernel enforces; None from a source that does not have them."""
    quota_above: QuotaAbove | None = None
    """None where no cgroup above has a quota, or the source does not know."""
    first: bool = False
    """The first of a run, where the source can tell: nothing before it belongs to it."""
    source: str = "engine"


class Rates(NamedTuple):
    """What two samples say together; every figure is None where either sample lacks it. See derive.rates()."""

    at: float
    seconds: float
    cpu_cores: float | None = None
    cpu_user_cores: float | None = None
    cpu_system_cores: float | None = None
    throttled_ratio: float | None = None
    """Throttled periods ÷ periods, 0..1; 0 when no period ran. Of a cgroup above where that was stopped more."""
    throttled_ms_per_s: float | None = None
    net_rx_bytes_per_s: float | None = None
    net_tx_bytes_per_s: float | None = None
    block_read_bytes_per_s: float | None = None
    block_write_bytes_per_s: float | None = None
    major_faults_per_s: float | None = None
    refaults_per_s: float | None = None
    cpu_some_percent: float | None = None
    memory_some_percent: float | None = None
    memory_full_percent: float | None = None
    io_some_percent: float | None = None
    io_full_percent: float | None = None
