"""Streams that end, fail or fall silent: the sampler opens them again, and says n/a meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from dockpit import sampling
from dockpit.clock import SystemClock
from dockpit.errors import EngineError, NotFound
from dockpit.history import History
from dockpit.model import Container, Sample
from dockpit.sampling import Sampler
from dockpit.signals.thresholds import Thresholds
from dockpit.sources.engine import EngineSource

ID = "c" * 64


def container(state: str = "running", started_at: float = 100.0) -> Container:
    return Container(ID, "c", state=state, started_at=started_at)  # type: ignore[arg-type]  # a test's shorthand


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
    monkeypatch.setattr(sampling, "RETRY_SECONDS", (0.01, 0.02))


async def test_streams_that_end_fail_or_fall_silent_are_opened_again() -> None:
    client = Scripted(ends, fails, silent)
    history = History(Thresholds())
    history.put(container())
    seen_stale: list[bool] = []
    async with asyncio.TaskGroup() as group:
        sampler = Sampler(EngineSource(client, silence_seconds=0.05), history, SystemClock(), group)
        sampler.follow(container())
        sampler.follow(container())

        def recovered() -> bool:
            entry = history.get(ID)
            assert entry is not None
            seen_stale.append(entry.stale)
            return client.opened >= 4 and entry.rates is not None

        await until(recovered)
        sampler.drop(ID)
    assert True in seen_stale, "silence is said"
    assert client.opened == 4, "one stream at a time"


async def test_a_removed_container_is_not_asked_for_again() -> None:
    client = Scripted(gone)
    history = History(Thresholds())
    history.put(container())
    async with asyncio.TaskGroup() as group:
        sampler = Sampler(EngineSource(client), history, SystemClock(), group)
        sampler.follow(container())
        await until(lambda: client.opened == 1)
    assert client.opened == 1


async def test_a_new_run_gets_a_new_stream_and_a_stopped_one_none() -> None:
    client = Scripted()
    history = History(Thresholds())
    history.put(container())
    async with asyncio.TaskGroup() as group:
        sampler = Sampler(EngineSource(client), history, SystemClock(), group)
        sampler.follow(container())
        await until(lambda: client.opened == 1)
        sampler.follow(container(started_at=190.0))
        await until(lambda: client.opened == 2)
        sampler.follow(container("exited"))
        sampler.follow(container("exited"))
    assert client.opened == 2


async def test_figures_of_the_run_before_are_not_taken() -> None:
    history = History(Thresholds())
    history.put(container(started_at=190.0))
    client = Scripted(ends, silent)
    async with asyncio.TaskGroup() as group:
        sampler = Sampler(EngineSource(client), history, SystemClock(), group)
        sampler.follow(container(started_at=190.0))
        await until(lambda: client.opened >= 2)
        sampler.drop(ID)
    entry = history.get(ID)
    assert entry is not None and entry.sample is None


async def test_figures_are_taken_when_the_clock_was_set_back_since_the_start() -> None:
    history = History(Thresholds())
    history.put(container(started_at=9000.0))
    async with asyncio.TaskGroup() as group:
        sampler = Sampler(EngineSource(Scripted()), history, SystemClock(), group)
        sampler.follow(container(started_at=9000.0))

        def told() -> bool:
            entry = history.get(ID)
            return entry is not None and entry.rates is not None

        await until(told)
        sampler.drop(ID)
