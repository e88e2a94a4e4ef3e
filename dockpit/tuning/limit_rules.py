"""What the engine and the kernel accept: the rules of POST /containers/{id}/update, checked before it is sent.

The engine skips the kernel's checks for a container that is down and then cannot start it, so all rules hold always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import LimitError
from dockpit.tuning.units import (
    NANO,
    format_cpus,
    format_cpuset,
    format_size,
    limitless,
    parse_count,
    parse_cpus,
    parse_cpuset,
    parse_size,
    quoted,
    readable_size,
)

MIN_MEMORY_BYTES = 6 << 20
MIN_NANO_CPUS = 10_000_000
MIN_QUOTA_US = 1000
DEFAULT_PERIOD_US = 100_000
DEFAULT_SHARES = 1024
MAX_PIDS = 4_194_304
POLICIES = ("no", "always", "unless-stopped", "on-failure")

LABELS: Mapping[str, str] = {
    "cpus": "CPUs",
    "cpu_shares": "CPU shares",
    "cpuset_cpus": "CPU set",
    "cpuset_mems": "memory nodes",
    "memory": "memory",
    "memory_swap": "memory + swap",
    "memory_reservation": "reservation",
    "pids_limit": "pids",
    "blkio_weight": "block I/O weight",
    "restart": "restart policy",
}
"""The fields of a request, in the order of the form, and what they are called."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a user typed for each limit, in docker's units; "" leaves it as it is, `none` lifts it."""

    cpus: str = ""
    cpu_shares: str = ""
    cpuset_cpus: str = ""
    cpuset_mems: str = ""
    memory: str = ""
    memory_swap: str = ""
    memory_reservation: str = ""
    pids_limit: str = ""
    blkio_weight: str = ""
    restart: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """The fields that ask for something."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name).strip())


@dataclass(frozen=True, slots=True)
class Context:
    """What a request is judged against; empty `cpus` or `mems` mean that the host's numbers are not known."""

    container: Container
    engine: EngineInfo
    sample: Sample | None = None
    cpus: frozenset[int] = frozenset()
    mems: frozenset[int] = frozenset()

    @property
    def all_cpus(self) -> frozenset[int]:
        """The CPUs a container may be given; counted from 0 where only their number is known."""
        return self.cpus or frozenset(range(self.engine.cpus))


Body = dict[str, Any]
"""Part of the JSON of POST /containers/{id}/update."""


def body(request: Request, context: Context) -> tuple[Body, dict[str, str]]:
    """The body that does what `request` asks, and a sentence for every field that cannot be done."""
    found: Body = {}
    errors: dict[str, str] = {}
    for rule in (_target, *_RULES):
        try:
            found.update(rule(request, context))
        except LimitError as error:
            errors.setdefault(error.field, str(error))
    return found, errors


def held_bytes(context: Context) -> int | None:
    """What the container holds and reclaim cannot take back; None while it is down or nobody knows."""
    if not context.container.live or context.sample is None:
        return None
    sample = context.sample
    known = sample.memory_unreclaimable_bytes
    return known if known is not None else sample.memory_used_bytes


def uses_quota(limits: Limits) -> bool:
    """Whether the CPU limit must be a quota: the engine refuses NanoCpus where a quota or period was ever set."""
    return limits.nano_cpus == 0 and (limits.cpu_quota_us != 0 or limits.cpu_period_us > 0)


def swap_for(limits: Limits, memory_bytes: int) -> int:
    """The memory + swap that goes with a new memory limit: the same swap allowance as before.

    A container that never had one gets as much swap as memory, as `docker run --memory` does.
    """
    old, swap = limits.memory_limit_bytes, limits.memory_swap_bytes
    if memory_bytes >= UNLIMITED_BYTES or swap < 0 or (swap >= UNLIMITED_BYTES and old is not None):
        return UNLIMITED_BYTES
    if old is None or swap == 0:
        return min(2 * memory_bytes, UNLIMITED_BYTES)
    return min(memory_bytes + max(0, swap - old), UNLIMITED_BYTES)


def _target(request: Request, context: Context) -> Body:
    engine, container = context.engine, context.container
    if engine.os == "windows":
        raise LimitError("the limits of a Windows container cannot be changed while it exists")
    if container.state in ("removing", "dead"):
        raise LimitError(f"{container.name} is being removed: its limits cannot be changed")
    for name, able, what in (
        ("cpus", engine.cpu_cfs, "CPU time"),
        ("cpu_shares", engine.cpu_shares, "CPU shares"),
        ("cpuset_cpus", engine.cpuset, "CPU sets"),
        ("cpuset_mems", engine.cpuset, "CPU sets"),
        ("memory", engine.memory_limit, "memory"),
        ("memory_swap", engine.memory_limit, "memory"),
        ("memory_reservation", engine.memory_limit, "memory"),
        ("pids_limit", engine.pids_limit, "pids"),
    ):
        if name in request.given and not able:
            raise LimitError(f"this engine cannot limit {what}: it would discard the value", name)
    return {}


def _cpus(request: Request, context: Context) -> Body:
    limits, count = context.container.limits, context.engine.cpus
    if not request.cpus.strip():
        return {}
    if limitless(request.cpus):
        if limits.cpu_cores is None and not limits.nano_cpus:
            return {}
        if not count:
            raise LimitError("the engine does not say how many CPUs it has: give a number", "cpus")
        nano = count * NANO
    else:
        nano = parse_cpus(request.cpus)
    if nano < MIN_NANO_CPUS:
        raise LimitError("the least is 0.01 CPUs; write none for no limit", "cpus")
    if count and nano > count * NANO:
        raise LimitError(f"the engine has only {count} CPUs", "cpus")
    return _quota(nano, limits) if uses_quota(limits) else {"NanoCpus": nano}


def _quota(nano: int, limits: Limits) -> Body:
    period = limits.cpu_period_us or DEFAULT_PERIOD_US
    quota = nano * period // NANO
    if quota < MIN_QUOTA_US:
        least = format_cpus(-(-MIN_QUOTA_US * NANO // period))
        raise LimitError(f"with this container's period of {period} µs the least is {least} CPUs", "cpus")
    return {"CpuQuota": quota}


def _shares(request: Request, context: Context) -> Body:
    if not request.cpu_shares.strip():
        return {}
    if limitless(request.cpu_shares):
        return {"CpuShares": DEFAULT_SHARES}
    shares = parse_count(request.cpu_shares, "cpu_shares")
    if not 2 <= shares <= 262_144:
        raise LimitError("CPU shares go from 2 to 262144; 1024 is the default", "cpu_shares")
    return {"CpuShares": shares}


def _cpuset_cpus(request: Request, context: Context) -> Body:
    return _cpuset(request.cpuset_cpus, "cpuset_cpus", "CpusetCpus", context.all_cpus)


def _cpuset_mems(request: Request, context: Context) -> Body:
    return _cpuset(request.cpuset_mems, "cpuset_mems", "CpusetMems", context.mems)


def _cpuset(text: str, name: str, key: str, available: frozenset[int]) -> Body:
    if not text.strip():
        return {}
    if limitless(text) or text.strip().lower() == "all":
        if not available:
            raise LimitError(f"the host's {LABELS[name]} is not known here: list the numbers", name)
        return {key: format_cpuset(available)}
    numbers = parse_cpuset(text, name)
    missing = sorted(set(numbers) - available)
    if available and missing:
        raise LimitError(f"{format_cpuset(missing)} is not there: the host has {format_cpuset(available)}", name)
    return {key: format_cpuset(numbers)}


def _size(text: str, name: str) -> int:
    size = parse_size(text, name)
    if size < MIN_MEMORY_BYTES:
        raise LimitError("the least the engine accepts is 6m; write none for no limit", name)
    return size


def _memory_bytes(request: Request, context: Context) -> int:
    """The memory limit after the request, UNLIMITED_BYTES for none."""
    if not request.memory.strip():
        return context.container.limits.memory_limit_bytes or UNLIMITED_BYTES
    return UNLIMITED_BYTES if limitless(request.memory) else _size(request.memory, "memory")


def _memory(request: Request, context: Context) -> Body:
    """Memory and memory + swap, always together: each alone is refused or half done."""
    if not request.memory.strip() and not request.memory_swap.strip():
        return {}
    memory = _memory_bytes(request, context)
    swap = _memory_swap(request, context, memory)
    limits = context.container.limits
    if memory == UNLIMITED_BYTES and swap == UNLIMITED_BYTES and limits.memory_limit_bytes is None:
        return {}
    _check_in_use(memory, context)
    kept = limits.memory_reserved_bytes
    if not request.memory_reservation.strip() and kept is not None and kept > memory:
        raise LimitError(f"the reservation of {format_size(kept)} is above this: lower it too", "memory")
    return {"Memory": memory, "MemorySwap": swap}


def _memory_swap(request: Request, context: Context, memory: int) -> int:
    if not request.memory_swap.strip():
        return swap_for(context.container.limits, memory)
    if limitless(request.memory_swap):
        return UNLIMITED_BYTES
    swap = _size(request.memory_swap, "memory_swap")
    if memory == UNLIMITED_BYTES:
        raise LimitError("memory + swap needs a memory limit: give one too", "memory_swap")
    if swap < memory:
        raise LimitError(
            f"this is memory and swap together: at least the memory limit, {format_size(memory)}", "memory_swap"
        )
    return swap


def _check_in_use(memory: int, context: Context) -> None:
    """On cgroup v1 the kernel refuses a limit below what it cannot reclaim."""
    held = held_bytes(context)
    if context.engine.cgroup_version == 1 and held is not None and memory < held:
        raise LimitError(
            f"{readable_size(held)} in use cannot be reclaimed: the kernel would refuse {format_size(memory)}", "memory"
        )


def _reservation(request: Request, context: Context) -> Body:
    if not request.memory_reservation.strip():
        return {}
    memory = _memory_bytes(request, context)
    if limitless(request.memory_reservation):
        return {"MemoryReservation": no_reservation(context.engine)}
    reservation = _size(request.memory_reservation, "memory_reservation")
    if reservation > memory:
        raise LimitError(f"it must not be above the memory limit, {format_size(memory)}", "memory_reservation")
    return {"MemoryReservation": reservation}


def no_reservation(engine: EngineInfo) -> int:
    """What lifts a reservation: -1 on cgroup v1; on v2 that would protect all memory, so the least there is."""
    return -1 if engine.cgroup_version == 1 else MIN_MEMORY_BYTES


def _pids(request: Request, context: Context) -> Body:
    if not request.pids_limit.strip():
        return {}
    if limitless(request.pids_limit):
        return {"PidsLimit": -1}
    pids = parse_count(request.pids_limit, "pids_limit")
    if not 1 <= pids <= MAX_PIDS:
        raise LimitError(f"pids go from 1 to {MAX_PIDS}; write none for no limit", "pids_limit")
    return {"PidsLimit": pids}


def _blkio(request: Request, context: Context) -> Body:
    if not request.blkio_weight.strip():
        return {}
    weight = parse_count(request.blkio_weight, "blkio_weight")
    if not 10 <= weight <= 1000:
        raise LimitError("the weight goes from 10 to 1000", "blkio_weight")
    return {"BlkioWeight": weight}


def _restart(request: Request, context: Context) -> Body:
    text = request.restart.strip().lower()
    if not text:
        return {}
    name, colon, retries = text.partition(":")
    name = "no" if name == "none" else name
    if name not in POLICIES:
        raise LimitError(f"{quoted(request.restart)} is no restart policy: {', '.join(POLICIES)}", "restart")
    if colon and name != "on-failure":
        raise LimitError(f"a number of retries goes with on-failure only, not with {name}", "restart")
    if context.container.auto_remove and name != "no":
        raise LimitError("a container started with --rm cannot have a restart policy", "restart")
    count = parse_count(retries, "restart") if colon else 0
    if not 0 <= count <= 1 << 31:
        raise LimitError("a number of retries is not negative, and not beyond measure", "restart")
    return {"RestartPolicy": {"Name": name, "MaximumRetryCount": count}}


_RULES: Iterable[Callable[[Request, Context], Body]] = (
    _cpus,
    _shares,
    _cpuset_cpus,
    _cpuset_mems,
    _memory,
    _reservation,
    _pids,
    _blkio,
    _restart,
)
