"""What need not be read again: of a container that ran nothing, most files say what they said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dockpit.sources.open_files import KernelFile, cached, read_optional

T = TypeVar("T")
Reader = Callable[[KernelFile[T] | None], T | None]
"""How a file is looked at: said() reads it, told() gives what it said when it was last read."""

IDLE_REREAD_SECONDS = 5.0
"""What was not read again is so old at most; a container that is read as seldom as that is read whole each time."""


class IdleDetector:
    """Knows whether a container stood still, and so how to look at what nobody but its own processes changes.

    Charges, faults, kills and I/O take a process that runs, and running shows in its CPU time. What goes on without any
    are stalls: a process may wait for a device, for memory or for its quota, as it did when it was last seen. It takes
    one interval without CPU time and without growth of `stalls` to tell that none waits. Memory can be taken from it
    by others, which shows in its usage; pages that only grow old do not, and are told within STILL_SECONDS.
    """

    __slots__ = ("_before", "_moving", "_read_at", "_stalls")

    def __init__(self, stalls: Sequence[KernelFile[Any] | None]) -> None:
        self._stalls = [file for file in stalls if file is not None]
        self._moving: tuple[object, ...] = ()
        self._before: list[object] | None = None
        self._read_at = 0.0

    def look(self, at: float, *moving: object) -> Reader[Any]:
        """How to look at `at`, seconds, at the other files; `moving` is what was read already, CPU time first."""
        if moving != self._moving or moving[0] is None:
            self._moving, self._before = moving, None
            return read_optional
        known = [cached(file) for file in self._stalls]
        if known == self._before and 0 <= at - self._read_at < IDLE_REREAD_SECONDS:
            return cached
        self._before, self._read_at = known, at
        return read_optional

    def forget(self) -> None:
        """Look at everything the next time."""
        self._before = None
