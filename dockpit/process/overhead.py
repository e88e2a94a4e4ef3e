"""dockpit's own overhead: CPU and memory of its processes, bytes to the terminal, and the CPU of a local engine."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dockpit.process.procfs import proc_folder

WINDOW_SECONDS = 5.0
"""Length of the window over which rates are taken."""
ENGINE_READ_SECONDS = 2.0
"""Seconds between reads of the engine's processes: there is one for each container."""
ENGINE_SEARCH_SECONDS = 30.0
"""Seconds between searches for the engine's processes among all processes."""
ENGINE_PROCESS_NAMES = ("dockerd", "containerd", "containerd-shim")
"""Names of the engine's processes in /proc/PID/comm, where the kernel keeps 15 characters."""

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

CpuSecondsByProcess = dict[tuple[int, int], float]
"""CPU seconds by (pid, start time in ticks since boot): a pid that is used again is another process."""


@dataclass(frozen=True, slots=True)
class Overhead:
    """One reading of the overhead; CPU in percent of one core, None for a figure that is not known (yet)."""

    cpu_percent: float | None = None
    memory_bytes: int | None = None
    written_bytes_per_s: float | None = None
    engine_cpu_percent: float | None = None


class CounterRate:
    """The rate of a counter over the last WINDOW_SECONDS."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, float]] = deque()

    def add(self, monotonic: float, value: float) -> None:
        """Add a reading of the counter."""
        self._readings.append((monotonic, value))
        while len(self._readings) > 2 and self._readings[1][0] <= monotonic - WINDOW_SECONDS:
            self._readings.popleft()

    @property
    def per_second(self) -> float | None:
        """Growth per second, None before the second reading."""
        if len(self._readings) < 2:
            return None
        (start, first), (end, last) = self._readings[0], self._readings[-1]
        return (last - first) / (end - start) if end > start else None


class CpuTimeTotal:
    """The summed CPU time of processes that come and go; each counts from its second reading."""

    def __init__(self) -> None:
        self._last: CpuSecondsByProcess = {}
        self._total_seconds = 0.0
        self._rate = CounterRate()

    def add(self, monotonic: float, cpu_seconds: CpuSecondsByProcess) -> None:
        """Add a reading of all processes."""
        self._total_seconds += sum(seconds - self._last.get(key, seconds) for key, seconds in cpu_seconds.items())
        self._last = cpu_seconds
        self._rate.add(monotonic, self._total_seconds)

    @property
    def percent(self) -> float | None:
        """Percent of one core, None before the second reading."""
        rate = self._rate.per_second
        return None if rate is None else rate * 100


class OverheadReader:
    """Reads the overhead of a process tree and of a local engine; measures only when read() is called."""

    def __init__(
        self, pid: int | None = None, own_proc: Path = Path("/proc"), machine_proc: Path | None = None
    ) -> None:
        self._pid = os.getpid() if pid is None else pid
        self._own_proc = own_proc
        self._machine_proc = machine_proc or proc_folder()
        self._own_cpu = CpuTimeTotal()
        self._terminal_bytes = CounterRate()
        self._engine_cpu = CpuTimeTotal()
        self._engine_pids: tuple[int, ...] = ()
        self._searched_at = self._engine_read_at = -ENGINE_SEARCH_SECONDS - ENGINE_READ_SECONDS

    def read(self, monotonic: float, written_bytes: int | None, local: bool) -> Overhead:
        """The overhead at `monotonic` seconds.

        `written_bytes` is the total sent to the terminal, None if it is not counted; `local` is whether the engine runs
        on this machine.
        """
        pids = tuple(_process_tree(self._own_proc, self._pid))
        self._own_cpu.add(monotonic, _cpu_seconds(self._own_proc, pids))
        if written_bytes is not None:
            self._terminal_bytes.add(monotonic, written_bytes)
        if local:
            self._read_engine(monotonic)
        return Overhead(
            cpu_percent=self._own_cpu.percent,
            memory_bytes=sum(_resident_bytes(self._own_proc, pid) for pid in pids) or None,
            written_bytes_per_s=self._terminal_bytes.per_second,
            engine_cpu_percent=self._engine_cpu.percent if local and self._engine_pids else None,
        )

    def _read_engine(self, monotonic: float) -> None:
        if monotonic - self._searched_at >= ENGINE_SEARCH_SECONDS:
            self._searched_at = monotonic
            self._engine_pids = tuple(_pids_named(self._machine_proc, ENGINE_PROCESS_NAMES))
        if monotonic - self._engine_read_at >= ENGINE_READ_SECONDS:
            self._engine_read_at = monotonic
            self._engine_cpu.add(monotonic, _cpu_seconds(self._machine_proc, self._engine_pids))


def _process_tree(proc: Path, pid: int) -> Iterator[int]:
    """The pids of a process and its descendants; only itself where the kernel does not list children."""
    yield pid
    for task in _entry_names(f"{proc}/{pid}/task"):
        for child in _read_text(f"{proc}/{pid}/task/{task}/children").split():
            yield from _process_tree(proc, int(child))


def _pids_named(proc: Path, names: tuple[str, ...]) -> Iterator[int]:
    """The pids of the processes whose comm is one of `names`."""
    for name in _entry_names(str(proc)):
        if name.isdigit() and _read_text(f"{proc}/{name}/comm").rstrip("\n") in names:
            yield int(name)


def _cpu_seconds(proc: Path, pids: Iterable[int]) -> CpuSecondsByProcess:
    """User and system CPU seconds of those of `pids` that exist."""
    found: CpuSecondsByProcess = {}
    for pid in pids:
        fields = _read_text(f"{proc}/{pid}/stat").rpartition(")")[2].split()
        if len(fields) > 19:
            found[pid, int(fields[19])] = (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND
    return found


def _resident_bytes(proc: Path, pid: int) -> int:
    fields = _read_text(f"{proc}/{pid}/statm").split()
    return int(fields[1]) * _PAGE_BYTES if len(fields) > 1 else 0


def _entry_names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []


def _read_text(path: str) -> str:
    """The first 4096 bytes of a kernel file, "" if it is missing or not readable."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, 4096).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(fd)
