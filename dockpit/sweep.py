"""One round of reads per tick for all containers that the kernel shows: a steady beat that never piles up."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from dockpit.clock import Clock
from dockpit.model import Container, Sample

Now = Callable[[], float]
Found = tuple[str, Sample | None]
"""A container's id and what was read of it, None when its files are gone."""

INLINE_SECONDS = 0.006
"""A round that takes longer to read is read in a thread, so that keys are answered meanwhile."""
SLICE_SECONDS = 0.004
"""Samples are taken in for so long at a stretch before others have their turn."""
SECOND_LOOK_SECONDS = 0.2
"""How soon after the first look a container is read again: two make a rate."""
JUMP_SECONDS = 0.5
"""A wall clock that is this far from where the monotonic one puts it was set."""
SLEW_SECONDS = 0.001
"""How much of a smaller difference is made good in one tick."""


class Kernel(Protocol):
    """The kernel's own figures of the containers on this machine."""

    threads: bool
    """Whether read() may run in a thread while take() and drop() go on elsewhere."""

    def take(self, container: Container) -> str:
        """Begin to read a container, or go on; "" when that is so, else why it cannot be."""
        ...

    def drop(self, container_id: str) -> None:
        """Read a container no more; its files may stay open until settle()."""
        ...

    def settle(self) -> None:
        """Close what was dropped; called while nothing is being read."""
        ...

    def read(self, container_id: str, now: Now) -> Sample | None:
        """The container as of `now()`; None when its files are gone."""
        ...


@dataclass(frozen=True, slots=True)
class Attention:
    """What the user looks at: `focus` are read at the fast pace, all but `seen` at the calm one; None is everything."""

    focus: frozenset[str] = frozenset()
    seen: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is read, in seconds: all containers, those in focus, and in `--calm` those out of sight."""

    all: float = 1.0
    focus: float = 1.0
    hidden: float = 1.0

    @classmethod
    def of(cls, interval: float, calm: bool) -> Pace:
        """The paces of an interval: below a second it is for the container in focus only."""
        usual = max(1.0, interval)
        return cls(usual, min(interval, usual), 5 * usual if calm else usual)

    def seconds(self, container_id: str, attention: Attention) -> float:
        """How often this container is read."""
        if container_id in attention.focus:
            return self.focus
        return self.all if attention.seen is None or container_id in attention.seen else self.hidden


class Moment:
    """Epoch seconds that run as the monotonic clock does: a wall clock that is set bends no rate."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = clock.wall() - clock.monotonic()

    def __call__(self) -> float:
        """Now, seconds since the epoch."""
        return self._clock.monotonic() + self._offset

    def adjust(self) -> bool:
        """Follow the wall clock: small differences slowly; True when it was set, and times before it count no more."""
        drift = self._clock.wall() - self()
        jumped = abs(drift) > JUMP_SECONDS
        self._offset += drift if jumped else max(-SLEW_SECONDS, min(SLEW_SECONDS, drift))
        return jumped


class Beat:
    """Ticks at multiples of a period; one that is missed is counted, and not made up for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._period = 0.0
        self._next = 0.0
        self.late = 0

    def wait(self, period: float) -> float:
        """Seconds until the next tick; a new period begins now."""
        now = self._clock.monotonic()
        if period != self._period:
            self._period, self._next = period, now
        self._next += period
        if self._next < now:
            missed = math.ceil((now - self._next) / period)
            self.late += missed
            self._next += missed * period
        return self._next - now


class Sweep:
    """Reads what it was given on every beat; `take_in` gets the samples, `lost` the ids whose files went away."""

    def __init__(
        self,
        kernel: Kernel,
        clock: Clock,
        *,
        take_in: Callable[[Sample], None],
        lost: Callable[[str], None],
        group: asyncio.TaskGroup,
        pace: Pace,
        attention: Callable[[], Attention],
        ahead: float = 0.0,
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self._take_in = take_in
        self._lost = lost
        self._group = group
        self._pace = pace
        self._attention = attention
        self._ahead = ahead
        self._moment = Moment(clock)
        self._beat = Beat(clock)
        self._read_at: dict[str, float] = {}
        self._fresh: list[str] = []
        self._in_thread = False
        self.read_seconds = 0.0
        """How long the last round took to read."""

    def __contains__(self, container_id: str) -> bool:
        return container_id in self._read_at

    def __len__(self) -> int:
        return len(self._read_at)

    @property
    def late(self) -> int:
        """Ticks that were skipped, for the one before had not ended."""
        return self._beat.late

    def take(self, container: Container) -> str:
        """Read this container from now on, its first two samples at once; "" or why it cannot be."""
        why = self._kernel.take(container)
        if why:
            self.drop(container.id)
        elif container.id not in self._read_at:
            self._read_at[container.id] = -math.inf
            if not self._fresh:
                self._group.create_task(self._first_looks(), name="first looks")
            self._fresh.append(container.id)
        return why

    def drop(self, container_id: str) -> None:
        """Read a container no more."""
        if self._read_at.pop(container_id, None) is not None:
            self._kernel.drop(container_id)

    async def _first_looks(self) -> None:
        """Two looks at those that came since the loop last turned."""
        fresh, self._fresh = self._fresh, []
        await self._look(fresh)
        await self._clock.sleep(SECOND_LOOK_SECONDS)
        await self._look([one for one in fresh if one in self._read_at])

    async def _look(self, due: list[str]) -> None:
        if not self._in_thread:
            await self._accept(self._read(due))

    def _now(self) -> float:
        return self._moment() + self._ahead

    async def run(self) -> None:
        """Beat until cancelled; all files are closed then."""
        try:
            while True:
                await self._clock.sleep(self._beat.wait(self._period()))
                await self._round(self._clock.monotonic())
        finally:
            for container_id in list(self._read_at):
                self.drop(container_id)
            self._kernel.settle()

    def _period(self) -> float:
        """The shortest pace that anything is read at now."""
        focused = any(one in self._read_at for one in self._attention().focus)
        return self._pace.focus if focused else self._pace.all

    async def _round(self, now: float) -> None:
        self._kernel.settle()
        was_set = self._moment.adjust()
        due = self._due_at(now)
        begun = self._clock.monotonic()
        slow = self._kernel.threads and self.read_seconds > INLINE_SECONDS
        found = await self._read_in_thread(due) if slow else self._read(due)
        self.read_seconds = self._clock.monotonic() - begun
        if was_set:
            found = [(key, replace(sample, first=True) if sample is not None else None) for key, sample in found]
        await self._accept(found)

    def _due_at(self, now: float) -> list[str]:
        """Those whose time has come, or is nearer than a tenth of their pace: no tick is exact."""
        attention, due = self._attention(), []
        for container_id, last in self._read_at.items():
            if now - last >= 0.9 * self._pace.seconds(container_id, attention):
                due.append(container_id)
        for container_id in due:
            self._read_at[container_id] = now
        return due

    def _read(self, due: list[str]) -> list[Found]:
        return [(container_id, self._kernel.read(container_id, self._now)) for container_id in due]

    async def _read_in_thread(self, due: list[str]) -> list[Found]:
        """The same in a thread, which has ended when this has."""
        self._in_thread = True
        reading = asyncio.ensure_future(asyncio.to_thread(self._read, due))
        try:
            return await asyncio.shield(reading)
        finally:
            await asyncio.wait([reading])
            self._in_thread = False

    async def _accept(self, found: list[Found]) -> None:
        """Take samples in, others having their turn between slices."""
        begun = self._clock.monotonic()
        for container_id, sample in found:
            if container_id not in self._read_at:
                continue
            if sample is not None:
                self._take_in(sample)
            else:
                self.drop(container_id)
                self._lost(container_id)
            if self._clock.monotonic() - begun > SLICE_SECONDS:
                await asyncio.sleep(0)
                begun = self._clock.monotonic()
