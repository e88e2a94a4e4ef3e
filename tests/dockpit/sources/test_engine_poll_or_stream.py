"""Samples from the engine: polled where polls are quick or rare, otherwise streamed, with None for silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.errors import EngineError, NotFound
from dockpit.sources.engine_poll_or_stream import MAX_STREAM_INTERVAL_SECONDS, QUICK_POLL_SECONDS, EngineSource
from tests.dockpit.monitor.poller_fixture import STEP_SECONDS, WorkClock, let_tasks_run

ID = "c" * 64
CONTAINER = Container(ID, "c", state="running", pid=1)


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


class SourceRun:
    """A source whose samples are collected, on a clock that the test moves."""

    def __init__(self, probe: bool, silence: float) -> None:
        self.clock = WorkClock()
        self.client = Client(self.clock)
        self.pace = 1.0
        self.source = EngineSource(
            self.client, silence, interval_seconds=lambda _: self.pace, probe=probe, clock=self.clock
        )
        self.samples: list[Sample | None] = []
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for sample in self.source.samples(CONTAINER):
            self.samples.append(sample)

    async def go(self, seconds: float) -> None:
        await let_tasks_run()
        for _ in range(round(seconds / STEP_SECONDS)):
            self.clock.advance(STEP_SECONDS)
            await let_tasks_run()

    async def until_done(self) -> None:
        await asyncio.wait([self.task], timeout=10)
        assert self.task.done()


@asynccontextmanager
async def running(probe: bool = True, silence: float = 15.0) -> AsyncIterator[SourceRun]:
    run = SourceRun(probe, silence)
    yield run
    run.task.cancel()
    await asyncio.wait([run.task])


async def test_an_engine_with_quick_polls_is_polled_once_an_interval() -> None:
    async with running() as run:
        await run.go(3.5)
        assert run.source.polls_are_quick is True and run.client.streams == 0
        assert run.client.polls == [0.0, 0.0, 0.0, 1.0, 2.0, 3.0], "two of them are the probe"
        assert [sample and sample.pids for sample in run.samples] == [1, 1, 1, 1]


async def test_an_engine_with_a_slow_second_poll_is_streamed() -> None:
    async with running() as run:
        run.client.answer_seconds = QUICK_POLL_SECONDS
        await run.go(2.5)
        assert run.source.polls_are_quick is False and run.client.streams == 1 and len(run.client.polls) == 2
        assert [sample and sample.pids for sample in run.samples] == [2, 2, 2]


async def test_whether_polls_are_quick_is_probed_once() -> None:
    async with running() as run:
        run.client.answer_seconds = 2.0
        await run.go(0.5)
        async with asyncio.timeout(10):
            async for _ in run.source.samples(Container("d" * 64, "d", state="running")):
                break
        assert len(run.client.polls) == 2 and run.client.streams == 2


async def test_without_a_probe_nothing_is_polled() -> None:
    async with running(probe=False) as run:
        await run.go(1.5)
        assert run.client.polls == [] and len(run.samples) == 2


@pytest.mark.parametrize("error", [EngineError(500, "confused"), NotFound(404, "No such container")])
async def test_after_a_failed_probe_the_stream_is_used_and_the_answer_stays_unknown(error: EngineError) -> None:
    async with running() as run:
        run.client.error = error
        await run.go(0.5)
        assert run.source.polls_are_quick is None and run.client.streams == 1


async def test_a_probe_of_a_container_that_is_not_up_leaves_the_answer_unknown() -> None:
    async with running() as run:
        run.client.up = False
        await run.go(0.5)
        assert run.source.polls_are_quick is None and run.client.streams == 1


async def test_a_probe_without_an_answer_times_out() -> None:
    async with running(silence=0.01) as run:
        run.client.hangs = True
        async with asyncio.timeout(10):
            while run.client.streams == 0:
                await asyncio.sleep(0.001)
        assert run.source.polls_are_quick is False and len(run.client.polls) == 1


async def test_samples_wanted_rarely_are_polled_and_streamed_again_once_wanted_often() -> None:
    async with running(probe=False) as run:
        await run.go(1.5)
        assert run.client.streams == run.client.open == 1
        run.pace = 2 * MAX_STREAM_INTERVAL_SECONDS
        await run.go(10.0)
        assert run.client.open == 0 and len(run.client.polls) == 2
        run.pace = 1.0
        await run.go(2.0)
        assert run.client.streams == 2 and run.client.open == 1, "noticed within about a second"
        assert len(run.client.polls) == 2


async def test_a_changed_interval_of_polls_applies_within_a_second() -> None:
    async with running() as run:
        run.pace = 30.0
        await run.go(3.0)
        run.client.polls.clear()
        run.pace = 1.0
        await run.go(3.0)
        assert len(run.client.polls) == 3 and run.client.streams == 0


async def test_a_poll_without_an_answer_gives_none_and_the_next_one_follows() -> None:
    async with running(probe=False, silence=0.01) as run:
        run.pace = 2 * MAX_STREAM_INTERVAL_SECONDS
        run.client.hangs = True
        async with asyncio.timeout(10):
            while not run.samples:
                await asyncio.sleep(0.001)
        assert run.samples == [None]
        run.client.hangs = False
        await run.go(5.5)
        assert [sample and sample.pids for sample in run.samples] == [None, 1]


async def test_a_silent_stream_gives_none_and_is_opened_again() -> None:
    async with running(probe=False, silence=0.01) as run:
        run.client.hangs = True
        async with asyncio.timeout(10):
            while run.client.streams < 2:
                await asyncio.sleep(0.001)
        assert run.samples[1] is None and run.client.open == 1


async def test_a_stream_that_ends_ends_the_samples() -> None:
    async with running(probe=False) as run:
        run.client.ends_after = 2
        await run.go(2.5)
        await run.until_done()
        assert len(run.samples) == 2 and run.client.open == 0


async def test_polls_follow_a_stream_that_ends_while_samples_are_wanted_rarely() -> None:
    async with running(probe=False) as run:
        run.client.ends_after = 1
        await let_tasks_run()
        run.pace = 2 * MAX_STREAM_INTERVAL_SECONDS
        await run.go(1.5)
        assert run.client.streams == 1 and len(run.client.polls) == 1


async def test_an_error_of_a_poll_reaches_the_caller() -> None:
    async with running() as run:
        await run.go(0.5)
        run.client.error = EngineError(500, "confused")
        await run.go(1.0)
        await run.until_done()
        with pytest.raises(EngineError):
            run.task.result()
