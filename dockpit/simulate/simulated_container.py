"""One simulated container: its configuration, its state, its cgroup's counters and limits, and its execs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dockpit.simulate.scenario_spec import ContainerSpec, HealthCheck


@dataclass(slots=True)
class KernelCounters:
    """What the kernel counts for one cgroup and its network namespace since the container's start.

    `at` is the time of the counts in seconds since the epoch. The `_some_us` and `_full_us` fields are PSI totals:
    microseconds in which some task, or every task, waited for the resource.
    """

    at: float = 0.0
    cpu_ns: float = 0.0
    periods: float = 0.0
    throttled_periods: float = 0.0
    throttled_ns: float = 0.0
    anon_bytes: float = 0.0
    file_bytes: float = 0.0
    active_file_share: float = 0.4
    """Share of `file_bytes` on the active LRU list, 0..1."""
    kernel_bytes: float = 0.0
    peak_bytes: float = 0.0
    limit_hits: float = 0.0
    """memory.failcnt of cgroup v1."""
    scanned_pages: float = 0.0
    page_faults: float = 0.0
    major_faults: float = 0.0
    rx_bytes: float = 0.0
    tx_bytes: float = 0.0
    read_bytes: float = 0.0
    written_bytes: float = 0.0
    pids: int = 0
    oom_kills: int = 0
    refaults: float = 0.0
    cpu_some_us: float = 0.0
    cpu_full_us: float = 0.0
    memory_some_us: float = 0.0
    memory_full_us: float = 0.0
    io_some_us: float = 0.0
    io_full_us: float = 0.0

    @property
    def unreclaimable_bytes(self) -> float:
        """Bytes that reclaim cannot give back."""
        return self.anon_bytes + self.kernel_bytes

    @property
    def usage_bytes(self) -> float:
        """memory.current."""
        return self.anon_bytes + self.kernel_bytes + self.file_bytes


@dataclass(slots=True)
class CgroupLimits:
    """Limits in the cgroup's files, which can differ from those in HostConfig. `memory` is in bytes."""

    cores: float | None = None
    memory: float = float("inf")
    memory_swap_bytes: int = 0
    """Limit of memory and swap together; 0 or less for none."""
    pids: int = 0
    """0 for no limit."""
    cpuset_cpus: int = 0
    """Number of CPUs in the cpuset, 0 for all."""


@dataclass(slots=True)
class HealthCheckRun:
    """One run of a health check; times are seconds since the epoch."""

    started_at: float
    finished_at: float
    exit_code: int
    output: str


@dataclass(slots=True)
class HealthState:
    """The status of a container's health check and its last runs."""

    check: HealthCheck
    status: str = "starting"
    failing_streak: int = 0
    due_at: float = 0.0
    """Time of the next run in seconds since the epoch."""
    runs: list[HealthCheckRun] = field(default_factory=list)


@dataclass(slots=True)
class Exec:
    """One exec instance; `rows` and `columns` are the size of its terminal."""

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
    host_config: dict[str, Any]
    """HostConfig as inspect shows it."""
    created_at: float
    ip_address: str = ""
    status: str = "created"
    pid: int = 0
    started_at: float = 0.0
    finished_at: float = 0.0
    workload_started_at: float = 0.0
    """Time from which the workload's seconds count: the start, later by pauses and by OOM kills of a child."""
    exit_code: int = 0
    error: str = ""
    oom_killed: bool = False
    restart_count: int = 0
    restart_at: float = 0.0
    stopped_by_user: bool = False
    counters: KernelCounters = field(default_factory=KernelCounters)
    limits: CgroupLimits = field(default_factory=CgroupLimits)
    health: HealthState | None = None
    run_periods: list[tuple[float, float]] = field(default_factory=list)
    """(from, to) of each period in which it ran unpaused, oldest first; `to` is infinite while it runs."""
    past: list[KernelCounters] = field(default_factory=list)
    """Counters during the warm-up, one a second, oldest first."""
    own_exit: tuple[float, int] | None = None
    """Time at which it exits by itself, and its exit code."""
    command_output: list[tuple[float, int, bytes]] = field(default_factory=list)
    """(time, stream, bytes) of each line that its command printed; stream 1 is stdout, 2 stderr."""
    rows: int = 24
    columns: int = 80
    """Size of its terminal, with `rows`."""

    @property
    def live(self) -> bool:
        """Whether it has processes."""
        return self.status in ("running", "paused")

    @property
    def network_mode(self) -> str:
        """HostConfig.NetworkMode."""
        return str(self.host_config.get("NetworkMode", "bridge"))
