"""From options to a session: the engine that the user means, or a simulated one in a task of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dockpit.clock import Clock, SystemClock
from dockpit.config import Config
from dockpit.engine.endpoint import Endpoint, resolve
from dockpit.errors import EngineUnreachable
from dockpit.session import Session

if TYPE_CHECKING:
    pass


def endpoint(context: str | None, host: str | None) -> Endpoint:
    """The engine that the flags, the environment and the docker configuration name. Raises EndpointError."""
    return resolve(context=context, host=host, environ=os.environ, home=Path.home(), uid=os.getuid())


@asynccontextmanager
async def watching(
    engine: Endpoint, config: Config, *, history_minutes: float | None = None, machine: bool = True, keys: bool = True
) -> AsyncIterator[Session]:
    """A session on a real engine, not yet running; an EngineUnreachable that leaves it says who named the engine.

    `machine` is whether the figures of the machine itself are wanted, `keys` whether somebody presses any.
    """
    from dockpit.sources.cgroup import KernelFiles
    from dockpit.sources.host import HostSource

    try:
        yield Session(
            engine,
            thresholds=config.thresholds,
            history_minutes=history_minutes or config.history_minutes,
            read_only=config.read_only,
            host=HostSource() if machine else None,
            kernel=KernelFiles(),
            choice=config.source,
            interval=config.interval_seconds,
            calm=config.calm,
            keys=keys,
        )
    except EngineUnreachable as error:
        raise EngineUnreachable(error.address, error.reason, engine.origin) from error


@asynccontextmanager
async def demonstrating(
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
    from dockpit.simulate.host import SimulatedHost
    from dockpit.simulate.kernel_files import SimulatedKernel

    clock = clock or SystemClock()
    world = World(named(scenario), seed, clock.wall())
    host, kernel = SimulatedHost(world), SimulatedKernel(world)
    with tempfile.TemporaryDirectory(prefix="dockpit-demo-") as folder:
        async with serve(Path(folder) / "docker.sock", world, clock) as simulated:
            session = Session(
                Endpoint(simulated.url, context=f"demo {scenario}", origin="--demo", simulated=True),
                clock=clock,
                thresholds=config.thresholds,
                read_only=config.read_only,
                host=host,
                kernel=kernel,
                choice=config.source,
                interval=config.interval_seconds,
                calm=config.calm,
                backlog=kernel.past_samples if past else None,
            )
            for figures in host.past() if past else ():
                session.history.host(figures)
            yield session
