"""The limits that the kernel enforces on a container: its own, and the tightest of the cgroups above it.

Containers share the cgroups above them (a Compose slice, a machine's root), so what is read there is cached for all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from dockpit.model.container_limits import EnforcedLimits, ThrottlingAbove
from dockpit.sources import kernel_parsers
from dockpit.sources.cgroup_hierarchy import V2, CgroupDir
from dockpit.sources.kernel_parsers import CpuStat

T = TypeVar("T")
ReadLimit = Callable[[Path], float | None]
"""Reads a limit from a cgroup's folder, None for none."""

PARENT_LIMIT_SECONDS = 4.0
"""How long a limit of a cgroup above holds for all containers below it."""
PARENT_COUNTER_SECONDS = 0.05
"""How long its counters hold: one round of reads."""


def file_reader(name: str, parse: Callable[[bytes], T | None]) -> Callable[[Path], T | None]:
    """A function that reads the file `name` in a cgroup's folder; None for no limit and for a missing file."""

    def read(folder: Path) -> T | None:
        try:
            fd = os.open(f"{folder}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return parse(os.read(fd, 1024))
        except OSError:
            return None
        finally:
            os.close(fd)

    return read


cpu_quota_v2 = file_reader("cpu.max", kernel_parsers.cpu_max)
memory_limit_v2 = file_reader("memory.max", kernel_parsers.limit)
swap_limit_v2 = file_reader("memory.swap.max", kernel_parsers.limit)
memory_limit_v1 = file_reader("memory.limit_in_bytes", kernel_parsers.limit)
pids_limit = file_reader("pids.max", kernel_parsers.limit)
_cfs_quota_us = file_reader("cpu.cfs_quota_us", kernel_parsers.number)
_cfs_period_us = file_reader("cpu.cfs_period_us", kernel_parsers.number)
_memory_and_swap_limit_v1 = file_reader("memory.memsw.limit_in_bytes", kernel_parsers.limit)
_cpu_stat_v1 = file_reader("cpu.stat", kernel_parsers.cpu_stat_v1)
_cpu_stat_v2 = file_reader("cpu.stat", kernel_parsers.cpu_stat_v2)


def cpu_quota_v1(folder: Path) -> float | None:
    """cpu.cfs_quota_us ÷ cpu.cfs_period_us, in cores; None for a quota of -1."""
    quota = _cfs_quota_us(folder)
    period = _cfs_period_us(folder) if quota else None
    return quota / period if quota and period else None


def swap_limit_v1(folder: Path, memory_bytes: int | None) -> int | None:
    """Bytes that memory.memsw.limit_in_bytes allows beyond memory; None without a limit or without swap accounting."""
    both = _memory_and_swap_limit_v1(folder)
    return None if both is None or memory_bytes is None else max(0, both - memory_bytes)


def _is_v1(cgroups: Mapping[str, CgroupDir]) -> bool:
    return "cpuacct" in cgroups


def _cpu_quota(cgroups: Mapping[str, CgroupDir]) -> tuple[CgroupDir | None, ReadLimit]:
    """The cgroup that has a container's CFS quota, None without one, and what reads a quota there and above."""
    return (cgroups.get("cpu"), cpu_quota_v1) if _is_v1(cgroups) else (cgroups[V2], cpu_quota_v2)


def _memory_limit(cgroups: Mapping[str, CgroupDir]) -> tuple[CgroupDir | None, ReadLimit]:
    """The cgroup that has a container's memory limit, None without one, and what reads a limit there and above."""
    return (cgroups.get("memory"), memory_limit_v1) if _is_v1(cgroups) else (cgroups[V2], memory_limit_v2)


class _FolderCache(Generic[T]):
    """What was read from folders; it holds for `seconds`, and not after the clock was set back."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._values: dict[tuple[Path, Callable[[Path], T | None]], tuple[float, T | None]] = {}

    def get(self, folder: Path, read: Callable[[Path], T | None], at: float) -> T | None:
        """What `read` gives for `folder` as of `at`, seconds."""
        known = self._values.get((folder, read))
        if known is None or not 0 <= at - known[0] < self._seconds:
            known = self._values[folder, read] = (at, read(folder))
        return known[1]

    def clear(self) -> None:
        """Have everything read again."""
        self._values.clear()


class LimitReader:
    """Reads limits; the cgroups above containers are read once for all that share them."""

    def __init__(self) -> None:
        self._parent_limits: _FolderCache[float] = _FolderCache(PARENT_LIMIT_SECONDS)
        self._parent_counters: _FolderCache[CpuStat] = _FolderCache(PARENT_COUNTER_SECONDS)

    def forget(self) -> None:
        """Read the cgroups above again: an event of a container may have changed them too."""
        self._parent_limits.clear()
        self._parent_counters.clear()

    def read(self, cgroups: Mapping[str, CgroupDir], at: float) -> EnforcedLimits:
        """The limits of a container at `at`, seconds; `cgroups` are its own by controller."""
        own = _own_limits_v1(cgroups, at) if _is_v1(cgroups) else _own_limits_v2(cgroups[V2].folder, at)
        cores, cpu_parent = self._tighter_above(*_cpu_quota(cgroups), own.cpu_cores, at)
        size, memory_parent = self._tighter_above(*_memory_limit(cgroups), own.memory_bytes, at)
        return replace(
            own,
            parent_cpu_cores=cores,
            parent_memory_bytes=None if size is None else int(size),
            parent=cpu_parent or memory_parent,
        )

    def find_quota_above(self, cgroups: Mapping[str, CgroupDir], at: float) -> Path | None:
        """The folder of the cgroup above a container with the tightest CFS quota, tighter than its own or not.

        None where no cgroup above has a quota.
        """
        cgroup, read = _cpu_quota(cgroups)
        folders = cgroup.ancestors if cgroup is not None else ()
        quotas = ((self._parent_limits.get(folder, read, at), folder) for folder in folders)
        return min(((cores, folder) for cores, folder in quotas if cores is not None), default=(0.0, None))[1]

    def read_quota_above(self, folder: Path, cgroups: Mapping[str, CgroupDir], at: float) -> ThrottlingAbove | None:
        """The throttling counters of the cgroup that find_quota_above() found, as of `at`; None where it has none."""
        v1 = _is_v1(cgroups)
        stat = self._parent_counters.get(folder, _cpu_stat_v1 if v1 else _cpu_stat_v2, at)
        if stat is None or stat.periods is None or stat.throttled_periods is None:
            return None
        return ThrottlingAbove(cgroups["cpu" if v1 else V2].path_of(folder), stat.periods, stat.throttled_periods)

    def _tighter_above(
        self, cgroup: CgroupDir | None, read: ReadLimit, own: float | None, at: float
    ) -> tuple[float | None, str]:
        """The tightest limit above that is below `own`, and the path of its cgroup; (None, "") where there is none."""
        tightest, path = own, ""
        for folder in cgroup.ancestors if cgroup is not None else ():
            value = self._parent_limits.get(folder, read, at)
            if value is not None and (tightest is None or value < tightest):
                tightest, path = value, cgroup.path_of(folder) if cgroup else ""
        return (tightest, path) if path else (None, "")


def _own_limits_v2(folder: Path, at: float) -> EnforcedLimits:
    return EnforcedLimits(
        cpu_quota_v2(folder), memory_limit_v2(folder), swap_limit_v2(folder), pids_limit(folder), read_at=at
    )


def _own_limits_v1(cgroups: Mapping[str, CgroupDir], at: float) -> EnforcedLimits:
    cpu, memory, pids = (cgroups.get(name) for name in ("cpu", "memory", "pids"))
    memory_bytes = memory_limit_v1(memory.folder) if memory else None
    return EnforcedLimits(
        cpu_cores=cpu_quota_v1(cpu.folder) if cpu else None,
        memory_bytes=memory_bytes,
        swap_bytes=swap_limit_v1(memory.folder, memory_bytes) if memory else None,
        pids=pids_limit(pids.folder) if pids else None,
        read_at=at,
    )
