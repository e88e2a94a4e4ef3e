"""The containers that all tools look at: a dozen that live, a few that stir, and the many that wait."""

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
UNEVEN = f"n=3; while :; do n=$(( (n * 7 + 3) % 23 )); ping -q -c $n -i 0.03 -s 1200 {GATEWAY}; sleep 0.6; done"


@dataclass(frozen=True, slots=True)
class Part:
    """What one container does: the arguments of workload.c, or a shell script."""

    words: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def script(cls, text: str) -> Part:
        """A shell script of busybox."""
        return cls(("-c", text), {"entrypoint": "/bin/sh"})

    @classmethod
    def limited(cls, cores: float, *words: str) -> Part:
        """A load held to so many cores."""
        return cls(words, {"nano_cpus": round(cores * 1e9), "mem_limit": "64m", "memswap_limit": "64m"})


LIVE = (
    Part(("burst", "20", "180", "1")),
    Part(("burst", "40", "1960", "1")),
    Part(("burst", "30", "970", "1")),
    Part.limited(0.5, "burst", "15", "485", "1"),
    Part.limited(0.04, "spin", "1"),
    Part.limited(0.05, "burst", "60", "940", "2"),
    Part(("childoom", "24", "2")),
    Part(("childoom", "48", "5")),
    Part.script(UNEVEN),
    Part.script(UNEVEN.replace("n=3", "n=11").replace("1200", "600")),
    Part.script(f"exec ping -q -i 0.1 -s 1400 {GATEWAY}"),
    Part(("burst", "5", "295", "1")),
)
"""CPU use, throttling, memory that grows and is freed, traffic: together about a quarter of a core."""
STIRS = Part(("burst", "5", "995", "1"))
IDLE = Part(("idle",))
MIX = (
    "12 that live (CPU in bursts, 2 throttled, 2 whose memory grows and is freed, 3 with traffic), every fifth of the \
others 5 ms of CPU a second, the rest idle; half of them in Compose projects"
)


def parts(count: int) -> list[Part]:
    """What `count` containers do."""
    rest = (STIRS if number % 5 == 0 else IDLE for number in range(count))
    return [*LIVE, *rest][:count]


class Crowd:
    """Containers of one benchmark, labelled and removed again."""

    def __init__(self, engine: docker.DockerClient, image: str) -> None:
        self._engine = engine
        self._image = image
        self.mark = f"bench-{uuid.uuid4().hex[:6]}"

    def spinner(self) -> str:
        """Start the container whose figure is known, held to 0.2 cores, and say its name."""
        name = self.mark.replace("bench", "spin")
        quota = {"nano_cpus": round(SPINNER_CORES * 1e9), "cpu_shares": 262_144}
        self._run(name, Part(("spin", "1"), quota), {})
        return name

    def fill(self, count: int) -> None:
        """Start `count` containers."""
        with ThreadPoolExecutor(WORKERS) as pool:
            started = [pool.submit(self._place, number, part) for number, part in enumerate(parts(count))]
            for future in started:
                future.result()

    def _place(self, number: int, part: Part) -> None:
        project = {
            "com.docker.compose.project": f"team-{number % 4}",
            "com.docker.compose.service": f"svc-{number}",
        }
        self._run(f"{self.mark}-{number:03d}", part, project if number % 2 else {})

    def _run(self, name: str, part: Part, labels: dict[str, str]) -> None:
        self._engine.containers.run(
            self._image, list(part.words), name=name, detach=True, labels={LABEL: self.mark, **labels}, **part.settings
        )

    def others(self) -> int:
        """How many containers run that are not ours."""
        running = self._engine.containers.list(ignore_removed=True)
        return sum(container.labels.get(LABEL) != self.mark for container in running)

    def clear(self) -> None:
        """Remove them all."""
        found = self._engine.containers.list(all=True, filters={"label": f"{LABEL}={self.mark}"}, ignore_removed=True)
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(_remove, found))


def _remove(container: Any) -> None:
    with suppress(NotFound):
        container.remove(force=True, v=True)


@contextmanager
def crowd(engine: docker.DockerClient, image: str) -> Iterator[Crowd]:
    """Nobody at first; all gone at the end."""
    people = Crowd(engine, image)
    try:
        yield people
    finally:
        people.clear()
