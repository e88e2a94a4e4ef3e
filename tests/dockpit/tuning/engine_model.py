"""A small model of the engine's POST /containers/{id}/update, independent of dockpit's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dockpit.model.container_limits import Limits


class Refused(Exception):
    """The engine answered with an error."""


def update(limits: Limits, body: Mapping[str, Any], cpus: int) -> Limits:
    """HostConfig after the update: zero values change nothing, conflicts are refused."""
    _refuse_invalid_values(body, cpus)
    _refuse_conflicts(limits, body)
    get = body.get
    policy = get("RestartPolicy") or {}
    return replace(
        limits,
        nano_cpus=get("NanoCpus") or limits.nano_cpus,
        cpu_quota_us=get("CpuQuota") or limits.cpu_quota_us,
        cpu_period_us=get("CpuPeriod") or limits.cpu_period_us,
        cpu_shares=get("CpuShares") or limits.cpu_shares,
        cpuset_cpus=get("CpusetCpus") or limits.cpuset_cpus,
        cpuset_mems=get("CpusetMems") or limits.cpuset_mems,
        memory_bytes=get("Memory") or limits.memory_bytes,
        memory_swap_bytes=get("MemorySwap") or limits.memory_swap_bytes,
        memory_reservation_bytes=get("MemoryReservation") or limits.memory_reservation_bytes,
        pids_limit=body.get("PidsLimit", limits.pids_limit),
        blkio_weight=get("BlkioWeight") or limits.blkio_weight,
        restart_policy=policy.get("Name") or limits.restart_policy,
        restart_max_retries=policy["MaximumRetryCount"] if policy else limits.restart_max_retries,
    )


def _refuse_invalid_values(body: Mapping[str, Any], cpus: int) -> None:
    nano, quota = body.get("NanoCpus", 0), body.get("CpuQuota", 0)
    memory, swap = body.get("Memory", 0), body.get("MemorySwap", 0)
    reservation = body.get("MemoryReservation", 0)
    refused = {
        "range of CPUs": nano and not 10_000_000 <= nano <= cpus * 10**9,
        "quota": 0 < quota < 1000,
        "nano and quota": nano and quota,
        "shares": body.get("CpuShares", 0) and not 2 <= body["CpuShares"] <= 262_144,
        "minimum memory": memory and memory < 6 << 20,
        "minimum reservation": 0 < reservation < 6 << 20,
        "reservation over memory": memory and reservation > memory,
        "swap under memory": memory and 0 < swap < memory,
        "weight": body.get("BlkioWeight", 0) and not 10 <= body["BlkioWeight"] <= 1000,
        "pids": body.get("PidsLimit", 0) > 4_194_304,
    }
    for name, wrong in refused.items():
        if wrong:
            raise Refused(name)


def _refuse_conflicts(limits: Limits, body: Mapping[str, Any]) -> None:
    if body.get("NanoCpus", 0) > 0 and (limits.cpu_period_us > 0 or limits.cpu_quota_us > 0):
        raise Refused("NanoCpus over a quota or period")
    if body.get("CpuQuota", 0) > 0 and limits.nano_cpus > 0:
        raise Refused("CpuQuota over NanoCpus")
    if body.get("Memory") and body["Memory"] > limits.memory_swap_bytes and not body.get("MemorySwap"):
        raise Refused("memory over the memory + swap that is set")


def enforced(limits: Limits, cpus: int) -> tuple[object, ...]:
    """The limits as the kernel enforces them, so that equivalent limits compare equal."""
    cores = limits.cpu_cores
    memory = limits.memory_limit_bytes
    swap = limits.memory_swap_bytes
    if memory is None or not 0 <= swap < 1 << 62:
        swap = 1 << 62
    return (
        None if cores is None or cores >= cpus else cores,
        limits.cpu_shares or 1024,
        limits.cpuset_cpus or f"0-{cpus - 1}",
        limits.cpuset_mems or "0",
        memory,
        swap or 2 * (memory or 0),
        limits.memory_reservation_bytes if limits.memory_reservation_bytes > 6 << 20 else 0,
        limits.pids_max,
        limits.blkio_weight or 20,
        limits.restart_policy,
        limits.restart_max_retries,
    )
