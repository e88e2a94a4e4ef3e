"""Block I/O summed over a container's processes, where the kernel counts none for its cgroup (v1 since Linux 5)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dockpit.sources.counters import process_io
from dockpit.sources.folder import numbered_as_here

MOST_PROCESSES = 64
"""A container with more is n/a: looking at each of them would cost more than all its other figures together."""
LEAF_LINKS = 2
"""A folder without folders in it has so many links; file systems that do not count so have 1."""


class ProcessTraffic:
    """Adds up /proc/<pid>/io; the sum never falls.

    The kernel adds what a process did to its parent's once that has waited for it, so growth is that of the whole, and
    not of each. What one did that nobody in the container waits for, since the last look, is not in it. Reading another
    user's takes root or CAP_SYS_PTRACE.
    """

    def __init__(self, procs: Path, proc: Path) -> None:
        self._procs = procs
        self._proc = proc
        self._seen = (0, 0)
        self._total = (0, 0)
        self._told: tuple[int, int] | None = None
        self._cpu_ns: int | None = -1

    @classmethod
    def of(cls, procs: Path, proc: Path) -> ProcessTraffic | None:
        """The traffic of the processes in a cgroup.procs file; None where it may not be seen."""
        found = cls(procs, proc)
        if not numbered_as_here(proc):
            return None
        return found if found.read(None) is not None else None

    def read(self, cpu_ns: int | None) -> tuple[int, int] | None:
        """Bytes read and written so far. Without CPU time since the last look (`cpu_ns` the same) nothing was."""
        if cpu_ns is None or cpu_ns != self._cpu_ns:
            self._cpu_ns = cpu_ns
            try:
                self._told = self._add()
            except PermissionError:
                self._told = None
            except OSError:
                pass
        return self._told

    def _add(self) -> tuple[int, int] | None:
        """The sum as of now. Raises PermissionError where one may not be looked at: a part of it would be a lie."""
        pids = self._pids()
        if len(pids) > MOST_PROCESSES:
            return None
        found = [io for pid in pids if (io := self._one(pid)) is not None]
        if not found:
            return None
        read, written = sum(io[0] for io in found), sum(io[1] for io in found)
        self._total = (
            self._total[0] + max(0, read - self._seen[0]),
            self._total[1] + max(0, written - self._seen[1]),
        )
        self._seen = read, written
        return self._total

    def _pids(self) -> list[bytes]:
        """Those in the container's cgroup and, where an init or an engine in it has made some, in those below."""
        pids = self._procs.read_bytes().split()
        if self._procs.parent.stat().st_nlink > LEAF_LINKS:
            for below in self._procs.parent.glob(f"*/**/{self._procs.name}"):
                with suppress(OSError):
                    pids += below.read_bytes().split()
        return pids

    def _one(self, pid: bytes) -> tuple[int, int] | None:
        """What a process did; None for one that has ended. Raises PermissionError."""
        try:
            fd = os.open(self._proc / os.fsdecode(pid) / "io", os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, ProcessLookupError):
            return None
        try:
            return process_io(os.read(fd, 1024))
        except ProcessLookupError:
            return None
        finally:
            os.close(fd)
