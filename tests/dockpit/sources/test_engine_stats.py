"""Samples from the engine: polled where polls are quick or rare, streamed elsewhere, and silence is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.errors import EngineError, NotFound
from dockpit.sources.engine_stats import AT_ONCE_SECONDS, RARE_SECONDS, EngineSource
from tests.dockpit.monitor.poller_fixture import STEP, WorkClock, turns

ID = "c" * 64
BOX = Container(ID, "c", state="running", pid=1)


class Client:
    """An engine whose polls take `answer_seconds` of the clock, and whose streams give a sample a second."""

    def __init__(self, clock: WorkClock) -> None:
        self.clock = clock
        self.answer_seconds = 0.0
        self.error: EngineError | None = None
        self.up = True
        self.hangs = False
        self.ends_after = 1_000_000
        self.polls: list[float] = []
        self.streams = 0
        self.open = 0

    async def stats_once(self, container_id: str) -> Sample | None:
        self.polls.append(self.clock.monotonic())
        if self.hangs:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self.clock.work(self.answer_seconds)
        return Sample(container_id, self.clock.wall(), pids=1) if self.up else None

    async def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        self.streams += 1
        self.open += 1
        try:
            for _ in range(self.ends_after):
                yield Sample(container_id, self.clock.wall(), pids=2)
                await (asyncio.Event().wait() if self.hangs else self.clock.sleep(1.0))
        finally:
            self.open -= 1


class Bench:
    """A source whose samples are written down, on a clock that the test moves."""

    def __init__(self, probe: bool, silence: float) -> None:
        self.clock = WorkClock()
        self.client = Client(self.clock)
        self.pace = 1.0
        self.source = EngineSource(self.client, silence, pace=lambda _: self.pace, probe=probe, clock=self.clock)
        self.samples: list[Sample | None] = []
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for sample in self.source.samples(BOX):
            self.samples.append(sample)

    async def go(self, seconds: float) -> None:
        await turns()
        for _ in range(round(seconds / STEP)):
            self.clock.advance(STEP)
            await turns()

    async def until_done(self) -> None:
        await asyncio.wait([self.task], timeout=10)
        assert self.task.done()


@asynccontextmanager
async def reading(probe: bool = True, silence: float = 15.0) -> AsyncIterator[Bench]:
    bench = Bench(probe, silence)
    yield bench
    bench.task.cancel()
    await asyncio.wait([bench.task])


async def test_an_engine_that_answers_at_once_is_polled_at_the_pace() -> None:
    async with reading() as bench:
        await bench.go(3.5)
        assert bench.source.at_once is True and bench.client.streams == 0
        assert bench.client.polls == [0.0, 0.0, 0.0, 1.0, 2.0, 3.0], "two of them to find out"
        assert [sample and sample.pids for sample in bench.samples] == [1, 1, 1, 1]


async def test_an_engine_that_lets_the_second_poll_wait_is_streamed() -> None:
    async with reading() as bench:
        bench.client.answer_seconds = AT_ONCE_SECONDS
        await bench.go(2.5)
        assert bench.source.at_once is False and bench.client.streams == 1 and len(bench.client.polls) == 2
        assert [sample and sample.pids for sample in bench.samples] == [2, 2, 2]


async def test_whether_polls_are_quick_is_asked_once() -> None:
    async with reading() as bench:
        bench.client.answer_seconds = 2.0
        await bench.go(0.5)
        async with asyncio.timeout(10):
            async for _ in bench.source.samples(Container("d" * 64, "d", state="running")):
                break
        assert len(bench.client.polls) == 2 and bench.client.streams == 2


async def test_without_a_probe_nothing_is_polled() -> None:
    async with reading(probe=False) as bench:
        await bench.go(1.5)
        assert bench.client.polls == [] and len(bench.samples) == 2


@pytest.mark.parametrize("error", [EngineError(500, "confused"), NotFound(404, "No such container")])
async def test_a_probe_that_fails_says_nothing_and_the_stream_is_tried(error: EngineError) -> None:
    async with reading() as bench:
        bench.client.error = error
        await bench.go(0.5)
        assert bench.source.at_once is None and bench.client.streams == 1


async def test_a_container_that_is_not_up_says_nothing_of_how_quick_polls_are() -> None:
    async with reading() as bench:
        bench.client.up = False
        await bench.go(0.5)
        assert bench.source.at_once is None and bench.client.streams == 1


async def test_a_probe_that_is_not_answered_holds_nobody_up() -> None:
    async with reading(silence=0.01) as bench:
        bench.client.hangs = True
        async with asyncio.timeout(10):
            while bench.client.streams == 0:
                await asyncio.sleep(0.001)
        assert bench.source.at_once is False and len(bench.client.polls) == 1


async def test_who_wants_samples_rarely_polls_however_slow_that_is_and_streams_again_when_the_pace_is_back() -> None:
    async with reading(probe=False) as bench:
        await bench.go(1.5)
        assert bench.client.streams == bench.client.open == 1
        bench.pace = 2 * RARE_SECONDS
        await bench.go(10.0)
        assert bench.client.open == 0 and len(bench.client.polls) == 2
        bench.pace = 1.0
        await bench.go(2.0)
        assert bench.client.streams == 2 and bench.client.open == 1, "found out within a second or so"
        assert len(bench.client.polls) == 2


async def test_a_quick_engine_is_polled_at_another_pace_within_a_second() -> None:
    async with reading() as bench:
        bench.pace = 30.0
        await bench.go(3.0)
        bench.client.polls.clear()
        bench.pace = 1.0
        await bench.go(3.0)
        assert len(bench.client.polls) == 3 and bench.client.streams == 0


async def test_a_poll_that_is_not_answered_is_said_and_the_next_one_asked() -> None:
    async with reading(probe=False, silence=0.01) as bench:
        bench.pace = 2 * RARE_SECONDS
        bench.client.hangs = True
        async with asyncio.timeout(10):
            while not bench.samples:
                await asyncio.sleep(0.001)
        assert bench.samples == [None]
        bench.client.hangs = False
        await bench.go(5.5)
        assert [sample and sample.pids for sample in bench.samples] == [None, 1]


async def test_a_stream_that_falls_silent_is_said_and_opened_again() -> None:
    async with reading(probe=False, silence=0.01) as bench:
        bench.client.hangs = True
        async with asyncio.timeout(10):
            while bench.client.streams < 2:
                await asyncio.sleep(0.001)
        assert bench.samples[1] is None and bench.client.open == 1


async def test_a_stream_that_ends_ends_the_samples() -> None:
    async with reading(probe=False) as bench:
        bench.client.ends_after = 2
        await bench.go(2.5)
        await bench.until_done()
        assert len(bench.samples) == 2 and bench.client.open == 0


async def test_a_stream_that_ends_when_samples_are_wanted_rarely_is_followed_by_polls() -> None:
    async with reading(probe=False) as bench:
        bench.client.ends_after = 1
        await turns()
        bench.pace = 2 * RARE_SECONDS
        await bench.go(1.5)
        assert bench.client.streams == 1 and len(bench.client.polls) == 1


async def test_an_error_of_a_poll_is_the_callers() -> None:
    async with reading() as bench:
        await bench.go(0.5)
        bench.client.error = EngineError(500, "confused")
        await bench.go(1.0)
        await bench.until_done()
        with pytest.raises(EngineError):
            bench.task.result()
