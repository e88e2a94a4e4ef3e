"""Opens a session on a simulated engine that is served in a task of its own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dockpit.config.config import Config
from dockpit.engine.endpoint import Endpoint
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.process.clock import Clock, SystemClock

HISTORY_MINUTES = 15.0
"""Length of the past that a demo keeps, whatever is configured."""


@asynccontextmanager
async def open_demo_session(
    scenario: str,
    seed: int,
    config: Config,
    *,
    clock: Clock | None = None,
    past: bool = True,
) -> AsyncIterator[Session]:
    """A session on a simulated engine, which is served as long as the context is open. Raises UsageError."""
    from dockpit.simulate import World, serve
    from dockpit.simulate import scenario as named
    from dockpit.simulate.simulated_host import SimulatedHost
    from dockpit.simulate.simulated_kernel import SimulatedKernel

    clock = clock or SystemClock()
    world = World(named(scenario), seed, clock.wall())
    host, kernel = SimulatedHost(world), SimulatedKernel(world)
    with tempfile.TemporaryDirectory(prefix="dockpit-demo-") as folder:
        async with serve(Path(folder) / "docker.sock", world, clock) as simulated:
            session = Session(
                Endpoint(simulated.url, context=f"demo {scenario}", origin="--demo", simulated=True),
                SessionOptions.from_config(config, history_minutes=HISTORY_MINUTES),
                clock=clock,
                kernel=kernel,
                host=host,
                backlog=kernel.past_samples if past else None,
            )
            for figures in host.past() if past else ():
                session.history.host(figures)
            yield session
