"""The JSON of GET /containers/{id}/stats from kernel counters, in the shape of cgroup v1 or v2."""

from __future__ import annotations

from typing import Any

from dockpit.simulate.scenario_spec import MIB
from dockpit.simulate.simulated_container import KernelCounters, SimulatedContainer
from dockpit.simulate.timestamps import NEVER, format_timestamp
from dockpit.simulate.world_state import WorldState

PAGE_BYTES = 4096
NO_PIDS_LIMIT = 18_446_744_073_709_551_615
NO_MEMORY_LIMIT_V1 = 9_223_372_036_854_771_712


def live_payload(
    world: WorldState,
    container: SimulatedContainer,
    counters: KernelCounters,
    before: KernelCounters | None = None,
    network: KernelCounters | None = None,
) -> dict[str, Any]:
    """The payload of a live container; precpu comes from `before` and is zero without it.

    `network` holds the counters of the container whose network it shares, if not those of now.
    """
    v1 = world.scenario.cgroup_version == 1
    result: dict[str, Any] = {
        "read": format_timestamp(counters.at),
        "preread": format_timestamp(before.at) if before else NEVER,
        "pids_stats": _pids(container, counters, v1),
        "blkio_stats": _blkio_v1() if v1 else _blkio_v2(counters),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _cpu(world, counters, v1),
        "precpu_stats": _cpu(world, before, v1) if before else _zero_cpu(),
        "memory_stats": _memory_v1(world, container, counters) if v1 else _memory_v2(world, container, counters),
        "name": f"/{container.name}",
        "id": container.id,
    }
    networks = _networks(world, container, counters, network)
    if networks:
        result["networks"] = networks
    return result


def stopped_payload(container: SimulatedContainer, last: dict[str, Any] | None = None) -> dict[str, Any]:
    """The payload of a stopped container; the first after a live one (`last`) still has its CPU counters as precpu."""
    return {
        "read": NEVER,
        "preread": last["read"] if last else NEVER,
        "pids_stats": {},
        "blkio_stats": _empty_blkio(),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _zero_cpu(),
        "precpu_stats": last["cpu_stats"] if last else _zero_cpu(),
        "memory_stats": {},
        "name": f"/{container.name}",
        "id": container.id,
    }


def _zero_cpu() -> dict[str, Any]:
    return {
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _cpu(world: WorldState, counters: KernelCounters, v1: bool) -> dict[str, Any]:
    total = int(counters.cpu_ns)
    system = int(total * 0.22)
    usage: dict[str, Any] = {
        "total_usage": total,
        "usage_in_kernelmode": system // 10_000_000 * 10_000_000 if v1 else system // 1000 * 1000,
        "usage_in_usermode": (total - system) // 10_000_000 * 10_000_000 if v1 else (total - system) // 1000 * 1000,
    }
    cpus = world.scenario.cpus
    if v1:
        usage["percpu_usage"] = [total // cpus] * cpus
    return {
        "cpu_usage": usage,
        "system_cpu_usage": round((counters.at - world.start + 40 * 86_400) * 100) * 10_000_000 * cpus,
        "online_cpus": cpus,
        "throttling_data": {
            "periods": int(counters.periods),
            "throttled_periods": int(counters.throttled_periods),
            "throttled_time": int(counters.throttled_ns),
        },
    }


def _pids(container: SimulatedContainer, counters: KernelCounters, v1: bool) -> dict[str, Any]:
    result = {"current": counters.pids}
    limit = container.limits.pids
    if limit or not v1:
        result["limit"] = limit or NO_PIDS_LIMIT
    return result


def _memory_limit_bytes(world: WorldState, container: SimulatedContainer) -> int:
    return int(min(container.limits.memory, world.scenario.memory_bytes))


def _memory_v2(world: WorldState, container: SimulatedContainer, counters: KernelCounters) -> dict[str, Any]:
    anon, file, kernel = (
        whole_pages(counters.anon_bytes),
        whole_pages(counters.file_bytes),
        whole_pages(counters.kernel_bytes),
    )
    active = whole_pages(file * counters.active_file_share)
    slab = whole_pages(kernel * 0.6)
    stats = {
        "active_anon": whole_pages(anon * 0.02),
        "active_file": active,
        "anon": anon,
        "anon_thp": 0,
        "file": file,
        "file_dirty": whole_pages(min(file, 3 * PAGE_BYTES)),
        "file_mapped": whole_pages(min(file, 6 * MIB) * 0.6),
        "file_writeback": 0,
        "inactive_anon": anon - whole_pages(anon * 0.02),
        "inactive_file": file - active,
        "kernel_stack": kernel - slab,
        "pgactivate": int(counters.scanned_pages * 0.1),
        "pgdeactivate": 0,
        "pgfault": int(counters.page_faults),
        "pglazyfree": 0,
        "pglazyfreed": 0,
        "pgmajfault": int(counters.major_faults),
        "pgrefill": int(counters.scanned_pages * 0.15),
        "pgscan": int(counters.scanned_pages * 1.2),
        "pgsteal": int(counters.scanned_pages),
        "shmem": 0,
        "slab": slab,
        "slab_reclaimable": 0,
        "slab_unreclaimable": slab,
        "sock": 0,
        "thp_collapse_alloc": 0,
        "thp_fault_alloc": 0,
        "unevictable": 0,
        "workingset_activate": 0,
        "workingset_nodereclaim": 0,
        "workingset_refault": 0,
    }
    result: dict[str, Any] = {
        "usage": anon + file + kernel,
        "stats": stats,
        "limit": _memory_limit_bytes(world, container),
    }
    if counters.oom_kills:
        result["failcnt"] = counters.oom_kills
    return result


def _memory_v1(world: WorldState, container: SimulatedContainer, counters: KernelCounters) -> dict[str, Any]:
    anon, file, kernel = (
        whole_pages(counters.anon_bytes),
        whole_pages(counters.file_bytes),
        whole_pages(counters.kernel_bytes),
    )
    active = whole_pages(file * counters.active_file_share)
    own = {
        "cache": file,
        "rss": anon,
        "rss_huge": 0,
        "mapped_file": whole_pages(min(file, 6 * MIB) * 0.6),
        "dirty": whole_pages(min(file, 3 * PAGE_BYTES)),
        "writeback": 0,
        "pgpgin": int(counters.page_faults + counters.scanned_pages),
        "pgpgout": int(counters.scanned_pages),
        "pgfault": int(counters.page_faults),
        "pgmajfault": int(counters.major_faults),
        "inactive_anon": anon - whole_pages(anon * 0.02),
        "active_anon": whole_pages(anon * 0.02),
        "inactive_file": file - active,
        "active_file": active,
        "unevictable": 0,
    }
    limit = int(container.limits.memory) if container.limits.memory != float("inf") else NO_MEMORY_LIMIT_V1
    stats = {
        **own,
        "hierarchical_memory_limit": limit,
        "hierarchical_memsw_limit": container.limits.memory_swap_bytes or NO_MEMORY_LIMIT_V1,
    }
    stats.update({f"total_{key}": value for key, value in own.items()})
    usage = anon + file + kernel
    peak = max(usage, int(counters.peak_bytes))
    result: dict[str, Any] = {
        "usage": usage,
        "max_usage": peak,
        "stats": stats,
        "limit": _memory_limit_bytes(world, container),
    }
    if int(counters.limit_hits):
        result["failcnt"] = int(counters.limit_hits)
    return result


def whole_pages(size_bytes: float) -> int:
    """`size_bytes` rounded down to whole pages, as the kernel counts memory."""
    return int(size_bytes) // PAGE_BYTES * PAGE_BYTES


def _blkio_v2(counters: KernelCounters) -> dict[str, Any]:
    values = (("read", counters.read_bytes), ("write", counters.written_bytes))
    entries = [{"major": 259, "minor": 0, "op": op, "value": int(size) // 512 * 512} for op, size in values]
    return {
        **_empty_blkio(),
        "io_service_bytes_recursive": entries if counters.read_bytes + counters.written_bytes else None,
    }


def _blkio_v1() -> dict[str, Any]:
    return {key: [] for key in _empty_blkio()}


def _empty_blkio() -> dict[str, Any]:
    return {
        "io_service_bytes_recursive": None,
        "io_serviced_recursive": None,
        "io_queue_recursive": None,
        "io_service_time_recursive": None,
        "io_wait_time_recursive": None,
        "io_merged_recursive": None,
        "io_time_recursive": None,
        "sectors_recursive": None,
    }


def _networks(
    world: WorldState, container: SimulatedContainer, counters: KernelCounters, network: KernelCounters | None
) -> dict[str, Any]:
    owner = world.network_owner(container)
    if owner is None or not owner.live:
        return {}
    source = network or (counters if owner is container else owner.counters)
    return {
        "eth0": {
            "rx_bytes": int(source.rx_bytes),
            "rx_packets": int(source.rx_bytes / 820),
            "rx_errors": 0,
            "rx_dropped": 0,
            "tx_bytes": int(source.tx_bytes),
            "tx_packets": int(source.tx_bytes / 910),
            "tx_errors": 0,
            "tx_dropped": 0,
        }
    }
