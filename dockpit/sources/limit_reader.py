"""The limits that the kernel enforces on a container: its own, and the tightest of the cgroups above it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from dockpit.model.container_limits import EnforcedLimits, QuotaAbove
from dockpit.sources import kernel_parsers
from dockpit.sources.cgroup_hierarchy import V2, CgroupDir
from dockpit.sources.kernel_parsers import CpuStat

N = TypeVar("N")
Limit = Callable[[Path], float | None]
"""A cgroup's folder -> its limit, None for none."""

KEPT_SECONDS = 4.0
"""What was read of a cgroup above holds for all containers below it for so long."""
SHARED_SECONDS = 0.05
"""And its counters for so long: one round of reads."""


def in_file(name: str, parse: Callable[[bytes], N | None]) -> Callable[[Path], N | None]:
    """What reads the file `name` of a cgroup; None for no limit, and for a file that is not there."""

    def read(folder: Path) -> N | None:
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


def cpu_quota_v1(folder: Path) -> float | None:
    """cpu.cfs_quota_us and cpu.cfs_period_us, in cores; None for -1."""
    quota = _QUOTA(folder)
    period = _PERIOD(folder) if quota else None
    return quota / period if quota and period else None


def swap_v1(folder: Path, memory_bytes: int | None) -> int | None:
    """What memory.memsw.limit_in_bytes allows beyond memory; None without a limit, or without swap accounting."""
    both = _MEMSW(folder)
    return None if both is None or memory_bytes is None else max(0, both - memory_bytes)


_QUOTA = in_file("cpu.cfs_quota_us", kernel_parsers.number)
_PERIOD = in_file("cpu.cfs_period_us", kernel_parsers.number)
_MEMSW = in_file("memory.memsw.limit_in_bytes", kernel_parsers.limit)
cpu_v2 = in_file("cpu.max", kernel_parsers.cpu_max)
memory_v2 = in_file("memory.max", kernel_parsers.limit)
swap_v2 = in_file("memory.swap.max", kernel_parsers.limit)
memory_v1 = in_file("memory.limit_in_bytes", kernel_parsers.limit)
pids_max = in_file("pids.max", kernel_parsers.limit)
_stat_v1 = in_file("cpu.stat", kernel_parsers.cpu_stat_v1)
_stat_v2 = in_file("cpu.stat", kernel_parsers.cpu_stat_v2)


class LimitReader:
    """Reads limits; what is above a container is read once for all that share it."""

    def __init__(self) -> None:
        self._above: dict[tuple[Path, Limit], tuple[float, float | None]] = {}
        self._counted: dict[Path, tuple[float, CpuStat | None]] = {}

    def forget(self) -> None:
        """Something happened to a container: what is above may have changed with it."""
        self._above.clear()
        self._counted.clear()

    def of(self, places: Mapping[str, CgroupDir], at: float) -> EnforcedLimits:
        """The limits of a container at `at`, seconds; `places` are its cgroups by controller."""
        if "cpuacct" in places:
            return self._split(places, at)
        place = places[V2]
        folder = place.folder
        own = EnforcedLimits(cpu_v2(folder), memory_v2(folder), swap_v2(folder), pids_max(folder), read_at=at)
        return self._under(own, (place, cpu_v2), (place, memory_v2), at)

    def quota_above(self, places: Mapping[str, CgroupDir], at: float) -> Path | None:
        """The cgroup above a container that has the tightest CFS quota, tighter than its own or not; None for none."""
        split = "cpuacct" in places
        place, limit = (places.get("cpu"), cpu_quota_v1) if split else (places[V2], cpu_v2)
        quotas = ((self._read(folder, limit, at), folder) for folder in (place.above if place is not None else ()))
        return min(((cores, folder) for cores, folder in quotas if cores is not None), default=(0.0, None))[1]

    def stopped(self, folder: Path, places: Mapping[str, CgroupDir], at: float) -> QuotaAbove | None:
        """The counters of that cgroup as of `at`; None where it does not tell."""
        split = "cpuacct" in places
        known = self._counted.get(folder)
        if known is None or not 0 <= at - known[0] < SHARED_SECONDS:
            known = self._counted[folder] = (at, (_stat_v1 if split else _stat_v2)(folder))
        place, stat = places["cpu" if split else V2], known[1]
        if stat is None or stat.periods is None or stat.throttled_periods is None:
            return None
        return QuotaAbove(place.name_of(folder), stat.periods, stat.throttled_periods)

    def _split(self, places: Mapping[str, CgroupDir], at: float) -> EnforcedLimits:
        cpu, memory, pids = (places.get(name) for name in ("cpu", "memory", "pids"))
        bytes_ = memory_v1(memory.folder) if memory else None
        own = EnforcedLimits(
            cpu_cores=cpu_quota_v1(cpu.folder) if cpu else None,
            memory_bytes=bytes_,
            swap_bytes=swap_v1(memory.folder, bytes_) if memory else None,
            pids=pids_max(pids.folder) if pids else None,
            read_at=at,
        )
        return self._under(own, (cpu, cpu_quota_v1), (memory, memory_v1), at)

    def _under(
        self,
        own: EnforcedLimits,
        cpu: tuple[CgroupDir | None, Limit],
        memory: tuple[CgroupDir | None, Limit],
        at: float,
    ) -> EnforcedLimits:
        """`own` with what is tighter above it."""
        cores, holds_cpu = self._tightest(*cpu, own.cpu_cores, at)
        size, holds_memory = self._tightest(*memory, own.memory_bytes, at)
        return replace(
            own,
            parent_cpu_cores=cores,
            parent_memory_bytes=None if size is None else int(size),
            parent=holds_cpu or holds_memory,
        )

    def _tightest(
        self, place: CgroupDir | None, limit: Limit, own: float | None, at: float
    ) -> tuple[float | None, str]:
        """What is tightest above and below `own` and the path of the cgroup that sets it; (None, "") for none."""
        tightest, holder = own, ""
        for folder in place.above if place is not None else ():
            value = self._read(folder, limit, at)
            if value is not None and (tightest is None or value < tightest):
                tightest, holder = value, place.name_of(folder) if place else ""
        return (tightest, holder) if holder else (None, "")

    def _read(self, folder: Path, limit: Limit, at: float) -> float | None:
        known = self._above.get((folder, limit))
        if known is None or not 0 <= at - known[0] < KEPT_SECONDS:
            known = self._above[folder, limit] = (at, limit(folder))
        return known[1]
