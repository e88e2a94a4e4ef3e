"""One round of reads per tick for all containers that the kernel shows: a steady beat that never piles up."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.monitor.poll_intervals import Attention, PollIntervals
from dockpit.process.clock import Clock, SteadyWallClock, Ticker

Now = Callable[[], float]

INLINE_SECONDS = 0.006
"""A round that takes longer to read is read in a thread, so that keys are answered meanwhile."""
SLICE_SECONDS = 0.002
"""Samples are taken in for so long at a stretch before others have their turn."""
PAUSE_SECONDS = 0.004
"""And that is how long: a key goes through many hands before it is answered, and would wait for a slice at each."""
PAUSES_SECONDS = 0.3
"""A round that takes longer than this to be taken in pauses no more: it would be late for the next."""
SECOND_LOOK_SECONDS = 0.2
"""How soon after the first look a container is read again: two make a rate."""
AFTER_SECONDS = 0.005
"""So long after the beginning of a round what goes along with it has its turn."""


class KernelReader(Protocol):
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


@dataclass(eq=False, slots=True)
class PolledRun:
    """One run of a container that is read: when it was last, and by which setting of the wall clock."""

    id: str
    run: tuple[int, float]
    setting: int
    read_at: float = -math.inf


Found = tuple[PolledRun, Sample | None]
"""What was read of a container, None when its files are gone."""


class KernelPoller:
    """Reads what it was given on every beat; `take_in` gets the samples, `lost` the ids whose files went away.

    Times are `ahead` seconds of this machine's. While somebody is in a `hurry` samples wait to be taken in,
    PAUSES_SECONDS at most. Without a `hurry` nobody waits for anything: a round is read and taken in at a stretch,
    which costs least.
    """

    def __init__(
        self,
        kernel: KernelReader,
        clock: Clock,
        *,
        take_in: Callable[[Sample], None],
        lost: Callable[[str], None],
        group: asyncio.TaskGroup,
        pace: PollIntervals,
        attention: Callable[[], Attention],
        ahead: Callable[[], float] = lambda: 0.0,
        hurry: Callable[[], bool] | None = lambda: False,
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self._take_in = take_in
        self._lost = lost
        self._group = group
        self._pace = pace
        self._attention = attention
        self._ahead_now = ahead
        self._ahead = ahead()
        self._hurry = hurry
        self._moment = SteadyWallClock(clock)
        self._beat = Ticker(clock)
        self._taken: dict[str, PolledRun] = {}
        self._fresh: list[PolledRun] = []
        self._setting = 0
        self._reading: asyncio.Future[list[Found]] | None = None
        self._each_seconds = 0.0
        self.in_round = False
        """Whether a round is being read, or taken in."""
        self.read_seconds = 0.0
        """How long the last round took to read."""

    def __contains__(self, container_id: str) -> bool:
        return container_id in self._taken

    def __len__(self) -> int:
        return len(self._taken)

    @property
    def late(self) -> int:
        """Ticks that were skipped, for the one before had not ended."""
        return self._beat.late

    def take(self, container: Container) -> str:
        """Read this container from now on, its first two samples at once; "" or why it cannot be."""
        why = self._kernel.take(container)
        run = (container.pid, container.started_at)
        known = self._taken.get(container.id)
        if why:
            self.drop(container.id)
        elif known is None or known.run != run:
            taken = self._taken[container.id] = PolledRun(container.id, run, self._setting)
            if not self._fresh:
                self._group.create_task(self._first_looks(), name="first looks")
            self._fresh.append(taken)
        return why

    def drop(self, container_id: str) -> None:
        """Read a container no more."""
        if self._taken.pop(container_id, None) is not None:
            self._kernel.drop(container_id)

    def clear(self) -> None:
        """Read none of them any more."""
        for container_id in list(self._taken):
            self.drop(container_id)

    def with_round(self, seconds: float) -> float:
        """Seconds until the round nearest to `seconds` from now has just begun; `seconds` where nothing is read."""
        return self._beat.nearest(seconds) + AFTER_SECONDS if self._taken else seconds

    async def _first_looks(self) -> None:
        """Two looks at those that came since the loop last turned."""
        fresh, self._fresh = self._fresh, []
        await self._look(fresh)
        await self._clock.sleep(SECOND_LOOK_SECONDS)
        await self._look(fresh)

    async def _look(self, fresh: list[PolledRun]) -> None:
        """Read those that are still to be read, when nothing else is being read."""
        while self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading])
        due = [taken for taken in fresh if self._taken.get(taken.id) is taken]
        await self._accept(self._read(due), self._setting)

    def _now(self) -> float:
        return self._moment() + self._ahead

    async def run(self) -> None:
        """Beat until cancelled; all files are closed then."""
        try:
            while True:
                await self._clock.sleep(self._beat.wait(self._period()))
                await self._round(self._clock.monotonic())
        finally:
            self.clear()
            self._kernel.settle()

    def _period(self) -> float:
        """The shortest pace that anything is read at now."""
        focused = any(one in self._taken for one in self._attention().focus)
        return self._pace.focus if focused else self._pace.all

    async def _round(self, now: float) -> None:
        self.in_round = True
        try:
            await self._one_round(now)
        finally:
            self.in_round = False

    async def _one_round(self, now: float) -> None:
        self._kernel.settle()
        if self._moment.adjust() or self._ahead != self._ahead_now():
            self._setting += 1
            self._ahead = self._ahead_now()
        due = self._due_at(now)
        slow = self._hurry is not None and self._kernel.threads and len(due) * self._each_seconds > INLINE_SECONDS
        found = await self._read_in_thread(due) if slow else self._read(due)
        await self._accept(found, self._setting)

    def _due_at(self, now: float) -> list[PolledRun]:
        """Those whose time has come, or is nearer than a tenth of their pace: no tick is exact."""
        attention, due = self._attention(), []
        for taken in self._taken.values():
            if now - taken.read_at >= 0.9 * self._pace.seconds(taken.id, attention):
                taken.read_at = now
                due.append(taken)
        return due

    def _read(self, due: list[PolledRun]) -> list[Found]:
        begun = self._clock.monotonic()
        found = [(taken, self._kernel.read(taken.id, self._now)) for taken in due]
        self.read_seconds = self._clock.monotonic() - begun
        if due:
            self._each_seconds = self.read_seconds / len(due)
        return found

    async def _read_in_thread(self, due: list[PolledRun]) -> list[Found]:
        """The same in a thread, which has ended when this has, however often this is cancelled."""
        reading = self._reading = asyncio.get_running_loop().run_in_executor(None, self._read, due)
        try:
            return await asyncio.shield(reading)
        finally:
            while not reading.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([reading])
            self._reading = None

    async def _accept(self, found: list[Found], setting: int) -> None:
        """Take samples in, others having their turn between slices; the first since the clock was set is marked.

        What was read of a run that is over, or was taken anew since, says nothing.
        """
        first = begun = self._clock.monotonic()
        for taken, sample in found:
            if self._taken.get(taken.id) is not taken or taken.setting > setting:
                continue
            if sample is not None:
                self._take_in(sample if taken.setting == setting else sample._replace(first=True))
                taken.setting = setting
            else:
                self.drop(taken.id)
                self._lost(taken.id)
            if self._hurry is not None and self._clock.monotonic() - begun > SLICE_SECONDS:
                begun = await self._pause(first + PAUSES_SECONDS, self._hurry)

    async def _pause(self, latest: float, hurry: Callable[[], bool]) -> float:
        """Let others have their turn, and whoever is in a hurry come to an end, until `latest`; the time then."""
        while True:
            now = self._clock.monotonic()
            await self._clock.sleep(PAUSE_SECONDS if now < latest else 0)
            if now >= latest or not hurry():
                return self._clock.monotonic()
