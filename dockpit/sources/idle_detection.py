"""Which files of a container need not be read again: while no process of it ran, most of them are unchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dockpit.sources.open_files import KernelFile, cached, read_optional

T = TypeVar("T")
Reader = Callable[[KernelFile[T] | None], T | None]
"""How the value of a file is obtained: read_optional() reads it, cached() repeats the last one."""

IDLE_REREAD_SECONDS = 5.0
"""Maximum age of a value that is repeated; a container sampled less often than this is read completely each time."""


class IdleDetector:
    """Tells whether a container is idle: then most of its files need no read.

    - Charges, faults, kills and I/O take a running process, which shows in its CPU time.
    - A stall goes on without CPU time: a process waits for a device, for memory or for its quota. A container counts as
      idle after one interval in which neither CPU time nor the counters in `stall_files` grew.
    - Other containers can take its memory, which shows in its usage.
    - The aging of pages shows nowhere: all files are read again after IDLE_REREAD_SECONDS.
    """

    __slots__ = ("_activity", "_read_at", "_stall_files", "_stalls")

    def __init__(self, stall_files: Sequence[KernelFile[Any] | None]) -> None:
        self._stall_files = [file for file in stall_files if file is not None]
        self._activity: tuple[object, ...] = ()
        self._stalls: list[object] | None = None
        """The stall counters at the last complete read, None after activity."""
        self._read_at = 0.0

    def choose_reader(self, at: float, *activity: object) -> Reader[Any]:
        """How to read the other files at `at`, seconds; `activity` are values already read, CPU time first."""
        if activity != self._activity or activity[0] is None:
            self._activity, self._stalls = activity, None
            return read_optional
        stalls = [cached(file) for file in self._stall_files]
        if stalls == self._stalls and 0 <= at - self._read_at < IDLE_REREAD_SECONDS:
            return cached
        self._stalls, self._read_at = stalls, at
        return read_optional

    def forget(self) -> None:
        """Have everything read the next time."""
        self._stalls = None
