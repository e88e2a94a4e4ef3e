"""What happens to containers, with the events the engine sends, in its order."""

from __future__ import annotations

from dockpit.simulate import container_shell
from dockpit.simulate.container import Counters, HealthState, Probe, SimulatedContainer
from dockpit.simulate.kernel_model import in_force, quota_cores
from dockpit.simulate.refusal import EngineRefusal
from dockpit.simulate.seeded_noise import hexadecimal, jitter
from dockpit.simulate.world_state import WorldState

SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "TERM": 15, "CONT": 18, "STOP": 19}
RUNS_KEPT = 50
DEADLY = {1, 2, 3, 9, 15}


def start(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Start a container: counters begin at zero. Raises Refusal 409 or 500 where the engine cannot."""
    _check_start(world, container)
    container.limits = in_force(container.host)
    container.status, container.started, container.work_since = "running", at, at
    container.exit_code, container.error, container.oom_killed, container.stopped_by_hand = 0, "", False, False
    container.pid = 2000 + int(jitter(container.seed, int(at)) * 60_000)
    container.counters = Counters(at=at)
    container.runs = [*container.runs[-RUNS_KEPT:], (at, float("inf"))]
    if container.spec.health is not None:
        container.health = HealthState(container.spec.health, due=at + container.spec.health.interval)
    container.ends = _own_end(world, container, at)
    _network(world, container, "connect", at)
    world.emit(container, "start", at)


def _own_end(world: WorldState, container: SimulatedContainer, at: float) -> tuple[float, int] | None:
    """When it will exit by itself; a container with a command of its own runs that, and it is printed at once."""
    if container.spec.lives is not None:
        return at + container.spec.lives, container.spec.exit_code
    if not container.spec.job:
        return None
    result = container_shell.run(world, container, list(container.spec.command))
    for stream, text in ((1, result.out), (2, result.err)):
        lines = text.splitlines(keepends=True)
        container.transcript += [(at, stream, container_shell.raw(line, container.spec.tty)) for line in lines]
    return (at + result.seconds, result.code) if result.seconds is not None else None


def _check_start(world: WorldState, container: SimulatedContainer) -> None:
    host = container.host
    for key, status in (("NetworkMode", 409), ("PidMode", 500)):
        mode = str(host.get(key) or "")
        if mode.startswith("container:"):
            target = world.find(mode.removeprefix("container:"))
            if not target.live:
                what = "cannot join network of" if status == 409 else "cannot join PID namespace of"
                raise EngineRefusal(status, f"{what} a non running container: {target.id}")
    shares = int(host["CpuShares"])
    if 0 < shares < 2:
        raise EngineRefusal(500, _runc("the minimum allowed cpu-shares is 2"))
    cores = quota_cores(host)
    if cores is not None and cores < 0.01:
        raise EngineRefusal(500, _runc("failed to write cpu.max: invalid argument"))
    if 0 < int(host["MemorySwap"]) < int(host["Memory"]):
        raise EngineRefusal(400, "Minimum memoryswap limit should be larger than memory limit, see usage")


def _runc(reason: str) -> str:
    return (
        "failed to create task for container: failed to create shim task: OCI runtime create failed: "
        f"runc create failed: unable to start container process: {reason}: unknown"
    )


def end(world: WorldState, container: SimulatedContainer, at: float, code: int, *, oom: bool = False) -> None:
    """Pid 1 ends: die, then what the restart policy says; an auto-remove container goes away."""
    container.finished, container.exit_code, container.oom_killed = at, code, oom
    container.pid = 0
    if container.runs:
        container.runs[-1] = (container.runs[-1][0], at)
    lasted = str(int(at - container.started))
    world.emit(container, "die", at, execDuration=lasted, exitCode=str(code))
    _network(world, container, "disconnect", at)
    _take_along(world, container, at)
    container.status = "restarting" if _restarts(container, code) else "exited"
    container.restart_at = at + container.spec.restart_delay
    if container.status == "exited" and container.host.get("AutoRemove"):
        remove(world, container, at)


def _take_along(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """What ends with pid 1: its execs, and containers in its pid namespace."""
    for started in world.execs.values():
        if started.container is container and started.running:
            started.running, started.exit_code = False, 137
    for other in list(world.containers.values()):
        if other.live and other is not container and other.host["PidMode"] == f"container:{container.id}":
            other.stopped_by_hand = True
            end(world, other, at, 137)


def _restarts(container: SimulatedContainer, code: int) -> bool:
    policy = container.host["RestartPolicy"]
    name, most = policy.get("Name", "no"), int(policy.get("MaximumRetryCount") or 0)
    if container.stopped_by_hand:
        return False
    if name == "on-failure":
        return code != 0 and (not most or container.restarts < most)
    return name in ("always", "unless-stopped")


def restart_by_policy(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """The restart policy starts it again: network connect, start, and no restart event."""
    container.restarts += 1
    start(world, container, at)


def out_of_memory(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """The kernel kills: a child, or pid 1 and with it the container."""
    container.counters.ooms += 1
    version = world.scenario.cgroup_version
    if container.spec.child_dies:
        for _ in range(1 if version == 2 else 2):
            world.emit(container, "oom", at)
        container.work_since = at
        container.oom_killed = version == 2
        return
    world.emit(container, "oom", at)
    world.emit(container, "oom", at)
    end(world, container, at, 137, oom=True)


def stop(world: WorldState, container: SimulatedContainer, at: float, signal: int = 15) -> None:
    """kill, die, network disconnect, stop; one that ignores the signal ends by 9 after it."""
    container.stopped_by_hand = True
    if container.status == "restarting":
        container.status = "exited"
    if container.live:
        _unfreeze(container, at)
        world.emit(container, "kill", at, signal=str(signal))
        stubborn = signal not in DEADLY or container.spec.command[:1] == ("sleep",)
        if stubborn:
            world.emit(container, "kill", at, signal="9")
        end(
            world,
            container,
            at,
            137 if stubborn else 143 if container.spec.exit_code == 0 else container.spec.exit_code,
        )
    world.emit(container, "stop", at)


def restart(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """stop's events, start's, then restart."""
    if container.live:
        stop(world, container, at)
    start(world, container, at)
    world.emit(container, "restart", at)


def kill(world: WorldState, container: SimulatedContainer, at: float, signal: int) -> None:
    """Send a signal; deadly ones end the container. Raises Refusal 409 when it does not run."""
    if not container.live:
        raise EngineRefusal(409, f"Cannot kill container: {container.id}: Container {container.id} is not running")
    world.emit(container, "kill", at, signal=str(signal))
    if signal in DEADLY:
        container.stopped_by_hand = signal == 9 or container.stopped_by_hand
        _unfreeze(container, at)
        end(world, container, at, 128 + signal)


def signal_number(name: str) -> int:
    """ "SIGTERM", "TERM" or "15" -> 15. Raises Refusal 400."""
    if name.isdigit():
        return int(name)
    number = SIGNALS.get(name.upper().removeprefix("SIG"))
    if number is None:
        raise EngineRefusal(400, f"Invalid signal: {name}")
    return number


def pause(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Freeze. Raises Refusal 409."""
    if container.status == "paused":
        raise EngineRefusal(409, f"Container {container.id} is already paused")
    if container.status != "running":
        raise EngineRefusal(409, f"Container {container.id} is not running")
    container.status = "paused"
    container.runs[-1] = (container.runs[-1][0], at)
    world.emit(container, "pause", at)


def unpause(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Thaw. Raises Refusal 409."""
    if container.status != "paused":
        raise EngineRefusal(409, f"Container {container.id} is not paused")
    _unfreeze(container, at)
    world.emit(container, "unpause", at)


def _unfreeze(container: SimulatedContainer, at: float) -> None:
    if container.status == "paused":
        frozen = at - container.runs[-1][1]
        container.work_since += frozen
        container.runs.append((at, float("inf")))
        container.status = "running"


def remove(world: WorldState, container: SimulatedContainer, at: float, *, force: bool = False) -> None:
    """Remove; a running one only with force: kill(9), die(137), destroy. Raises Refusal 409."""
    if container.live or container.status == "restarting":
        if not force:
            hint = "stop the container before removing or force remove"
            raise EngineRefusal(
                409, f'cannot remove container "/{container.name}": container is {container.status}: {hint}'
            )
        container.host["AutoRemove"] = False
        container.stopped_by_hand = True
        if container.live:
            world.emit(container, "kill", at, signal="9")
            end(world, container, at, 137)
    world.containers.pop(container.id, None)
    world.emit(container, "destroy", at)


def rename(world: WorldState, container: SimulatedContainer, at: float, name: str) -> None:
    """Give it another name. Raises Refusal 400 or 409."""
    check_name(world, name)
    old, container.name = container.name, name
    world.emit(container, "rename", at, oldName=f"/{old}")


def check_name(world: WorldState, name: str) -> None:
    """Raises Refusal 400 for a name no engine accepts, 409 for one that is taken."""
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


def probe(world: WorldState, container: SimulatedContainer, at: float) -> None:
    """Run the health check when it is due: three exec events, and health_status when the verdict changes."""
    health = container.health
    if health is None or at < health.due:
        return
    command = " ".join(health.check.test[1:])
    exec_id = hexadecimal("probe", container.id, round(at * 1000))
    verdict = _verdict(health, container, at)
    world.emit(container, f"exec_create: {command}", at, execID=exec_id)
    world.emit(container, f"exec_start: {command}", at, execID=exec_id)
    world.emit(container, "exec_die", at, execID=exec_id, exitCode=str(verdict.code))
    before = health.status
    _note(health, verdict)
    health.due = verdict.end + health.check.interval
    if health.status != before:
        world.emit(container, f"health_status: {health.status}", at)


def _verdict(health: HealthState, container: SimulatedContainer, at: float) -> Probe:
    fails_after = health.check.fails_after
    failed = fails_after is not None and at - container.started >= fails_after
    took = 0.03 + 0.05 * jitter(container.seed, int(at))
    return Probe(at - took, at, int(failed), health.check.output)


def _note(health: HealthState, verdict: Probe) -> None:
    health.log = [*health.log[-4:], verdict]
    health.streak = health.streak + 1 if verdict.code else 0
    if not verdict.code:
        health.status = "healthy"
    elif health.streak >= health.check.retries:
        health.status = "unhealthy"


def settle_health(container: SimulatedContainer, at: float) -> None:
    """Bring the health of a container that has run for long up to date, without events."""
    health = container.health
    if health is None:
        return
    for number in range(5, 0, -1):
        moment = health.due - number * health.check.interval
        if moment > container.started:
            _note(health, _verdict(health, container, moment))


def _network(world: WorldState, container: SimulatedContainer, action: str, at: float) -> None:
    mode = container.net_mode
    if mode.startswith("container:") or mode in ("host", "none"):
        return
    name = "bridge" if mode == "default" else mode
    attributes = {"container": container.id, "name": name, "type": "bridge"}
    world.event_log.emit(at, "network", action, hexadecimal("network", name), attributes)
