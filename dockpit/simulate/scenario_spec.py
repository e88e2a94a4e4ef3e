"""The parts of a scenario: frozen descriptions of its host, its containers, their workloads, health checks and logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

MIB = 1024 * 1024
GIB = 1024 * MIB

NETSHOOT = "nicolaka/netshoot:latest"


class ResourceDemand(NamedTuple):
    """What a container would use at one instant if no limit held it back."""

    cpu_cores: float = 0.0
    runnable_share: float = 1.0
    """Share of the CFS periods in which it is runnable, 0..1."""
    threads: int = 1
    anon_bytes: float = 4.0 * MIB
    page_cache_bytes: float = 2.0 * MIB
    """Bytes of files it would keep in the page cache."""
    active_file_share: float = 0.4
    """Share of the page cache on the active LRU list, 0..1."""
    read_bytes_per_s: float = 0.0
    written_bytes_per_s: float = 0.0
    rx_bytes_per_s: float = 0.0
    tx_bytes_per_s: float = 0.0
    pids: int = 1


Workload = Callable[[float, int], ResourceDemand]
"""Pure function (seconds since the container's start, seed) -> ResourceDemand."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A health check and its outcome."""

    test: tuple[str, ...] = ("CMD-SHELL", "curl -fsS http://localhost:8080/healthz || exit 1")
    interval_seconds: float = 30.0
    retries: int = 3
    fails_after_seconds: float | None = None
    """Time after the start from which on it fails; None when it always succeeds."""
    output: str = "ok"


@dataclass(frozen=True, slots=True)
class LogSpec:
    """The lines that a container prints, in turn: format strings of the line's number {n}, and random {k} and {m}."""

    lines: tuple[str, ...] = ("tick {n}",)
    lines_per_second: float = 0.2
    stderr_share: float = 0.05


def _idle(seconds: float, seed: int) -> ResourceDemand:
    return ResourceDemand(cpu_cores=0.001, runnable_share=0.3)


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One container of a scenario."""

    name: str
    image: str = "busybox:1.36"
    command: tuple[str, ...] = ("sleep", "infinity")
    workload: Workload = _idle
    host_config: Mapping[str, Any] = field(default_factory=dict)
    """HostConfig keys that differ from the defaults."""
    labels: Mapping[str, str] = field(default_factory=dict)
    env: tuple[str, ...] = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)
    age_seconds: float = 86_400.0
    """Time since its last start when the world begins."""
    state: Literal["created", "running", "paused", "exited"] = "running"
    exit_code: int = 0
    oom_killed: bool = False
    ended_seconds_ago: float = 0.0
    """Time since its end when the world begins."""
    restart_count: int = 0
    lifetime_seconds: float | None = None
    """Time after each start at which it exits by itself with `exit_code`; None for never."""
    restart_delay_seconds: float = 0.6
    oom_kills_child: bool = False
    """Whether an OOM kill takes a child and leaves pid 1 alive."""
    health: HealthCheck | None = None
    logs: LogSpec = field(default_factory=LogSpec)
    network: str = "bridge"
    """A network name, host, none, or container:<name>."""
    ports: tuple[tuple[int, int], ...] = ()
    """(host port, container port) pairs."""
    mounts: tuple[tuple[str, str], ...] = ()
    """(volume name or host path, destination) pairs."""
    runs_command: bool = False
    """Whether it runs `command` to its end; otherwise it lives by `workload`."""
    tty: bool = False
    user: str = ""
    processes: tuple[str, ...] = ()
    """Commands of its processes beside pid 1, for top."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """The initial state of a world: its containers and the host they run on."""

    name: str
    title: str
    containers: tuple[ContainerSpec, ...] = ()
    cgroup_version: Literal[1, 2] = 2
    cpus: int = 4
    memory_bytes: int = 16 * GIB
    warmup_seconds: float = 900.0
    """Seconds simulated before the start, so that there is a past."""
    images: tuple[str, ...] = ()
    """Images present beside those of the containers."""
