"""Limits that differ from `docker inspect`: the kernel enforces another one, or a cgroup above a tighter one."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dockpit.metrics import formatting
from dockpit.model.container_limits import EnforcedLimits, Limits

ROUNDING_SHARE = 0.02
"""Relative difference up to which limits count as equal: kernel and engine round them to pages and periods."""


def limit_differences(limits: Limits, kernel: EnforcedLimits, memory_total_bytes: int = 0) -> tuple[str, ...]:
    """One sentence for each limit whose configured value is not the one in force.

    A memory limit of at least `memory_total_bytes`, the memory of the machine, counts as no limit.
    """
    return (*_cpus(limits, kernel), *_memory(limits, kernel, memory_total_bytes), *_pids(limits, kernel))


def _cpus(limits: Limits, kernel: EnforcedLimits) -> Iterator[str]:
    configured, in_force = limits.cpu_cores, kernel.cpu_cores
    if limits.cpu_quota_us < 0 and limits.nano_cpus and in_force is not None:
        cores = formatting.cores(in_force)
        yield f"CPUs: {cores} in force until the next start: a stored quota of -1 lifts it then"
    elif not _same(configured, in_force):
        yield f"CPUs: {_cores(configured)} configured, {_cores(in_force)} in force"
    if kernel.parent_cpu_cores is not None:
        yield f"CPUs: the cgroup above ({kernel.parent}) limits it to {formatting.cores(kernel.parent_cpu_cores)}"


def _memory(limits: Limits, kernel: EnforcedLimits, total: int) -> Iterator[str]:
    configured = _below_total(limits.memory_limit_bytes, total)
    in_force = _below_total(kernel.memory_bytes, total)
    if not _same(configured, in_force):
        yield f"memory: {_bytes(configured)} configured, {_bytes(in_force)} in force"
    elif configured is not None and not _same_swap(limits, kernel):
        yield f"swap: {_bytes(_swap(limits))} configured, {_bytes(kernel.swap_bytes)} in force"
    above = _below_total(kernel.parent_memory_bytes, total)
    if above is not None:
        yield f"memory: the cgroup above ({kernel.parent}) limits it to {_bytes(above)}"


def _below_total(limit: int | None, total: int) -> int | None:
    return None if limit is not None and total and limit >= total else limit


def _same_swap(limits: Limits, kernel: EnforcedLimits) -> bool:
    """Whether swap is equal, or unknown on either side: an engine without swap accounting enforces none."""
    if kernel.swap_bytes is None or not limits.memory_swap_bytes:
        return True
    return _same(_swap(limits), kernel.swap_bytes)


def _swap(limits: Limits) -> int | None:
    """The configured swap without memory, None for no limit."""
    both = limits.memory_swap_bytes
    return None if both < 0 else max(0, both - limits.memory_bytes)


def _pids(limits: Limits, kernel: EnforcedLimits) -> Iterator[str]:
    """The difference of the pids limit.

    Only a configured one is compared: systemd gives a container without a limit one of its own, which is no mistake.
    """
    if limits.pids_max is not None and not _same(limits.pids_max, kernel.pids):
        yield f"pids: {limits.pids_max} configured, {kernel.pids or 'no limit'} in force"


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=ROUNDING_SHARE, abs_tol=1e-9)


def _cores(value: float | None) -> str:
    return "no limit" if value is None else formatting.cores(value)


def _bytes(value: int | None) -> str:
    return "no limit" if value is None else formatting.bytes_short(value)
