"""Samples straight from the kernel: a container's cgroup files and its network counters, for an engine on this machine.

The same figures as the engine's, at a hundredth of the cost, and those that no engine gives: pressure, OOM kills, swap,
refaults, and the limits really in force.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import EnforcedLimits, QuotaAbove
from dockpit.process.procfs import innermost_pid, proc_folder
from dockpit.sources import kernel_parsers
from dockpit.sources.cgroup_hierarchy import V2, CgroupDir, Mount, cgroup_dirs, mounts, own_cgroup_dirs, same_network
from dockpit.sources.idle_detection import IdleDetector
from dockpit.sources.limit_reader import LimitReader
from dockpit.sources.open_files import DescriptorBudget, EveryNth, KernelFile, open_optional, read_optional
from dockpit.sources.process_io import ProcessIo

EVERY = 5
"""The peak of memory and the kernel's own are read every so many times."""
LIMITS_SECONDS = 10.0
"""How long a limit that was read is taken for the one in force, unless something happened to the container."""

Now = Callable[[], float]
T = TypeVar("T")


class KernelFiles:
    """The containers of this machine that are read, each with its files open.

    read() may run in a thread of its own, while take() and drop() go on elsewhere.
    """

    threads = True

    def __init__(self, proc: Path | None = None, descriptors: DescriptorBudget | None = None) -> None:
        self._proc = proc or proc_folder()
        self._descriptors = descriptors or DescriptorBudget()
        self._mounts: dict[str, list[Mount]] | None = None
        self._ceilings = LimitReader()
        self._cgroups: dict[str, Cgroup] = {}
        self._dropped: list[Cgroup] = []

    def take(self, container: Container) -> str:
        """Begin to read a container, or go on; "" when that is so, else why it cannot be."""
        known = self._cgroups.get(container.id)
        if known is not None and known.is_of(container):
            known.suspect()
            self._ceilings.forget()
            return ""
        self.drop(container.id)
        try:
            found = self._find(container)
        except OSError as error:
            return f"its process is not to be seen here ({error.strerror})"
        if found is None:
            return "no process here is in its cgroup: it runs on another machine"
        if not found:
            return "its cgroup is in no hierarchy that is mounted here"
        try:
            self._cgroups[container.id] = self._open(container, found)
        except OSError as error:
            return f"its cgroup cannot be read ({error.strerror})"
        return ""

    def _find(self, container: Container) -> dict[str, CgroupDir] | None:
        """Its cgroups by controller; None where its process is none of this machine's."""
        if not container.pid:
            return None
        text = self._text(str(container.pid), "cgroup")
        if self._mounts is None:
            self._mounts = mounts(self._text("self", "mountinfo"))
        if container.id in text:
            return cgroup_dirs(text, container.id, self._mounts)
        own = own_cgroup_dirs(text, container.id, self._mounts)
        return own if self._is_in(own, container.pid) else None

    def _is_in(self, found: dict[str, CgroupDir], pid: int) -> bool:
        """Whether the kernel lists a process in each of these cgroups, by the number it has for us."""
        number = str(innermost_pid(self._proc, pid))
        return bool(found) and all(
            number in (place.folder / "cgroup.procs").read_text().split() for place in found.values()
        )

    def _text(self, process: str, name: str) -> str:
        """A file of a process; the names of folders in it may be any bytes."""
        return os.fsdecode((self._proc / process / name).read_bytes())

    def _open(self, container: Container, found: dict[str, CgroupDir]) -> Cgroup:
        kind = CgroupV1 if "cpuacct" in found else CgroupV2
        return kind(container, found, self._proc, self._descriptors, self._ceilings)

    def drop(self, container_id: str) -> None:
        """Read a container no more; its files are closed by settle(), for a thread may be reading them."""
        cgroup = self._cgroups.pop(container_id, None)
        if cgroup is not None:
            self._dropped.append(cgroup)

    def settle(self) -> None:
        """Close the files of all that was dropped."""
        while self._dropped:
            self._dropped.pop().close()

    def read(self, container_id: str, now: Now) -> Sample | None:
        """The container as of `now()`, which is asked when its CPU time is read; None when its cgroup is gone or empty.

        A container without a process has ended, whoever has yet to take its cgroup away: 0 is no figure of a live one.
        What is read is dropped by drop() only: this may run in a thread, and a new run of it have been taken meanwhile.
        """
        cgroup = self._cgroups.get(container_id)
        if cgroup is None:
            return None
        try:
            sample = cgroup.sample(now)
        except OSError:
            return None
        return None if sample.pids == 0 else sample


class Cgroup:
    """One container's files; what they have in common on both versions. Raises OSError where it cannot be opened."""

    def __init__(
        self,
        container: Container,
        found: dict[str, CgroupDir],
        proc: Path,
        descriptors: DescriptorBudget,
        ceilings: LimitReader,
    ) -> None:
        self.id = container.id
        self._run = (container.pid, container.started_at)
        self._places = found
        self._proc = proc
        self._descriptors = descriptors
        self._ceilings = ceilings
        self._files: list[KernelFile[object]] = []
        self._in_force: EnforcedLimits | None = None
        self._limits_at = 0.0
        self._quota_above: Path | None = None
        self._stillness = IdleDetector([])
        try:
            self._begin(container)
        except OSError:
            self.close()
            raise

    def is_of(self, container: Container) -> bool:
        """Whether this is that very run of the container."""
        return self._run == (container.pid, container.started_at)

    def suspect(self) -> None:
        """Something happened to the container: read its limits anew, and all that stood still."""
        self._limits_at = 0.0
        self._stillness.forget()

    def close(self) -> None:
        """Close its files: an open /proc/<pid>/net/dev would hold the network of a dead container."""
        for file in self._files:
            file.close()
        self._files.clear()

    def sample(self, now: Now) -> Sample:
        """Everything as of `now()`. Raises OSError when the cgroup is gone."""
        raise NotImplementedError

    def _begin(self, container: Container) -> None:
        pid = self._proc / str(container.pid)
        pressures = self._places.get(V2)
        self._cpu_pressure = self._optional(pressures, "cpu.pressure", kernel_parsers.pressure)
        self._memory_pressure = self._optional(pressures, "memory.pressure", kernel_parsers.pressure)
        self._io_pressure = self._optional(pressures, "io.pressure", kernel_parsers.pressure)
        shares = container.network_mode == "host" or same_network(self._proc, container.pid)
        self._net = (
            None
            if shares
            else self._kept(open_optional(pid / "net" / "dev", kernel_parsers.net_dev, self._descriptors))
        )

    def _needed(self, controller: str, name: str, parse: Callable[[bytes], T]) -> KernelFile[T]:
        """A file without which there is no sample. Raises OSError."""
        place = self._places.get(controller)
        if place is None:
            raise FileNotFoundError(2, f"the {controller or 'unified'} hierarchy does not name it")
        file = KernelFile(place.folder / name, parse, self._descriptors)
        self._kept(file)
        return file

    def _optional(self, place: CgroupDir | None, name: str, parse: Callable[[bytes], T]) -> KernelFile[T] | None:
        return self._kept(open_optional(place.folder / name if place else None, parse, self._descriptors))

    def _seldom(self, place: CgroupDir | None, name: str) -> EveryNth[int | None] | None:
        file = self._optional(place, name, kernel_parsers.number)
        return None if file is None else EveryNth(file, EVERY)

    def _kept(self, file: KernelFile[T] | None) -> KernelFile[T] | None:
        if file is not None:
            self._files.append(file)  # type: ignore[arg-type]  # they are only closed through the list
        return file

    def _limits(self, at: float) -> EnforcedLimits:
        if self._in_force is None or not 0 <= at - self._limits_at < LIMITS_SECONDS:
            self._in_force = self._ceilings.of(self._places, at)
            self._quota_above = self._ceilings.quota_above(self._places, at)
            self._limits_at = at
        assert self._in_force is not None
        return self._in_force

    def _above(self, at: float) -> QuotaAbove | None:
        folder = self._quota_above
        return None if folder is None else self._ceilings.stopped(folder, self._places, at)


def working_set(usage: int | None, inactive_file: int | None) -> int | None:
    """docker's figure of memory used: usage less inactive_file, where that is below it."""
    if usage is None:
        return None
    inactive = inactive_file or 0
    return usage - inactive if inactive < usage else usage


def highest(peak: int | None, usage: int | None) -> int | None:
    """The peak, which is not below what is used now; None where the kernel keeps none."""
    return peak if peak is None or usage is None or usage <= peak else usage


_NO_STAT = kernel_parsers.CpuStat()
_NO_EVENTS = kernel_parsers.MemoryEvents()
_NO_MEMORY = kernel_parsers.MemoryStat()
_NOTHING = (None, None)


class CgroupV2(Cgroup):
    """The unified hierarchy."""

    def _begin(self, container: Container) -> None:
        self._cpu = self._needed(V2, "cpu.stat", kernel_parsers.cpu_stat_v2)
        super()._begin(container)
        place = self._places[V2]
        self._memory = self._optional(place, "memory.stat", kernel_parsers.memory_stat_v2)
        self._usage = self._optional(place, "memory.current", kernel_parsers.number)
        self._peak = self._seldom(place, "memory.peak")
        self._swap = self._optional(place, "memory.swap.current", kernel_parsers.number)
        self._events = self._optional(place, "memory.events", kernel_parsers.memory_events)
        self._io = self._optional(place, "io.stat", kernel_parsers.io_stat_v2)
        self._pids = self._optional(place, "pids.current", kernel_parsers.number)
        self._stillness = IdleDetector([self._memory_pressure, self._io_pressure])

    def sample(self, now: Now) -> Sample:
        """Everything as of `now()`. Raises OSError when the cgroup is gone."""
        at = now()
        cpu, usage, pids = self._cpu.read(), read_optional(self._usage), read_optional(self._pids)
        look = self._stillness.look(at, cpu.usage_ns, cpu, usage, pids)
        memory, events = look(self._memory) or _NO_MEMORY, look(self._events) or _NO_EVENTS
        received, sent = read_optional(self._net) or _NOTHING
        read, written = read_optional(self._io) or _NOTHING
        limits = self._limits(at)
        return Sample(
            container_id=self.id,
            at=at,
            cpu_ns=cpu.usage_ns,
            cpu_user_ns=cpu.user_ns,
            cpu_system_ns=cpu.system_ns,
            periods=cpu.periods,
            throttled_periods=cpu.throttled_periods,
            throttled_ns=cpu.throttled_ns,
            memory_used_bytes=working_set(usage, memory.inactive_file),
            memory_unreclaimable_bytes=memory.unreclaimable,
            memory_cache_bytes=memory.file,
            memory_limit_bytes=limits.memory_bytes,
            memory_peak_bytes=highest(read_optional(self._peak), usage),
            memory_failures=events.failures,
            net_rx_bytes=received,
            net_tx_bytes=sent,
            block_read_bytes=read,
            block_write_bytes=written,
            pids=pids,
            pids_limit=limits.pids,
            oom_kills=events.oom_kills,
            cpu_pressure=read_optional(self._cpu_pressure),
            memory_pressure=look(self._memory_pressure),
            io_pressure=look(self._io_pressure),
            swap_bytes=look(self._swap),
            anon_bytes=memory.anon,
            file_bytes=memory.file,
            kernel_bytes=memory.kernel,
            shmem_bytes=memory.shmem,
            major_faults=memory.major_faults,
            refaults=memory.refaults,
            in_force=limits,
            quota_above=self._above(at),
            source="kernel",
        )


class CgroupV1(Cgroup):
    """The controllers of v1, each in a hierarchy of its own or mounted together; pressure is in the unified tree."""

    _processes: ProcessIo | None = None

    def _begin(self, container: Container) -> None:
        self._usage_ns = self._needed("cpuacct", "cpuacct.usage", kernel_parsers.number)
        super()._begin(container)
        memory = self._places.get("memory")
        self._cpu = self._optional(self._places.get("cpu"), "cpu.stat", kernel_parsers.cpu_stat_v1)
        self._split = self._optional(self._places.get(V2), "cpu.stat", kernel_parsers.cpu_split) or self._optional(
            self._places["cpuacct"], "cpuacct.stat", kernel_parsers.cpuacct_stat
        )
        self._memory = self._optional(memory, "memory.stat", kernel_parsers.memory_stat_v1)
        self._usage = self._optional(memory, "memory.usage_in_bytes", kernel_parsers.number)
        self._peak = self._seldom(memory, "memory.max_usage_in_bytes")
        self._kernel = self._seldom(memory, "memory.kmem.usage_in_bytes")
        self._events = self._optional(memory, "memory.oom_control", kernel_parsers.oom_control)
        self._pids = self._optional(self._places.get("pids"), "pids.current", kernel_parsers.number)
        self._stillness = IdleDetector([self._cpu, self._memory_pressure, self._io_pressure])
        self._begin_io()

    def _begin_io(self) -> None:
        """The kernel's count of block I/O; where it keeps none for cgroups (Linux 5 and newer), its processes'."""
        name = "blkio.throttle.io_service_bytes_recursive"
        self._io = self._optional(self._places.get("blkio"), name, kernel_parsers.blkio_v1)
        if read_optional(self._io) is None:
            self._processes = self._of_processes(V2) or self._of_processes("cpuacct")

    def _of_processes(self, controller: str) -> ProcessIo | None:
        place = self._places.get(controller)
        if place is None:
            return None
        procs = place.folder / "cgroup.procs"
        return ProcessIo.of(procs, self._proc, self._descriptors, unified=controller == V2)

    def close(self) -> None:
        """Close those of its processes too."""
        super().close()
        if self._processes is not None:
            self._processes.close()

    def sample(self, now: Now) -> Sample:
        """Everything as of `now()`. Raises OSError when the cgroup is gone."""
        at = now()
        cpu_ns, usage, pids = self._usage_ns.read(), read_optional(self._usage), read_optional(self._pids)
        look = self._stillness.look(at, cpu_ns, usage, pids)
        cpu, split = look(self._cpu) or _NO_STAT, look(self._split) or _NO_STAT
        memory, events = look(self._memory) or _NO_MEMORY, look(self._events) or _NO_EVENTS
        received, sent = read_optional(self._net) or _NOTHING
        read, written = self._block(cpu_ns) or _NOTHING
        limits = self._limits(at)
        return Sample(
            container_id=self.id,
            at=at,
            cpu_ns=cpu_ns,
            cpu_user_ns=split.user_ns,
            cpu_system_ns=split.system_ns,
            periods=cpu.periods,
            throttled_periods=cpu.throttled_periods,
            throttled_ns=cpu.throttled_ns,
            memory_used_bytes=working_set(usage, memory.inactive_file),
            memory_unreclaimable_bytes=memory.unreclaimable,
            memory_cache_bytes=memory.file,
            memory_limit_bytes=limits.memory_bytes,
            memory_peak_bytes=highest(read_optional(self._peak), usage),
            net_rx_bytes=received,
            net_tx_bytes=sent,
            block_read_bytes=read,
            block_write_bytes=written,
            pids=pids,
            pids_limit=limits.pids,
            oom_kills=events.oom_kills,
            cpu_pressure=read_optional(self._cpu_pressure),
            memory_pressure=look(self._memory_pressure),
            io_pressure=look(self._io_pressure),
            swap_bytes=memory.swap,
            anon_bytes=memory.anon,
            file_bytes=memory.file,
            kernel_bytes=read_optional(self._kernel),
            shmem_bytes=memory.shmem,
            major_faults=memory.major_faults,
            refaults=memory.refaults,
            in_force=limits,
            quota_above=self._above(at),
            source="kernel",
        )

    def _block(self, cpu_ns: int | None) -> tuple[int, int] | None:
        return self._processes.read(cpu_ns) if self._processes is not None else read_optional(self._io)
