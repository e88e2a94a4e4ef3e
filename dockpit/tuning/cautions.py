"""What a user should know before an update is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.tuning.kill_danger import kill_danger
from dockpit.tuning.limit_rules import MIN_MEMORY_BYTES, Context
from dockpit.tuning.units import NANO, readable_size
from dockpit.tuning.update_effect import applied, discards_weight


def cautions(body: Mapping[str, Any], context: Context) -> tuple[str, ...]:
    """Sentences about an update of the container of `context` with `body`, the gravest first."""
    danger = kill_danger(applied(context.container.limits, body, context.engine), context)
    found = [danger] if danger else []
    for about in (_cpu, _shares, _memory, _reservation, _pids, _discarded):
        found += about(body, context)
    return tuple(found)


def _cpu(body: Mapping[str, Any], context: Context) -> Iterator[str]:
    limits, count = context.container.limits, context.engine.cpus
    if "NanoCpus" in body and limits.cpu_quota_us < 0:
        yield (
            "a CPU quota of -1 is stored with this container: the new limit holds now and is lost at the next start; "
            "only creating the container anew cures that"
        )
    period = limits.cpu_period_us or 100_000
    everything = count and (body.get("NanoCpus") == count * NANO or body.get("CpuQuota") == count * period)
    if everything:
        yield f"the CPU limit is set to all {count} CPUs, which never throttles; removing it would leave a trap behind"


def _shares(body: Mapping[str, Any], context: Context) -> Iterator[str]:
    if context.engine.cgroup_version == 2 and body.get("CpuShares") == 1024:
        yield (
            "with runc before 1.3.2, 1024 shares on cgroup v2 weigh 39, "
            "and a container whose shares were never set weighs 100"
        )


def _memory(body: Mapping[str, Any], context: Context) -> Iterator[str]:
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


def _reservation(body: Mapping[str, Any], context: Context) -> Iterator[str]:
    value = body.get("MemoryReservation")
    if value == -1:
        yield "docker update cannot lift a reservation: the command here asks the engine's API"
    elif value == MIN_MEMORY_BYTES and context.engine.cgroup_version != 1:
        yield "the reservation is set to 6m, the least there is: lifting it would make the kernel protect all memory"


def _pids(body: Mapping[str, Any], context: Context) -> Iterator[str]:
    limit = body.get("PidsLimit", -1)
    running = context.sample.pids if context.sample and context.container.live else None
    if running is not None and 0 < limit <= running:
        yield f"{running} processes and threads run now: none can be started until fewer than {limit} are left"


def _discarded(body: Mapping[str, Any], context: Context) -> Iterator[str]:
    if "BlkioWeight" in body and discards_weight(context.engine):
        yield "this kernel has no block I/O weight: the engine discards the value"
    if context.engine.product == "Podman" and ("BlkioWeight" in body or "RestartPolicy" in body):
        yield "Podman's Docker API may ignore the block I/O weight and the restart policy"
