"""The words dockpit thinks in: frozen values without behaviour beyond simple questions.

Units are in the names. `None` always means that the host cannot say; it is shown as n/a and never as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

State = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]
Health = Literal["none", "starting", "healthy", "unhealthy"]
Risk = Literal["none", "watch", "high", "imminent"]
Level = Literal["ok", "watch", "high", "critical"]
LinkState = Literal["connecting", "up", "lost", "closed"]

UNLIMITED_BYTES = 9_223_372_036_854_771_712
"""What the kernel and the engine write for "no memory limit"."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What `docker inspect` says is configured (HostConfig); 0, "" or None where nothing is set.

    Source: HostConfig.{NanoCpus,CpuQuota,CpuPeriod,CpuShares,CpusetCpus,CpusetMems,Memory,MemorySwap,
    MemoryReservation,PidsLimit,BlkioWeight,RestartPolicy}.
    """

    nano_cpus: int = 0
    cpu_quota_us: int = 0
    cpu_period_us: int = 0
    cpu_shares: int = 0
    cpuset_cpus: str = ""
    cpuset_mems: str = ""
    memory_bytes: int = 0
    memory_swap_bytes: int = 0
    memory_reservation_bytes: int = 0
    pids_limit: int | None = None
    blkio_weight: int = 0
    restart_policy: str = "no"
    restart_max_retries: int = 0

    @property
    def cpu_cores(self) -> float | None:
        """The CFS limit in cores, None when there is none."""
        if self.cpu_quota_us < 0:
            return None
        if self.nano_cpus > 0:
            return self.nano_cpus / 1e9
        if self.cpu_quota_us > 0:
            return self.cpu_quota_us / (self.cpu_period_us or 100_000)
        return None

    @property
    def memory_limit_bytes(self) -> int | None:
        """The memory limit, None when there is none."""
        return self.memory_bytes if 0 < self.memory_bytes < UNLIMITED_BYTES else None

    @property
    def memory_reserved_bytes(self) -> int | None:
        """The memory reservation, None when there is none."""
        kept = self.memory_reservation_bytes
        return kept if 0 < kept < UNLIMITED_BYTES else None

    @property
    def pids_max(self) -> int | None:
        """The pids limit, None when there is none."""
        return self.pids_limit if self.pids_limit is not None and 0 < self.pids_limit < 1 << 62 else None


@dataclass(frozen=True, slots=True)
class Container:
    """A container as inspect describes it. Times are seconds since the epoch on the engine's clock, 0 for never."""

    id: str
    name: str
    image: str = ""
    image_id: str = ""
    command: str = ""
    project: str = ""
    service: str = ""
    state: State = "created"
    health: Health = "none"
    created_at: float = 0.0
    started_at: float = 0.0
    finished_at: float = 0.0
    exit_code: int = 0
    error: str = ""
    oom_killed: bool = False
    restarts: int = 0
    pid: int = 0
    limits: Limits = field(default_factory=Limits)
    network_mode: str = ""
    pid_mode: str = ""
    auto_remove: bool = False
    stop_seconds: int | None = None
    """How long `docker stop` waits for it; None for the engine's default."""
    tty: bool = False
    ports: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def short_id(self) -> str:
        """The first 12 hex digits, as docker prints them."""
        return self.id[:12]

    @property
    def live(self) -> bool:
        """Whether it has processes: running or paused."""
        return self.state in ("running", "paused")


@dataclass(frozen=True, slots=True)
class Listed:
    """A container as a listing has it: enough to see whether it must be inspected anew."""

    id: str
    names: tuple[str, ...] = ()
    state: State | None = None
    """None for a word that is none of ours."""
    health: Health = "none"

    def tells_of(self, container: Container) -> bool:
        """Whether that is the container as it is known."""
        return self.state == container.state and container.name in self.names and self.health == container.health


@dataclass(frozen=True, slots=True)
class Pressure:
    """PSI of one resource: microseconds stalled since boot, for `some` and for all (`full`) tasks."""

    some_us: int | None = None
    full_us: int | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """The limits that the kernel enforces, read from the cgroup; None is no limit, for all of it was read.

    `parent_…` are those of a cgroup above that is tighter, `parent` its path. Source: cpu.max, memory.max,
    memory.swap.max, pids.max (v2); cpu.cfs_quota_us, memory.limit_in_bytes, memory.memsw.limit_in_bytes, pids.max (v1).
    """

    cpu_cores: float | None = None
    memory_bytes: int | None = None
    swap_bytes: int | None = None
    """Swap alone, 0 where it may use none."""
    pids: int | None = None
    parent_cpu_cores: float | None = None
    parent_memory_bytes: int | None = None
    parent: str = ""
    """The path of the tighter cgroup above, as the kernel names it."""
    read_at: float = field(default=0.0, compare=False)
    """When they were read, seconds since the epoch."""

    @property
    def tightest_cpu_cores(self) -> float | None:
        """The CPU limit that holds it: its own, or that of a cgroup above."""
        return self.cpu_cores if self.parent_cpu_cores is None else self.parent_cpu_cores

    @property
    def tightest_memory_bytes(self) -> int | None:
        """The memory limit that holds it: its own, or that of a cgroup above."""
        return self.memory_bytes if self.parent_memory_bytes is None else self.parent_memory_bytes


@dataclass(frozen=True, slots=True)
class QuotaAbove:
    """The CFS counters of the cgroup above a container whose quota is the tightest: what it stops is all below it.

    Source: cpu.stat of that cgroup; `path` as the kernel names it.
    """

    path: str
    periods: int
    throttled_periods: int


class Sample(NamedTuple):
    """Raw counters of one container, read at one instant.

    `at` is the time of the read on the clock of whoever read it (the engine's `read` field), in seconds since the
    epoch. Counters are totals since the container started; gauges are values at `at`.
    """

    container_id: str
    at: float
    cpu_ns: int | None = None
    cpu_user_ns: int | None = None
    cpu_system_ns: int | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_ns: int | None = None
    memory_used_bytes: int | None = None
    """docker's figure: usage less inactive_file."""
    memory_unreclaimable_bytes: int | None = None
    """anon + shmem + unreclaimable slab + kernel stack + sockets: what reclaim cannot give back."""
    memory_cache_bytes: int | None = None
    memory_limit_bytes: int | None = None
    """The limit in force; None when the container has none of its own."""
    memory_peak_bytes: int | None = None
    memory_failures: int | None = None
    net_rx_bytes: int | None = None
    net_tx_bytes: int | None = None
    block_read_bytes: int | None = None
    block_write_bytes: int | None = None
    pids: int | None = None
    pids_limit: int | None = None
    oom_kills: int | None = None
    """The kernel's own count; None from a source that does not have it."""
    cpu_pressure: Pressure | None = None
    memory_pressure: Pressure | None = None
    io_pressure: Pressure | None = None
    swap_bytes: int | None = None
    anon_bytes: int | None = None
    file_bytes: int | None = None
    """The kernel's `file` (v2) or `cache` (v1): page cache, shmem and tmpfs included."""
    kernel_bytes: int | None = None
    """Memory of the kernel's own for it: slab, stacks, page tables, sockets."""
    shmem_bytes: int | None = None
    major_faults: int | None = None
    refaults: int | None = None
    in_force: InForce | None = None
    """The limits that the kernel enforces; None from a source that does not have them."""
    quota_above: QuotaAbove | None = None
    """None where no cgroup above has a quota, or the source does not know."""
    first: bool = False
    """The first of a run, where the source can tell: nothing before it belongs to it."""
    source: str = "engine"


class Rates(NamedTuple):
    """What two samples say together; every figure is None where either sample lacks it. See derive.rates()."""

    at: float
    seconds: float
    cpu_cores: float | None = None
    cpu_user_cores: float | None = None
    cpu_system_cores: float | None = None
    throttled_ratio: float | None = None
    """Throttled periods ÷ periods, 0..1; 0 when no period ran. Of a cgroup above where that was stopped more."""
    throttled_ms_per_s: float | None = None
    net_rx_bytes_per_s: float | None = None
    net_tx_bytes_per_s: float | None = None
    block_read_bytes_per_s: float | None = None
    block_write_bytes_per_s: float | None = None
    major_faults_per_s: float | None = None
    refaults_per_s: float | None = None
    cpu_some_percent: float | None = None
    memory_some_percent: float | None = None
    memory_full_percent: float | None = None
    io_some_percent: float | None = None
    io_full_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One engine event. `at_ns` is the engine's timeNano; `action` has its detail (exec command, health) split off."""

    at_ns: int
    type: str
    action: str
    actor_id: str
    detail: str = ""
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> float:
        """Seconds since the epoch."""
        return self.at_ns / 1e9

    @property
    def key(self) -> tuple[int, str, str, str]:
        """What tells two deliveries of one event from two events."""
        return (self.at_ns, self.type, f"{self.action}:{self.detail}", self.actor_id)


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
class Sources:
    """Where the figures of the live containers come from."""

    kernel: int = 0
    """So many are read from the kernel's files."""
    engine: int = 0
    """So many by the engine's stats."""
    whys: tuple[str, ...] = ()
    """Why not all from the kernel, the commonest first."""
    late: int = 0
    """Rounds of reads that were skipped, for the one before had not ended."""


@dataclass(frozen=True, slots=True)
class Host:
    """The machine under a local engine, from psutil and /proc/pressure; every figure None for a remote engine."""

    at: float = 0.0
    cpu_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    disk_read_bytes_per_s: float | None = None
    disk_write_bytes_per_s: float | None = None
    net_rx_bytes_per_s: float | None = None
    net_tx_bytes_per_s: float | None = None
    cpu_some_percent: float | None = None
    memory_some_percent: float | None = None
    io_some_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Throttling:
    """How much of the last window a container was held back by its CFS quota, or by that of a cgroup above."""

    level: Level = "ok"
    percent: float | None = None
    """Throttled periods ÷ periods over the window, 0..100."""
    ms_per_s: float | None = None
    """CPU-ms/s lost to its own quota."""
    since: float = 0.0
    above: str = ""
    """The cgroup above that `percent` is of, where that was stopped more than the container itself."""


@dataclass(frozen=True, slots=True)
class MemoryRisk:
    """How near a container is to an OOM kill, judged on memory that reclaim cannot give back."""

    risk: Risk = "none"
    eta_seconds: float | None = None
    slope_bytes_per_s: float | None = None
    """How fast it grows, where that leads to an end that is near enough to speak of."""
    headroom_bytes: int | None = None
    cache_heavy: bool = False
    """Near its limit by page cache alone: full and harmless."""
    kills: int = 0
    last_kill_at: float = 0.0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """Something wrong with one container, since when, in words."""

    container_id: str
    name: str
    kind: Literal["throttled", "oom", "oom-risk", "restart-loop", "unhealthy", "pids", "limits"]
    level: Level
    text: str
    since: float

    @property
    def key(self) -> tuple[str, str]:
        """One alert per container and kind."""
        return (self.container_id, self.kind)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a plan, in the user's words and units."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Plan:
    """An intended action on one container: what changes, the docker command it stands for, and the way back."""

    kind: Literal["update", "start", "stop", "restart", "pause", "unpause", "kill", "remove"]
    container_id: str
    container_name: str
    engine_id: str
    summary: str
    command: str
    danger: Literal["safe", "confirm", "kill"] = "confirm"
    changes: tuple[Change, ...] = ()
    body: Mapping[str, object] = field(default_factory=dict)
    """The JSON body of POST /containers/{id}/update, or the query of another action."""
    undo_body: Mapping[str, object] | None = None
    warnings: tuple[str, ...] = ()
    """Sentences the user must read before confirming."""
    compose: str = ""
    expected: Limits | None = None
    before: Limits | None = None
    undoes: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan: `text` is a sentence, `undo` the plan that takes it back, if there is one."""

    ok: bool
    text: str
    plan: Plan | None = None
    undo: Plan | None = None
    at: float = 0.0
    warnings: tuple[str, ...] = ()
    in_force: Limits | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line a container printed; `at` is the engine's timestamp or 0; text is raw and hostile."""

    stream: Literal["stdout", "stderr", "note"]
    text: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a container, from the engine's top and, when local, psutil."""

    pid: int
    user: str
    command: str
    ppid: int | None = None
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    threads: int | None = None
    state: str = ""
    started_at: float = 0.0
