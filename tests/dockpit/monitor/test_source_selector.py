"""Containers are read from the kernel, else from streams that are reopened when they end, fail or fall silent."""

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
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from dockpit.monitor.source_selector import SourceSelector
from dockpit.process.clock import SystemClock
from dockpit.sources.engine_poll_or_stream import EngineSource
from tests.dockpit.monitor.poller_fixture import STEP_SECONDS, FakeKernel, WorkClock, let_tasks_run

ID = "c" * 64


def container(state: str = "running", started_at: float = 100.0) -> Container:
    return Container(ID, "c", state=state, started_at=started_at, pid=1)  # type: ignore[arg-type]  # a test's shorthand


class ScriptedClient:
    """A client whose stats streams follow a script, one part for each call."""

    def __init__(self, *parts: Callable[[], AsyncGenerator[Sample, None]]) -> None:
        self.parts = list(parts)
        self.opened = 0

    async def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        self.opened += 1
        part = self.parts.pop(0) if self.parts else forever
        async for sample in part():
            yield sample

    async def stats_once(self, container_id: str) -> Sample | None:
        raise AssertionError("no polls are expected")


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


async def test_streams_that_end_fail_or_fall_silent_are_reopened() -> None:
    client = ScriptedClient(ends, fails, silent)
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
    assert True in seen_stale, "a silent container is marked as stale"
    assert client.opened == 4, "one stream at a time"


async def test_the_stream_of_a_removed_container_is_not_reopened() -> None:
    client = ScriptedClient(gone)
    history = History(Thresholds())
    history.put(container())
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client), history, SystemClock(), group)
        selector.follow(container())
        await until(lambda: client.opened == 1)
    assert client.opened == 1


async def test_a_new_run_gets_a_new_stream_and_a_stopped_one_none() -> None:
    client = ScriptedClient()
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


async def test_samples_of_the_earlier_run_are_dropped() -> None:
    history = History(Thresholds())
    history.put(container(started_at=190.0))
    client = ScriptedClient(ends, silent)
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client), history, SystemClock(), group)
        selector.follow(container(started_at=190.0))
        await until(lambda: client.opened >= 2)
        selector.drop(ID)
    entry = history.get(ID)
    assert entry is not None and entry.sample is None


async def test_samples_are_taken_when_the_clock_was_set_back_since_the_start() -> None:
    history = History(Thresholds())
    history.put(container(started_at=9000.0))
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(ScriptedClient()), history, SystemClock(), group)
        selector.follow(container(started_at=9000.0))

        def has_rates() -> bool:
            entry = history.get(ID)
            return entry is not None and entry.rates is not None

        await until(has_rates)
        selector.drop(ID)


class SilentSource:
    """A source without samples that counts its streams."""

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


class SelectorFixture:
    """A selector between a fake kernel and `source`, on a clock that the test advances."""

    def __init__(self, group: asyncio.TaskGroup, source: SilentSource | None) -> None:
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
            intervals=SampleIntervals(),
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

    async def advance(self, seconds: float) -> None:
        await let_tasks_run()
        for _ in range(round(seconds / STEP_SECONDS)):
            self.clock.advance(STEP_SECONDS)
            await let_tasks_run()

    def entry(self) -> Entry:
        found = self.history.get(ID)
        assert found is not None
        return found


@asynccontextmanager
async def selecting(source: SilentSource | None) -> AsyncIterator[SelectorFixture]:
    async with asyncio.TaskGroup() as group:
        fixture = SelectorFixture(group, source)
        yield fixture
        fixture.inspected = None
        fixture.selector.drop(ID)
        fixture.task.cancel()
        fixture.history.forget(ID)
        fixture.clock.advance(60)


async def test_a_container_that_the_kernel_shows_is_not_streamed() -> None:
    async with selecting(streams := SilentSource()) as fixture:
        fixture.follow(container())
        await fixture.advance(1.0)
        assert fixture.selector.sources() == SourceCounts(kernel=1)
        assert streams.opened == 0 and fixture.entry().sample is not None


async def test_each_container_that_the_kernel_does_not_show_is_streamed() -> None:
    async with selecting(streams := SilentSource()) as fixture:
        fixture.kernel.reasons = {ID: "no", "b": "no", "d": "not that either"}
        fixture.follow(container())
        for name in ("b", "d", "e"):
            fixture.selector.follow(replace(container(), id=name))
        await fixture.advance(0.5)
        assert fixture.selector.sources() == SourceCounts(1, 3, ("no (2 containers)", "not that either"))
        assert streams.under_way == 3 and "e" in fixture.poller
        for name in ("b", "d", "e"):
            fixture.selector.drop(name)
        await fixture.advance(0.1)
        assert fixture.selector.sources() == SourceCounts(0, 1, ("no",)) and streams.under_way == 1


async def test_a_stream_ends_when_the_kernel_shows_the_container() -> None:
    async with selecting(streams := SilentSource()) as fixture:
        fixture.kernel.reasons = {ID: "no"}
        fixture.follow(container())
        await fixture.advance(0.1)
        assert streams.under_way == 1
        fixture.kernel.reasons = {}
        fixture.follow(container(started_at=150.0))
        await fixture.advance(0.1)
        assert streams.under_way == 0 and fixture.selector.sources() == SourceCounts(kernel=1)


async def test_a_live_container_lost_by_the_kernel_is_streamed_until_a_restart() -> None:
    async with selecting(streams := SilentSource()) as fixture:
        fixture.follow(container())
        await fixture.advance(1.0)
        fixture.kernel.gone, fixture.kernel.reasons = {ID}, {ID: "gone"}
        await fixture.advance(1.0)
        assert ID not in fixture.poller and fixture.inspects == [], "its events may say that it ended"
        await fixture.advance(1.1)
        assert fixture.inspects == [ID] and streams.under_way == 1
        assert fixture.selector.sources() == SourceCounts(0, 1, ("gone",))
        fixture.kernel.gone, fixture.kernel.reasons = set(), {}
        fixture.follow(replace(container(started_at=150.0), pid=2))
        await fixture.advance(1.1)
        assert streams.under_way == 0 and fixture.selector.sources().kernel == 1
        assert fixture.entry().sample is not None and not fixture.entry().stale


async def test_a_container_that_ended_is_not_inspected_again() -> None:
    async with selecting(streams := SilentSource()) as fixture:
        fixture.follow(container())
        fixture.kernel.gone = {ID}
        await fixture.advance(0.5)
        fixture.follow(container("exited"))
        await fixture.advance(3.0)
        assert fixture.inspects == [] and streams.opened == 0 and fixture.selector.sources() == SourceCounts()


async def test_a_failed_inspect_is_repeated_until_the_container_has_a_source() -> None:
    async with selecting(streams := SilentSource()) as fixture:
        fixture.follow(container())
        await fixture.advance(1.0)
        fixture.kernel.gone = {ID}
        fixture.inspected = None
        await fixture.advance(8.0)
        assert len(fixture.inspects) == 3 and fixture.entry().stale, "after 1, 2 and 3 seconds more"
        fixture.inspected = container()
        fixture.kernel.gone.clear()
        await fixture.advance(5.0)
        assert fixture.selector.sources().kernel == 1 and not fixture.entry().stale
        await fixture.advance(20.0)
        assert len(fixture.inspects) == 4 and streams.opened == 0


async def test_a_container_lost_again_and_again_is_rechecked_by_one_task() -> None:
    async with selecting(SilentSource()) as fixture:
        fixture.follow(container())
        fixture.kernel.gone = {ID}
        await fixture.advance(30.0)
        assert 3 <= len(fixture.inspects) <= 30
        tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("recheck")]
        assert len(tasks) == 1


async def test_with_the_kernel_alone_unreadable_containers_are_stale_with_a_reason() -> None:
    async with selecting(None) as fixture:
        fixture.kernel.reasons = {ID: "no"}
        fixture.follow(container())
        await fixture.advance(1.0)
        assert fixture.entry().stale and fixture.selector.sources() == SourceCounts(0, 0, ("no",))


async def test_without_a_kernel_everything_is_streamed() -> None:
    async with selecting(streams := SilentSource()) as fixture:
        fixture.selector.poller = None
        fixture.follow(container())
        await fixture.advance(0.1)
        assert streams.under_way == 1 and fixture.selector.sources() == SourceCounts(engine=1)


async def test_a_stream_that_gave_up_is_not_counted() -> None:
    history = History(Thresholds())
    history.put(container())
    client = ScriptedClient(gone)
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(EngineSource(client), history, SystemClock(), group)
        selector.follow(container())
        await until(lambda: client.opened == 1)
        await until(lambda: selector.sources() == SourceCounts())


async def test_late_ticks_are_counted() -> None:
    async with selecting(SilentSource()) as fixture:
        fixture.follow(container())
        await fixture.advance(0.5)
        fixture.clock.work(3.5)
        await fixture.advance(1.0)
        assert fixture.selector.sources().late >= 2
