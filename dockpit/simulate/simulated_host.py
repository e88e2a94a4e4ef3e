"""The machine of a simulated engine: the sum of what its containers use, and a little for everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockpit.model.host_figures import HostFigures
from dockpit.simulate.pressure_model import SATURATED_DISK_BYTES_PER_S
from dockpit.simulate.scenario_spec import GIB
from dockpit.simulate.simulated_container import KernelCounters
from dockpit.simulate.world import World

BASE_MEMORY_BYTES = 2 * GIB
BASE_CPU_PERCENT = 2.0

ContainerTotals = tuple[float, float, float, float, float]
"""CPU nanoseconds, and bytes read, written, received and sent."""


class SimulatedHost:
    """Reads the simulated machine as sources.host_reader reads a real one; rates are those since the read before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last_at = 0.0
        self._last: dict[str, ContainerTotals] = {}

    def read(self, wall: float, monotonic: float) -> HostFigures:
        """The machine at `wall`, seconds since the epoch; rates are None on the first read."""
        del monotonic
        self._world.advance(wall)
        live = (container for container in self._world.containers.values() if container.live)
        return self._figures(wall, {container.id: container.counters for container in live})

    def past(self) -> Iterator[HostFigures]:
        """The machine at every second of the warm-up, oldest first."""
        by_time: dict[float, dict[str, KernelCounters]] = {}
        for container in self._world.containers.values():
            for counters in container.past:
                by_time.setdefault(counters.at, {})[container.id] = counters
        for at in sorted(by_time):
            yield self._figures(at, by_time[at])

    def _figures(self, at: float, live: Mapping[str, KernelCounters]) -> HostFigures:
        total = self._world.scenario.memory_bytes
        used = sum(int(counters.usage_bytes) for counters in live.values())
        counts = {key: (c.cpu_ns, c.read_bytes, c.written_bytes, c.rx_bytes, c.tx_bytes) for key, c in live.items()}
        seconds, before = at - self._last_at, self._last
        self._last_at, self._last = at, counts
        memory = min(total, BASE_MEMORY_BYTES + used)
        if not before or seconds <= 0:
            return HostFigures(at=at, memory_used_bytes=memory, memory_total_bytes=total)
        cpu, reads, writes, received, sent = (
            sum(_growth(before.get(key), now, index) for key, now in counts.items()) / seconds for index in range(5)
        )
        busy = min(100.0, BASE_CPU_PERCENT + cpu / 1e9 / self._world.scenario.cpus * 100)
        return HostFigures(
            at=at,
            cpu_percent=busy,
            memory_used_bytes=memory,
            memory_total_bytes=total,
            disk_read_bytes_per_s=reads,
            disk_write_bytes_per_s=writes,
            net_rx_bytes_per_s=received,
            net_tx_bytes_per_s=sent,
            cpu_some_percent=busy**2 / 200,
            memory_some_percent=0.0,
            io_some_percent=min(100.0, (reads + writes) / SATURATED_DISK_BYTES_PER_S * 100),
        )


def _growth(before: ContainerTotals | None, now: ContainerTotals, index: int) -> float:
    """The growth of counter number `index`; 0 if the container is new or was restarted in between."""
    return now[index] - before[index] if before is not None and before[0] <= now[0] else 0.0
