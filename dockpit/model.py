"""The words dockpit thinks in: frozen values without behaviour beyond simple questions.

Units are in the names. `None` always means that the host cannot say; it is shown as n/a and never as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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
