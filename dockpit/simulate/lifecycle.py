"""The lifecycle of containers: start to removal, with the engine's events in the engine's order.

Where the engine would refuse, functions raise EngineRefusal with the HTTP status their docstring gives.
"""

from __future__ import annotations

from dockpit.simulate import container_shell
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.kernel_model import cgroup_limits, quota_cores
from dockpit.simulate.seeded_noise import jitter, sha256_hex
from dockpit.simulate.simulated_container import HealthState, KernelCounters, SimulatedContainer
from dockpit.simulate.world_state import WorldState

SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "TERM": 15, "CONT": 18, "STOP": 19}
DEADLY_SIGNALS = {1, 2, 3, 9, 15}
RUN_PERIODS_KEPT = 50


def start(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Start a container with its counters at zero. Raises EngineRefusal 400, 404, 409 or 500."""
    _check_start(world, container)
    container.limits = cgroup_limits(container.host_config)
    container.status, container.started_at, container.workload_started_at = "running", at, at
    container.exit_code, container.error, container.oom_killed, container.stopped_by_user = 0, "", False, False
    container.pid = 2000 + int(jitter(container.seed, int(at)) * 60_000)
    container.counters = KernelCounters(at=at)
    container.run_periods = [*container.run_periods[-RUN_PERIODS_KEPT:], (at, float("inf"))]
    if container.spec.health is not None:
        container.health = HealthState(container.spec.health, due_at=at + container.spec.health.interval_seconds)
    container.own_exit = _own_exit(world, container, at)
    _emit_network_event(world, container, "connect", at)
    world.emit(container, "start", at)


def _own_exit(world: WorldState, container: SimulatedContainer, at: float) -> tuple[float, int] | None:
    """The time at which it will exit by itself and its exit code, None for never.

    A container that runs its command does so here: its whole output is recorded at the start.
    """
    if container.spec.lifetime_seconds is not None:
        return at + container.spec.lifetime_seconds, container.spec.exit_code
    if not container.spec.runs_command:
        return None
    result = container_shell.run(world, container, list(container.spec.command))
    for stream, text in ((1, result.out), (2, result.err)):
        lines = text.splitlines(keepends=True)
        container.command_output += [
            (at, stream, container_shell.encode_output(line, container.spec.tty)) for line in lines
        ]
    return (at + result.seconds, result.code) if result.seconds is not None else None


def _check_start(world: WorldState, container: SimulatedContainer) -> None:
    host_config = container.host_config
    for key, status in (("NetworkMode", 409), ("PidMode", 500)):
        mode = str(host_config.get(key) or "")
        if mode.startswith("container:"):
            target = world.find(mode.removeprefix("container:"))
            if not target.live:
                problem = "cannot join network of" if status == 409 else "cannot join PID namespace of"
                raise EngineRefusal(status, f"{problem} a non running container: {target.id}")
    shares = int(host_config["CpuShares"])
    if 0 < shares < 2:
        raise EngineRefusal(500, _runc_message("the minimum allowed cpu-shares is 2"))
    cores = quota_cores(host_config)
    if cores is not None and cores < 0.01:
        raise EngineRefusal(500, _runc_message("failed to write cpu.max: invalid argument"))
    if 0 < int(host_config["MemorySwap"]) < int(host_config["Memory"]):
        raise EngineRefusal(400, "Minimum memoryswap limit should be larger than memory limit, see usage")


def _runc_message(reason: str) -> str:
    return (
        "failed to create task for container: failed to create shim task: OCI runtime create failed: "
        f"runc create failed: unable to start container process: {reason}: unknown"
    )


def end(world: WorldState, container: SimulatedContainer, at: float, code: int, *, oom: bool = False) -> None:
    """End pid 1: the die event, then restarting, exited or, with AutoRemove, removed, by the restart policy."""
    container.finished_at, container.exit_code, container.oom_killed = at, code, oom
    container.pid = 0
    if container.run_periods:
        container.run_periods[-1] = (container.run_periods[-1][0], at)
    seconds = str(int(at - container.started_at))
    world.emit(container, "die", at, execDuration=seconds, exitCode=str(code))
    _emit_network_event(world, container, "disconnect", at)
    _end_dependents(world, container, at)
    container.status = "restarting" if _is_restarted(container, code) else "exited"
    container.restart_at = at + container.spec.restart_delay_seconds
    if container.status == "exited" and container.host_config.get("AutoRemove"):
        remove(world, container, at)


def _end_dependents(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """End what ends with pid 1: its execs, and containers in its pid namespace."""
    for instance in world.execs.values():
        if instance.container is container and instance.running:
            instance.running, instance.exit_code = False, 137
    for other in list(world.containers.values()):
        if other.live and other is not container and other.host_config["PidMode"] == f"container:{container.id}":
            other.stopped_by_user = True
            end(world, other, at, 137)


def _is_restarted(container: SimulatedContainer, code: int) -> bool:
    policy = container.host_config["RestartPolicy"]
    name, max_retries = policy.get("Name", "no"), int(policy.get("MaximumRetryCount") or 0)
    if container.stopped_by_user:
        return False
    if name == "on-failure":
        return code != 0 and (not max_retries or container.restart_count < max_retries)
    return name in ("always", "unless-stopped")


def restart_by_policy(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Start it again as its restart policy does: network connect, start, and no restart event."""
    container.restart_count += 1
    start(world, container, at)


def oom_kill(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Kill a child, or pid 1 and with it the container, as the kernel does.

    The oom event comes twice, and once for a child on cgroup v2.
    """
    container.counters.oom_kills += 1
    version = world.scenario.cgroup_version
    if container.spec.oom_kills_child:
        for _ in range(1 if version == 2 else 2):
            world.emit(container, "oom", at)
        container.workload_started_at = at
        container.oom_killed = version == 2
        return
    world.emit(container, "oom", at)
    world.emit(container, "oom", at)
    end(world, container, at, 137, oom=True)


def stop(world: WorldState, container: SimulatedContainer, at: float, signal: int = 15) -> None:
    """Stop a container: kill, die, network disconnect, stop. One that ignores `signal` gets signal 9 after it."""
    container.stopped_by_user = True
    if container.status == "restarting":
        container.status = "exited"
    if container.live:
        _unfreeze(container, at)
        world.emit(container, "kill", at, signal=str(signal))
        ignores_signal = signal not in DEADLY_SIGNALS or container.spec.command[:1] == ("sleep",)
        if ignores_signal:
            world.emit(container, "kill", at, signal="9")
        end(
            world,
            container,
            at,
            137 if ignores_signal else 143 if container.spec.exit_code == 0 else container.spec.exit_code,
        )
    world.emit(container, "stop", at)


def restart(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Stop and start a container: the events of both, then restart. Raises EngineRefusal as start() does."""
    if container.live:
        stop(world, container, at)
    start(world, container, at)
    world.emit(container, "restart", at)


def kill(world: WorldState, container: SimulatedContainer, at: float, signal: int) -> None:
    """Send a signal; a deadly one ends the container. Raises EngineRefusal 409 when it does not run."""
    if not container.live:
        raise EngineRefusal(409, f"Cannot kill container: {container.id}: Container {container.id} is not running")
    world.emit(container, "kill", at, signal=str(signal))
    if signal in DEADLY_SIGNALS:
        container.stopped_by_user = signal == 9 or container.stopped_by_user
        _unfreeze(container, at)
        end(world, container, at, 128 + signal)


def signal_number(name: str) -> int:
    """The number of "SIGTERM", "TERM" or "15". Raises EngineRefusal 400."""
    if name.isdigit():
        return int(name)
    number = SIGNALS.get(name.upper().removeprefix("SIG"))
    if number is None:
        raise EngineRefusal(400, f"Invalid signal: {name}")
    return number


def pause(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Freeze the processes of a running container. Raises EngineRefusal 409."""
    if container.status == "paused":
        raise EngineRefusal(409, f"Container {container.id} is already paused")
    if container.status != "running":
        raise EngineRefusal(409, f"Container {container.id} is not running")
    container.status = "paused"
    container.run_periods[-1] = (container.run_periods[-1][0], at)
    world.emit(container, "pause", at)


def unpause(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Thaw a paused container. Raises EngineRefusal 409."""
    if container.status != "paused":
        raise EngineRefusal(409, f"Container {container.id} is not paused")
    _unfreeze(container, at)
    world.emit(container, "unpause", at)


def _unfreeze(container: SimulatedContainer, at: float) -> None:
    if container.status == "paused":
        frozen_seconds = at - container.run_periods[-1][1]
        container.workload_started_at += frozen_seconds
        container.run_periods.append((at, float("inf")))
        container.status = "running"


def remove(world: WorldState, container: SimulatedContainer, at: float, *, force: bool = False) -> None:
    """Remove a container; a running one only with `force`: kill(9), die(137), destroy. Raises EngineRefusal 409."""
    if container.live or container.status == "restarting":
        if not force:
            hint = "stop the container before removing or force remove"
            raise EngineRefusal(
                409, f'cannot remove container "/{container.name}": container is {container.status}: {hint}'
            )
        container.host_config["AutoRemove"] = False
        container.stopped_by_user = True
        if container.live:
            world.emit(container, "kill", at, signal="9")
            end(world, container, at, 137)
    world.containers.pop(container.id, None)
    world.emit(container, "destroy", at)


def rename(world: WorldState, container: SimulatedContainer, at: float, name: str) -> None:
    """Rename a container. Raises EngineRefusal 400 or 409."""
    check_name(world, name)
    old, container.name = container.name, name
    world.emit(container, "rename", at, oldName=f"/{old}")


def check_name(world: WorldState, name: str) -> None:
    """Check a name. Raises EngineRefusal 400 for one that no engine accepts, 409 for one that is taken."""
    plain = name.replace("_", "a").replace(".", "a").replace("-", "a")
    if len(name) < 2 or not (plain.isalnum() and plain.isascii()) or not name[0].isalnum():
        allowed = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        raise EngineRefusal(400, f"Invalid container name ({name}), {allowed}")
    for container in world.containers.values():
        if container.name == name:
            taken = f'Conflict. The container name "/{name}" is already in use by container "{container.id}".'
            raise EngineRefusal(
                409, f"{taken} You have to remove (or rename) that container to be able to reuse that name."
            )


def _emit_network_event(world: WorldState, container: SimulatedContainer, action: str, at: float) -> None:
    mode = container.network_mode
    if mode.startswith("container:") or mode in ("host", "none"):
        return
    name = "bridge" if mode == "default" else mode
    attributes = {"container": container.id, "name": name, "type": "bridge"}
    world.event_log.emit(at, "network", action, sha256_hex("network", name), attributes)
