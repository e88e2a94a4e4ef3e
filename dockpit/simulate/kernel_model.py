"""The kernel's treatment of one container per step of time: CFS quota, traffic, memory, page cache and counters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockpit.simulate import pressure_model
from dockpit.simulate.scenario_spec import MIB, ResourceDemand
from dockpit.simulate.seeded_noise import jitter
from dockpit.simulate.simulated_container import CgroupLimits, KernelCounters, SimulatedContainer

UNLIMITED_BYTES = 1 << 62
"""Memory limits from here on mean no limit."""

PERIODS_PER_SECOND = 10.0
KERNEL_BYTES = 1.2 * MIB
KERNEL_BYTES_PER_TASK = 36_864.0


def cgroup_limits(host_config: Mapping[str, Any]) -> CgroupLimits:
    """The limits that the engine writes to the cgroup for `host_config` when a container starts."""
    memory_bytes = int(host_config["Memory"])
    return CgroupLimits(
        cores=quota_cores(host_config),
        memory=float(memory_bytes) if 0 < memory_bytes < UNLIMITED_BYTES else float("inf"),
        memory_swap_bytes=int(host_config["MemorySwap"]),
        pids=max(0, int(host_config["PidsLimit"] or 0)),
        cpuset_cpus=len(parse_cpu_list(host_config["CpusetCpus"])),
    )


def quota_cores(host_config: Mapping[str, Any]) -> float | None:
    """The CFS limit in cores; a negative CpuQuota wins over NanoCpus, as it does in the engine."""
    quota_us, period_us = int(host_config["CpuQuota"]), int(host_config["CpuPeriod"]) or 100_000
    if quota_us < 0:
        return None
    if quota_us > 0:
        return quota_us / period_us
    return int(host_config["NanoCpus"]) / 1e9 or None


def parse_cpu_list(text: str) -> list[int]:
    """The CPUs of "0-3,5". Raises ValueError."""
    cpus: set[int] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        cpus.update(range(int(first), int(last if dash else first) + 1))
    return sorted(cpus)


def run_until(container: SimulatedContainer, at: float, host_cpus: int) -> bool:
    """Advance the counters of `container` to `at`; False when it needs more memory than its limit."""
    counters = container.counters
    seconds = at - counters.at
    counters.at = at
    if seconds <= 0 or container.status == "paused":
        return True
    demand = container.spec.workload(at - container.workload_started_at, container.seed)
    _use_cpu(counters, demand, container.limits, seconds, host_cpus, jitter(container.seed + 41, int(at * 4)))
    _transfer(counters, demand, seconds)
    limit = container.limits.pids
    counters.pids = min(demand.pids, limit) if limit else demand.pids
    return _use_memory(counters, demand, container.limits.memory, seconds, container.seed)


def _use_cpu(
    counters: KernelCounters,
    demand: ResourceDemand,
    limits: CgroupLimits,
    seconds: float,
    host_cpus: int,
    noise: float,
) -> None:
    quota = limits.cores
    cpus = min(limits.cpuset_cpus or host_cpus, host_cpus)
    parallel = float(min(cpus, max(1, demand.threads)))
    if quota is None:
        counters.cpu_ns += min(demand.cpu_cores, parallel) * seconds * 1e9
        pressure_model.count_cpu_pressure(counters, demand, cpus, 0.0, seconds)
        return
    counters.cpu_ns += min(demand.cpu_cores, parallel, quota * demand.runnable_share) * seconds * 1e9
    periods = PERIODS_PER_SECOND * seconds * demand.runnable_share
    load = min(demand.cpu_cores, parallel) / demand.runnable_share / quota
    throttled = periods * min(0.92 + 0.07 * noise, max(0.0, (load - 0.8) * 2.2))
    counters.periods += periods
    counters.throttled_periods += throttled
    counters.throttled_ns += throttled * 1e8 * max(0.05, parallel - quota)
    stopped_share = throttled / (PERIODS_PER_SECOND * seconds) * max(0.05, 1 - quota / parallel)
    pressure_model.count_cpu_pressure(counters, demand, cpus, stopped_share, seconds)


def _transfer(counters: KernelCounters, demand: ResourceDemand, seconds: float) -> None:
    counters.rx_bytes += demand.rx_bytes_per_s * seconds
    counters.tx_bytes += demand.tx_bytes_per_s * seconds
    counters.read_bytes += demand.read_bytes_per_s * seconds
    counters.written_bytes += demand.written_bytes_per_s * seconds
    counters.major_faults += demand.read_bytes_per_s * seconds / (8 * MIB)
    pressure_model.count_io_pressure(counters, demand, seconds)


def _use_memory(
    counters: KernelCounters, demand: ResourceDemand, limit_bytes: float, seconds: float, seed: int
) -> bool:
    grown_bytes = max(0.0, demand.anon_bytes - counters.anon_bytes)
    counters.page_faults += grown_bytes / 4096 + demand.cpu_cores * seconds * 90
    counters.kernel_bytes = KERNEL_BYTES + KERNEL_BYTES_PER_TASK * counters.pids
    counters.active_file_share = demand.active_file_share
    if demand.anon_bytes + counters.kernel_bytes > limit_bytes:
        counters.anon_bytes = limit_bytes - counters.kernel_bytes
        counters.file_bytes = 0.0
        counters.peak_bytes = limit_bytes
        pressure_model.count_memory_pressure(counters, demand, 0.0, limit_bytes, seconds)
        return False
    counters.anon_bytes = demand.anon_bytes
    read_so_far = counters.file_bytes + max(demand.read_bytes_per_s + demand.written_bytes_per_s, 2 * MIB) * seconds
    wanted_bytes = min(demand.page_cache_bytes, read_so_far)
    free_bytes = limit_bytes - counters.unreclaimable_bytes
    if free_bytes < wanted_bytes:
        noise = jitter(seed + 77, int(counters.at))
        slack_bytes = min(free_bytes, limit_bytes) * (0.01 + 0.012 * noise)
        counters.scanned_pages += (wanted_bytes - free_bytes) / 4096 + 40 * seconds
        counters.limit_hits += 3 * seconds
        pressure_model.count_memory_pressure(counters, demand, free_bytes, limit_bytes, seconds)
    else:
        slack_bytes = 0.0
    counters.file_bytes = max(0.0, min(wanted_bytes, free_bytes - slack_bytes))
    counters.peak_bytes = max(counters.peak_bytes, counters.usage_bytes)
    return True
