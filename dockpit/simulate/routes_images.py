"""The engine about itself, and its images."""

from __future__ import annotations

from aiohttp import web

from dockpit.simulate import engine_json
from dockpit.simulate.engine import SimulatedEngine, json_line, json_response
from dockpit.simulate.image_pull import BROKEN, progress
from dockpit.simulate.refusal import EngineRefusal
from dockpit.simulate.world_state import full_name


class ImageRoutes:
    """Handlers of /_ping, /version, /info, /system/df and /images."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    async def ping(self, request: web.Request) -> web.Response:
        """GET or HEAD /_ping."""
        return web.Response(text="" if request.method == "HEAD" else "OK", headers=engine_json.PING)

    async def version(self, request: web.Request) -> web.Response:
        """GET /version."""
        return json_response(engine_json.version())

    async def info(self, request: web.Request) -> web.Response:
        """GET /info."""
        return json_response(engine_json.info(self._engine.world, self._engine.now()))

    async def disk_usage(self, request: web.Request) -> web.Response:
        """GET /system/df."""
        return json_response(engine_json.disk_usage(self._engine.world))

    async def listing(self, request: web.Request) -> web.Response:
        """GET /images/json."""
        world = self._engine.world
        return json_response([engine_json.image_row(world, name) for name in sorted(world.images)])

    async def one(self, request: web.Request) -> web.Response:
        """GET /images/{name}/json, by name or id."""
        return json_response(engine_json.image(self._engine.world, self._image(request)))

    async def history(self, request: web.Request) -> web.Response:
        """GET /images/{name}/history, newest layer first."""
        return json_response(engine_json.image_history(self._engine.world, self._image(request)))

    def _image(self, request: web.Request) -> str:
        asked = request.match_info["name"]
        for name, image_id in self._engine.world.images.items():
            if full_name(asked) == name or image_id.removeprefix("sha256:").startswith(asked.removeprefix("sha256:")):
                return name
        raise EngineRefusal(404, f"No such image: {full_name(asked)}")

    async def pull(self, request: web.Request) -> web.StreamResponse:
        """POST /images/create: progress as JSON lines; errors come in-band."""
        name, tag = request.query.get("fromImage", ""), request.query.get("tag", "")
        if not name:
            raise EngineRefusal(400, "invalid reference format")
        full = name if "@" in name else full_name(f"{name}:{tag}" if tag else name)
        response = web.StreamResponse(headers={"Content-Type": "application/json", **engine_json.PING})
        await response.prepare(request)
        clock, world = self._engine.clock, self._engine.world
        known = full in world.images
        for delay, message in progress(full, known):
            if delay:
                await clock.sleep(delay)
            await self._engine.gate()
            await response.write(json_line(message))
        if not known and BROKEN not in full:
            world.add_image(full)
            world.event_log.emit(self._engine.now(), "image", "pull", full, {"name": full.rpartition(":")[0]})
        await response.write_eof()
        return response
