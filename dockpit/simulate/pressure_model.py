"""How long a container's tasks stand still for want of CPU, memory or disk: what the kernel counts as pressure."""

from __future__ import annotations

from dockpit.simulate.container import Counters
from dockpit.simulate.container_spec import MIB, Demand

SLOW_BYTES_PER_S = 400 * MIB
"""Disk traffic at which some task always waits for it."""

QUEUEING = 0.004
"""Share of its time that a task waits for its turn on a machine that has CPUs to spare."""
TIGHT_SHARE = 0.85
"""Unreclaimable share of the limit from which on reclaim hurts."""


def for_cpu(counters: Counters, demand: Demand, cores: float, stopped: float, seconds: float) -> None:
    """Count waiting for a CPU: `cores` are there for it, and its quota stops it for the share `stopped` of the time."""
    wanted = min(demand.cpu, float(demand.threads))
    queued = max(1 - cores / wanted if wanted > cores else 0.0, QUEUEING * min(wanted, 1.0))
    counters.cpu_stalled_us += (stopped + (1 - stopped) * queued) * seconds * 1e6
    counters.cpu_blocked_us += stopped * seconds * 1e6


def for_memory(counters: Counters, demand: Demand, room: float, limit: float, seconds: float) -> None:
    """Count reclaim that has `room` bytes left for the page cache, and the pages that are read again for it.

    Giving up cache costs little as long as most of the limit is cache; it is thrashing when hardly any is left.
    """
    lack = min(1.0, max(0.0, 1 - room / demand.cache)) if demand.cache > 0 else 1.0
    tight = min(1.0, max(0.0, (counters.unreclaimable / limit - TIGHT_SHARE) / (1 - TIGHT_SHARE)))
    some = lack * min(0.9, 0.01 + 0.9 * tight**2)
    counters.refaults += demand.hot * lack * demand.reads * seconds / 4096
    counters.memory_stalled_us += some * seconds * 1e6
    counters.memory_blocked_us += some * _all_at_once(demand) * seconds * 1e6


def for_disk(counters: Counters, demand: Demand, seconds: float) -> None:
    """Count waiting for reads and writes."""
    some = min(1.0, (demand.reads + demand.writes) / SLOW_BYTES_PER_S)
    counters.io_stalled_us += some * seconds * 1e6
    counters.io_blocked_us += some * _all_at_once(demand) * seconds * 1e6


def _all_at_once(demand: Demand) -> float:
    """In which share of the time in which one task waits all others do."""
    return 0.9 if demand.threads <= 1 else 0.5
