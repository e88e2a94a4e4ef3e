"""What `dockpit doctor` says of each figure and limit: available, or why not, by the engine's facts and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.update_effect import discards_blkio_weight

NOTHING_RUNS = "no container is running: not known yet"
ENGINE_SILENT = "the engine does not say"
KERNEL_SILENT = "the kernel does not say"
NO_PSI = "the kernel is without CONFIG_PSI, or was started with psi=0"
NO_SWAP = "the kernel does not count swap (boot it with swapaccount=1): the engine discards this limit"
KERNEL_ONLY = "no version of the Engine API has it; only the kernel's files on the engine's machine do"


@dataclass(frozen=True, slots=True)
class Capability:
    """One figure or limit; `available` is None while that cannot be told, `why` gives the reason or the source."""

    name: str
    available: bool | None
    why: str = ""


Field = Callable[[Sample], object]
"""Reads a field of a sample, None where the source does not have it."""


def figure_capabilities(snapshot: Snapshot, pressure: bool) -> tuple[Capability, ...]:
    """One capability for each group of figures; `pressure` is whether this machine has /proc/pressure."""
    samples = [sample for entry in snapshot.entries.values() if (sample := entry.current_sample) is not None]
    containers = _ContainerFigures(snapshot.engine, samples)
    return (*containers.from_any_source(), *containers.from_kernel_only(), *_host_figures(snapshot, pressure))


class _ContainerFigures:
    """The figures of containers, found in the newest sample of each."""

    def __init__(self, engine: EngineInfo, samples: Sequence[Sample]) -> None:
        self._engine = engine
        self._samples = samples
        self._is_podman = engine.product == "Podman"
        self._is_v1 = engine.cgroup_version == 1
        self._by_kernel = any(sample.source == "kernel" for sample in samples)
        self._silent = KERNEL_SILENT if self._by_kernel else ENGINE_SILENT

    def _capability(self, name: str, field: Field, why: str, how: str = "") -> Capability:
        """Available where any sample has the field: then `how` is the reason given, else `why`."""
        if not self._samples:
            return Capability(name, None, NOTHING_RUNS)
        available = self._any_has(field)
        return Capability(name, available, how if available else why)

    def _any_has(self, field: Field) -> bool:
        return any(field(sample) is not None for sample in self._samples)

    def from_any_source(self) -> Iterator[Capability]:
        """Figures that an engine may provide too."""
        no_cgroup = "the engine runs without cgroups" if self._engine.cgroup_driver == "none" else self._silent
        yield self._capability("CPU", lambda sample: sample.cpu_ns, no_cgroup)
        yield self._throttling(no_cgroup)
        yield self._capability("memory", lambda sample: sample.memory_used_bytes, no_cgroup)
        no_breakdown = "Podman's API gives no breakdown; OOM risk is judged on memory used"
        yield self._capability(
            "memory that cannot be reclaimed",
            lambda sample: sample.memory_unreclaimable_bytes,
            no_breakdown if self._is_podman else self._silent,
        )
        yield self._capability("memory peak", lambda sample: sample.memory_peak_bytes, self._why_no_peak())
        yield self._oom_kills()
        no_network = "all containers have the network of the host, or none"
        yield self._capability("network", lambda sample: sample.net_rx_bytes, no_network)
        summed = "added up over the processes: this kernel counts none for cgroup v1"
        how = summed if self._is_v1 and self._by_kernel else ""
        yield self._capability("block I/O", lambda sample: sample.block_read_bytes, self._why_no_block_io(), how)
        yield self._capability("pids", lambda sample: sample.pids, no_cgroup)

    def from_kernel_only(self) -> Iterator[Capability]:
        """Figures that no engine provides: they are read from the kernel's files."""
        yield self._capability(
            "pressure (PSI) of containers",
            lambda sample: sample.cpu_pressure or sample.memory_pressure or sample.io_pressure,
            NO_PSI if self._by_kernel else KERNEL_ONLY,
        )
        why = KERNEL_SILENT if self._by_kernel else KERNEL_ONLY
        yield self._capability("swap", lambda sample: sample.swap_bytes, why)
        yield self._capability("limits in force", lambda sample: sample.in_force, why)

    def _throttling(self, no_cgroup: str) -> Capability:
        if self._is_podman and not self._by_kernel:
            return Capability("throttling", False, "Podman's API always says 0")
        if not self._engine.cpu_cfs:
            return Capability("throttling", False, "the kernel has no CFS quota")
        return self._capability("throttling", lambda sample: sample.periods, no_cgroup)

    def _oom_kills(self) -> Capability:
        counted = self._any_has(lambda sample: sample.oom_kills)
        source = "counted by the kernel" if counted else "from the engine's events"
        return Capability("OOM kills", True, f"{source}, child processes included")

    def _why_no_peak(self) -> str:
        if self._by_kernel:
            return "it needs Linux 5.19 or newer"
        return ENGINE_SILENT if self._is_v1 else "the Engine API gives it on cgroup v1 only"

    def _why_no_block_io(self) -> str:
        if not self._is_v1:
            return "the io controller is not enabled for containers" if self._by_kernel else ENGINE_SILENT
        if self._by_kernel:
            return "this kernel counts none for cgroup v1, and reading other users' /proc/<pid>/io needs root"
        return "on cgroup v1 this kernel counts it only with a throttle rule"


def _host_figures(snapshot: Snapshot, pressure: bool) -> Iterator[Capability]:
    host = snapshot.host
    why = "" if host or snapshot.engine.local else "the engine is not on this machine"
    yield Capability("host", not why, why)
    has_pressure = pressure or (host is not None and host.memory_some_percent is not None)
    if not why and not has_pressure:
        why = f"there is no /proc/pressure: {NO_PSI}"
    yield Capability("pressure (PSI) of the host", not why, why)


def limit_capabilities(engine: EngineInfo) -> tuple[Capability, ...]:
    """One capability for each limit that `docker update` can set."""
    if engine.os == "windows":
        return (Capability("limits", False, "the limits of an existing Windows container cannot be changed"),)
    no_weight = discards_blkio_weight(engine)
    return (
        _limit("CPUs", engine.cpu_cfs, engine),
        _limit("CPU shares", engine.cpu_shares, engine),
        _limit("CPU set and memory nodes", engine.cpuset, engine),
        _limit("memory", engine.memory_limit, engine),
        Capability("memory + swap", engine.swap_limit, "" if engine.swap_limit else NO_SWAP),
        _limit("pids", engine.pids_limit, engine),
        Capability("block I/O weight", not no_weight, "gone from cgroup v1 since Linux 5" if no_weight else ""),
    )


def _limit(name: str, available: bool, engine: EngineInfo) -> Capability:
    rootless = "rootless: the controller is not delegated to the user"
    why = rootless if engine.rootless else "the engine says that the kernel does not support it"
    return Capability(name, available, "" if available else why)
