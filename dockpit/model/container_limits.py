"""Limits of a container: configured, enforced by the kernel, and the CPU quota of a cgroup above."""

from __future__ import annotations

from dataclasses import dataclass, field

UNLIMITED_BYTES = 9_223_372_036_854_771_712
"""The memory limit by which the kernel and the engine express that there is none."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits as configured, from `docker inspect`; 0, "" or None where nothing is set.

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
class EnforcedLimits:
    """Limits that the kernel enforces, read from the cgroup; None is no limit.

    `parent_…` are those of a cgroup above that is tighter, `parent` its path. Source: cpu.max, memory.max,
    memory.swap.max, pids.max (v2); cpu.cfs_quota_us, memory.limit_in_bytes, memory.memsw.limit_in_bytes, pids.max (v1).
    """

    cpu_cores: float | None = None
    memory_bytes: int | None = None
    swap_bytes: int | None = None
    """The limit of swap alone; 0 forbids swap."""
    pids: int | None = None
    parent_cpu_cores: float | None = None
    parent_memory_bytes: int | None = None
    parent: str = ""
    """The path of the tighter cgroup above, as the kernel names it."""
    read_at: float = field(default=0.0, compare=False)
    """Time of the read in seconds since the epoch."""

    @property
    def tightest_cpu_cores(self) -> float | None:
        """The CPU limit in force: its own, or a tighter one above."""
        return self.cpu_cores if self.parent_cpu_cores is None else self.parent_cpu_cores

    @property
    def tightest_memory_bytes(self) -> int | None:
        """The memory limit in force: its own, or a tighter one above."""
        return self.memory_bytes if self.parent_memory_bytes is None else self.parent_memory_bytes


@dataclass(frozen=True, slots=True)
class ThrottlingAbove:
    """CFS counters of the cgroup with the tightest quota above a container; it throttles every container below it.

    Source: cpu.stat of that cgroup; `path` as the kernel names it.
    """

    path: str
    periods: int
    throttled_periods: int
