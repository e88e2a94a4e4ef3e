"""What a scenario is made of: frozen descriptions of containers, their demands and their host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

MIB = 1024 * 1024
GIB = 1024 * MIB

NETSHOOT = "nicolaka/netshoot:latest"


class Demand(NamedTuple):
    """What a container would use at one instant if nothing held it back."""

    cpu: float = 0.0
    """Cores."""
    active: float = 1.0
    """Share of the CFS periods in which it is runnable, 0..1."""
    threads: int = 1
    anon: float = 4.0 * MIB
    """Bytes of anonymous memory."""
    cache: float = 2.0 * MIB
    """Bytes of files it would keep in the page cache."""
    hot: float = 0.4
    """Share of the page cache that is active, 0..1."""
    reads: float = 0.0
    writes: float = 0.0
    rx: float = 0.0
    tx: float = 0.0
    """Bytes per second, as are reads, writes and rx."""
    pids: int = 1


Workload = Callable[[float, int], Demand]
"""(seconds since its start, seed) -> Demand; pure."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A health check: it fails from `fails_after` seconds after the start on, never when that is None."""

    test: tuple[str, ...] = ("CMD-SHELL", "curl -fsS http://localhost:8080/healthz || exit 1")
    interval: float = 30.0
    retries: int = 3
    fails_after: float | None = None
    output: str = "ok"


@dataclass(frozen=True, slots=True)
class Logs:
    """What it prints: the lines are taken in turn; `stderr` is the share that goes to stderr."""

    lines: tuple[str, ...] = ("tick {n}",)
    per_second: float = 0.2
    stderr: float = 0.05


def _idle(seconds: float, seed: int) -> Demand:
    return Demand(cpu=0.001, active=0.3)


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One container of a scenario. Times are seconds; `age` is how long it has run when the world begins."""

    name: str
    image: str = "busybox:1.36"
    command: tuple[str, ...] = ("sleep", "infinity")
    workload: Workload = _idle
    limits: Mapping[str, Any] = field(default_factory=dict)
    """HostConfig keys that differ from the defaults."""
    labels: Mapping[str, str] = field(default_factory=dict)
    env: tuple[str, ...] = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)
    age: float = 86_400.0
    state: Literal["created", "running", "paused", "exited"] = "running"
    exit_code: int = 0
    oom_killed: bool = False
    ended: float = 0.0
    """How long before the world begins it ended."""
    restarts: int = 0
    lives: float | None = None
    """It exits by itself with `exit_code` after so many seconds."""
    restart_delay: float = 0.6
    child_dies: bool = False
    """An OOM kill takes a child and leaves pid 1 alive."""
    health: HealthCheck | None = None
    logs: Logs = field(default_factory=Logs)
    network: str = "bridge"
    """A network name, host, none, or container:<name>."""
    ports: tuple[tuple[int, int], ...] = ()
    """(host port, container port) pairs."""
    mounts: tuple[tuple[str, str], ...] = ()
    """(volume name or host path, destination) pairs."""
    job: bool = False
    """It runs its command to the end, instead of a workload for ever."""
    tty: bool = False
    user: str = ""
    processes: tuple[str, ...] = ()
    """Commands of its processes beside pid 1, for top."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world's beginning: its containers and the host they run on. `warmup` seconds are lived before the start."""

    name: str
    title: str
    containers: tuple[ContainerSpec, ...] = ()
    cgroup_version: Literal[1, 2] = 2
    cpus: int = 4
    memory: int = 16 * GIB
    warmup: float = 900.0
    images: tuple[str, ...] = ()
    """Images present beside those of the containers."""
