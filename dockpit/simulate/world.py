"""The simulated world in time: containers that obey their workloads and limits, advanced lazily in fixed steps.

scenario -> World: add containers -> run the warm-up -> `start`
                       |
stats(), reads, requests -> advance(now): one step per STEP_SECONDS, each container in turn
                       |
step: kernel_model counts -> OOM kill | own exit | health check | restart by policy -> event log
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from dockpit.simulate import health_checks, lifecycle, stats_json
from dockpit.simulate.host_config import host_config_of_spec
from dockpit.simulate.kernel_model import cgroup_limits, run_until
from dockpit.simulate.scenario_spec import ContainerSpec, Scenario
from dockpit.simulate.seeded_noise import jitter, seed_of, sha256_hex
from dockpit.simulate.simulated_container import HealthState, KernelCounters, SimulatedContainer
from dockpit.simulate.world_state import WorldState

STEP_SECONDS = 0.25
"""Length of one step of the live world."""

WARMUP_STEP_SECONDS = 0.5
"""Length of one step of the warm-up."""

ASSUMED_RESTART_CYCLE_SECONDS = 230.0
"""Time between two restarts of a container whose spec gives no lifetime."""


class World(WorldState):
    """A scenario running since `start` (seconds since the epoch), with the past of its warm-up.

    The same scenario, seed, start, actions and times of reading give the same world, byte for byte.
    """

    def __init__(self, scenario: Scenario, seed: int, start: float) -> None:
        super().__init__(scenario, seed, start)
        for image in (*scenario.images, *(spec.image for spec in scenario.containers)):
            self.add_image(image)
        for spec in scenario.containers:
            self._add_container(spec)
        self._run_warmup()

    # time

    def advance(self, now: float) -> None:
        """Run the world up to `now`, in whole steps."""
        while self.now + STEP_SECONDS <= now:
            self._step(STEP_SECONDS)

    def stats(self, container: SimulatedContainer, now: float) -> dict[str, Any]:
        """The stats payload of a container at `now`, without precpu."""
        self.advance(now)
        return stats_json.live_payload(self, container, container.counters)

    def history(self, container_id: str, seconds: float = 900.0, step: float = 1.0) -> list[dict[str, Any]]:
        """The stats payloads of the last `seconds` before the start, oldest first, one every `step` seconds.

        Times at which the container did not run are missing. Raises EngineRefusal 404.
        """
        return [stats for _, stats in self.past_stats(container_id, seconds, step)]

    def past_stats(
        self, container_id: str, seconds: float = 900.0, step: float = 1.0
    ) -> Iterator[tuple[KernelCounters, dict[str, Any]]]:
        """The payloads of history(), each with the counters that it was made of. Raises EngineRefusal 404."""
        container = self.find(container_id)
        owner = self.network_owner(container)
        shared = {past.at: past for past in owner.past} if owner is not None and owner is not container else {}
        due_at = self.start - seconds
        before: KernelCounters | None = None
        for counters in container.past:
            if counters.at >= due_at - 1e-6:
                yield counters, stats_json.live_payload(self, container, counters, before, shared.get(counters.at))
                due_at = counters.at + step
                before = counters

    def past_events(self) -> list[dict[str, Any]]:
        """Every event before the start, oldest first; GET /events can replay only the last ones."""
        return [message for message in self.event_log.all if message["timeNano"] < self.start * 1e9]

    def _step(self, seconds: float) -> None:
        self.now += seconds
        for container in list(self.containers.values()):
            self._advance_container(container)

    def _advance_container(self, container: SimulatedContainer) -> None:
        if container.status == "running":
            if not run_until(container, self.now, self.scenario.cpus):
                lifecycle.oom_kill(self, container, self.now)
            elif container.own_exit is not None and self.now >= container.own_exit[0]:
                lifecycle.end(self, container, self.now, container.own_exit[1])
            elif container.health is not None:
                health_checks.run_if_due(self, container, self.now)
        elif container.status == "restarting" and self.now >= container.restart_at:
            lifecycle.restart_by_policy(self, container, self.now)
        elif container.status == "paused":
            run_until(container, self.now, self.scenario.cpus)

    # initial state

    def _add_container(self, spec: ContainerSpec) -> None:
        restarting_seconds = spec.restart_count * _restart_cycle_seconds(spec)
        container = SimulatedContainer(
            id=sha256_hex("container", self.scenario.name, self.seed, spec.name),
            name=spec.name,
            spec=spec,
            seed=seed_of(self.seed, spec.name),
            host_config=host_config_of_spec(spec, self._network_mode(spec)),
            created_at=self.now - max(spec.age_seconds, spec.ended_seconds_ago, restarting_seconds) - 0.25,
            ip_address=f"172.18.{len(self.containers) // 250}.{len(self.containers) % 250 + 2}",
            restart_count=spec.restart_count,
        )
        self.containers[container.id] = container
        if spec.state != "created":
            self._apply_initial_state(container)

    def _network_mode(self, spec: ContainerSpec) -> str:
        target = spec.network.removeprefix("container:")
        return f"container:{self.find(target).id}" if target != spec.network else spec.network

    def _apply_initial_state(self, container: SimulatedContainer) -> None:
        spec = container.spec
        container.started_at = container.workload_started_at = self.now - spec.age_seconds
        container.limits = cgroup_limits(container.host_config)
        if spec.state == "exited":
            container.status, container.finished_at = "exited", self.now - spec.ended_seconds_ago
            container.exit_code, container.oom_killed = spec.exit_code, spec.oom_killed
            container.run_periods.append((container.started_at, container.finished_at))
            return
        container.pid = 2000 + int(jitter(container.seed, 9) * 60_000)
        container.status = "running"
        container.counters.at = container.started_at
        container.run_periods.append((container.started_at, float("inf")))
        run_until(container, self.now, self.scenario.cpus)
        if spec.lifetime_seconds is not None:
            container.own_exit = (container.started_at + spec.lifetime_seconds, spec.exit_code)
        if spec.state == "paused":
            container.status = "paused"
            container.run_periods[-1] = (container.started_at, self.now)
        if spec.health is not None:
            due_at = self.now + spec.health.interval_seconds * jitter(container.seed, 3)
            container.health = HealthState(spec.health, due_at=due_at)
            health_checks.record_past_runs(container)

    def _run_warmup(self) -> None:
        steps = round(self.scenario.warmup_seconds / WARMUP_STEP_SECONDS)
        for number in range(steps):
            self._step(WARMUP_STEP_SECONDS)
            if number % round(1 / WARMUP_STEP_SECONDS):
                for container in self.containers.values():
                    if container.live:
                        container.past.append(copy(container.counters))
        self.now = self.start


def _restart_cycle_seconds(spec: ContainerSpec) -> float:
    """Approximate time between two restarts of a container that keeps ending."""
    if spec.lifetime_seconds is None:
        return ASSUMED_RESTART_CYCLE_SECONDS
    return spec.lifetime_seconds + spec.restart_delay_seconds
