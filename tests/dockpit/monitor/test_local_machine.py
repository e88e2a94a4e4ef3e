"""What is read of this machine: with the rounds of samples, of the engine's own machine only, engine or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dockpit.model.engine_info import SourceCounts
from dockpit.model.host_figures import HostFigures
from dockpit.model.thresholds import Thresholds
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import AFTER_SECONDS
from dockpit.monitor.local_machine import LocalMachine
from dockpit.monitor.poll_intervals import Attention, PollIntervals
from tests.dockpit.monitor.poller_fixture import STEP, FakeKernel, WorkClock, container, turns

AHEAD = 5.0


class FakeHost:
    """A machine that writes down when it is read."""

    def __init__(self) -> None:
        self.reads: list[float] = []

    def read(self, wall: float, monotonic: float) -> HostFigures:
        self.reads.append(monotonic)
        return HostFigures(at=wall)


class Bench:
    """A machine that is read, unless there is `nothing` to read, and what came of it."""

    def __init__(self, nothing: bool = False) -> None:
        self.clock = WorkClock()
        self.kernel = FakeKernel(self.clock)
        self.host = FakeHost()
        self.history = History(Thresholds(), 1.0)
        self.lost: list[str] = []
        self.here = LocalMachine(
            self.history,
            self.clock,
            kernel=None if nothing else self.kernel,
            host=None if nothing else self.host,
            pace=PollIntervals(),
            attention=Attention,
            ahead=lambda: AHEAD,
            keys=True,
        )

    def take(self, name: str) -> None:
        """Have a container read."""
        self.history.put(container(name))
        assert self.here.poller is not None and self.here.poller.take(container(name)) == ""

    async def go(self, seconds: float) -> None:
        """Let time go by, everybody having their turns."""
        for _ in range(round(seconds / STEP)):
            self.clock.advance(STEP)
            await turns()


@asynccontextmanager
async def reading() -> AsyncIterator[Bench]:
    """A machine that is read until the end of the block."""
    bench = Bench()
    async with asyncio.TaskGroup() as group:
        bench.here.start(group, bench.lost.append)
        yield bench
        for task in asyncio.all_tasks():
            if task.get_name() in ("kernel poller", "host"):
                task.cancel()


async def test_the_machine_is_read_once_it_is_the_engines_and_with_the_rounds() -> None:
    async with reading() as bench:
        bench.take("a")
        await bench.advance(1.5)
        assert not bench.host.reads, "nobody knows whose machine this is"
        bench.here.mark_as_engine_host()
        await bench.advance(3.0)
        first, *later = bench.host.reads
        assert first == pytest.approx(1.5, abs=STEP)
        rounds = [at for at in bench.kernel.times("a") if at > first]
        assert len(rounds) == len(later) == 3
        assert all(AFTER_SECONDS <= at - begun <= STEP for at, begun in zip(later, rounds, strict=True)), later
        found = bench.history.snapshot(0.0).host
        assert found is not None and found.at == pytest.approx(bench.clock.wall() + AHEAD, abs=1.0)


async def test_another_engine_s_machine_is_not_known() -> None:
    async with reading() as bench:
        bench.take("a")
        bench.here.mark_as_engine_host()
        await bench.advance(2.5)
        bench.here.reset()
        before = len(bench.host.reads)
        await bench.advance(2.0)
        assert bench.history.snapshot(0.0).host is None and len(bench.host.reads) == before > 0
        assert not bench.here.polls("a")


async def test_without_an_engine_it_is_said_what_is_still_read() -> None:
    async with reading() as bench:
        bench.take("a")
        bench.take("b")
        bench.here.report_kernel_only()
        assert bench.history.snapshot(0.0).sources == SourceCounts(kernel=2)
        bench.kernel.gone.add("b")
        await bench.advance(1.5)
        bench.here.report_kernel_only()
        assert bench.lost == ["b"] and bench.history.snapshot(0.0).sources == SourceCounts(kernel=1)


async def test_without_kernel_or_host_nothing_is_read_and_nothing_waits_for_a_round() -> None:
    bench = Bench(nothing=True)
    here = bench.here
    async with asyncio.TaskGroup() as group:
        here.start(group, bench.lost.append)
    assert here.with_round(0.7) == 0.7 and not here.in_round and not here.polls("a")
    here.report_kernel_only()
    assert bench.history.snapshot(0.0).sources == SourceCounts()
