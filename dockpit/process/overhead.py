"""What dockpit itself costs: CPU and memory of its processes, bytes to the terminal, and the CPU of a local engine."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dockpit.process.procfs import proc_folder

WINDOW_SECONDS = 5.0
"""The figures are those of the last seconds."""
ENGINE_SECONDS = 2.0
"""How often the engine's processes are read: there is one for each container."""
FIND_SECONDS = 30.0
"""How often they are looked for among all processes."""
ENGINE_NAMES = ("dockerd", "containerd", "containerd-shim")
"""What the kernel calls them; it keeps 15 characters of a name."""

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

CpuSecondsByProcess = dict[tuple[int, int], float]
"""CPU seconds by process: its id and when it started, in ticks since boot."""


@dataclass(frozen=True, slots=True)
class Overhead:
    """CPU in percent of one core; None is what is not known, or not yet."""

    cpu_percent: float | None = None
    memory_bytes: int | None = None
    written_bytes_per_s: float | None = None
    engine_cpu_percent: float | None = None


class CounterRate:
    """A counter over the last WINDOW_SECONDS."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    def note(self, monotonic: float, value: float) -> None:
        """What the counter says now."""
        self._seen.append((monotonic, value))
        while len(self._seen) > 2 and self._seen[1][0] <= monotonic - WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def per_second(self) -> float | None:
        """How fast it grew, None before the second look."""
        if len(self._seen) < 2:
            return None
        (begun, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - begun) if ended > begun else None


class CpuTimeTotal:
    """CPU time of processes that come and go: one counts from the second look at it."""

    def __init__(self) -> None:
        self._used: CpuSecondsByProcess = {}
        self._seconds = 0.0
        self._span = CounterRate()

    def note(self, monotonic: float, used: CpuSecondsByProcess) -> None:
        """What each of them has used by now."""
        self._seconds += sum(seconds - self._used.get(key, seconds) for key, seconds in used.items())
        self._used = used
        self._span.note(monotonic, self._seconds)

    @property
    def percent(self) -> float | None:
        """Percent of one core, None before the second look."""
        rate = self._span.per_second
        return None if rate is None else rate * 100


class OverheadReader:
    """Reads the costs; nothing is measured but by read()."""

    def __init__(self, pid: int | None = None, own: Path = Path("/proc"), machine: Path | None = None) -> None:
        self._pid = os.getpid() if pid is None else pid
        self._own = own
        self._machine = machine or proc_folder()
        self._ours = CpuTimeTotal()
        self._written = CounterRate()
        self._engine = CpuTimeTotal()
        self._engine_pids: tuple[int, ...] = ()
        self._found_at = self._engine_at = -FIND_SECONDS - ENGINE_SECONDS

    def read(self, monotonic: float, written_bytes: int | None, local: bool) -> Overhead:
        """The costs by now; `written_bytes` went to the terminal so far, `local` is an engine on this machine."""
        pids = tuple(_tree(self._own, self._pid))
        self._ours.note(monotonic, _used(self._own, pids))
        if written_bytes is not None:
            self._written.note(monotonic, written_bytes)
        if local:
            self._read_engine(monotonic)
        return Overhead(
            cpu_percent=self._ours.percent,
            memory_bytes=sum(_resident(self._own, pid) for pid in pids) or None,
            written_bytes_per_s=self._written.per_second,
            engine_cpu_percent=self._engine.percent if local and self._engine_pids else None,
        )

    def _read_engine(self, monotonic: float) -> None:
        if monotonic - self._found_at >= FIND_SECONDS:
            self._found_at = monotonic
            self._engine_pids = tuple(_named(self._machine, ENGINE_NAMES))
        if monotonic - self._engine_at >= ENGINE_SECONDS:
            self._engine_at = monotonic
            self._engine.note(monotonic, _used(self._machine, self._engine_pids))


def _tree(proc: Path, pid: int) -> Iterator[int]:
    """A process and its descendants, where the kernel lists them."""
    yield pid
    for task in _names(f"{proc}/{pid}/task"):
        for child in _text(f"{proc}/{pid}/task/{task}/children").split():
            yield from _tree(proc, int(child))


def _named(proc: Path, names: tuple[str, ...]) -> Iterator[int]:
    """The processes that the kernel calls by one of `names`."""
    for name in _names(str(proc)):
        if name.isdigit() and _text(f"{proc}/{name}/comm").rstrip("\n") in names:
            yield int(name)


def _used(proc: Path, pids: Iterable[int]) -> CpuSecondsByProcess:
    """CPU seconds of the processes that are there, user and system."""
    found: CpuSecondsByProcess = {}
    for pid in pids:
        fields = _text(f"{proc}/{pid}/stat").rpartition(")")[2].split()
        if len(fields) > 19:
            found[pid, int(fields[19])] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def _resident(proc: Path, pid: int) -> int:
    fields = _text(f"{proc}/{pid}/statm").split()
    return int(fields[1]) * _PAGE_BYTES if len(fields) > 1 else 0


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []


def _text(path: str) -> str:
    """A file of the kernel, "" for one that is not there or not for us."""
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
