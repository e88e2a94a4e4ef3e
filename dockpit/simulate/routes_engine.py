"""Handlers of requests about the engine itself."""

from __future__ import annotations

from aiohttp import web

from dockpit.simulate import engine_json
from dockpit.simulate.simulated_engine import SimulatedEngine, json_response


class EngineRoutes:
    """Handlers of /_ping, /version, /info and /system/df."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    async def ping(self, request: web.Request) -> web.Response:
        """GET or HEAD /_ping."""
        return web.Response(text="" if request.method == "HEAD" else "OK", headers=engine_json.PING_HEADERS)

    async def version(self, request: web.Request) -> web.Response:
        """GET /version."""
        return json_response(engine_json.version())

    async def info(self, request: web.Request) -> web.Response:
        """GET /info."""
        return json_response(engine_json.info(self._engine.world, self._engine.now()))

    async def disk_usage(self, request: web.Request) -> web.Response:
        """GET /system/df."""
        return json_response(engine_json.disk_usage(self._engine.world))
