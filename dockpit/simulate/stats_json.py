"""Kernel counters -> the JSON of GET /containers/{id}/stats, shaped for cgroup v1 or v2."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dockpit.simulate.container import Counters, SimulatedContainer
from dockpit.simulate.world_state import WorldState

NEVER = "0001-01-01T00:00:00Z"
PAGE = 4096
MIB = 1024 * 1024


def stamp(at: float) -> str:
    """RFC 3339 with nanoseconds, as Go prints it; NEVER for 0."""
    if not at:
        return NEVER
    micros = round(at * 1e6)
    moment = datetime.fromtimestamp(micros // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{micros % 1_000_000:06d}000Z"


def payload(
    world: WorldState,
    container: SimulatedContainer,
    counters: Counters,
    before: Counters | None = None,
    network: Counters | None = None,
) -> dict[str, Any]:
    """The payload of a live container; precpu is that of `before`, zero without it.

    `network` are the counters of the container whose network it shares, when they are not those of now.
    """
    v1 = world.scenario.cgroup_version == 1
    result: dict[str, Any] = {
        "read": stamp(counters.at),
        "preread": stamp(before.at) if before else NEVER,
        "pids_stats": _pids(container, counters, v1),
        "blkio_stats": _blkio_v1() if v1 else _blkio(counters),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _cpu(world, counters, v1),
        "precpu_stats": _cpu(world, before, v1) if before else _no_cpu(),
        "memory_stats": _memory_v1(world, container, counters) if v1 else _memory(world, container, counters),
        "name": f"/{container.name}",
        "id": container.id,
    }
    networks = _networks(world, container, counters, network)
    if networks:
        result["networks"] = networks
    return result


def nothing(container: SimulatedContainer, last: dict[str, Any] | None = None) -> dict[str, Any]:
    """The payload of a stopped container; the first after a live one still has its cpu figures as precpu."""
    return {
        "read": NEVER,
        "preread": last["read"] if last else NEVER,
        "pids_stats": {},
        "blkio_stats": _blkio_none(),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _no_cpu(),
        "precpu_stats": last["cpu_stats"] if last else _no_cpu(),
        "memory_stats": {},
        "name": f"/{container.name}",
        "id": container.id,
    }


def _no_cpu() -> dict[str, Any]:
    return {
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _cpu(world: WorldState, counters: Counters, v1: bool) -> dict[str, Any]:
    total = int(counters.cpu)
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
            "throttled_periods": int(counters.throttled),
            "throttled_time": int(counters.throttled_ns),
        },
    }


def _pids(container: SimulatedContainer, counters: Counters, v1: bool) -> dict[str, Any]:
    result = {"current": counters.pids}
    limit = container.limits.pids
    if limit or not v1:
        result["limit"] = limit or 18_446_744_073_709_551_615
    return result


def _limit(world: WorldState, container: SimulatedContainer) -> int:
    return int(min(container.limits.memory, world.scenario.memory))


def _memory(world: WorldState, container: SimulatedContainer, counters: Counters) -> dict[str, Any]:
    anon, file, kernel = pages(counters.anon), pages(counters.file), pages(counters.kernel)
    active = pages(file * counters.hot)
    slab = pages(kernel * 0.6)
    stats = {
        "active_anon": pages(anon * 0.02),
        "active_file": active,
        "anon": anon,
        "anon_thp": 0,
        "file": file,
        "file_dirty": pages(min(file, 3 * PAGE)),
        "file_mapped": pages(min(file, 6 * MIB) * 0.6),
        "file_writeback": 0,
        "inactive_anon": anon - pages(anon * 0.02),
        "inactive_file": file - active,
        "kernel_stack": kernel - slab,
        "pgactivate": int(counters.scanned * 0.1),
        "pgdeactivate": 0,
        "pgfault": int(counters.faults),
        "pglazyfree": 0,
        "pglazyfreed": 0,
        "pgmajfault": int(counters.major_faults),
        "pgrefill": int(counters.scanned * 0.15),
        "pgscan": int(counters.scanned * 1.2),
        "pgsteal": int(counters.scanned),
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
    result: dict[str, Any] = {"usage": anon + file + kernel, "stats": stats, "limit": _limit(world, container)}
    if counters.ooms:
        result["failcnt"] = counters.ooms
    return result


def _memory_v1(world: WorldState, container: SimulatedContainer, counters: Counters) -> dict[str, Any]:
    anon, file, kernel = pages(counters.anon), pages(counters.file), pages(counters.kernel)
    active = pages(file * counters.hot)
    own = {
        "cache": file,
        "rss": anon,
        "rss_huge": 0,
        "mapped_file": pages(min(file, 6 * MIB) * 0.6),
        "dirty": pages(min(file, 3 * PAGE)),
        "writeback": 0,
        "pgpgin": int(counters.faults + counters.scanned),
        "pgpgout": int(counters.scanned),
        "pgfault": int(counters.faults),
        "pgmajfault": int(counters.major_faults),
        "inactive_anon": anon - pages(anon * 0.02),
        "active_anon": pages(anon * 0.02),
        "inactive_file": file - active,
        "active_file": active,
        "unevictable": 0,
    }
    unlimited = 9_223_372_036_854_771_712
    limit = int(container.limits.memory) if container.limits.memory != float("inf") else unlimited
    stats = {
        **own,
        "hierarchical_memory_limit": limit,
        "hierarchical_memsw_limit": container.limits.swap_total or unlimited,
    }
    stats.update({f"total_{key}": value for key, value in own.items()})
    usage = anon + file + kernel
    peak = max(usage, int(counters.peak))
    result: dict[str, Any] = {"usage": usage, "max_usage": peak, "stats": stats, "limit": _limit(world, container)}
    if int(counters.failures):
        result["failcnt"] = int(counters.failures)
    return result


def pages(size: float) -> int:
    """`size` bytes in whole pages, as the kernel counts memory."""
    return int(size) // PAGE * PAGE


def _blkio(counters: Counters) -> dict[str, Any]:
    values = (("read", counters.reads), ("write", counters.writes))
    entries = [{"major": 259, "minor": 0, "op": op, "value": int(size) // 512 * 512} for op, size in values]
    return {**_blkio_none(), "io_service_bytes_recursive": entries if counters.reads + counters.writes else None}


def _blkio_v1() -> dict[str, Any]:
    return {key: [] for key in _blkio_none()}


def _blkio_none() -> dict[str, Any]:
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
    world: WorldState, container: SimulatedContainer, counters: Counters, network: Counters | None
) -> dict[str, Any]:
    owner = world.network_owner(container)
    if owner is None or not owner.live:
        return {}
    source = network or (counters if owner is container else owner.counters)
    return {
        "eth0": {
            "rx_bytes": int(source.rx),
            "rx_packets": int(source.rx / 820),
            "rx_errors": 0,
            "rx_dropped": 0,
            "tx_bytes": int(source.tx),
            "tx_packets": int(source.tx / 910),
            "tx_errors": 0,
            "tx_dropped": 0,
        }
    }
