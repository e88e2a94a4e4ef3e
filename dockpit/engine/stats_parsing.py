"""GET /containers/{id}/stats as Samples: the differences of cgroup v1, v2, Podman and Windows end here."""

from __future__ import annotations

from dockpit.engine.json_values import (
    NEVER,
    JsonObject,
    as_count,
    as_epoch_seconds,
    as_list,
    as_object,
    as_text,
    first_count,
)
from dockpit.metrics.samples import Sample
from dockpit.model.container_limits import UNLIMITED_BYTES


def parse_stats(container_id: str, stats: JsonObject) -> Sample | None:
    """One object of GET /containers/{id}/stats as a Sample; None for the zero payload of a container that is not up."""
    at = as_epoch_seconds(stats.get("read"))
    if at <= 0:
        return None
    if "storage_stats" in stats and as_count(stats.get("num_procs")):
        return _windows_sample(container_id, at, stats)
    cpu = as_object(stats.get("cpu_stats"))
    usage = as_object(cpu.get("cpu_usage"))
    throttling = as_object(cpu.get("throttling_data"))
    memory = as_object(stats.get("memory_stats"))
    net = _network_bytes(stats.get("networks"))
    block = _block_io_bytes(as_object(stats.get("blkio_stats")))
    pids = as_object(stats.get("pids_stats"))
    used = as_count(memory.get("usage"))
    detail = _memory_detail(memory, used)
    return Sample(
        container_id=container_id,
        at=at,
        cpu_ns=as_count(usage.get("total_usage")),
        cpu_user_ns=as_count(usage.get("usage_in_usermode")),
        cpu_system_ns=as_count(usage.get("usage_in_kernelmode")),
        periods=as_count(throttling.get("periods")),
        throttled_periods=as_count(throttling.get("throttled_periods")),
        throttled_ns=as_count(throttling.get("throttled_time")),
        memory_used_bytes=None if used is None else used - _inactive_file_bytes(detail, used),
        memory_unreclaimable_bytes=_unreclaimable_bytes(detail),
        memory_cache_bytes=first_count(detail, "total_cache", "cache", "file"),
        memory_limit_bytes=_memory_limit(memory.get("limit")),
        memory_peak_bytes=as_count(memory.get("max_usage")),
        memory_failures=as_count(memory.get("failcnt")),
        net_rx_bytes=net[0],
        net_tx_bytes=net[1],
        block_read_bytes=block[0],
        block_write_bytes=block[1],
        pids=as_count(pids.get("current")),
        pids_limit=as_count(pids.get("limit")) or None,
        anon_bytes=first_count(detail, "total_rss", "rss", "anon"),
        file_bytes=first_count(detail, "total_cache", "cache", "file"),
        major_faults=first_count(detail, "total_pgmajfault", "pgmajfault"),
    )


def is_first_of_run(stats: JsonObject) -> bool:
    """Whether these are the first stats of a run, or of a stream: the engine had none before to compare with."""
    return as_text(stats.get("preread")).startswith(NEVER)


def without_throttling(podman_sample: Sample) -> Sample:
    """A sample with its throttling n/a: Podman's throttling counters are always 0 and mean nothing."""
    return podman_sample._replace(periods=None, throttled_periods=None, throttled_ns=None)


def _windows_sample(container_id: str, at: float, stats: JsonObject) -> Sample:
    usage = as_object(as_object(stats.get("cpu_stats")).get("cpu_usage"))
    storage = as_object(stats.get("storage_stats"))
    cpu_hundred_ns = as_count(usage.get("total_usage"))
    net = _network_bytes(stats.get("networks"))
    return Sample(
        container_id=container_id,
        at=at,
        cpu_ns=None if cpu_hundred_ns is None else cpu_hundred_ns * 100,
        memory_used_bytes=as_count(as_object(stats.get("memory_stats")).get("privateworkingset")),
        net_rx_bytes=net[0],
        net_tx_bytes=net[1],
        block_read_bytes=as_count(storage.get("read_size_bytes")),
        block_write_bytes=as_count(storage.get("write_size_bytes")),
    )


def _memory_detail(memory: JsonObject, used: int | None) -> JsonObject:
    """The breakdown of memory; empty where it is all zeros without a usage: the kernel has no memory controller."""
    detail = as_object(memory.get("stats"))
    return {} if used is None and not any(detail.values()) else detail


def _inactive_file_bytes(detail: JsonObject, used: int) -> int:
    """The bytes docker subtracts from usage: total_inactive_file on v1, inactive_file on v2, if below usage."""
    inactive = first_count(detail, "total_inactive_file", "inactive_file") or 0
    return inactive if inactive < used else 0


def _unreclaimable_bytes(detail: JsonObject) -> int | None:
    """Bytes of anon, shmem and kernel memory that reclaim cannot free; None without a breakdown (Podman)."""
    if "anon" in detail:
        parts = ("anon", "shmem", "slab_unreclaimable", "kernel_stack", "sock")
        return sum(as_count(detail.get(part)) or 0 for part in parts)
    anon = first_count(detail, "total_active_anon", "active_anon")
    inactive = first_count(detail, "total_inactive_anon", "inactive_anon")
    unevictable = first_count(detail, "total_unevictable", "unevictable")
    if anon is None and inactive is None:
        return first_count(detail, "total_rss", "rss")
    return (anon or 0) + (inactive or 0) + (unevictable or 0)


def _memory_limit(value: object) -> int | None:
    limit = as_count(value)
    return limit if limit and limit < UNLIMITED_BYTES else None


def _network_bytes(value: object) -> tuple[int | None, int | None]:
    """Bytes received and sent on all interfaces; None on host and none networks, which have no `networks` at all."""
    interfaces = [as_object(item) for item in as_object(value).values()]
    if not interfaces:
        return None, None
    received = sum(as_count(item.get("rx_bytes")) or 0 for item in interfaces)
    sent = sum(as_count(item.get("tx_bytes")) or 0 for item in interfaces)
    return received, sent


def _block_io_bytes(block: JsonObject) -> tuple[int | None, int | None]:
    """Bytes read and written; None where the kernel attributes none (cgroup v1 on a modern kernel: empty arrays)."""
    entries = [as_object(item) for item in as_list(block.get("io_service_bytes_recursive"))]
    if not entries:
        return None, None
    return _operation_bytes(entries, "r"), _operation_bytes(entries, "w")


def _operation_bytes(entries: list[JsonObject], initial: str) -> int:
    """Bytes of the operations that begin with `initial`: engines write "read" on v2 and "Read" on v1."""
    return sum(
        as_count(entry.get("value")) or 0 for entry in entries if as_text(entry.get("op"))[:1].lower() == initial
    )
