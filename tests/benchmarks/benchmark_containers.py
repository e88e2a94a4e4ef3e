"""The containers that all tools watch: a dozen active ones, a few with a light load, and many idle ones."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import NotFound

LABEL = "dockpit.bench"
GATEWAY = "172.17.0.1"
WORKERS = 4
SPINNER_CORES = 0.2
UNEVEN_PINGS = f"n=3; while :; do n=$(( (n * 7 + 3) % 23 )); ping -q -c $n -i 0.03 -s 1200 {GATEWAY}; sleep 0.6; done"


@dataclass(frozen=True, slots=True)
class Workload:
    """The load of one container: arguments of workload.c, or a shell script; `settings` as for docker-py's run()."""

    command: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def script(cls, text: str) -> Workload:
        """A load given as a shell script for busybox."""
        return cls(("-c", text), {"entrypoint": "/bin/sh"})

    @classmethod
    def limited(cls, cores: float, *command: str) -> Workload:
        """A load limited to `cores`, and to 64 MiB of memory."""
        return cls(command, {"nano_cpus": round(cores * 1e9), "mem_limit": "64m", "memswap_limit": "64m"})


ACTIVE = (
    Workload(("burst", "20", "180", "1")),
    Workload(("burst", "40", "1960", "1")),
    Workload(("burst", "30", "970", "1")),
    Workload.limited(0.5, "burst", "15", "485", "1"),
    Workload.limited(0.04, "spin", "1"),
    Workload.limited(0.05, "burst", "60", "940", "2"),
    Workload(("childoom", "24", "2")),
    Workload(("childoom", "48", "5")),
    Workload.script(UNEVEN_PINGS),
    Workload.script(UNEVEN_PINGS.replace("n=3", "n=11").replace("1200", "600")),
    Workload.script(f"exec ping -q -i 0.1 -s 1400 {GATEWAY}"),
    Workload(("burst", "5", "295", "1")),
)
"""CPU use, throttling, memory that grows and is freed, traffic: together about a quarter of a core."""

LIGHT = Workload(("burst", "5", "995", "1"))
IDLE = Workload(("idle",))
MIX = (
    "12 that live (CPU in bursts, 2 throttled, 2 whose memory grows and is freed, 3 with traffic), every fifth of the \
others 5 ms of CPU a second, the rest idle; half of them in Compose projects"
)


def workloads(count: int) -> list[Workload]:
    """The loads of `count` containers."""
    rest = (LIGHT if number % 5 == 0 else IDLE for number in range(count))
    return [*ACTIVE, *rest][:count]


class BenchmarkContainers:
    """The containers of one benchmark, labelled and removed again."""

    def __init__(self, engine: docker.DockerClient, image: str) -> None:
        self._engine = engine
        self._image = image
        self.label_value = f"bench-{uuid.uuid4().hex[:6]}"

    def start_spinner(self) -> str:
        """Start a container limited to SPINNER_CORES, whose figure is therefore known; returns its name."""
        name = self.label_value.replace("bench", "spin")
        quota = {"nano_cpus": round(SPINNER_CORES * 1e9), "cpu_shares": 262_144}
        self._run(name, Workload(("spin", "1"), quota), {})
        return name

    def start(self, count: int) -> None:
        """Start `count` containers."""
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = [
                pool.submit(self._start_one, number, workload) for number, workload in enumerate(workloads(count))
            ]
            for future in futures:
                future.result()

    def _start_one(self, number: int, workload: Workload) -> None:
        project = {
            "com.docker.compose.project": f"team-{number % 4}",
            "com.docker.compose.service": f"svc-{number}",
        }
        self._run(f"{self.label_value}-{number:03d}", workload, project if number % 2 else {})

    def _run(self, name: str, workload: Workload, labels: dict[str, str]) -> None:
        self._engine.containers.run(
            self._image,
            list(workload.command),
            name=name,
            detach=True,
            labels={LABEL: self.label_value, **labels},
            **workload.settings,
        )

    def count_others(self) -> int:
        """The number of running containers that are not of this benchmark."""
        running = self._engine.containers.list(ignore_removed=True)
        return sum(container.labels.get(LABEL) != self.label_value for container in running)

    def clear(self) -> None:
        """Remove all containers of this benchmark."""
        labelled = self._engine.containers.list(
            all=True, filters={"label": f"{LABEL}={self.label_value}"}, ignore_removed=True
        )
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(_remove, labelled))


def _remove(container: Any) -> None:
    with suppress(NotFound):
        container.remove(force=True, v=True)


@contextmanager
def benchmark_containers(engine: docker.DockerClient, image: str) -> Iterator[BenchmarkContainers]:
    """Containers to be started in the block, all removed at its end."""
    containers = BenchmarkContainers(engine, image)
    try:
        yield containers
    finally:
        containers.clear()
