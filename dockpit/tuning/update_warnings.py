"""Warnings about an update, shown before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.tuning.cpu_limit_rules import DEFAULT_PERIOD_US
from dockpit.tuning.kill_danger import kill_danger
from dockpit.tuning.limit_request import LimitContext
from dockpit.tuning.memory_limit_rules import MIN_MEMORY_BYTES
from dockpit.tuning.units import NANO, readable_size
from dockpit.tuning.update_effect import discards_blkio_weight, limits_after_update


def update_warnings(body: Mapping[str, Any], context: LimitContext) -> tuple[str, ...]:
    """Sentences about sending `body` to the container of `context`, the most serious first."""
    danger = kill_danger(limits_after_update(context.container.limits, body, context.engine), context)
    warnings = [danger] if danger else []
    for warn in (_cpus, _cpu_shares, _memory, _reservation, _pids, _discarded_limits):
        warnings += warn(body, context)
    return tuple(warnings)


def _cpus(body: Mapping[str, Any], context: LimitContext) -> Iterator[str]:
    limits, count = context.container.limits, context.engine.cpus
    if "NanoCpus" in body and limits.cpu_quota_us < 0:
        yield (
            "a CPU quota of -1 is stored with this container: the new limit holds now and is lost at the next start; "
            "only recreating the container fixes that"
        )
    period_us = limits.cpu_period_us or DEFAULT_PERIOD_US
    all_cpus = count and (body.get("NanoCpus") == count * NANO or body.get("CpuQuota") == count * period_us)
    if all_cpus:
        yield f"the CPU limit is set to all {count} CPUs, which never throttles; removing it would leave a trap behind"


def _cpu_shares(body: Mapping[str, Any], context: LimitContext) -> Iterator[str]:
    if context.engine.cgroup_version == 2 and body.get("CpuShares") == 1024:
        yield (
            "with runc before 1.3.2, 1024 shares on cgroup v2 weigh 39, "
            "and a container whose shares were never set weighs 100"
        )


def _memory(body: Mapping[str, Any], context: LimitContext) -> Iterator[str]:
    memory, total = body.get("Memory"), context.engine.memory_bytes
    if memory is None:
        return
    if memory == UNLIMITED_BYTES:
        if context.engine.cgroup_version != 1:
            yield "on cgroup v2, lifting the memory limit also switches swap off for this container"
        return
    if total and memory > total:
        yield f"the host has only {readable_size(total)} of memory: this limit will never be met"
    if not context.engine.swap_limit:
        yield "this kernel does not account for swap: the engine discards the memory + swap figure"


def _reservation(body: Mapping[str, Any], context: LimitContext) -> Iterator[str]:
    reservation = body.get("MemoryReservation")
    if reservation == -1:
        yield "docker update cannot lift a reservation: the command here asks the engine's API"
    elif reservation == MIN_MEMORY_BYTES and context.engine.cgroup_version != 1:
        yield "the reservation is set to 6m, the minimum: lifting it would make the kernel protect all memory"


def _pids(body: Mapping[str, Any], context: LimitContext) -> Iterator[str]:
    limit = body.get("PidsLimit", -1)
    running = context.sample.pids if context.sample and context.container.live else None
    if running is not None and 0 < limit <= running:
        yield f"{running} processes and threads run now: none can be started until fewer than {limit} are left"


def _discarded_limits(body: Mapping[str, Any], context: LimitContext) -> Iterator[str]:
    if "BlkioWeight" in body and discards_blkio_weight(context.engine):
        yield "this kernel has no block I/O weight: the engine discards the value"
    if context.engine.product == "Podman" and ("BlkioWeight" in body or "RestartPolicy" in body):
        yield "Podman's Docker API may ignore the block I/O weight and the restart policy"
