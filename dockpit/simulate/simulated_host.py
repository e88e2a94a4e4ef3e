"""The machine under a simulated engine: what its containers use together, and a little for everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockpit.model.host_figures import HostFigures
from dockpit.simulate.container import Counters
from dockpit.simulate.container_spec import GIB
from dockpit.simulate.pressure_model import SLOW_BYTES_PER_S
from dockpit.simulate.world import World

OWN_MEMORY_BYTES = 2 * GIB
OWN_CPU_PERCENT = 2.0

Counts = tuple[float, float, float, float, float]
"""CPU nanoseconds, bytes read, written, received and sent."""


class SimulatedHost:
    """Reads the machine as sources.host does a real one; each read gives the rates since the one before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._at = 0.0
        self._last: dict[str, Counts] = {}

    def read(self, wall: float, monotonic: float) -> HostFigures:
        """The machine at `wall`, seconds since the epoch; rates are None on the first read."""
        del monotonic
        self._world.advance(wall)
        return self._take(
            wall, {container.id: container.counters for container in self._world.containers.values() if container.live}
        )

    def past(self) -> Iterator[HostFigures]:
        """The machine at every second that the world lived through before its start, oldest first."""
        moments: dict[float, dict[str, Counters]] = {}
        for container in self._world.containers.values():
            for counters in container.past:
                moments.setdefault(counters.at, {})[container.id] = counters
        for at in sorted(moments):
            yield self._take(at, moments[at])

    def _take(self, at: float, live: Mapping[str, Counters]) -> HostFigures:
        total, used = self._world.scenario.memory, sum(int(counters.usage) for counters in live.values())
        counts = {key: (c.cpu, c.reads, c.writes, c.rx, c.tx) for key, c in live.items()}
        seconds, before = at - self._at, self._last
        self._at, self._last = at, counts
        memory = min(total, OWN_MEMORY_BYTES + used)
        if not before or seconds <= 0:
            return HostFigures(at=at, memory_used_bytes=memory, memory_total_bytes=total)
        cpu, reads, writes, received, sent = (
            sum(_grown(before.get(key), now, which) for key, now in counts.items()) / seconds for which in range(5)
        )
        busy = min(100.0, OWN_CPU_PERCENT + cpu / 1e9 / self._world.scenario.cpus * 100)
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
            io_some_percent=min(100.0, (reads + writes) / SLOW_BYTES_PER_S * 100),
        )


def _grown(before: Counts | None, now: Counts, which: int) -> float:
    """How much a counter went up; nothing where the container began anew in between."""
    return now[which] - before[which] if before is not None and before[0] <= now[0] else 0.0
