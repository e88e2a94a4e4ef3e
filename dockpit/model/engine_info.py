"""The engine, the link to it, and how many containers are read from which source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LinkState = Literal["connecting", "up", "lost", "closed"]


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine behind the link, from /version, /info and /_ping."""

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
    """The engine's clock when it was asked, seconds since the epoch; 0 where it does not say."""
    docker_flags: tuple[str, ...] = ()
    """What the docker command needs to reach this very engine: --host or --context, nothing where it would anyway."""
    local: bool = False
    """Whether /proc of this machine is the engine's: a test by fact, not by address."""


@dataclass(frozen=True, slots=True)
class Link:
    """How it stands with the engine. Times are monotonic-free wall seconds; `retry_at` is 0 when none is planned."""

    state: LinkState = "connecting"
    address: str = ""
    reason: str = ""
    since: float = 0.0
    retry_at: float = 0.0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Where the figures of the live containers come from."""

    kernel: int = 0
    """So many are read from the kernel's files."""
    engine: int = 0
    """So many by the engine's stats."""
    whys: tuple[str, ...] = ()
    """Why not all from the kernel, the commonest first."""
    late: int = 0
    """Rounds of reads that were skipped, for the one before had not ended."""
