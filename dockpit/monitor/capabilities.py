"""Which figures and limits an engine gives, judged by what it says of itself and by its containers' newest samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.update_effect import discards_weight

NOTHING_RUNS = "no container is up: it cannot be told yet"


@dataclass(frozen=True, slots=True)
class Capability:
    """One figure or limit; `available` is None where it cannot be told, `why` says why not."""

    name: str
    available: bool | None
    why: str = ""


Reading = Callable[[Sample], object]


def figure_capabilities(snapshot: Snapshot, pressure: bool) -> tuple[Capability, ...]:
    """A check for each group of figures; `pressure` is whether this machine has /proc/pressure."""
    samples = [sample for entry in snapshot.entries.values() if (sample := entry.current_sample) is not None]
    return (*_of_containers(snapshot.engine, samples), *_of_host(snapshot, pressure))


def _of_containers(engine: EngineInfo, samples: list[Sample]) -> Iterator[Capability]:
    podman, first = engine.product == "Podman", engine.cgroup_version == 1
    kernel = any(sample.source == "kernel" for sample in samples)

    def check(name: str, reading: Reading, why: str, how: str = "") -> Capability:
        if not samples:
            return Capability(name, None, NOTHING_RUNS)
        there = any(reading(sample) is not None for sample in samples)
        return Capability(name, there, how if there else why)

    untold = "the kernel does not say" if kernel else "the engine does not say"
    no_cgroup = "the engine runs without cgroups" if engine.cgroup_driver == "none" else untold
    yield check("CPU", lambda sample: sample.cpu_ns, no_cgroup)
    if podman and not kernel:
        yield Capability("throttling", False, "Podman's API always says 0")
    elif not engine.cpu_cfs:
        yield Capability("throttling", False, "the kernel has no CFS quota")
    else:
        yield check("throttling", lambda sample: sample.periods, no_cgroup)
    yield check("memory", lambda sample: sample.memory_used_bytes, no_cgroup)
    yield check(
        "memory that cannot be reclaimed",
        lambda sample: sample.memory_unreclaimable_bytes,
        "Podman's API gives no breakdown; OOM risk is judged on memory used" if podman else untold,
    )
    yield check("memory peak", lambda sample: sample.memory_peak_bytes, _no_peak(first, kernel))
    counted = any(sample.oom_kills is not None for sample in samples)
    yield Capability("OOM kills", True, f"{'counted by the kernel' if counted else _EVENTS}, those of children too")
    yield check("network", lambda sample: sample.net_rx_bytes, "all containers have the network of the host, or none")
    summed = "added up over the processes: this kernel counts none for cgroup v1" if first and kernel else ""
    yield check("block I/O", lambda sample: sample.block_read_bytes, _no_block(first, kernel), summed)
    yield check("pids", lambda sample: sample.pids, no_cgroup)
    yield from _of_the_kernel(check, kernel)


def _of_the_kernel(check: Callable[[str, Reading, str], Capability], kernel: bool) -> Iterator[Capability]:
    """What no engine gives."""
    only = "no version of the Engine API gives it: it takes the kernel's files, on the engine's machine"
    yield check(
        "pressure (PSI) of containers",
        lambda sample: sample.cpu_pressure or sample.memory_pressure or sample.io_pressure,
        "the kernel is without CONFIG_PSI, or was started with psi=0" if kernel else only,
    )
    untold = "the kernel does not say" if kernel else only
    yield check("swap", lambda sample: sample.swap_bytes, untold)
    yield check("limits in force", lambda sample: sample.in_force, untold)


_EVENTS = "from the engine's events"


def _no_peak(first: bool, kernel: bool) -> str:
    if kernel:
        return "the kernel keeps it since Linux 5.19"
    return "the engine does not say" if first else "the Engine API gives it on cgroup v1 only"


def _no_block(first: bool, kernel: bool) -> str:
    if not first:
        return "the io controller is not on for them" if kernel else "the engine does not say"
    if kernel:
        return "this kernel counts none for cgroup v1, and /proc/<pid>/io of others takes root"
    return "on cgroup v1 this kernel counts none without a throttle rule"


def _of_host(snapshot: Snapshot, pressure: bool) -> Iterator[Capability]:
    given = snapshot.host
    why = "" if given or snapshot.engine.local else "the engine is not on this machine"
    yield Capability("host", not why, why)
    there = pressure if given is None else pressure or given.memory_some_percent is not None
    if not why and not there:
        why = "there is no /proc/pressure: the kernel is without CONFIG_PSI, or was started with psi=0"
    yield Capability("pressure (PSI) of the host", not why, why)


def limit_capabilities(engine: EngineInfo) -> tuple[Capability, ...]:
    """A check for each limit that `docker update` can set."""
    if engine.os == "windows":
        return (Capability("limits", False, "those of a Windows container cannot be changed while it exists"),)
    weightless = discards_weight(engine)
    return (
        _able("CPUs", engine.cpu_cfs, engine),
        _able("CPU shares", engine.cpu_shares, engine),
        _able("CPU set and memory nodes", engine.cpuset, engine),
        _able("memory", engine.memory_limit, engine),
        Capability("memory + swap", engine.swap_limit, "" if engine.swap_limit else _NO_SWAP),
        _able("pids", engine.pids_limit, engine),
        Capability("block I/O weight", not weightless, "gone from cgroup v1 since Linux 5" if weightless else ""),
    )


_NO_SWAP = "the kernel does not count swap (swapaccount=1 turns it on): the engine discards it"


def _able(name: str, able: bool, engine: EngineInfo) -> Capability:
    rootless = "rootless: the controller is not delegated to the user"
    why = rootless if engine.rootless else "the engine says that the kernel cannot"
    return Capability(name, able, "" if able else why)
