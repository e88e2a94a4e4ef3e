"""Plans for the lifecycle of a container: start, stop, restart, pause, unpause, kill, remove."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import UsageError
from dockpit.model.plans import Danger, Plan
from dockpit.tuning.docker_command import container_argument, docker_command
from dockpit.tuning.units import quoted

LifecycleKind = Literal["start", "stop", "restart", "pause", "unpause", "kill", "remove"]

SIGNAL_NAMES = (
    "HUP",
    "INT",
    "QUIT",
    "ABRT",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "ALRM",
    "TERM",
    "CHLD",
    "CONT",
    "STOP",
    "TSTP",
    "TTIN",
    "TTOU",
    "WINCH",
)
"""Signals accepted by name, without SIG; others are given by number."""


def plan_start(container: Container, engine: EngineInfo) -> Plan:
    """Start a stopped container. Raises UsageError for one that is up."""
    _refuse_if(container, _is_up(container), "is up already")
    return _plan("start", container, engine, f"start {container.name}", danger="safe")


def plan_stop(container: Container, engine: EngineInfo, seconds: int | None = None) -> Plan:
    """Stop a container, and kill it after `seconds`, by default its own timeout.

    Raises UsageError if it is not running.
    """
    _refuse_if(container, not _is_up(container), "is not running")
    query, words = _timeout_arguments(seconds)
    return _plan(
        "stop",
        container,
        engine,
        f"stop {container.name}",
        words,
        query,
        warnings=(*_auto_remove_warnings(container), *_restart_policy_warnings(container)),
    )


def plan_restart(container: Container, engine: EngineInfo, seconds: int | None = None) -> Plan:
    """Stop and start a container. Raises UsageError for one that is being removed."""
    _refuse_if(container, container.state in ("removing", "dead"), "is being removed")
    query, words = _timeout_arguments(seconds)
    warnings = ("a CPU quota of -1 is stored with this container: its CPU limit is lost at this start",)
    limits = container.limits
    lost = limits.cpu_quota_us < 0 and limits.nano_cpus > 0
    return _plan(
        "restart", container, engine, f"restart {container.name}", words, query, warnings=warnings if lost else ()
    )


def plan_pause(container: Container, engine: EngineInfo) -> Plan:
    """Freeze all processes of a running container. Raises UsageError in any other state."""
    _refuse_if(container, container.state != "running", "is not running")
    warnings = ["its processes stop answering, and clients may time out, until it is unpaused"]
    if container.health != "none":
        warnings.append(f"its health check rests meanwhile: it stays {container.health}")
    return _plan("pause", container, engine, f"pause {container.name}", warnings=tuple(warnings))


def plan_unpause(container: Container, engine: EngineInfo) -> Plan:
    """Resume a paused container. Raises UsageError in any other state."""
    _refuse_if(container, container.state != "paused", "is not paused")
    return _plan("unpause", container, engine, f"unpause {container.name}", danger="safe")


def plan_kill(container: Container, engine: EngineInfo, signal: str = "KILL") -> Plan:
    """Send `signal` (TERM, SIGTERM or a number) to the container's pid 1.

    Raises UsageError for an unknown signal or a container that is not running.
    """
    _refuse_if(container, not container.live, "is not running")
    name = _parse_signal(signal)
    is_sigkill = name in ("KILL", "9")
    warnings = ["its processes end at once, without a chance to clean up"] if is_sigkill else []
    warnings += [*_auto_remove_warnings(container), *_restart_policy_warnings(container)]
    if container.state == "paused" and not is_sigkill:
        warnings.append("it is paused: the signal takes effect when it is unpaused")
    return _plan(
        "kill",
        container,
        engine,
        f"send {name} to {container.name}",
        ("--signal", name),
        {"signal": name},
        danger="kill" if is_sigkill else "confirm",
        warnings=tuple(warnings),
    )


def plan_remove(container: Container, engine: EngineInfo, *, force: bool = False, volumes: bool = False) -> Plan:
    """Remove a container; `force` allows a running one, `volumes` removes its anonymous volumes too.

    Raises UsageError for a container that is up, unless `force` is given.
    """
    up = _is_up(container)
    _refuse_if(container, up and not force, "is up: stop it first, or remove it by force")
    flags = [flag for flag, given in (("--force", force), ("--volumes", volumes)) if given]
    warnings = ["what it wrote outside of its volumes is gone for good"]
    warnings += ["it is up: its processes are killed first"] if up else []
    warnings += ["its anonymous volumes are removed with all that is in them"] if volumes else []
    return _plan(
        "remove",
        container,
        engine,
        f"remove {container.name}",
        flags,
        {"force": int(force), "v": int(volumes)},
        danger="kill" if up or volumes else "confirm",
        warnings=tuple(warnings),
    )


_DOCKER_COMMANDS: Mapping[LifecycleKind, str] = {"remove": "rm"}


def _plan(
    kind: LifecycleKind,
    container: Container,
    engine: EngineInfo,
    summary: str,
    words: tuple[str, ...] | list[str] = (),
    query: Mapping[str, object] | None = None,
    *,
    danger: Danger = "confirm",
    warnings: tuple[str, ...] = (),
) -> Plan:
    return Plan(
        kind=kind,
        container_id=container.id,
        container_name=container.name,
        engine_id=engine.id,
        summary=summary,
        command=docker_command(engine, _DOCKER_COMMANDS.get(kind, kind), *words, container_argument(container)),
        danger=danger,
        body=query or {},
        warnings=warnings,
    )


def _is_up(container: Container) -> bool:
    return container.live or container.state == "restarting"


def _refuse_if(container: Container, condition: bool, reason: str) -> None:
    if condition:
        raise UsageError(f"{container.name} {reason}")


def _timeout_arguments(seconds: int | None) -> tuple[dict[str, object], tuple[str, ...]]:
    return ({}, ()) if seconds is None else ({"t": seconds}, ("-t", str(seconds)))


def _parse_signal(text: str) -> str:
    """The name without SIG, or the number. Raises UsageError for any other text."""
    name = text.strip().upper().removeprefix("SIG")
    number = re.fullmatch(r"[0-9]{1,2}", name) is not None and 1 <= int(name) <= 64
    if name not in SIGNAL_NAMES and not number:
        raise UsageError(f"{quoted(text)} is no signal: name one like TERM or HUP, or give its number")
    return name


def _auto_remove_warnings(container: Container) -> tuple[str, ...]:
    if not container.auto_remove:
        return ()
    return ("it was started with --rm: once it stops, it is removed with its logs and anonymous volumes",)


def _restart_policy_warnings(container: Container) -> tuple[str, ...]:
    if container.limits.restart_policy != "always":
        return ()
    return ("its restart policy is always: it stays down until the engine itself restarts, and then comes back",)
