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


def start(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """Start a container: counters begin at zero. Raises Refusal 409 or 500 where the engine cannot."""
    _check_start(world, box)
    box.limits = in_force(box.host)
    box.status, box.started, box.work_since = "running", at, at
    box.exit_code, box.error, box.oom_killed, box.stopped_by_hand = 0, "", False, False
    box.pid = 2000 + int(jitter(box.seed, int(at)) * 60_000)
    box.counters = Counters(at=at)
    box.runs = [*box.runs[-RUNS_KEPT:], (at, float("inf"))]
    if box.spec.health is not None:
        box.health = HealthState(box.spec.health, due=at + box.spec.health.interval)
    box.ends = _own_end(world, box, at)
    _network(world, box, "connect", at)
    world.emit(box, "start", at)


def _own_end(world: WorldState, box: SimulatedContainer, at: float) -> tuple[float, int] | None:
    """When it will exit by itself; a container with a command of its own runs that, and it is printed at once."""
    if box.spec.lives is not None:
        return at + box.spec.lives, box.spec.exit_code
    if not box.spec.job:
        return None
    result = container_shell.run(world, box, list(box.spec.command))
    for stream, text in ((1, result.out), (2, result.err)):
        lines = text.splitlines(keepends=True)
        box.transcript += [(at, stream, container_shell.raw(line, box.spec.tty)) for line in lines]
    return (at + result.seconds, result.code) if result.seconds is not None else None


def _check_start(world: WorldState, box: SimulatedContainer) -> None:
    host = box.host
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


def end(world: WorldState, box: SimulatedContainer, at: float, code: int, *, oom: bool = False) -> None:
    """Pid 1 ends: die, then what the restart policy says; an auto-remove container goes away."""
    box.finished, box.exit_code, box.oom_killed = at, code, oom
    box.pid = 0
    if box.runs:
        box.runs[-1] = (box.runs[-1][0], at)
    lasted = str(int(at - box.started))
    world.emit(box, "die", at, execDuration=lasted, exitCode=str(code))
    _network(world, box, "disconnect", at)
    _take_along(world, box, at)
    box.status = "restarting" if _restarts(box, code) else "exited"
    box.restart_at = at + box.spec.restart_delay
    if box.status == "exited" and box.host.get("AutoRemove"):
        remove(world, box, at)


def _take_along(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """What ends with pid 1: its execs, and containers in its pid namespace."""
    for started in world.execs.values():
        if started.box is box and started.running:
            started.running, started.exit_code = False, 137
    for other in list(world.boxes.values()):
        if other.live and other is not box and other.host["PidMode"] == f"container:{box.id}":
            other.stopped_by_hand = True
            end(world, other, at, 137)


def _restarts(box: SimulatedContainer, code: int) -> bool:
    policy = box.host["RestartPolicy"]
    name, most = policy.get("Name", "no"), int(policy.get("MaximumRetryCount") or 0)
    if box.stopped_by_hand:
        return False
    if name == "on-failure":
        return code != 0 and (not most or box.restarts < most)
    return name in ("always", "unless-stopped")


def restart_by_policy(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """The restart policy starts it again: network connect, start, and no restart event."""
    box.restarts += 1
    start(world, box, at)


def out_of_memory(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """The kernel kills: a child, or pid 1 and with it the container."""
    box.counters.ooms += 1
    version = world.scenario.cgroup_version
    if box.spec.child_dies:
        for _ in range(1 if version == 2 else 2):
            world.emit(box, "oom", at)
        box.work_since = at
        box.oom_killed = version == 2
        return
    world.emit(box, "oom", at)
    world.emit(box, "oom", at)
    end(world, box, at, 137, oom=True)


def stop(world: WorldState, box: SimulatedContainer, at: float, signal: int = 15) -> None:
    """kill, die, network disconnect, stop; one that ignores the signal ends by 9 after it."""
    box.stopped_by_hand = True
    if box.status == "restarting":
        box.status = "exited"
    if box.live:
        _unfreeze(box, at)
        world.emit(box, "kill", at, signal=str(signal))
        stubborn = signal not in DEADLY or box.spec.command[:1] == ("sleep",)
        if stubborn:
            world.emit(box, "kill", at, signal="9")
        end(world, box, at, 137 if stubborn else 143 if box.spec.exit_code == 0 else box.spec.exit_code)
    world.emit(box, "stop", at)


def restart(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """stop's events, start's, then restart."""
    if box.live:
        stop(world, box, at)
    start(world, box, at)
    world.emit(box, "restart", at)


def kill(world: WorldState, box: SimulatedContainer, at: float, signal: int) -> None:
    """Send a signal; deadly ones end the container. Raises Refusal 409 when it does not run."""
    if not box.live:
        raise EngineRefusal(409, f"Cannot kill container: {box.id}: Container {box.id} is not running")
    world.emit(box, "kill", at, signal=str(signal))
    if signal in DEADLY:
        box.stopped_by_hand = signal == 9 or box.stopped_by_hand
        _unfreeze(box, at)
        end(world, box, at, 128 + signal)


def signal_number(name: str) -> int:
    """ "SIGTERM", "TERM" or "15" -> 15. Raises Refusal 400."""
    if name.isdigit():
        return int(name)
    number = SIGNALS.get(name.upper().removeprefix("SIG"))
    if number is None:
        raise EngineRefusal(400, f"Invalid signal: {name}")
    return number


def pause(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """Freeze. Raises Refusal 409."""
    if box.status == "paused":
        raise EngineRefusal(409, f"Container {box.id} is already paused")
    if box.status != "running":
        raise EngineRefusal(409, f"Container {box.id} is not running")
    box.status = "paused"
    box.runs[-1] = (box.runs[-1][0], at)
    world.emit(box, "pause", at)


def unpause(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """Thaw. Raises Refusal 409."""
    if box.status != "paused":
        raise EngineRefusal(409, f"Container {box.id} is not paused")
    _unfreeze(box, at)
    world.emit(box, "unpause", at)


def _unfreeze(box: SimulatedContainer, at: float) -> None:
    if box.status == "paused":
        frozen = at - box.runs[-1][1]
        box.work_since += frozen
        box.runs.append((at, float("inf")))
        box.status = "running"


def remove(world: WorldState, box: SimulatedContainer, at: float, *, force: bool = False) -> None:
    """Remove; a running one only with force: kill(9), die(137), destroy. Raises Refusal 409."""
    if box.live or box.status == "restarting":
        if not force:
            hint = "stop the container before removing or force remove"
            raise EngineRefusal(409, f'cannot remove container "/{box.name}": container is {box.status}: {hint}')
        box.host["AutoRemove"] = False
        box.stopped_by_hand = True
        if box.live:
            world.emit(box, "kill", at, signal="9")
            end(world, box, at, 137)
    world.boxes.pop(box.id, None)
    world.emit(box, "destroy", at)


def rename(world: WorldState, box: SimulatedContainer, at: float, name: str) -> None:
    """Give it another name. Raises Refusal 400 or 409."""
    check_name(world, name)
    old, box.name = box.name, name
    world.emit(box, "rename", at, oldName=f"/{old}")


def check_name(world: WorldState, name: str) -> None:
    """Raises Refusal 400 for a name no engine accepts, 409 for one that is taken."""
    plain = name.replace("_", "a").replace(".", "a").replace("-", "a")
    if len(name) < 2 or not (plain.isalnum() and plain.isascii()) or not name[0].isalnum():
        allowed = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        raise EngineRefusal(400, f"Invalid container name ({name}), {allowed}")
    for box in world.boxes.values():
        if box.name == name:
            taken = f'Conflict. The container name "/{name}" is already in use by container "{box.id}".'
            raise EngineRefusal(
                409, f"{taken} You have to remove (or rename) that container to be able to reuse that name."
            )


def probe(world: WorldState, box: SimulatedContainer, at: float) -> None:
    """Run the health check when it is due: three exec events, and health_status when the verdict changes."""
    health = box.health
    if health is None or at < health.due:
        return
    command = " ".join(health.check.test[1:])
    exec_id = hexadecimal("probe", box.id, round(at * 1000))
    verdict = _verdict(health, box, at)
    world.emit(box, f"exec_create: {command}", at, execID=exec_id)
    world.emit(box, f"exec_start: {command}", at, execID=exec_id)
    world.emit(box, "exec_die", at, execID=exec_id, exitCode=str(verdict.code))
    before = health.status
    _note(health, verdict)
    health.due = verdict.end + health.check.interval
    if health.status != before:
        world.emit(box, f"health_status: {health.status}", at)


def _verdict(health: HealthState, box: SimulatedContainer, at: float) -> Probe:
    fails_after = health.check.fails_after
    failed = fails_after is not None and at - box.started >= fails_after
    took = 0.03 + 0.05 * jitter(box.seed, int(at))
    return Probe(at - took, at, int(failed), health.check.output)


def _note(health: HealthState, verdict: Probe) -> None:
    health.log = [*health.log[-4:], verdict]
    health.streak = health.streak + 1 if verdict.code else 0
    if not verdict.code:
        health.status = "healthy"
    elif health.streak >= health.check.retries:
        health.status = "unhealthy"


def settle_health(box: SimulatedContainer, at: float) -> None:
    """Bring the health of a container that has run for long up to date, without events."""
    health = box.health
    if health is None:
        return
    for number in range(5, 0, -1):
        moment = health.due - number * health.check.interval
        if moment > box.started:
            _note(health, _verdict(health, box, moment))


def _network(world: WorldState, box: SimulatedContainer, action: str, at: float) -> None:
    mode = box.net_mode
    if mode.startswith("container:") or mode in ("host", "none"):
        return
    name = "bridge" if mode == "default" else mode
    attributes = {"container": box.id, "name": name, "type": "bridge"}
    world.event_log.emit(at, "network", action, hexadecimal("network", name), attributes)
