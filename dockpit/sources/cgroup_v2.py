"""Samples of a container in the unified hierarchy (cgroup v2)."""

from __future__ import annotations

from typing import Any

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.sources import kernel_parsers
from dockpit.sources.cgroup_hierarchy import V2
from dockpit.sources.cgroup_reader import NO_EVENTS, NO_MEMORY, NO_PAIR, CgroupReader, CgroupReadings, Now
from dockpit.sources.open_files import KernelFile, read_optional


class CgroupV2(CgroupReader):
    """Every figure is in one folder."""

    def _open(self, container: Container) -> list[KernelFile[Any] | None]:
        self._cpu = self._needed(V2, "cpu.stat", kernel_parsers.cpu_stat_v2)
        cgroup = self._dirs[V2]
        self._memory = self._optional(cgroup, "memory.stat", kernel_parsers.memory_stat_v2)
        self._usage = self._optional(cgroup, "memory.current", kernel_parsers.number)
        self._peak = self._seldom(cgroup, "memory.peak")
        self._swap = self._optional(cgroup, "memory.swap.current", kernel_parsers.number)
        self._events = self._optional(cgroup, "memory.events", kernel_parsers.memory_events)
        self._io = self._optional(cgroup, "io.stat", kernel_parsers.io_stat_v2)
        self._pids = self._optional(cgroup, "pids.current", kernel_parsers.number)
        return [self._memory_pressure, self._io_pressure]

    def sample(self, now: Now) -> Sample:
        """Everything as of `now()`. Raises OSError when the cgroup is gone."""
        at = now()
        cpu, usage, pids = self._cpu.read(), read_optional(self._usage), read_optional(self._pids)
        read = self._idle.choose_reader(at, cpu.usage_ns, cpu, usage, pids)
        memory, block = read(self._memory) or NO_MEMORY, read_optional(self._io)
        found = CgroupReadings(
            cpu_ns=cpu.usage_ns,
            cpu_times=cpu,
            quota=cpu,
            usage_bytes=usage,
            memory=memory,
            peak_bytes=read_optional(self._peak),
            swap_bytes=read(self._swap),
            kernel_bytes=memory.kernel,
            events=read(self._events) or NO_EVENTS,
            block=block or NO_PAIR,
            pids=pids,
        )
        return self._sample(at, found, read)
