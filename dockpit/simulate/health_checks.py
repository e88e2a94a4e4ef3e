"""Health checks of simulated containers: their runs, the status that follows, and the events the engine sends."""

from __future__ import annotations

from dockpit.simulate.seeded_noise import jitter, sha256_hex
from dockpit.simulate.simulated_container import HealthCheckRun, HealthState, SimulatedContainer
from dockpit.simulate.world_state import WorldState

RUNS_KEPT = 5


def run_if_due(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Run the health check when it is due: three exec events, and health_status when the status changes."""
    health = container.health
    if health is None or at < health.due_at:
        return
    command = " ".join(health.check.test[1:])
    exec_id = sha256_hex("probe", container.id, round(at * 1000))
    run = _run(health, container, at)
    world.emit(container, f"exec_create: {command}", at, execID=exec_id)
    world.emit(container, f"exec_start: {command}", at, execID=exec_id)
    world.emit(container, "exec_die", at, execID=exec_id, exitCode=str(run.exit_code))
    before = health.status
    _record(health, run)
    health.due_at = run.finished_at + health.check.interval_seconds
    if health.status != before:
        world.emit(container, f"health_status: {health.status}", at)


def record_past_runs(container: SimulatedContainer) -> None:
    """Record the last runs of a container that is not new, without events."""
    health = container.health
    if health is None:
        return
    for number in range(RUNS_KEPT, 0, -1):
        at = health.due_at - number * health.check.interval_seconds
        if at > container.started_at:
            _record(health, _run(health, container, at))


def _run(health: HealthState, container: SimulatedContainer, finished_at: float) -> HealthCheckRun:
    fails_after_seconds = health.check.fails_after_seconds
    failed = fails_after_seconds is not None and finished_at - container.started_at >= fails_after_seconds
    seconds = 0.03 + 0.05 * jitter(container.seed, int(finished_at))
    return HealthCheckRun(finished_at - seconds, finished_at, int(failed), health.check.output)


def _record(health: HealthState, run: HealthCheckRun) -> None:
    health.runs = [*health.runs[1 - RUNS_KEPT :], run]
    health.failing_streak = health.failing_streak + 1 if run.exit_code else 0
    if not run.exit_code:
        health.status = "healthy"
    elif health.failing_streak >= health.check.retries:
        health.status = "unhealthy"
