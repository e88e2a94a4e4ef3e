"""A fixture that serves a simulated world on a clock that tests move by hand."""

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


class ServedWorld:
    """A simulated engine, two clients of it (aiodocker and plain HTTP), and the clock of both."""

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
        """Run the event loop until `condition` holds; the clock stands still."""
        async with asyncio.timeout(5):
            while not condition():  # the server signals nothing
                await asyncio.sleep(0.001)

    async def advancing(self, work: Awaitable[T], step: float = 0.25) -> T:
        """The result of `work`; the clock advances by `step` seconds until it is there."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self.clock.advance(step)
            await asyncio.wait([task], timeout=0.005)
        return task.result()


ServeWorld = Callable[[Scenario], Any]
"""The type of the serve_world fixture."""


@asynccontextmanager
async def _serve_scenario(scenario: Scenario, seed: int = 1) -> AsyncIterator[ServedWorld]:
    """Serve `scenario` until the block is left."""
    clock = ManualClock(START)
    with TemporaryDirectory(prefix="sim") as folder:
        async with serve(Path(folder) / "engine.sock", World(scenario, seed, START), clock) as engine:
            docker = aiodocker.Docker(url=engine.url)
            served = ServedWorld(engine, docker, clock)
            try:
                yield served
            finally:
                await served.http.close()
                await docker.close()


@pytest.fixture
def serve_world() -> ServeWorld:
    """The context manager that serves a scenario: `async with serve_world(scenario) as served`."""
    return _serve_scenario
