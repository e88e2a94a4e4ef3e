"""Samples of a simulated world as the kernel's files would give them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dockpit.engine import stats_parsing
from dockpit.metrics.samples import Pressure, Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import EnforcedLimits
from dockpit.simulate import network_tools, stats_json
from dockpit.simulate.simulated_container import CgroupLimits, KernelCounters, SimulatedContainer
from dockpit.simulate.world import World


class SimulatedKernel:
    """Reads simulated containers as KernelFiles reads real ones: from take() to the end of their run."""

    threads = False

    def __init__(self, world: World) -> None:
        self._world = world
        self._taken_runs: dict[str, float] = {}
        """The start time of each taken container's run, by id."""

    def take(self, container: Container) -> str:
        """Begin or go on to read a container; "" on success, else the reason why it cannot be read."""
        simulated = self._world.containers.get(container.id)
        if simulated is None or not simulated.live:
            self.drop(container.id)
            return "no process here is in its cgroup"
        self._taken_runs[container.id] = simulated.started_at
        return ""

    def drop(self, container_id: str) -> None:
        """Stop reading a container."""
        self._taken_runs.pop(container_id, None)

    def settle(self) -> None:
        """Close the files of dropped containers: none are open here."""

    def read(self, container_id: str, now: Callable[[], float]) -> Sample | None:
        """The container at `now()`, seconds since the epoch; None when its cgroup is gone."""
        self._world.advance(now())
        container = self._world.containers.get(container_id)
        if container is None or not container.live or self._taken_runs.get(container.id) != container.started_at:
            self.drop(container_id)
            return None
        return self._sample(
            container, container.counters, stats_json.live_payload(self._world, container, container.counters)
        )

    def past_samples(self, container_id: str) -> list[Sample]:
        """The samples of the warm-up, oldest first; none for an unknown container."""
        if container_id not in self._world.containers:
            return []
        container = self._world.containers[container_id]
        samples = (self._sample(container, counters, stats) for counters, stats in self._world.past_stats(container_id))
        return [sample for sample in samples if sample is not None]

    def _sample(self, container: SimulatedContainer, counters: KernelCounters, stats: dict[str, Any]) -> Sample | None:
        sample = stats_parsing.parse_stats(container.id, stats)
        if sample is None:
            return None
        complete = sample._replace(
            source="kernel",
            bursts=0,
            burst_ns=0,
            tcp_retransmits=network_tools.tcp_retransmits(counters.tx_bytes) if "networks" in stats else None,
            swapped_in_bytes=0,
            memory_peak_bytes=max(int(counters.peak_bytes), int(counters.usage_bytes)),
            oom_kills=counters.oom_kills,
            swap_bytes=0,
            kernel_bytes=stats_json.whole_pages(counters.kernel_bytes),
            shmem_bytes=0,
            refaults=int(counters.refaults),
            in_force=enforced_limits(container.limits),
        )
        return complete if self._world.scenario.cgroup_version == 1 else _with_pressure(complete, counters)


def _with_pressure(sample: Sample, counters: KernelCounters) -> Sample:
    """`sample` with its pressure, which only cgroup v2 has."""
    return sample._replace(
        cpu_pressure=Pressure(int(counters.cpu_some_us), int(counters.cpu_full_us)),
        memory_pressure=Pressure(int(counters.memory_some_us), int(counters.memory_full_us)),
        io_pressure=Pressure(int(counters.io_some_us), int(counters.io_full_us)),
    )


def enforced_limits(limits: CgroupLimits) -> EnforcedLimits:
    """`limits` as read from the kernel's files; no cgroup above has tighter ones."""
    memory = int(limits.memory) if math.isfinite(limits.memory) else None
    swap = max(0, limits.memory_swap_bytes - memory) if memory is not None and limits.memory_swap_bytes > 0 else None
    return EnforcedLimits(cpu_cores=limits.cores, memory_bytes=memory, swap_bytes=swap, pids=limits.pids or None)
