"""A running session on a simulated engine, for tests that wait for its snapshots and look at the engine's requests."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.process.clock import SystemClock
from dockpit.simulate import SimulatedEngine, World, scenario, serve
from dockpit.simulate.simulated_kernel import SimulatedKernel


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A running session, the engine that it watches, and the engine's world."""

    session: Session
    engine: SimulatedEngine
    world: World
    task: asyncio.Task[None]

    async def until(self, condition: Callable[[Snapshot], bool], seconds: float = 20.0) -> Snapshot:
        """The first snapshot that meets `condition`. Raises TimeoutError, or the error that ended the session."""
        async with asyncio.timeout(seconds):
            while True:
                if self.task.done():
                    self.task.result()
                snapshot = self.session.snapshot()
                if condition(snapshot):
                    return snapshot
                await asyncio.sleep(0.02)

    def entry(self, name: str) -> Entry:
        """The entry of the container `name`."""
        return next(e for e in self.session.snapshot().entries.values() if e.container.name == name)


@asynccontextmanager
async def running_session(
    folder: Path,
    name: str = "throttled",
    options: SessionOptions | None = None,
    *,
    by_kernel: bool = False,
    **collaborators: object,
) -> AsyncIterator[RunningSession]:
    """Run a session on the scenario `name` until the block is left.

    Samples come from the engine, or from the simulated kernel if `by_kernel`; `options` are those of Session.
    """
    clock = SystemClock()
    world = World(scenario(name), 7, clock.wall())
    if by_kernel:
        collaborators["kernel"] = SimulatedKernel(world)
    async with serve(folder / "engine.sock", world, clock) as engine:
        endpoint = Endpoint(engine.url, simulated=by_kernel)
        session = Session(endpoint, options, jitter=random.Random(1), **collaborators)  # type: ignore[arg-type]  # a shorthand
        task = asyncio.create_task(session.run())
        try:
            yield RunningSession(session, engine, world, task)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def all_have_rates(snapshot: Snapshot) -> bool:
    """Whether every live container has rates."""
    return snapshot.ready and all(e.rates is not None for e in snapshot.entries.values() if e.container.live)
