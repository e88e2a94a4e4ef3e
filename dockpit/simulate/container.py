"""One simulated container: its configuration, its state and its kernel counters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dockpit.simulate.container_spec import ContainerSpec, HealthCheck


@dataclass(slots=True)
class Counters:
    """What the kernel counts for one cgroup; bytes, nanoseconds and counts since its start."""

    at: float = 0.0
    cpu: float = 0.0
    periods: float = 0.0
    throttled: float = 0.0
    throttled_ns: float = 0.0
    anon: float = 0.0
    file: float = 0.0
    hot: float = 0.4
    kernel: float = 0.0
    peak: float = 0.0
    failures: float = 0.0
    scanned: float = 0.0
    faults: float = 0.0
    major_faults: float = 0.0
    rx: float = 0.0
    tx: float = 0.0
    reads: float = 0.0
    writes: float = 0.0
    pids: int = 0
    ooms: int = 0
    refaults: float = 0.0
    cpu_stalled_us: float = 0.0
    cpu_blocked_us: float = 0.0
    memory_stalled_us: float = 0.0
    memory_blocked_us: float = 0.0
    io_stalled_us: float = 0.0
    io_blocked_us: float = 0.0
    """These six are microseconds in which some task stood still (stalled) and in which all did (blocked)."""

    @property
    def unreclaimable(self) -> float:
        """Bytes that reclaim cannot give back."""
        return self.anon + self.kernel

    @property
    def usage(self) -> float:
        """What memory.current says, in bytes."""
        return self.anon + self.kernel + self.file


@dataclass(slots=True)
class CgroupLimits:
    """What the cgroup files hold, which is not always what HostConfig says."""

    cores: float | None = None
    memory: float = float("inf")
    swap_total: int = 0
    pids: int = 0
    cpuset: int = 0
    """How many CPUs it may use, 0 for all."""


@dataclass(slots=True)
class Probe:
    """One run of a health check."""

    begin: float
    end: float
    code: int
    output: str


@dataclass(slots=True)
class HealthState:
    """Where a health check stands."""

    check: HealthCheck
    status: str = "starting"
    streak: int = 0
    due: float = 0.0
    log: list[Probe] = field(default_factory=list)


@dataclass(slots=True)
class Exec:
    """One exec instance."""

    id: str
    container: SimulatedContainer
    argv: list[str]
    tty: bool
    stdin: bool
    running: bool = False
    exit_code: int | None = None
    pid: int = 0
    rows: int = 24
    columns: int = 80


@dataclass(slots=True)
class SimulatedContainer:
    """One container of the world. Times are seconds since the epoch, 0 for never."""

    id: str
    name: str
    spec: ContainerSpec
    seed: int
    host: dict[str, Any]
    """HostConfig as inspect shows it."""
    created: float
    address: str = ""
    status: str = "created"
    pid: int = 0
    started: float = 0.0
    finished: float = 0.0
    work_since: float = 0.0
    exit_code: int = 0
    error: str = ""
    oom_killed: bool = False
    restarts: int = 0
    restart_at: float = 0.0
    stopped_by_hand: bool = False
    counters: Counters = field(default_factory=Counters)
    limits: CgroupLimits = field(default_factory=CgroupLimits)
    health: HealthState | None = None
    runs: list[tuple[float, float]] = field(default_factory=list)
    """When it was printing: (from, to), to being infinite for now."""
    past: list[Counters] = field(default_factory=list)
    """Counters of the time before the start, one a second."""
    ends: tuple[float, int] | None = None
    """When it will exit by itself, and its exit code."""
    transcript: list[tuple[float, int, bytes]] = field(default_factory=list)
    """What its command printed: (when, stream, bytes), whole lines."""
    rows: int = 24
    columns: int = 80

    @property
    def live(self) -> bool:
        """Whether it has processes."""
        return self.status in ("running", "paused")

    @property
    def net_mode(self) -> str:
        """HostConfig.NetworkMode."""
        return str(self.host.get("NetworkMode", "bridge"))
