"""The simulated engine behind its routes: the world, the clock, and the faults it can be told to show."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from dockpit.process.clock import Clock
from dockpit.simulate.engine_json import API, OLDEST_API, PING
from dockpit.simulate.refusal import EngineRefusal
from dockpit.simulate.world import World

TICK = 0.25
"""Seconds between two looks of the server at a world nobody asks about."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SimulatedEngine:
    """A running server: the world behind it, what was asked of it, and faults. Made by serve()."""

    def __init__(self, path: Path, world: World, clock: Clock) -> None:
        self.path = path
        self.world = world
        self.clock = clock
        self.requests: list[tuple[str, str]] = []
        """(method, path without version and query) of every request, oldest first."""
        self._refusals: list[tuple[re.Pattern[str], int, str]] = []
        self._open = asyncio.Event()
        self._open.set()
        self._web: web.Server | None = None
        self._listener: asyncio.AbstractServer | None = None

    @property
    def url(self) -> str:
        """unix://<path>"""
        return f"unix://{self.path}"

    def now(self) -> float:
        """The world's time, with the world brought up to it."""
        at = self.clock.wall()
        self.world.advance(at)
        return at

    async def drop(self) -> None:
        """Close every connection and stop listening, as a daemon that dies does."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.path.unlink(missing_ok=True)
        for connection in list(self._web.connections if self._web else ()):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)

    async def resume(self) -> None:
        """Listen again after drop()."""
        if self._listener is None and self._web is not None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_unix_server(self._web, str(self.path), backlog=4096)

    def hang(self, hanging: bool = True) -> None:
        """Accept and never answer; running streams fall silent. Requests held back go on after hang(False)."""
        if hanging:
            self._open.clear()
        else:
            self._open.set()

    def refuse(self, pattern: str, status: int, message: str) -> None:
        """Answer `status` to every request whose "METHOD /path" (without version) matches the regular expression.

        A message that begins with "<" is sent as HTML, as a proxy does; any other as the engine's JSON error.
        """
        self._refusals.append((re.compile(pattern), status, message))

    def allow(self) -> None:
        """Forget every refusal."""
        self._refusals.clear()

    async def gate(self) -> None:
        """Wait while the engine hangs."""
        await self._open.wait()

    async def tick(self) -> None:
        """Keep the world going so that its events come without being asked for."""
        while True:
            self.now()
            await self.clock.sleep(TICK)

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Version check, faults and error bodies around every handler."""
        version = request.match_info.get("version")
        path = request.path.removeprefix(f"/v{version}") if version else request.path
        self.requests.append((request.method, path))
        await self.gate()
        for pattern, status, message in self._refusals:
            if pattern.search(f"{request.method} {path}"):
                return _refused(status, message)
        try:
            _check_version(version)
            return await handler(request)
        except EngineRefusal as refusal:
            return json_response({"message": refusal.message}, refusal.status)
        except web.HTTPNotFound:
            return json_response({"message": "page not found"}, 404)
        except web.HTTPMethodNotAllowed:
            return json_response({"message": "method not allowed"}, 405)

    async def listen(self, server: web.Server) -> None:
        """Begin to listen, with `server` to speak HTTP."""
        self._web = server
        await self.resume()


def _refused(status: int, message: str) -> web.Response:
    if message.startswith("<"):
        return web.Response(text=message, status=status, content_type="text/html")
    return json_response({"message": message}, status)


def _check_version(version: str | None) -> None:
    if version is None:
        return
    asked = tuple(int(part) for part in version.split(".") if part)[:2]
    if asked > API:
        newest = f"Maximum supported API version is {API[0]}.{API[1]}"
        raise EngineRefusal(400, f"client version {version} is too new. {newest}")
    if asked < OLDEST_API:
        oldest = f"Minimum supported API version is {OLDEST_API[0]}.{OLDEST_API[1]}"
        upgrade = "please upgrade your client to a newer version"
        raise EngineRefusal(400, f"client version {version} is too old. {oldest}, {upgrade}")


def json_response(value: Any, status: int = 200) -> web.Response:
    """JSON as the engine writes it: compact, with a newline at the end."""
    return web.Response(body=json_line(value), status=status, content_type="application/json", headers=PING)


def json_line(value: Any) -> bytes:
    """One value as one line."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
