"""Reads all containers that the kernel shows, one collection per tick.

    Ticker --tick--> due runs --read--> readings --slice by slice--> on_sample(Sample)
      ^              (interval          (inline, or in a thread      on_lost(id): its files are gone
      |               has passed)        if slow)        |
      +--------------------------------------------------+

A collection that outlasts its tick makes the next one late, and late ticks are skipped: collections never pile up.
New runs are read at once and, as a rate takes two reads, again SECOND_READ_SECONDS later, between collections.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from dockpit.process.clock import Clock, SteadyWallClock, Ticker

Now = Callable[[], float]

INLINE_SECONDS = 0.006
"""Maximum reading time in the event loop; slower collections are read in a thread, so that keys are answered."""
SLICE_SECONDS = 0.002
"""Time for which samples are delivered before other tasks may run."""
PAUSE_SECONDS = 0.004
"""Pause between slices: a key passes through many tasks before it is answered, and would wait for a slice at each."""
MAX_PAUSING_SECONDS = 0.3
"""Time after which deliveries pause no more, lest a collection is late for the next tick."""
SECOND_READ_SECONDS = 0.2
"""Time between the first two reads of a new run."""
AFTER_TICK_SECONDS = 0.005
"""Delay after a tick before other once-a-second work runs."""
DUE_SHARE = 0.9
"""Share of its interval after which a container is due: no tick is exact."""


class KernelReader(Protocol):
    """Reads the kernel's own figures of the containers on this machine."""

    threads: bool
    """Whether read() may run in a thread while take() and drop() run elsewhere."""

    def take(self, container: Container) -> str:
        """Begin to read a container, or go on; "" on success, else why it cannot be read."""
        ...

    def drop(self, container_id: str) -> None:
        """Read a container no more; its files may stay open until settle()."""
        ...

    def settle(self) -> None:
        """Close the files of dropped containers; called while nothing is being read."""
        ...

    def read(self, container_id: str, now: Now) -> Sample | None:
        """The container as of `now()` (epoch seconds); None when its files are gone."""
        ...


@dataclass(eq=False, slots=True)
class PolledRun:
    """One run of a container that is polled."""

    id: str
    run: tuple[int, float]
    """The container's pid and start time, by which runs are told apart."""
    clock_setting: int
    """Number of times the wall clock had been set when the last sample of this run was delivered."""
    read_at: float = -math.inf
    """Monotonic seconds of the last collection that read this run."""


Reading = tuple[PolledRun, Sample | None]
"""A run with the sample read of it, None when its files are gone."""


class KernelPoller:
    """Polls the containers it was given; `on_sample` receives samples, `on_lost` the ids whose files are gone.

    Samples are dated by this machine's clock plus `clock_skew()` seconds. While `keys_pending()`, deliveries wait,
    MAX_PAUSING_SECONDS at most. Where `keys_pending` is None nobody presses keys: a collection is then read and
    delivered without pause, which costs least.
    """

    def __init__(
        self,
        kernel: KernelReader,
        clock: Clock,
        *,
        on_sample: Callable[[Sample], None],
        on_lost: Callable[[str], None],
        group: asyncio.TaskGroup,
        intervals: SampleIntervals,
        attention: Callable[[], Attention],
        clock_skew: Callable[[], float] = lambda: 0.0,
        keys_pending: Callable[[], bool] | None = lambda: False,
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self._on_sample = on_sample
        self._on_lost = on_lost
        self._group = group
        self._intervals = intervals
        self._attention = attention
        self._current_skew = clock_skew
        self._skew = clock_skew()
        self._keys_pending = keys_pending
        self._wall_clock = SteadyWallClock(clock)
        self._ticker = Ticker(clock)
        self._runs: dict[str, PolledRun] = {}
        self._new_runs: list[PolledRun] = []
        self._clock_setting = 0
        self._thread_read: asyncio.Future[list[Reading]] | None = None
        self._seconds_per_read = 0.0
        self.is_collecting = False
        """Whether a collection is being read or delivered."""
        self.read_seconds = 0.0
        """Reading time of the last collection."""

    def __contains__(self, container_id: str) -> bool:
        return container_id in self._runs

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def late(self) -> int:
        """Ticks skipped because the collection before had not ended."""
        return self._ticker.late

    def take(self, container: Container) -> str:
        """Poll this container from now on; a new run gets its first two reads at once. "" or why it cannot be read."""
        why = self._kernel.take(container)
        run = (container.pid, container.started_at)
        known = self._runs.get(container.id)
        if why:
            self.drop(container.id)
        elif known is None or known.run != run:
            new = self._runs[container.id] = PolledRun(container.id, run, self._clock_setting)
            if not self._new_runs:
                self._group.create_task(self._read_new_runs(), name="first reads")
            self._new_runs.append(new)
        return why

    def drop(self, container_id: str) -> None:
        """Poll a container no more."""
        if self._runs.pop(container_id, None) is not None:
            self._kernel.drop(container_id)

    def clear(self) -> None:
        """Drop all containers."""
        for container_id in list(self._runs):
            self.drop(container_id)

    def align_to_tick(self, seconds: float) -> float:
        """Seconds until just after the tick nearest to `seconds` from now; `seconds` where nothing is polled."""
        return self._ticker.seconds_to_nearest(seconds) + AFTER_TICK_SECONDS if self._runs else seconds

    async def run(self) -> None:
        """Collect at every tick until cancelled; all files are closed then."""
        try:
            while True:
                await self._clock.sleep(self._ticker.seconds_to_next(self._shortest_interval()))
                self.is_collecting = True
                try:
                    await self._collect(self._clock.monotonic())
                finally:
                    self.is_collecting = False
        finally:
            self.clear()
            self._kernel.settle()

    def _shortest_interval(self) -> float:
        """Seconds between ticks: the shortest interval of any polled container."""
        focused = any(container_id in self._runs for container_id in self._attention().focus)
        return self._intervals.focus if focused else self._intervals.all

    # reading

    async def _read_new_runs(self) -> None:
        """Read the runs that were taken since the event loop last turned, twice."""
        new, self._new_runs = self._new_runs, []
        await self._read_between_collections(new)
        await self._clock.sleep(SECOND_READ_SECONDS)
        await self._read_between_collections(new)

    async def _read_between_collections(self, runs: list[PolledRun]) -> None:
        """Read the runs that are still polled once no thread is reading."""
        while self._thread_read is not None and not self._thread_read.done():
            await asyncio.wait([self._thread_read])
        polled = [run for run in runs if self._runs.get(run.id) is run]
        await self._deliver(self._read(polled), self._clock_setting)

    async def _collect(self, now: float) -> None:
        self._kernel.settle()
        if self._wall_clock.adjust() or self._skew != self._current_skew():
            self._clock_setting += 1
            self._skew = self._current_skew()
        due = self._due_at(now)
        expected_seconds = len(due) * self._seconds_per_read
        in_thread = self._keys_pending is not None and self._kernel.threads and expected_seconds > INLINE_SECONDS
        readings = await self._read_in_thread(due) if in_thread else self._read(due)
        await self._deliver(readings, self._clock_setting)

    def _due_at(self, now: float) -> list[PolledRun]:
        """The runs whose interval has passed at `now` (monotonic seconds); they are marked as read."""
        attention, due = self._attention(), []
        for run in self._runs.values():
            if now - run.read_at >= DUE_SHARE * self._intervals.seconds(run.id, attention):
                run.read_at = now
                due.append(run)
        return due

    def _sample_time(self) -> float:
        return self._wall_clock() + self._skew

    def _read(self, due: list[PolledRun]) -> list[Reading]:
        begun = self._clock.monotonic()
        readings = [(run, self._kernel.read(run.id, self._sample_time)) for run in due]
        self.read_seconds = self._clock.monotonic() - begun
        if due:
            self._seconds_per_read = self.read_seconds / len(due)
        return readings

    async def _read_in_thread(self, due: list[PolledRun]) -> list[Reading]:
        """Read in a thread; the thread has ended when this has, however often this is cancelled."""
        reading = self._thread_read = asyncio.get_running_loop().run_in_executor(None, self._read, due)
        try:
            return await asyncio.shield(reading)
        finally:
            while not reading.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([reading])
            self._thread_read = None

    # delivering

    async def _deliver(self, readings: list[Reading], clock_setting: int) -> None:
        """Deliver samples slice by slice, pausing between; `first` marks the first of a run since the clock was set.

        Readings of a run that is over, or that was taken anew meanwhile, are dropped.
        """
        begun = slice_begun = self._clock.monotonic()
        for run, sample in readings:
            if self._runs.get(run.id) is not run or run.clock_setting > clock_setting:
                continue
            if sample is not None:
                self._on_sample(sample if run.clock_setting == clock_setting else sample._replace(first=True))
                run.clock_setting = clock_setting
            else:
                self.drop(run.id)
                self._on_lost(run.id)
            if self._keys_pending is not None and self._clock.monotonic() - slice_begun > SLICE_SECONDS:
                slice_begun = await self._pause(begun + MAX_PAUSING_SECONDS, self._keys_pending)

    async def _pause(self, latest: float, keys_pending: Callable[[], bool]) -> float:
        """Let other tasks run while keys are pending, until `latest` at most (monotonic seconds); the time then."""
        while True:
            now = self._clock.monotonic()
            await self._clock.sleep(PAUSE_SECONDS if now < latest else 0)
            if now >= latest or not keys_pending():
                return self._clock.monotonic()
