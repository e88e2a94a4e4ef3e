"""The kernel's figures of a simulated world: what the cgroup files of its containers would say."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dockpit.engine import wire
from dockpit.metrics.samples import Pressure, Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import EnforcedLimits
from dockpit.simulate import stats_json
from dockpit.simulate.container import CgroupLimits, Counters, SimulatedContainer
from dockpit.simulate.world import World


class SimulatedKernel:
    """Reads containers as sources.cgroup does real ones: those that were taken, as long as that run lasts."""

    threads = False

    def __init__(self, world: World) -> None:
        self._world = world
        self._runs: dict[str, float] = {}

    def take(self, container: Container) -> str:
        """Begin to read a container, or go on; "" when that is so, else why it cannot be."""
        simulated = self._world.containers.get(container.id)
        if simulated is None or not simulated.live:
            self.drop(container.id)
            return "no process here is in its cgroup"
        self._runs[container.id] = simulated.started
        return ""

    def drop(self, container_id: str) -> None:
        """Read a container no more."""
        self._runs.pop(container_id, None)

    def settle(self) -> None:
        """Close what was dropped: there is nothing open."""

    def read(self, container_id: str, now: Callable[[], float]) -> Sample | None:
        """The container as of `now()`, seconds since the epoch; None when its cgroup is gone."""
        self._world.advance(now())
        container = self._world.containers.get(container_id)
        if container is None or not container.live or self._runs.get(container.id) != container.started:
            self.drop(container_id)
            return None
        return self._sample(
            container, container.counters, stats_json.payload(self._world, container, container.counters)
        )

    def past_samples(self, container_id: str) -> list[Sample]:
        """What read() would have given in the time before the start, oldest first; nothing of one that is gone."""
        if container_id not in self._world.containers:
            return []
        container = self._world.containers[container_id]
        found = (self._sample(container, counters, stats) for counters, stats in self._world.moments(container_id))
        return [sample for sample in found if sample is not None]

    def _sample(self, container: SimulatedContainer, counters: Counters, stats: dict[str, Any]) -> Sample | None:
        sample = wire.sample(container.id, stats)
        if sample is None:
            return None
        counted = sample._replace(
            source="kernel",
            memory_peak_bytes=max(int(counters.peak), int(counters.usage)),
            oom_kills=counters.ooms,
            swap_bytes=0,
            kernel_bytes=stats_json.pages(counters.kernel),
            shmem_bytes=0,
            refaults=int(counters.refaults),
            in_force=in_force(container.limits),
        )
        return counted if self._world.scenario.cgroup_version == 1 else _pressed(counted, counters)


def _pressed(sample: Sample, counters: Counters) -> Sample:
    """`sample` with its pressure, which only cgroup v2 has."""
    return sample._replace(
        cpu_pressure=Pressure(int(counters.cpu_stalled_us), int(counters.cpu_blocked_us)),
        memory_pressure=Pressure(int(counters.memory_stalled_us), int(counters.memory_blocked_us)),
        io_pressure=Pressure(int(counters.io_stalled_us), int(counters.io_blocked_us)),
    )


def in_force(limits: CgroupLimits) -> EnforcedLimits:
    """The limits of a container as the kernel's files have them; nothing above it is any tighter."""
    memory = int(limits.memory) if math.isfinite(limits.memory) else None
    swap = max(0, limits.swap_total - memory) if memory is not None and limits.swap_total > 0 else None
    return EnforcedLimits(cpu_cores=limits.cores, memory_bytes=memory, swap_bytes=swap, pids=limits.pids or None)
