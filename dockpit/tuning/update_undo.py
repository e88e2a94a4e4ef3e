"""The undo of an update: the request body that restores the limits it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.tuning.cpu_limit_rules import DEFAULT_PERIOD_US, DEFAULT_SHARES
from dockpit.tuning.limit_request import LimitContext, UpdateBody
from dockpit.tuning.memory_limit_rules import lifted_reservation
from dockpit.tuning.units import NANO, format_cpuset


def undo_body(body: Mapping[str, Any], context: LimitContext) -> UpdateBody:
    """The body that restores what `body` changes; `context` has the container as it is before the change.

    A limit that was never set gets the value nearest to unset, because the engine takes zero for "unchanged". A limit
    for which this host has no such value is left out.
    """
    restored = {key: _UNDO_VALUES[key](context.container.limits, context) for key in body}
    return {key: value for key, value in restored.items() if value is not None}


def _nano_cpus(limits: Limits, context: LimitContext) -> int | None:
    return limits.nano_cpus or context.engine.cpus * NANO or None


def _cpu_quota_us(limits: Limits, context: LimitContext) -> int | None:
    if limits.cpu_quota_us > 0:
        return limits.cpu_quota_us
    return context.engine.cpus * (limits.cpu_period_us or DEFAULT_PERIOD_US) or None


def _memory_bytes(limits: Limits, context: LimitContext) -> int:
    return limits.memory_limit_bytes or UNLIMITED_BYTES


def _memory_swap_bytes(limits: Limits, context: LimitContext) -> int:
    memory, swap = _memory_bytes(limits, context), limits.memory_swap_bytes
    if memory == UNLIMITED_BYTES or not 0 <= swap < UNLIMITED_BYTES:
        return UNLIMITED_BYTES
    return swap or 2 * memory


def _reservation_bytes(limits: Limits, context: LimitContext) -> int:
    return limits.memory_reserved_bytes or lifted_reservation(context.engine)


_UNDO_VALUES: Mapping[str, Callable[[Limits, LimitContext], object]] = {
    "NanoCpus": _nano_cpus,
    "CpuQuota": _cpu_quota_us,
    "CpuShares": lambda limits, context: limits.cpu_shares or DEFAULT_SHARES,
    "CpusetCpus": lambda limits, context: limits.cpuset_cpus or format_cpuset(context.all_cpus) or None,
    "CpusetMems": lambda limits, context: limits.cpuset_mems or format_cpuset(context.mems) or None,
    "Memory": _memory_bytes,
    "MemorySwap": _memory_swap_bytes,
    "MemoryReservation": _reservation_bytes,
    "PidsLimit": lambda limits, context: limits.pids_max or -1,
    "BlkioWeight": lambda limits, context: limits.blkio_weight or (500 if context.engine.cgroup_version == 1 else 20),
    "RestartPolicy": lambda limits, context: {
        "Name": limits.restart_policy,
        "MaximumRetryCount": limits.restart_max_retries,
    },
}
"""Key of the body -> the value that restores the limit, None if there is none."""
