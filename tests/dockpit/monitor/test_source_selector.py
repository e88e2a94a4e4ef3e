"""Each container's best source: the kernel, else streams, which are opened again when they end, fail or fall silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import Entry
from dockpit.model.container import Container
from dockpit.model.engine_info import SourceCounts
from dockpit.model.errors import EngineError, NotFound
from dockpit.model.thresholds import Thresholds
from dockpit.monitor import source_selector
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import KernelPoller
from dockpit.monitor.poll_intervals import Attention, PollIntervals
from dockpit.monitor.source_selector import SourceSelector
from dockpit.process.clock import SystemClock
from dockpit.sources.engine_stats import EngineSource
from tests.dockpit.monitor.poller_fixture import STEP, FakeKernel, WorkClock, turns

ID = "c" * 64


def container(state: str = "running", started_at: float = 100.0) -> Container:
    return Container(ID, "c", state=state, started_at=started_at, pid=1)  # type: ignore[arg-type]  # a test's shorthand


class Scripted:
    """A client whose stats streams follow a script: each call takes the next part of it."""

    def __init__(self, *parts: Callable[[], AsyncGenerator[Sample, None]]) -> None:
        self.parts = list(parts)
        self.opened = 0

    async def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        self.opened += 1
        part = self.parts.pop(0) if self.parts else forever
        async for sample in part():
            yield sample

    async def stats_once(self, container_id: str) -> Sample | None:
        raise AssertionError("nobody asked for polls")


async def forever() -> AsyncGenerator[Sample, None]:
    at = 200.0
    while True:
        yield Sample(ID, at, cpu_ns=int(at * 1e8))
        at += 1.0
        await asyncio.sleep(0.005)


async def silent() -> AsyncGenerator[Sample, None]:
    yield Sample(ID, 150.0, cpu_ns=1)
    await asyncio.sleep(3600)


async def ends() -> AsyncGenerator[Sample, None]:
    yield Sample(ID, 149.0, cpu_ns=1)


async def fails() -> AsyncGenerator[Sample, None]:
    raise EngineError(500, "the daemon is confused")
    yield


async def gone() -> AsyncGenerator[Sample, None]:
    raise NotFound(404, "No such container")
    yield


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_selector, "RETRY_SECONDS", (0.01, 0.02))


async def test_streams_that_end_fail_or_fall_silent_are_opened_again() -> None:
    client = Scripted(ends, fails, silent)
    history = History(Thresholds())
    history.put(container())
    seen_stale: list[bool] = []
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client, silence_seconds=0.05), history, SystemClock(), group)
        selector.follow(container())
        selector.follow(container())

        def recovered() -> bool:
            entry = history.get(ID)
            assert entry is not None
            seen_stale.append(entry.stale)
            return client.opened >= 4 and entry.rates is not None

        await until(recovered)
        selector.drop(ID)
    assert True in seen_stale, "silence is said"
    assert client.opened == 4, "one stream at a time"


async def test_a_removed_container_is_not_asked_for_again() -> None:
    client = Scripted(gone)
    history = History(Thresholds())
    history.put(container())
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client), history, SystemClock(), group)
        selector.follow(container())
        await until(lambda: client.opened == 1)
    assert client.opened == 1


async def test_a_new_run_gets_a_new_stream_and_a_stopped_one_none() -> None:
    client = Scripted()
    history = History(Thresholds())
    history.put(container())
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client), history, SystemClock(), group)
        selector.follow(container())
        await until(lambda: client.opened == 1)
        selector.follow(container(started_at=190.0))
        await until(lambda: client.opened == 2)
        selector.follow(container("exited"))
        selector.follow(container("exited"))
    assert client.opened == 2


async def test_figures_of_the_run_before_are_not_taken() -> None:
    history = History(Thresholds())
    history.put(container(started_at=190.0))
    client = Scripted(ends, silent)
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client), history, SystemClock(), group)
        selector.follow(container(started_at=190.0))
        await until(lambda: client.opened >= 2)
        selector.drop(ID)
    entry = history.get(ID)
    assert entry is not None and entry.sample is None


async def test_figures_are_taken_when_the_clock_was_set_back_since_the_start() -> None:
    history = History(Thresholds())
    history.put(container(started_at=9000.0))
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(Scripted()), history, SystemClock(), group)
        selector.follow(container(started_at=9000.0))

        def told() -> bool:
            entry = history.get(ID)
            return entry is not None and entry.rates is not None

        await until(told)
        selector.drop(ID)


class Streams:
    """A source of which only is seen for which containers it is asked, and whether that goes on."""

    name = "engine"

    def __init__(self) -> None:
        self.opened = 0
        self.under_way = 0

    async def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        self.opened += 1
        self.under_way += 1
        try:
            await asyncio.Event().wait()
            yield None
        finally:
            self.under_way -= 1


class Both:
    """A selector with a kernel and, unless told otherwise, an engine, on a clock that the test moves."""

    def __init__(self, group: asyncio.TaskGroup, source: Streams | None) -> None:
        self.clock = WorkClock()
        self.kernel = FakeKernel(self.clock)
        self.history = History(Thresholds())
        self.inspects: list[str] = []
        self.inspected: Container | None = container()
        self.selector = SourceSelector(source, self.history, self.clock, group, inspect=self.inspect)
        self.poller = self.selector.poller = KernelPoller(
            self.kernel,
            self.clock,
            on_sample=self.history.ingest,
            on_lost=self.selector.on_kernel_lost,
            group=group,
            intervals=PollIntervals(),
            attention=Attention,
        )
        self.task = group.create_task(self.poller.run(), name="poller")

    def follow(self, found: Container) -> None:
        self.inspected = found
        self.history.put(found)
        self.selector.follow(found)

    async def inspect(self, container_id: str) -> None:
        self.inspects.append(container_id)
        if self.inspected is not None:
            self.follow(self.inspected)

    async def go(self, seconds: float) -> None:
        await turns()
        for _ in range(round(seconds / STEP)):
            self.clock.advance(STEP)
            await turns()

    def entry(self) -> Entry:
        found = self.history.get(ID)
        assert found is not None
        return found


@asynccontextmanager
async def both(source: Streams | None) -> AsyncIterator[Both]:
    async with asyncio.TaskGroup() as group:
        bench = Both(group, source)
        yield bench
        bench.inspected = None
        bench.selector.drop(ID)
        bench.task.cancel()
        bench.history.forget(ID)
        bench.clock.advance(60)


async def test_the_kernel_is_taken_first_and_the_engine_not_asked() -> None:
    async with both(streams := Streams()) as bench:
        bench.follow(container())
        await bench.advance(1.0)
        assert bench.selector.sources() == SourceCounts(kernel=1)
        assert streams.opened == 0 and bench.entry().sample is not None


async def test_what_the_kernel_does_not_show_is_streamed_each_container_for_itself() -> None:
    async with both(streams := Streams()) as bench:
        bench.kernel.reasons = {ID: "no", "b": "no", "d": "not that either"}
        bench.follow(container())
        for name in ("b", "d", "e"):
            bench.selector.follow(replace(container(), id=name))
        await bench.advance(0.5)
        assert bench.selector.sources() == SourceCounts(1, 3, ("no (2 containers)", "not that either"))
        assert streams.under_way == 3 and "e" in bench.poller
        for name in ("b", "d", "e"):
            bench.selector.drop(name)
        await bench.advance(0.1)
        assert bench.selector.sources() == SourceCounts(0, 1, ("no",)) and streams.under_way == 1


async def test_a_stream_ends_when_the_kernel_shows_the_container() -> None:
    async with both(streams := Streams()) as bench:
        bench.kernel.reasons = {ID: "no"}
        bench.follow(container())
        await bench.advance(0.1)
        assert streams.under_way == 1
        bench.kernel.reasons = {}
        bench.follow(container(started_at=150.0))
        await bench.advance(0.1)
        assert streams.under_way == 0 and bench.selector.sources() == SourceCounts(kernel=1)


async def test_a_container_that_the_kernel_loses_while_it_lives_is_streamed_and_comes_back_after_a_restart() -> None:
    async with both(streams := Streams()) as bench:
        bench.follow(container())
        await bench.advance(1.0)
        bench.kernel.gone, bench.kernel.reasons = {ID}, {ID: "gone"}
        await bench.advance(1.0)
        assert ID not in bench.poller and bench.inspects == [], "its events may say that it ended"
        await bench.advance(1.1)
        assert bench.inspects == [ID] and streams.under_way == 1
        assert bench.selector.sources() == SourceCounts(0, 1, ("gone",))
        bench.kernel.gone, bench.kernel.reasons = set(), {}
        bench.follow(replace(container(started_at=150.0), pid=2))
        await bench.advance(1.1)
        assert streams.under_way == 0 and bench.selector.sources().kernel == 1
        assert bench.entry().sample is not None and not bench.entry().stale


async def test_a_container_that_ended_is_not_looked_for() -> None:
    async with both(streams := Streams()) as bench:
        bench.follow(container())
        bench.kernel.gone = {ID}
        await bench.advance(0.5)
        bench.follow(container("exited"))
        await bench.advance(3.0)
        assert bench.inspects == [] and streams.opened == 0 and bench.selector.sources() == SourceCounts()


async def test_an_inspect_that_fails_is_tried_again_until_something_reads_the_container() -> None:
    async with both(streams := Streams()) as bench:
        bench.follow(container())
        await bench.advance(1.0)
        bench.kernel.gone = {ID}
        bench.inspected = None
        await bench.advance(8.0)
        assert len(bench.inspects) == 3 and bench.entry().stale, "after 1, 2 and 3 seconds more"
        bench.inspected = container()
        bench.kernel.gone.clear()
        await bench.advance(5.0)
        assert bench.selector.sources().kernel == 1 and not bench.entry().stale
        await bench.advance(20.0)
        assert len(bench.inspects) == 4 and streams.opened == 0


async def test_a_container_that_is_lost_again_and_again_is_looked_for_by_one_task() -> None:
    async with both(Streams()) as bench:
        bench.follow(container())
        bench.kernel.gone = {ID}
        await bench.advance(30.0)
        assert 3 <= len(bench.inspects) <= 30
        tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("recheck")]
        assert len(tasks) == 1


async def test_with_the_kernel_alone_what_it_does_not_show_is_na_with_a_why() -> None:
    async with both(None) as bench:
        bench.kernel.reasons = {ID: "no"}
        bench.follow(container())
        await bench.advance(1.0)
        assert bench.entry().stale and bench.selector.sources() == SourceCounts(0, 0, ("no",))


async def test_without_a_kernel_everything_is_streamed() -> None:
    async with both(streams := Streams()) as bench:
        bench.selector.poller = None
        bench.follow(container())
        await bench.advance(0.1)
        assert streams.under_way == 1 and bench.selector.sources() == SourceCounts(engine=1)


async def test_a_stream_that_gave_up_counts_for_nothing() -> None:
    history = History(Thresholds())
    history.put(container())
    client = Scripted(gone)
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client), history, SystemClock(), group)
        selector.follow(container())
        await until(lambda: client.opened == 1)
        await until(lambda: selector.sources() == SourceCounts())


async def test_rounds_that_were_late_are_told() -> None:
    async with both(Streams()) as bench:
        bench.follow(container())
        await bench.advance(0.5)
        bench.clock.work(3.5)
        await bench.advance(1.0)
        assert bench.selector.sources().late >= 2
