"""The limits of a container after an update, as expected, and compared with those it really has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.limit_request import LIMIT_LABELS, UpdateBody
from dockpit.tuning.limit_text import format_limit

LIMITS_FIELDS: Mapping[str, str] = {
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
"""Key of the body -> field of Limits; RestartPolicy has two fields and is handled apart."""


def discards_blkio_weight(engine: EngineInfo) -> bool:
    """Whether the kernel has no block I/O weight: cgroup v1 since Linux 5."""
    major = engine.kernel.partition(".")[0]
    return engine.cgroup_version == 1 and major.isascii() and major.isdigit() and int(major) >= 5


def limits_after_update(limits: Limits, body: Mapping[str, Any], engine: EngineInfo) -> Limits:
    """`limits` after the engine accepted `body`."""
    changes: UpdateBody = {LIMITS_FIELDS[key]: value for key, value in body.items() if key in LIMITS_FIELDS}
    if "memory_swap_bytes" in changes and not engine.swap_limit:
        changes["memory_swap_bytes"] = -1
    if discards_blkio_weight(engine):
        changes.pop("blkio_weight", None)
    if "RestartPolicy" in body:
        policy = body["RestartPolicy"]
        changes |= {"restart_policy": policy["Name"], "restart_max_retries": policy["MaximumRetryCount"]}
    return replace(limits, **changes)


def limit_mismatches(expected: Limits, actual: Limits) -> tuple[str, ...]:
    """One sentence for each limit of `actual` that differs from `expected`; empty if none does."""
    engine = EngineInfo()
    mismatches = []
    for field, label in LIMIT_LABELS.items():
        expected_text, actual_text = format_limit(field, expected, engine), format_limit(field, actual, engine)
        if expected_text != actual_text:
            mismatches.append(f"{label} is {actual_text}, not {expected_text}")
    return tuple(mismatches)
