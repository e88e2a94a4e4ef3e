"""Block I/O summed over a container's processes, where the kernel counts none for its cgroup (v1 since Linux 5)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dockpit.sources.counters import process_io

MOST_PROCESSES = 64
"""A container with more is n/a: looking at each of them would cost more than all its other figures together."""


class ProcessTraffic:
    """Adds up /proc/<pid>/io; what one did between the last look and its end is not in it; the sum never falls.

    Reading another user's takes root or CAP_SYS_PTRACE.
    """

    def __init__(self, procs: Path, proc: Path) -> None:
        self._procs = procs
        self._proc = proc
        self._known: dict[bytes, tuple[int, int]] = {}
        self._total: tuple[int, int] | None = (0, 0)
        self._cpu_ns: int | None = -1

    @classmethod
    def of(cls, procs: Path, proc: Path) -> ProcessTraffic | None:
        """The traffic of the processes in a cgroup.procs file; None where it may not be seen."""
        found = cls(procs, proc)
        return found if found.read(None) is not None else None

    def read(self, cpu_ns: int | None) -> tuple[int, int] | None:
        """Bytes read and written so far. Without CPU time since the last look (`cpu_ns` the same) nothing was."""
        if cpu_ns is not None and cpu_ns == self._cpu_ns:
            return self._total
        self._cpu_ns = cpu_ns
        with suppress(OSError):
            self._total = self._add()
        return self._total

    def _add(self) -> tuple[int, int] | None:
        pids = self._procs.read_bytes().split()
        if len(pids) > MOST_PROCESSES:
            return None
        seen = {pid: io for pid in pids if (io := self._one(pid)) is not None}
        if pids and not seen:
            return None
        read, written = self._total or (0, 0)
        for pid, (reads, writes) in seen.items():
            before = self._known.get(pid, (0, 0))
            read += max(0, reads - before[0])
            written += max(0, writes - before[1])
        self._known = seen
        return read, written

    def _one(self, pid: bytes) -> tuple[int, int] | None:
        try:
            fd = os.open(self._proc / os.fsdecode(pid) / "io", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return process_io(os.read(fd, 1024))
        except OSError:
            return None
        finally:
            os.close(fd)
