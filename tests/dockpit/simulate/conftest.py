"""A served world for tests, on a clock that moves when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import aiodocker
import aiohttp
import pytest

from dockpit.process.clock import ManualClock
from dockpit.simulate import Scenario, SimulatedEngine, World, serve

T = TypeVar("T")

START = 1_700_000_000.0


class Rig:
    """A simulated engine, a client of it, and the clock of both."""

    def __init__(self, engine: SimulatedEngine, docker: aiodocker.Docker, clock: ManualClock) -> None:
        self.engine = engine
        self.world = engine.world
        self.docker = docker
        self.clock = clock
        connector = aiohttp.UnixConnector(path=str(engine.path), limit=0)
        self.http = aiohttp.ClientSession("http://engine", connector=connector)

    async def json(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """(status, decoded body) of one request."""
        async with self.http.request(method, path, **more) as answer:
            return answer.status, await answer.json(content_type=None)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop run until `condition` holds, without any time passing."""
        async with asyncio.timeout(5):
            while not condition():  # the condition is the server's: nothing signals it
                await asyncio.sleep(0.001)

    async def passing(self, work: Awaitable[T], step: float = 0.25) -> T:
        """The result of `work`, with time passing until it is there."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self.clock.advance(step)
            await asyncio.wait([task], timeout=0.005)
        return task.result()


Serve = Callable[[Scenario], Any]


@asynccontextmanager
async def rig_of(scenario: Scenario, seed: int = 1) -> AsyncIterator[Rig]:
    """Serve a scenario."""
    clock = ManualClock(START)
    with TemporaryDirectory(prefix="sim") as folder:
        async with serve(Path(folder) / "engine.sock", World(scenario, seed, START), clock) as engine:
            docker = aiodocker.Docker(url=engine.url)
            rig = Rig(engine, docker, clock)
            try:
                yield rig
            finally:
                await rig.http.close()
                await docker.close()


@pytest.fixture
def rigged() -> Serve:
    """Serve a scenario: `async with rigged(scenario) as rig`."""
    return rig_of
