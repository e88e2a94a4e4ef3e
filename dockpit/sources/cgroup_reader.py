"""Reads one container's cgroup and network files into samples; what cgroup v1 and v2 have in common.

cgroup_v1.py, cgroup_v2.py      which files there are, and what they are called
          │  sample(now): reads them
          ▼
CgroupReader._sample(…)         the one place where a Sample of the kernel is put together
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import EnforcedLimits, ThrottlingAbove
from dockpit.sources import kernel_parsers
from dockpit.sources.cgroup_hierarchy import V2, CgroupDir, uses_host_network
from dockpit.sources.idle_detection import IdleDetector, Reader
from dockpit.sources.kernel_parsers import CpuStat, MemoryEvents, MemoryStat
from dockpit.sources.limit_reader import LimitReader
from dockpit.sources.open_files import DescriptorBudget, EveryNth, KernelFile, cached, open_optional, read_optional

SELDOM = 5
"""Samples per read of slow figures: the peak of memory, and kernel memory on v1."""
LIMITS_SECONDS = 10.0
"""Seconds between two reads of the limits, unless an event concerns the container."""

NO_CPU = CpuStat()
NO_EVENTS = MemoryEvents()
NO_MEMORY = MemoryStat()
NO_PAIR = (None, None)

Now = Callable[[], float]
Pair = tuple[int | None, int | None]
T = TypeVar("T")


class CgroupReadings(NamedTuple):
    """What one cgroup version read at one instant; None is n/a, `block` is (read, written) bytes."""

    cpu_ns: int | None
    cpu_times: CpuStat
    """User and system time."""
    quota: CpuStat
    """CFS periods, throttling and bursts."""
    usage_bytes: int | None
    memory: MemoryStat
    peak_bytes: int | None
    swap_bytes: int | None
    kernel_bytes: int | None
    events: MemoryEvents
    block: Pair
    pids: int | None


class CgroupReader(ABC):
    """One run of one container, its files kept open. Raises OSError where a file it needs cannot be opened."""

    def __init__(
        self,
        container: Container,
        dirs: dict[str, CgroupDir],
        proc: Path,
        descriptors: DescriptorBudget,
        limit_reader: LimitReader,
    ) -> None:
        self.id = container.id
        self._run = (container.pid, container.started_at)
        self._dirs = dirs
        self._proc = proc
        self._descriptors = descriptors
        self._limit_reader = limit_reader
        self._files: list[KernelFile[Any]] = []
        self._enforced: EnforcedLimits | None = None
        self._enforced_at = 0.0
        self._quota_above: Path | None = None
        try:
            self._open_shared(container)
            self._idle = IdleDetector(self._open(container))
        except OSError:
            self.close()
            raise

    @abstractmethod
    def _open(self, container: Container) -> list[KernelFile[Any] | None]:
        """Open the files of this version and return those whose counters grow while it stalls. Raises OSError."""

    @abstractmethod
    def sample(self, now: Now) -> Sample:
        """Everything as of `now()`. Raises OSError when the cgroup is gone."""

    def is_of(self, container: Container) -> bool:
        """Whether this is that very run of the container."""
        return self._run == (container.pid, container.started_at)

    def reread_all(self) -> None:
        """Reread limits and idle files with the next sample, after an event of the container."""
        self._enforced_at = 0.0
        self._idle.forget()

    def close(self) -> None:
        """Close its files: an open /proc/<pid>/net/dev would hold the network of a dead container."""
        for file in self._files:
            file.close()
        self._files.clear()

    def _open_shared(self, container: Container) -> None:
        unified = self._dirs.get(V2)
        self._cpu_pressure = self._optional(unified, "cpu.pressure", kernel_parsers.pressure)
        self._memory_pressure = self._optional(unified, "memory.pressure", kernel_parsers.pressure)
        self._io_pressure = self._optional(unified, "io.pressure", kernel_parsers.pressure)
        net = self._proc / str(container.pid) / "net"
        shared = container.network_mode == "host" or uses_host_network(self._proc, container.pid)
        self._net = None if shared else self._process_file(net / "dev", kernel_parsers.net_dev)
        self._tcp = None if shared else self._process_file(net / "snmp", kernel_parsers.tcp_retransmits)
        self._traffic: Pair | None = None

    def _needed(self, controller: str, name: str, parse: Callable[[bytes], T]) -> KernelFile[T]:
        """A file without which there is no sample. Raises OSError."""
        found = self._dirs.get(controller)
        if found is None:
            raise FileNotFoundError(2, f"it is not in the {controller or 'unified'} hierarchy")
        file = KernelFile(found.folder / name, parse, self._descriptors)
        self._closed_at_end(file)
        return file

    def _optional(self, cgroup: CgroupDir | None, name: str, parse: Callable[[bytes], T]) -> KernelFile[T] | None:
        """A file of the cgroup, None where this kernel has none."""
        return self._process_file(cgroup.folder / name if cgroup else None, parse)

    def _seldom(self, cgroup: CgroupDir | None, name: str) -> EveryNth[int | None] | None:
        """A file of one number that is read with every SELDOM-th sample."""
        file = self._optional(cgroup, name, kernel_parsers.number)
        return None if file is None else EveryNth(file, SELDOM)

    def _process_file(self, path: Path | None, parse: Callable[[bytes], T]) -> KernelFile[T] | None:
        file = open_optional(path, parse, self._descriptors)
        if file is not None:
            self._closed_at_end(file)
        return file

    def _closed_at_end(self, file: KernelFile[T]) -> None:
        self._files.append(file)

    def _sample(self, at: float, found: CgroupReadings, read: Reader[Any]) -> Sample:
        """A sample of the readings, completed by pressure, network and limits; `read` reads files of an idle container.

        TCP retransmits show in the traffic, without which their file, a dear one, is not read.
        """
        received, sent = traffic = read_optional(self._net) or NO_PAIR
        is_quiet = traffic == self._traffic and traffic != NO_PAIR
        retransmits = cached(self._tcp) if is_quiet else read_optional(self._tcp)
        self._traffic = traffic
        limits, memory = self._limits(at), found.memory
        return Sample(
            container_id=self.id,
            at=at,
            cpu_ns=found.cpu_ns,
            cpu_user_ns=found.cpu_times.user_ns,
            cpu_system_ns=found.cpu_times.system_ns,
            periods=found.quota.periods,
            throttled_periods=found.quota.throttled_periods,
            throttled_ns=found.quota.throttled_ns,
            bursts=found.quota.bursts,
            burst_ns=found.quota.burst_ns,
            memory_used_bytes=working_set(found.usage_bytes, memory.inactive_file),
            memory_unreclaimable_bytes=memory.unreclaimable,
            memory_cache_bytes=memory.file,
            memory_limit_bytes=limits.memory_bytes,
            memory_peak_bytes=at_least(found.peak_bytes, found.usage_bytes),
            memory_failures=found.events.failures,
            net_rx_bytes=received,
            net_tx_bytes=sent,
            tcp_retransmits=retransmits,
            block_read_bytes=found.block[0],
            block_write_bytes=found.block[1],
            pids=found.pids,
            pids_limit=limits.pids,
            oom_kills=found.events.oom_kills,
            cpu_pressure=read_optional(self._cpu_pressure),
            memory_pressure=read(self._memory_pressure),
            io_pressure=read(self._io_pressure),
            swap_bytes=found.swap_bytes,
            anon_bytes=memory.anon,
            file_bytes=memory.file,
            kernel_bytes=found.kernel_bytes,
            shmem_bytes=memory.shmem,
            major_faults=memory.major_faults,
            refaults=memory.refaults,
            swapped_in_bytes=memory.swapped_in_bytes,
            in_force=limits,
            throttling_above=self._counters_above(at),
            source="kernel",
        )

    def _limits(self, at: float) -> EnforcedLimits:
        if self._enforced is None or not 0 <= at - self._enforced_at < LIMITS_SECONDS:
            self._enforced = self._limit_reader.read(self._dirs, at)
            self._quota_above = self._limit_reader.find_quota_above(self._dirs, at)
            self._enforced_at = at
        assert self._enforced is not None
        return self._enforced

    def _counters_above(self, at: float) -> ThrottlingAbove | None:
        folder = self._quota_above
        return None if folder is None else self._limit_reader.read_quota_above(folder, self._dirs, at)


def working_set(usage: int | None, inactive_file: int | None) -> int | None:
    """docker's figure of memory used: usage less inactive_file, where that is below it."""
    if usage is None:
        return None
    inactive = inactive_file or 0
    return usage - inactive if inactive < usage else usage


def at_least(peak: int | None, usage: int | None) -> int | None:
    """An earlier reading of the peak, raised to the present usage; None where the kernel keeps no peak."""
    return peak if peak is None or usage is None or usage <= peak else usage
