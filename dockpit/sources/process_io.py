"""Block I/O summed over a container's processes, where the kernel counts none for its cgroup (v1 since Linux 5)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dockpit.process.procfs import numbered_as_here
from dockpit.sources.kernel_parsers import process_io
from dockpit.sources.open_files import DescriptorBudget, KernelFile

MOST_PROCESSES = 64
"""A container with more is n/a: looking at each of them would cost more than all its other figures together."""
KEPT_PROCESSES = 4
"""So many files of processes are kept open: to open one takes ten times as long as to read it."""
MOST_BYTES = 4_096
LOOKS_BELOW = 8
"""Every so many looks is looked for cgroups below, though the list has not changed."""
LEAF_LINKS = 2
"""A folder without folders in it has so many links; file systems that do not count so have 1."""


class ProcessIo:
    """Adds up /proc/<pid>/io; the sum never falls.

    The kernel adds what a process did to its parent's once that has waited for it, so growth is that of the whole, and
    not of each. What one did that nobody in the container waits for, since the last look, is not in it. Reading another
    user's takes root or CAP_SYS_PTRACE.
    """

    def __init__(self, procs: Path, proc: Path, descriptors: DescriptorBudget, unified: bool) -> None:
        self._procs = procs
        self._folder = procs.parent
        self._proc = os.fspath(proc)
        self._descriptors = descriptors
        self._list = KernelFile(procs, bytes.split, descriptors) if unified else None
        self._kept: dict[bytes, KernelFile[tuple[int, int] | None]] = {}
        self._listed: list[bytes] = []
        self._parted = False
        self._looks = 0
        self._seen = (0, 0)
        self._total = (0, 0)
        self._told: tuple[int, int] | None = None
        self._cpu_ns: int | None = -1

    @classmethod
    def of(cls, procs: Path, proc: Path, descriptors: DescriptorBudget, unified: bool = False) -> ProcessIo | None:
        """The traffic of those in a cgroup.procs file, `unified` for one of v2; None where it may not be seen."""
        if not numbered_as_here(proc):
            return None
        try:
            found = cls(procs, proc, descriptors, unified)
        except OSError:
            return None
        if found.read(None) is not None:
            return found
        found.close()
        return None

    def close(self) -> None:
        """Close its files."""
        if self._list is not None:
            self._list.close()
        for file in self._kept.values():
            file.close()
        self._kept.clear()

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
        for gone in self._kept.keys() - set(pids):
            self._kept.pop(gone).close()
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
        """Those in the container's cgroup and, where an init or an engine in it has made some, in those below.

        A list of v1 is opened anew each time: read again within a second, an open one stays as it was.
        """
        listed = self._list.read() if self._list is not None else _read(self._procs).split()
        self._looks += 1
        if listed is not self._listed or self._looks % LOOKS_BELOW == 0:
            self._listed, self._parted = listed, self._folder.stat().st_nlink > LEAF_LINKS
        if not self._parted:
            return listed
        pids = [*listed]
        for below in self._folder.glob(f"*/**/{self._procs.name}"):
            with suppress(OSError):
                pids += _read(below).split()
        return pids

    def _one(self, pid: bytes) -> tuple[int, int] | None:
        """What a process did; None for one that has ended. Raises PermissionError."""
        kept = self._kept.get(pid)
        if kept is not None:
            try:
                return kept.read()
            except (FileNotFoundError, ProcessLookupError):
                self._kept.pop(pid).close()
        try:
            file = KernelFile(f"{self._proc}/{os.fsdecode(pid)}/io", process_io, self._descriptors)
        except (FileNotFoundError, ProcessLookupError):
            return None
        try:
            io = file.read()
        except (FileNotFoundError, ProcessLookupError):
            io = None
        except OSError:
            file.close()
            raise
        if io is not None and len(self._kept) < KEPT_PROCESSES:
            self._kept[pid] = file
        else:
            file.close()
        return io


def _read(path: Path | str) -> bytes:
    """The first bytes of a list, which has more processes than are looked at where it is longer. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, MOST_BYTES)
    finally:
        os.close(fd)
