"""The simulated engine's HTTP server on a unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from dockpit.process.clock import Clock
from dockpit.simulate.routes import add_routes
from dockpit.simulate.simulated_engine import SimulatedEngine
from dockpit.simulate.world import World


@asynccontextmanager
async def serve(path: Path, world: World, clock: Clock) -> AsyncIterator[SimulatedEngine]:
    """Serve `world` on the unix socket `path` until the block is left."""
    engine = SimulatedEngine(path, world, clock)
    app = web.Application(middlewares=[engine.middleware], client_max_size=64 * 1024 * 1024)
    add_routes(app, engine)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    assert runner.server is not None
    await engine.listen(runner.server)
    advancing = asyncio.create_task(engine.advance_forever(), name="simulated-world")
    try:
        yield engine
    finally:
        advancing.cancel()
        await engine.drop()
        await asyncio.gather(advancing, return_exceptions=True)
        await runner.cleanup()
