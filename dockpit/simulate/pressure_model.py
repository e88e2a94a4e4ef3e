"""Pressure stall information (PSI) of one container: time in which its tasks wait for CPU, memory or disk."""

from __future__ import annotations

from dockpit.simulate.scenario_spec import MIB, ResourceDemand
from dockpit.simulate.simulated_container import KernelCounters

SATURATED_DISK_BYTES_PER_S = 400 * MIB
"""Disk traffic at which some task always waits for the disk."""

QUEUEING_SHARE = 0.004
"""Share of its time that a task waits for a CPU on a machine that has CPUs to spare."""

RECLAIM_HURTS_SHARE = 0.85
"""Unreclaimable share of the memory limit above which reclaim hurts."""


def count_cpu_pressure(
    counters: KernelCounters, demand: ResourceDemand, cpus: float, stopped_share: float, seconds: float
) -> None:
    """Add the waits for one of `cpus` CPUs; `stopped_share` is the share of the time in which the quota stops it."""
    wanted = min(demand.cpu_cores, float(demand.threads))
    queued_share = max(1 - cpus / wanted if wanted > cpus else 0.0, QUEUEING_SHARE * min(wanted, 1.0))
    counters.cpu_some_us += (stopped_share + (1 - stopped_share) * queued_share) * seconds * 1e6
    counters.cpu_full_us += stopped_share * seconds * 1e6


def count_memory_pressure(
    counters: KernelCounters, demand: ResourceDemand, cache_bytes: float, limit_bytes: float, seconds: float
) -> None:
    """Add the stalls of reclaim that leaves `cache_bytes` for the page cache, and the refaults it causes.

    Giving up cache costs little while most of the limit is cache; it is thrashing when hardly any is left.
    """
    missing_share = (
        min(1.0, max(0.0, 1 - cache_bytes / demand.page_cache_bytes)) if demand.page_cache_bytes > 0 else 1.0
    )
    unreclaimable_share = counters.unreclaimable_bytes / limit_bytes
    tightness = min(1.0, max(0.0, (unreclaimable_share - RECLAIM_HURTS_SHARE) / (1 - RECLAIM_HURTS_SHARE)))
    some_share = missing_share * min(0.9, 0.01 + 0.9 * tightness**2)
    counters.refaults += demand.active_file_share * missing_share * demand.read_bytes_per_s * seconds / 4096
    counters.memory_some_us += some_share * seconds * 1e6
    counters.memory_full_us += some_share * _full_share(demand) * seconds * 1e6


def count_io_pressure(counters: KernelCounters, demand: ResourceDemand, seconds: float) -> None:
    """Add the waits for reads and writes."""
    some_share = min(1.0, (demand.read_bytes_per_s + demand.written_bytes_per_s) / SATURATED_DISK_BYTES_PER_S)
    counters.io_some_us += some_share * seconds * 1e6
    counters.io_full_us += some_share * _full_share(demand) * seconds * 1e6


def _full_share(demand: ResourceDemand) -> float:
    """Share of the time in which one task waits that all others wait too."""
    return 0.9 if demand.threads <= 1 else 0.5
