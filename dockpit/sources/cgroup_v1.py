"""Samples of a container in the hierarchies of cgroup v1, each controller's by itself or mounted together."""

from __future__ import annotations

from typing import Any

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.sources import kernel_parsers
from dockpit.sources.cgroup_hierarchy import V2
from dockpit.sources.cgroup_reader import NO_CPU, NO_EVENTS, NO_MEMORY, NO_PAIR, CgroupReader, CgroupReadings, Now, Pair
from dockpit.sources.open_files import KernelFile, read_optional
from dockpit.sources.process_io import ProcessIo


class CgroupV1(CgroupReader):
    """Figures come from the controllers' folders; pressure, where there is any, from the unified tree beside them."""

    _process_io: ProcessIo | None = None

    def _open(self, container: Container) -> list[KernelFile[Any] | None]:
        memory = self._dirs.get("memory")
        self._usage_ns = self._needed("cpuacct", "cpuacct.usage", kernel_parsers.number)
        self._quota = self._optional(self._dirs.get("cpu"), "cpu.stat", kernel_parsers.cpu_stat_v1)
        self._split = self._optional(self._dirs.get(V2), "cpu.stat", kernel_parsers.cpu_times_v2) or self._optional(
            self._dirs["cpuacct"], "cpuacct.stat", kernel_parsers.cpuacct_stat
        )
        self._memory = self._optional(memory, "memory.stat", kernel_parsers.memory_stat_v1)
        self._usage = self._optional(memory, "memory.usage_in_bytes", kernel_parsers.number)
        self._peak = self._seldom(memory, "memory.max_usage_in_bytes")
        self._kernel = self._seldom(memory, "memory.kmem.usage_in_bytes")
        self._events = self._optional(memory, "memory.oom_control", kernel_parsers.oom_control)
        self._pids = self._optional(self._dirs.get("pids"), "pids.current", kernel_parsers.number)
        self._open_block_io()
        return [self._quota, self._memory_pressure, self._io_pressure]

    def _open_block_io(self) -> None:
        """The kernel's count of block I/O; where it keeps none for cgroups (Linux 5 and newer), its processes'."""
        name = "blkio.throttle.io_service_bytes_recursive"
        self._io = self._optional(self._dirs.get("blkio"), name, kernel_parsers.blkio_v1)
        if read_optional(self._io) is None:
            self._process_io = self._io_of_processes(V2) or self._io_of_processes("cpuacct")

    def _io_of_processes(self, controller: str) -> ProcessIo | None:
        cgroup = self._dirs.get(controller)
        if cgroup is None:
            return None
        procs = cgroup.folder / "cgroup.procs"
        return ProcessIo.open(procs, self._proc, self._descriptors, unified=controller == V2)

    def close(self) -> None:
        """Close the files of its processes too."""
        super().close()
        if self._process_io is not None:
            self._process_io.close()

    def sample(self, now: Now) -> Sample:
        """Everything as of `now()`. Raises OSError when the cgroup is gone."""
        at = now()
        cpu_ns, usage, pids = self._usage_ns.read(), read_optional(self._usage), read_optional(self._pids)
        read = self._idle.choose_reader(at, cpu_ns, usage, pids)
        memory = read(self._memory) or NO_MEMORY
        found = CgroupReadings(
            cpu_ns=cpu_ns,
            cpu_times=read(self._split) or NO_CPU,
            quota=read(self._quota) or NO_CPU,
            usage_bytes=usage,
            memory=memory,
            peak_bytes=read_optional(self._peak),
            swap_bytes=memory.swap,
            kernel_bytes=read_optional(self._kernel),
            events=read(self._events) or NO_EVENTS,
            block=self._block_io(cpu_ns),
            pids=pids,
        )
        return self._sample(at, found, read)

    def _block_io(self, cpu_ns: int | None) -> Pair:
        found = self._process_io.read(cpu_ns) if self._process_io is not None else read_optional(self._io)
        return found or NO_PAIR
