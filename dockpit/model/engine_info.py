"""The engine, the link to it, and how many containers are read from which source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LinkState = Literal["connecting", "up", "lost", "closed"]


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """An engine's identity, version and capabilities, from /version, /info and /_ping."""

    id: str = ""
    name: str = ""
    version: str = ""
    api_version: str = ""
    product: str = "Docker"
    """"Docker" or "Podman"."""
    os: str = "linux"
    kernel: str = ""
    cgroup_version: int | None = None
    cgroup_driver: str = ""
    cpus: int = 0
    memory_bytes: int = 0
    rootless: bool = False
    memory_limit: bool = True
    swap_limit: bool = True
    cpu_cfs: bool = True
    cpu_shares: bool = True
    cpuset: bool = True
    pids_limit: bool = True
    data_root: str = ""
    warnings: tuple[str, ...] = ()
    address: str = ""
    context: str = ""
    system_time: float = 0.0
    """The engine's clock at the request, in seconds since the epoch; 0 if unknown."""
    docker_flags: tuple[str, ...] = ()
    """Options with which the docker command reaches this engine: --host or --context, none where it does so anyway."""
    local: bool = False
    """Whether the engine runs on this machine: /proc names a container's process, whatever the address."""


@dataclass(frozen=True, slots=True)
class Link:
    """The state of the connection to the engine. Times are epoch seconds; `retry_at` is 0 if no retry is planned."""

    state: LinkState = "connecting"
    address: str = ""
    reason: str = ""
    since: float = 0.0
    retry_at: float = 0.0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """How many live containers are read from which source."""

    kernel: int = 0
    """Containers read from the kernel's files."""
    engine: int = 0
    """Containers read from the engine's stats."""
    whys: tuple[str, ...] = ()
    """Reasons why containers are not read from the kernel, the most frequent first."""
    late: int = 0
    """Ticks that were skipped because the previous collection had not ended."""
