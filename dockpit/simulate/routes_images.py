"""Handlers of requests about images."""

from __future__ import annotations

from aiohttp import web

from dockpit.simulate import image_json
from dockpit.simulate.engine_json import PING_HEADERS
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.pull_stream import UNPULLABLE, pull_progress
from dockpit.simulate.simulated_engine import SimulatedEngine, json_line, json_response
from dockpit.simulate.world_state import full_image_name


class ImageRoutes:
    """Handlers of /images."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    async def listing(self, request: web.Request) -> web.Response:
        """GET /images/json."""
        world = self._engine.world
        return json_response([image_json.image_row(world, name) for name in sorted(world.images)])

    async def inspect(self, request: web.Request) -> web.Response:
        """GET /images/{name}/json, by name or id."""
        return json_response(image_json.inspect_image(self._engine.world, self._image_name(request)))

    async def history(self, request: web.Request) -> web.Response:
        """GET /images/{name}/history, newest layer first."""
        return json_response(image_json.image_history(self._engine.world, self._image_name(request)))

    def _image_name(self, request: web.Request) -> str:
        wanted = request.match_info["name"]
        wanted_name, wanted_id = full_image_name(wanted), wanted.removeprefix("sha256:")
        for name, image_id in self._engine.world.images.items():
            if name == wanted_name or image_id.removeprefix("sha256:").startswith(wanted_id):
                return name
        raise EngineRefusal(404, f"No such image: {wanted_name}")

    async def pull(self, request: web.Request) -> web.StreamResponse:
        """POST /images/create: progress as JSON lines; errors come in-band."""
        name, tag = request.query.get("fromImage", ""), request.query.get("tag", "")
        if not name:
            raise EngineRefusal(400, "invalid reference format")
        full_name = name if "@" in name else full_image_name(f"{name}:{tag}" if tag else name)
        response = web.StreamResponse(headers={"Content-Type": "application/json", **PING_HEADERS})
        await response.prepare(request)
        clock, world = self._engine.clock, self._engine.world
        present = full_name in world.images
        for delay_seconds, message in pull_progress(full_name, present):
            if delay_seconds:
                await clock.sleep(delay_seconds)
            await self._engine.wait_while_hanging()
            await response.write(json_line(message))
        if not present and UNPULLABLE not in full_name:
            world.add_image(full_name)
            repository = full_name.rpartition(":")[0]
            world.event_log.emit(self._engine.now(), "image", "pull", full_name, {"name": repository})
        await response.write_eof()
        return response
