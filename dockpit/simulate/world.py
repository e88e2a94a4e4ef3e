"""The simulated world: containers that live by their workloads and limits, advanced lazily in fixed steps."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from dockpit.simulate import lifecycle, stats_json
from dockpit.simulate.container import Counters, HealthState, SimulatedContainer
from dockpit.simulate.container_spec import ContainerSpec, Scenario
from dockpit.simulate.host_config import of_spec
from dockpit.simulate.kernel_model import in_force, run
from dockpit.simulate.seeded_noise import hexadecimal, jitter, seed_of
from dockpit.simulate.world_state import WorldState

STEP = 0.25
"""Seconds of one step of the live world."""

WARMUP_STEP = 0.5
"""Seconds of one step of the time before the start."""


class World(WorldState):
    """A scenario come alive at `start` (seconds since the epoch), with its past lived through.

    The same scenario, seed, start, actions and times of asking give the same world, byte for byte.
    """

    def __init__(self, scenario: Scenario, seed: int, start: float) -> None:
        super().__init__(scenario, seed, start)
        for image in (*scenario.images, *(spec.image for spec in scenario.containers)):
            self.add_image(image)
        for spec in scenario.containers:
            self._place(spec)
        self._live_through()

    # time

    def advance(self, now: float) -> None:
        """Live on up to `now`, in whole steps."""
        while self.now + STEP <= now:
            self._step(STEP)

    def stats(self, container: SimulatedContainer, now: float) -> dict[str, Any]:
        """The stats payload of a container at `now`, without precpu."""
        self.advance(now)
        return stats_json.payload(self, container, container.counters)

    def history(self, container_id: str, seconds: float = 900.0, step: float = 1.0) -> list[dict[str, Any]]:
        """The raw stats payloads of the last `seconds` before the start, oldest first, one every `step` seconds.

        Times in which the container did not run are missing. Raises Refusal.
        """
        return [stats for _, stats in self.moments(container_id, seconds, step)]

    def moments(
        self, container_id: str, seconds: float = 900.0, step: float = 1.0
    ) -> Iterator[tuple[Counters, dict[str, Any]]]:
        """What history() tells, each payload with the counters that it was made of. Raises Refusal."""
        container = self.find(container_id)
        owner = self.network_owner(container)
        shared = {past.at: past for past in owner.past} if owner is not None and owner is not container else {}
        due = self.start - seconds
        before: Counters | None = None
        for counters in container.past:
            if counters.at >= due - 1e-6:
                yield counters, stats_json.payload(self, container, counters, before, shared.get(counters.at))
                due = counters.at + step
                before = counters

    def past_events(self) -> list[dict[str, Any]]:
        """Every event of the time before the start, oldest first; the ring that replays holds the last 256 only."""
        return [message for message in self.event_log.all if message["timeNano"] < self.start * 1e9]

    def _step(self, seconds: float) -> None:
        self.now += seconds
        for container in list(self.containers.values()):
            self._live(container)

    def _live(self, container: SimulatedContainer) -> None:
        if container.status == "running":
            if not run(container, self.now, self.scenario.cpus):
                lifecycle.out_of_memory(self, container, self.now)
            elif container.ends is not None and self.now >= container.ends[0]:
                lifecycle.end(self, container, self.now, container.ends[1])
            elif container.health is not None:
                lifecycle.probe(self, container, self.now)
        elif container.status == "restarting" and self.now >= container.restart_at:
            lifecycle.restart_by_policy(self, container, self.now)
        elif container.status == "paused":
            run(container, self.now, self.scenario.cpus)

    # the beginning

    def _place(self, spec: ContainerSpec) -> None:
        container = SimulatedContainer(
            id=hexadecimal("container", self.scenario.name, self.seed, spec.name),
            name=spec.name,
            spec=spec,
            seed=seed_of(self.seed, spec.name),
            host=of_spec(spec, self._network_mode(spec)),
            created=self.now - max(spec.age, spec.ended, spec.restarts * _cycle(spec)) - 0.25,
            address=f"172.18.{len(self.containers) // 250}.{len(self.containers) % 250 + 2}",
            restarts=spec.restarts,
        )
        self.containers[container.id] = container
        if spec.state != "created":
            self._wind_up(container)

    def _network_mode(self, spec: ContainerSpec) -> str:
        target = spec.network.removeprefix("container:")
        return f"container:{self.find(target).id}" if target != spec.network else spec.network

    def _wind_up(self, container: SimulatedContainer) -> None:
        spec = container.spec
        container.started = container.work_since = self.now - spec.age
        container.limits = in_force(container.host)
        if spec.state == "exited":
            container.status, container.finished = "exited", self.now - spec.ended
            container.exit_code, container.oom_killed = spec.exit_code, spec.oom_killed
            container.runs.append((container.started, container.finished))
            return
        container.pid = 2000 + int(jitter(container.seed, 9) * 60_000)
        container.status = "running"
        container.counters.at = container.started
        container.runs.append((container.started, float("inf")))
        run(container, self.now, self.scenario.cpus)
        container.ends = (container.started + spec.lives, spec.exit_code) if spec.lives is not None else None
        if spec.state == "paused":
            container.status = "paused"
            container.runs[-1] = (container.started, self.now)
        if spec.health is not None:
            container.health = HealthState(spec.health, due=self.now + spec.health.interval * jitter(container.seed, 3))
            lifecycle.settle_health(container, self.now)

    def _live_through(self) -> None:
        steps = round(self.scenario.warmup / WARMUP_STEP)
        for number in range(steps):
            self._step(WARMUP_STEP)
            if number % round(1 / WARMUP_STEP):
                for container in self.containers.values():
                    if container.live:
                        container.past.append(copy(container.counters))
        self.now = self.start


def _cycle(spec: ContainerSpec) -> float:
    """About how many seconds lie between two restarts of a container that keeps ending."""
    return spec.lives + spec.restart_delay if spec.lives is not None else 230.0
