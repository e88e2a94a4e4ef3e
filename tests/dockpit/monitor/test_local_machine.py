"""This machine is read in step with the poller's ticks, the host only if it is the engine's, engine or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dockpit.model.engine_info import SourceCounts
from dockpit.model.host_figures import HostFigures
from dockpit.model.thresholds import Thresholds
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import AFTER_TICK_SECONDS
from dockpit.monitor.local_machine import LocalMachine
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from tests.dockpit.monitor.poller_fixture import STEP_SECONDS, FakeKernel, WorkClock, container, let_tasks_run

AHEAD = 5.0


class FakeHost:
    """Records when it is read."""

    def __init__(self) -> None:
        self.reads: list[float] = []

    def read(self, wall: float, monotonic: float) -> HostFigures:
        self.reads.append(monotonic)
        return HostFigures(at=wall)


class MachineFixture:
    """A local machine with fake readers, or with none, and what it read."""

    def __init__(self, *, has_readers: bool = True) -> None:
        self.clock = WorkClock()
        self.kernel = FakeKernel(self.clock)
        self.host = FakeHost()
        self.history = History(Thresholds(), 1.0)
        self.lost: list[str] = []
        self.machine = LocalMachine(
            self.history,
            self.clock,
            kernel=self.kernel if has_readers else None,
            host=self.host if has_readers else None,
            intervals=SampleIntervals(),
            attention=Attention,
            clock_skew=lambda: AHEAD,
            interactive=True,
        )

    def take(self, name: str) -> None:
        """Have a container polled."""
        self.history.put(container(name))
        assert self.machine.poller is not None and self.machine.poller.take(container(name)) == ""

    async def advance(self, seconds: float) -> None:
        """Advance step by step, letting other tasks run."""
        for _ in range(round(seconds / STEP_SECONDS)):
            self.clock.advance(STEP_SECONDS)
            await let_tasks_run()


@asynccontextmanager
async def reading() -> AsyncIterator[MachineFixture]:
    """A local machine that is read until the block is left."""
    fixture = MachineFixture()
    async with asyncio.TaskGroup() as group:
        fixture.machine.start(group, fixture.lost.append)
        yield fixture
        for task in asyncio.all_tasks():
            if task.get_name() in ("kernel poller", "host"):
                task.cancel()


async def test_the_host_is_read_just_after_ticks_once_it_is_the_engine_s() -> None:
    async with reading() as fixture:
        fixture.take("a")
        await fixture.advance(1.5)
        assert not fixture.host.reads, "it is not known yet whether the engine runs machine"
        fixture.machine.mark_as_engine_host()
        await fixture.advance(3.0)
        first, *later = fixture.host.reads
        assert first == pytest.approx(1.5, abs=STEP_SECONDS)
        ticks = [at for at in fixture.kernel.times("a") if at > first]
        assert len(ticks) == len(later) == 3
        delays = [at - tick for at, tick in zip(later, ticks, strict=True)]
        assert all(AFTER_TICK_SECONDS <= delay <= STEP_SECONDS for delay in delays), delays
        found = fixture.history.snapshot(0.0).host
        assert found is not None and found.at == pytest.approx(fixture.clock.wall() + AHEAD, abs=1.0)


async def test_reset_ends_host_figures_and_polling() -> None:
    async with reading() as fixture:
        fixture.take("a")
        fixture.machine.mark_as_engine_host()
        await fixture.advance(2.5)
        fixture.machine.reset()
        before = len(fixture.host.reads)
        await fixture.advance(2.0)
        assert fixture.history.snapshot(0.0).host is None and len(fixture.host.reads) == before > 0
        assert not fixture.machine.polls("a")


async def test_without_an_engine_the_kernel_s_count_is_reported() -> None:
    async with reading() as fixture:
        fixture.take("a")
        fixture.take("b")
        fixture.machine.report_kernel_only()
        assert fixture.history.snapshot(0.0).sources == SourceCounts(kernel=2)
        fixture.kernel.gone.add("b")
        await fixture.advance(1.5)
        fixture.machine.report_kernel_only()
        assert fixture.lost == ["b"] and fixture.history.snapshot(0.0).sources == SourceCounts(kernel=1)


async def test_without_readers_nothing_is_read_and_waits_are_unchanged() -> None:
    fixture = MachineFixture(has_readers=False)
    machine = fixture.machine
    async with asyncio.TaskGroup() as group:
        machine.start(group, fixture.lost.append)
    assert machine.align_to_tick(0.7) == 0.7 and not machine.is_collecting and not machine.polls("a")
    machine.report_kernel_only()
    assert fixture.history.snapshot(0.0).sources == SourceCounts()
