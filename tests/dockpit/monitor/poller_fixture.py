"""A kernel poller on a clock that tests advance and a kernel that they script."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.monitor.kernel_poller import KernelPoller
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from dockpit.process.clock import Clock, ManualClock

STEP_SECONDS = 1 / 32
"""Seconds of one step of the clock: binary fractions add up exactly."""


class WorkClock(ManualClock):
    """A clock that work() advances without waking sleepers, and whose wall part can be set.

    The engine's clock is `ahead` seconds ahead of it.
    """

    ahead = 0.0

    def work(self, seconds: float) -> None:
        """Advance without letting other tasks run."""
        self._wall += seconds
        self._monotonic += seconds

    @property
    def sleeping(self) -> bool:
        """Whether any task sleeps on this clock."""
        return bool(self._sleepers)

    def set_wall(self, seconds: float) -> None:
        """Set the wall clock forward by `seconds`."""
        self._wall += seconds


def container(name: str = "a", pid: int = 1) -> Container:
    """A running container; another pid is another run."""
    return Container(name, name, state="running", pid=pid, started_at=100.0 + pid)


class FakeKernel:
    """Records what it is asked; `gone` ids have no files, a read takes `cost` seconds and blocks while `held`."""

    threads = True

    def __init__(self, clock: WorkClock) -> None:
        self.clock = clock
        self.cost = 0.0
        self.reasons: dict[str, str] = {}
        self.gone: set[str] = set()
        self.taken: dict[str, int] = {}
        self.reads: list[tuple[float, str]] = []
        self.loop_thread = threading.get_ident()
        self.inline: set[str] = set()
        self.in_thread: set[str] = set()
        self.held: threading.Event | None = None
        self.reads_under_way = 0
        self.closed = 0
        self._dropped = 0

    def take(self, container: Container) -> str:
        reason = self.reasons.get(container.id, "")
        if reason:
            self.taken.pop(container.id, None)
        else:
            self.taken[container.id] = container.pid
        return reason

    def drop(self, container_id: str) -> None:
        if self.taken.pop(container_id, None) is not None:
            self._dropped += 1

    def settle(self) -> None:
        assert not self.reads_under_way, "a file that is being read is closed"
        self.closed += self._dropped
        self._dropped = 0

    def read(self, container_id: str, now: Callable[[], float]) -> Sample | None:
        self.reads_under_way += 1
        try:
            self.reads.append((self.clock.monotonic(), container_id))
            (self.inline if threading.get_ident() == self.loop_thread else self.in_thread).add(container_id)
            pid = self.taken.get(container_id)
            gone, at = container_id in self.gone, now()
            if self.held is not None:
                assert self.held.wait(10)
            self.clock.work(self.cost)
            return None if gone or pid is None else Sample(container_id, at, pids=pid)
        finally:
            self.reads_under_way -= 1

    def clear(self) -> None:
        """Clear the record."""
        self.reads.clear()
        self.inline.clear()
        self.in_thread.clear()

    def times(self, container_id: str) -> list[float]:
        """Monotonic seconds of the reads of a container."""
        return [at for at, which in self.reads if which == container_id]


@dataclass
class PollerFixture:
    """A running poller and what it delivered."""

    clock: WorkClock
    kernel: FakeKernel
    poller: KernelPoller
    task: asyncio.Task[None]
    samples: list[Sample] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    attention: Attention = field(default_factory=Attention)

    async def advance(self, seconds: float) -> None:
        """Advance step by step, letting other tasks run."""
        await let_tasks_run()
        for _ in range(round(seconds / STEP_SECONDS)):
            self.clock.advance(STEP_SECONDS)
            await let_tasks_run()
            await self.until(lambda: self.kernel.held is not None or self.poller._thread_read is None)
            await let_tasks_run()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait in real time, for a thread."""
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.001)


async def let_tasks_run(count: int = 12) -> None:
    """Let other tasks run."""
    for _ in range(count):
        await asyncio.sleep(0)


def ignore(_: object) -> None:
    """Do nothing."""


def create_poller(
    kernel: FakeKernel,
    clock: Clock,
    group: asyncio.TaskGroup,
    on_sample: Callable[[Sample], None],
    *,
    clock_skew: Callable[[], float] = lambda: 0.0,
    keys_pending: Callable[[], bool] | None = lambda: False,
) -> KernelPoller:
    """A poller at the usual intervals that ignores lost containers."""
    return KernelPoller(
        kernel,
        clock,
        on_sample=on_sample,
        on_lost=ignore,
        group=group,
        intervals=SampleIntervals(),
        attention=Attention,
        clock_skew=clock_skew,
        keys_pending=keys_pending,
    )


@asynccontextmanager
async def polling(intervals: SampleIntervals | None = None, *names: str) -> AsyncIterator[PollerFixture]:
    """A running poller, with the containers `names` taken."""
    clock = WorkClock()
    kernel = FakeKernel(clock)
    async with asyncio.TaskGroup() as group:
        poller = KernelPoller(
            kernel,
            clock,
            on_sample=lambda sample: fixture.samples.append(sample),
            on_lost=lambda container_id: fixture.lost.append(container_id),
            group=group,
            intervals=intervals or SampleIntervals(),
            attention=lambda: fixture.attention,
            clock_skew=lambda: clock.ahead,
        )
        fixture = PollerFixture(clock, kernel, poller, group.create_task(poller.run(), name="kernel poller"))
        for name in names:
            assert poller.take(container(name)) == ""
        await let_tasks_run()
        yield fixture
        if kernel.held is not None:
            kernel.held.set()
        fixture.task.cancel()
        clock.advance(60)
