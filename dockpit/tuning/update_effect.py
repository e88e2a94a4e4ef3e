"""What an update does to a container's limits, how to take it back, and how limits read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.limit_rules import DEFAULT_PERIOD_US, DEFAULT_SHARES, LABELS, Body, Context, no_reservation
from dockpit.tuning.units import NANO, format_cpus, format_cpuset, format_size

FIELDS: Mapping[str, str] = {
    "NanoCpus": "nano_cpus",
    "CpuQuota": "cpu_quota_us",
    "CpuShares": "cpu_shares",
    "CpusetCpus": "cpuset_cpus",
    "CpusetMems": "cpuset_mems",
    "Memory": "memory_bytes",
    "MemorySwap": "memory_swap_bytes",
    "MemoryReservation": "memory_reservation_bytes",
    "PidsLimit": "pids_limit",
    "BlkioWeight": "blkio_weight",
}
"""Keys of the request's JSON -> fields of Limits; RestartPolicy stands apart."""


def discards_weight(engine: EngineInfo) -> bool:
    """Whether the kernel has no block I/O weight: cgroup v1 since Linux 5."""
    major = engine.kernel.partition(".")[0]
    return engine.cgroup_version == 1 and major.isascii() and major.isdigit() and int(major) >= 5


def applied(limits: Limits, body: Mapping[str, Any], engine: EngineInfo) -> Limits:
    """`limits` after the engine took `body`."""
    changes: Body = {FIELDS[key]: value for key, value in body.items() if key in FIELDS}
    if "memory_swap_bytes" in changes and not engine.swap_limit:
        changes["memory_swap_bytes"] = -1
    if discards_weight(engine):
        changes.pop("blkio_weight", None)
    if "RestartPolicy" in body:
        policy = body["RestartPolicy"]
        changes |= {"restart_policy": policy["Name"], "restart_max_retries": policy["MaximumRetryCount"]}
    return replace(limits, **changes)


def undoing(body: Mapping[str, Any], context: Context) -> Body:
    """The body that brings back what `body` changes on the container of `context`, as it is before.

    What was never set gets the value that comes nearest to that; what has none here is left out.
    """
    back = {key: _WAYS_BACK[key](context.container.limits, context) for key in body}
    return {key: value for key, value in back.items() if value is not None}


def _nano_cpus(limits: Limits, context: Context) -> int | None:
    return limits.nano_cpus or context.engine.cpus * NANO or None


def _cpu_quota(limits: Limits, context: Context) -> int | None:
    if limits.cpu_quota_us > 0:
        return limits.cpu_quota_us
    return context.engine.cpus * (limits.cpu_period_us or DEFAULT_PERIOD_US) or None


def _memory(limits: Limits, context: Context) -> int:
    return limits.memory_limit_bytes or UNLIMITED_BYTES


def _memory_swap(limits: Limits, context: Context) -> int:
    memory, swap = _memory(limits, context), limits.memory_swap_bytes
    if memory == UNLIMITED_BYTES or not 0 <= swap < UNLIMITED_BYTES:
        return UNLIMITED_BYTES
    return swap or 2 * memory


def _reservation(limits: Limits, context: Context) -> int:
    return limits.memory_reserved_bytes or no_reservation(context.engine)


_WAYS_BACK: Mapping[str, Callable[[Limits, Context], object]] = {
    "NanoCpus": _nano_cpus,
    "CpuQuota": _cpu_quota,
    "CpuShares": lambda limits, context: limits.cpu_shares or DEFAULT_SHARES,
    "CpusetCpus": lambda limits, context: limits.cpuset_cpus or format_cpuset(context.all_cpus) or None,
    "CpusetMems": lambda limits, context: limits.cpuset_mems or format_cpuset(context.mems) or None,
    "Memory": _memory,
    "MemorySwap": _memory_swap,
    "MemoryReservation": _reservation,
    "PidsLimit": lambda limits, context: limits.pids_max or -1,
    "BlkioWeight": lambda limits, context: limits.blkio_weight or (500 if context.engine.cgroup_version == 1 else 20),
    "RestartPolicy": lambda limits, context: {
        "Name": limits.restart_policy,
        "MaximumRetryCount": limits.restart_max_retries,
    },
}


def describe(name: str, limits: Limits, engine: EngineInfo) -> str:
    """The limit called `name` (a field of a request) in the units a user would type."""
    return _WORDS[name](limits, engine)


def _cpus_words(limits: Limits, engine: EngineInfo) -> str:
    nano = limits.nano_cpus
    if not nano and limits.cpu_quota_us > 0:
        nano = limits.cpu_quota_us * NANO // (limits.cpu_period_us or DEFAULT_PERIOD_US)
    if not nano:
        return "none"
    text = format_cpus(nano)
    if limits.cpu_quota_us < 0:
        return f"{text} until the next start"
    return f"{text} (all)" if engine.cpus and nano >= engine.cpus * NANO else text


def _swap_words(limits: Limits, engine: EngineInfo) -> str:
    swap = limits.memory_swap_bytes
    if limits.memory_limit_bytes is None:
        return "none"
    if not 0 <= swap < UNLIMITED_BYTES:
        return "unlimited"
    return format_size(swap) if swap else "default"


def _restart_words(limits: Limits, engine: EngineInfo) -> str:
    retries = f":{limits.restart_max_retries}" if limits.restart_max_retries else ""
    return f"{limits.restart_policy}{retries}"


_WORDS: Mapping[str, Callable[[Limits, EngineInfo], str]] = {
    "cpus": _cpus_words,
    "cpu_shares": lambda limits, engine: str(limits.cpu_shares or "default"),
    "cpuset_cpus": lambda limits, engine: limits.cpuset_cpus or "all",
    "cpuset_mems": lambda limits, engine: limits.cpuset_mems or "all",
    "memory": lambda limits, engine: (
        format_size(limits.memory_limit_bytes or 0) if limits.memory_limit_bytes else "none"
    ),
    "memory_swap": _swap_words,
    "memory_reservation": lambda limits, engine: (
        format_size(limits.memory_reserved_bytes) if limits.memory_reserved_bytes else "none"
    ),
    "pids_limit": lambda limits, engine: str(limits.pids_max or "none"),
    "blkio_weight": lambda limits, engine: str(limits.blkio_weight or "default"),
    "restart": _restart_words,
}


def verify(expected: Limits, actual: Limits) -> tuple[str, ...]:
    """A sentence for each limit that is not what was asked for; empty when all are."""
    engine = EngineInfo()
    found = []
    for name, label in LABELS.items():
        asked, got = describe(name, expected, engine), describe(name, actual, engine)
        if asked != got:
            found.append(f"{label} is {got}, not {asked}")
    return tuple(found)
