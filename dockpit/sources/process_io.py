"""Block I/O summed over a container's processes, where the kernel counts none for its cgroup (v1 since Linux 5)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dockpit.metrics.derive import growth
from dockpit.process.procfs import shares_pid_namespace
from dockpit.sources.kernel_parsers import process_io
from dockpit.sources.open_files import DescriptorBudget, KernelFile

MAX_PROCESSES = 64
"""A container with more is n/a: reading them all would cost more than all its other figures together."""
MAX_OPEN_PROCESSES = 4
"""How many processes' files are kept open: opening one takes ten times as long as reading it."""
MAX_LIST_BYTES = 4_096
"""Bytes read of a process list that is not kept open; a longer one has more than MAX_PROCESSES."""
CHILD_CHECK_READS = 8
"""Reads after which child cgroups are searched for again, even if the process list is unchanged."""
LEAF_LINKS = 2
"""The link count of a folder without subfolders; file systems that do not count links have 1."""


class ProcessIo:
    """Sums /proc/<pid>/io of a container's processes; the sum never falls.

    When a process has been waited for, the kernel adds its I/O to its parent's, so only the growth of the whole sum is
    meaningful, not that of each process. Missing is the I/O since the last read of a process that ended and that no
    process in the container waits for. Reading another user's /proc/<pid>/io takes root or CAP_SYS_PTRACE.
    """

    def __init__(self, procs_file: Path, proc: Path, descriptors: DescriptorBudget, unified: bool) -> None:
        self._procs_file = procs_file
        self._cgroup = procs_file.parent
        self._proc = os.fspath(proc)
        self._descriptors = descriptors
        self._open_list = KernelFile(procs_file, bytes.split, descriptors) if unified else None
        self._open_processes: dict[bytes, KernelFile[tuple[int, int] | None]] = {}
        self._pids: list[bytes] = []
        self._has_children = False
        self._list_reads = 0
        self._last_sum = (0, 0)
        """Bytes read and written by the processes that were there at the last read."""
        self._total = (0, 0)
        """Bytes read and written so far: all growth of the sum."""
        self._result: tuple[int, int] | None = None
        self._cpu_ns: int | None = -1

    @classmethod
    def open(
        cls, procs_file: Path, proc: Path, descriptors: DescriptorBudget, unified: bool = False
    ) -> ProcessIo | None:
        """The I/O of the processes in a cgroup.procs file, `unified` for one of v2; None where it cannot be read."""
        if not shares_pid_namespace(proc):
            return None
        try:
            found = cls(procs_file, proc, descriptors, unified)
        except OSError:
            return None
        if found.read(None) is not None:
            return found
        found.close()
        return None

    def close(self) -> None:
        """Close its files."""
        if self._open_list is not None:
            self._open_list.close()
        for file in self._open_processes.values():
            file.close()
        self._open_processes.clear()

    def read(self, cpu_ns: int | None) -> tuple[int, int] | None:
        """Bytes read and written so far, None where they cannot be read.

        `cpu_ns` is the container's CPU time: unless it has grown since the last read, no I/O was done.
        """
        if cpu_ns is None or cpu_ns != self._cpu_ns:
            self._cpu_ns = cpu_ns
            try:
                self._result = self._read_all()
            except PermissionError:
                self._result = None
            except OSError:
                pass
        return self._result

    def _read_all(self) -> tuple[int, int] | None:
        """The total as of now. Raises PermissionError where one process may not be read: the rest would be wrong."""
        pids = self._list_pids()
        if len(pids) > MAX_PROCESSES:
            return None
        for ended in self._open_processes.keys() - set(pids):
            self._open_processes.pop(ended).close()
        found = [io for pid in pids if (io := self._read_process(pid)) is not None]
        if not found:
            return None
        read, written = sum(io[0] for io in found), sum(io[1] for io in found)
        self._total = (
            self._total[0] + (growth(self._last_sum[0], read) or 0),
            self._total[1] + (growth(self._last_sum[1], written) or 0),
        )
        self._last_sum = read, written
        return self._total

    def _list_pids(self) -> list[bytes]:
        """The processes in the container's cgroup and in its children, which an init or an inner engine may have made.

        A list of v1 is opened for each read: one kept open does not change when it is read again within a second.
        """
        pids = self._open_list.read() if self._open_list is not None else _read_list(self._procs_file).split()
        self._list_reads += 1
        if pids is not self._pids or self._list_reads % CHILD_CHECK_READS == 0:
            self._pids, self._has_children = pids, self._cgroup.stat().st_nlink > LEAF_LINKS
        if not self._has_children:
            return pids
        pids = [*pids]
        for child in self._cgroup.glob(f"*/**/{self._procs_file.name}"):
            with suppress(OSError):
                pids += _read_list(child).split()
        return pids

    def _read_process(self, pid: bytes) -> tuple[int, int] | None:
        """Bytes a process has read and written; None for one that has ended. Raises PermissionError."""
        kept = self._open_processes.get(pid)
        if kept is not None:
            try:
                return kept.read()
            except (FileNotFoundError, ProcessLookupError):
                self._open_processes.pop(pid).close()
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
        if io is not None and len(self._open_processes) < MAX_OPEN_PROCESSES:
            self._open_processes[pid] = file
        else:
            file.close()
        return io


def _read_list(path: Path | str) -> bytes:
    """The first MAX_LIST_BYTES of a process list. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, MAX_LIST_BYTES)
    finally:
        os.close(fd)
