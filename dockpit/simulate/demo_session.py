"""The session of --demo: a simulated engine, served in this process, and a session that watches it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dockpit.config.defaults import Config
from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.process.clock import Clock, SystemClock


@asynccontextmanager
async def open_demo_session(
    scenario: str,
    seed: int,
    config: Config,
    *,
    clock: Clock | None = None,
    past: bool = True,
) -> AsyncIterator[Session]:
    """A session on the scenario, served until the block is left; with `past`, its warm-up is in the history.

    Raises UsageError for an unknown scenario.
    """
    from dockpit.simulate import World, serve
    from dockpit.simulate import scenario as find_scenario
    from dockpit.simulate.simulated_host import SimulatedHost
    from dockpit.simulate.simulated_kernel import SimulatedKernel

    clock = clock or SystemClock()
    world = World(find_scenario(scenario), seed, clock.wall())
    host, kernel = SimulatedHost(world), SimulatedKernel(world)
    with tempfile.TemporaryDirectory(prefix="dockpit-demo-") as folder:
        async with serve(Path(folder) / "docker.sock", world, clock) as engine:
            session = Session(
                Endpoint(engine.url, context=f"demo {scenario}", origin="--demo", simulated=True),
                SessionOptions.from_config(config),
                clock=clock,
                kernel=kernel,
                host=host,
                backlog=kernel.past_samples if past else None,
            )
            for figures in host.past() if past else ():
                session.history.add_host_figures(figures)
            yield session
