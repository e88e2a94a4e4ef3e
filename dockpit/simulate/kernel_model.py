"""What the kernel does to a container in one step of time: CFS quota, memory, page cache, counters."""

from __future__ import annotations

from typing import Any

from dockpit.simulate import pressure_model
from dockpit.simulate.container import CgroupLimits, Counters, SimulatedContainer
from dockpit.simulate.container_spec import MIB, Demand
from dockpit.simulate.seeded_noise import jitter

UNLIMITED = 1 << 62
PERIODS_PER_SECOND = 10.0
KERNEL_BYTES = 1.2 * MIB
KERNEL_BYTES_PER_TASK = 36_864.0


def in_force(host: dict[str, Any]) -> CgroupLimits:
    """What HostConfig leads to in the cgroup when a container starts."""
    memory = int(host["Memory"])
    return CgroupLimits(
        cores=quota_cores(host),
        memory=float(memory) if 0 < memory < UNLIMITED else float("inf"),
        swap_total=int(host["MemorySwap"]),
        pids=max(0, int(host["PidsLimit"] or 0)),
        cpuset=len(cpu_list(host["CpusetCpus"])),
    )


def quota_cores(host: dict[str, Any]) -> float | None:
    """The CFS limit in cores; a negative CpuQuota wins over NanoCpus, as it does in the engine."""
    quota, period = int(host["CpuQuota"]), int(host["CpuPeriod"]) or 100_000
    if quota < 0:
        return None
    if quota > 0:
        return quota / period
    return int(host["NanoCpus"]) / 1e9 or None


def cpu_list(text: str) -> list[int]:
    """The CPUs of "0-3,5". Raises ValueError."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        found.update(range(int(first), int(last if dash else first) + 1))
    return sorted(found)


def run(container: SimulatedContainer, until: float, cpus: int) -> bool:
    """Let `container` run until `until`; False when it needs more memory than it may have."""
    counters = container.counters
    seconds = until - counters.at
    counters.at = until
    if seconds <= 0 or container.status == "paused":
        return True
    demand = container.spec.workload(until - container.work_since, container.seed)
    _schedule(counters, demand, container.limits, seconds, cpus, jitter(container.seed + 41, int(until * 4)))
    _transfer(counters, demand, seconds)
    limit = container.limits.pids
    counters.pids = min(demand.pids, limit) if limit else demand.pids
    return _remember(counters, demand, container.limits.memory, seconds, container.seed)


def _schedule(
    counters: Counters, demand: Demand, limits: CgroupLimits, seconds: float, cpus: int, chance: float
) -> None:
    quota = limits.cores
    cores = min(limits.cpuset or cpus, cpus)
    room = float(min(cores, max(1, demand.threads)))
    if quota is None:
        counters.cpu += min(demand.cpu, room) * seconds * 1e9
        pressure_model.for_cpu(counters, demand, cores, 0.0, seconds)
        return
    counters.cpu += min(demand.cpu, room, quota * demand.active) * seconds * 1e9
    periods = PERIODS_PER_SECOND * seconds * demand.active
    pressure = min(demand.cpu, room) / demand.active / quota
    throttled = periods * min(0.92 + 0.07 * chance, max(0.0, (pressure - 0.8) * 2.2))
    counters.periods += periods
    counters.throttled += throttled
    counters.throttled_ns += throttled * 1e8 * max(0.05, room - quota)
    stopped = throttled / (PERIODS_PER_SECOND * seconds) * max(0.05, 1 - quota / room)
    pressure_model.for_cpu(counters, demand, cores, stopped, seconds)


def _transfer(counters: Counters, demand: Demand, seconds: float) -> None:
    counters.rx += demand.rx * seconds
    counters.tx += demand.tx * seconds
    counters.reads += demand.reads * seconds
    counters.writes += demand.writes * seconds
    counters.major_faults += demand.reads * seconds / (8 * MIB)
    pressure_model.for_disk(counters, demand, seconds)


def _remember(counters: Counters, demand: Demand, limit: float, seconds: float, seed: int) -> bool:
    grown = max(0.0, demand.anon - counters.anon)
    counters.faults += grown / 4096 + demand.cpu * seconds * 90
    counters.kernel = KERNEL_BYTES + KERNEL_BYTES_PER_TASK * counters.pids
    counters.hot = demand.hot
    if demand.anon + counters.kernel > limit:
        counters.anon = limit - counters.kernel
        counters.file = 0.0
        counters.peak = limit
        pressure_model.for_memory(counters, demand, 0.0, limit, seconds)
        return False
    counters.anon = demand.anon
    filled = counters.file + max(demand.reads + demand.writes, 2 * MIB) * seconds
    wanted = min(demand.cache, filled)
    room = limit - counters.unreclaimable
    slack = min(room, limit) * (0.01 + 0.012 * jitter(seed + 77, int(counters.at))) if room < wanted else 0.0
    if room < wanted:
        counters.scanned += (wanted - room) / 4096 + 40 * seconds
        counters.failures += 3 * seconds
        pressure_model.for_memory(counters, demand, room, limit, seconds)
    counters.file = max(0.0, min(wanted, room - slack))
    counters.peak = max(counters.peak, counters.usage)
    return True
