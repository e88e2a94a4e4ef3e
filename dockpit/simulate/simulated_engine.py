"""The simulated engine behind its routes: the world, the clock, and the faults that tests switch on."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from dockpit.process.clock import Clock
from dockpit.simulate.engine_json import NEWEST_API, OLDEST_API, PING_HEADERS
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.world import World

TICK_SECONDS = 0.25
"""Pause between two advances of a world that no request advances."""

LATE_SECONDS = 1.0
"""Delay from which on a period that is late counts from now instead of catching up."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SimulatedEngine:
    """A running server: its world, the requests it received, and the faults it shows. Made by serve()."""

    def __init__(self, path: Path, world: World, clock: Clock) -> None:
        self.path = path
        self.world = world
        self.clock = clock
        self.requests: list[tuple[str, str]] = []
        """(method, path without version and query) of every request, oldest first."""
        self._refusals: list[tuple[re.Pattern[str], int, str]] = []
        self._answering = asyncio.Event()
        self._answering.set()
        self._http_server: web.Server | None = None
        self._listener: asyncio.AbstractServer | None = None

    @property
    def url(self) -> str:
        """unix://<path>"""
        return f"unix://{self.path}"

    # faults

    async def drop(self) -> None:
        """Close every connection and stop listening, as a daemon that dies does."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.path.unlink(missing_ok=True)
        for connection in list(self._http_server.connections if self._http_server else ()):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)

    async def resume(self) -> None:
        """Listen again after drop()."""
        if self._listener is None and self._http_server is not None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_unix_server(self._http_server, str(self.path), backlog=4096)

    def hang(self, hanging: bool = True) -> None:
        """Accept connections and never answer; open streams fall silent. hang(False) answers what was held back."""
        if hanging:
            self._answering.clear()
        else:
            self._answering.set()

    def refuse(self, pattern: str, status: int, message: str) -> None:
        """Answer `status` to every request whose "METHOD /path" (without version) matches the regular expression.

        A message that begins with "<" is sent as HTML, as a proxy does; any other as the engine's JSON error.
        """
        self._refusals.append((re.compile(pattern), status, message))

    def allow(self) -> None:
        """Remove every refusal."""
        self._refusals.clear()

    # time

    def now(self) -> float:
        """The clock's time in seconds since the epoch, to which the world is advanced."""
        at = self.clock.wall()
        self.world.advance(at)
        return at

    async def advance_forever(self) -> None:
        """Advance the world every tick, so that its events come without a request."""
        while True:
            self.now()
            await self.clock.sleep(TICK_SECONDS)

    async def wait_while_hanging(self) -> None:
        """Return at once, or when hang(False) ends a hang."""
        await self._answering.wait()

    async def sleep_until(self, due: float) -> float:
        """Sleep until `due` on the monotonic clock and while the engine hangs; when the next period begins."""
        wait = due - self.clock.monotonic()
        if wait > 0:
            await self.clock.sleep(wait)
        await self.wait_while_hanging()
        now = self.clock.monotonic()
        return due if now - due < LATE_SECONDS else now

    # requests

    async def listen(self, http_server: web.Server) -> None:
        """Begin to listen, with `http_server` to speak HTTP."""
        self._http_server = http_server
        await self.resume()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record the request, show faults, check the API version, and turn errors into the engine's JSON."""
        version = request.match_info.get("version")
        path = request.path.removeprefix(f"/v{version}") if version else request.path
        self.requests.append((request.method, path))
        await self.wait_while_hanging()
        for pattern, status, message in self._refusals:
            if pattern.search(f"{request.method} {path}"):
                return _refusal_response(status, message)
        try:
            _check_version(version)
            return await handler(request)
        except EngineRefusal as refusal:
            return json_response({"message": refusal.message}, refusal.status)
        except web.HTTPNotFound:
            return json_response({"message": "page not found"}, 404)
        except web.HTTPMethodNotAllowed:
            return json_response({"message": "method not allowed"}, 405)


def _refusal_response(status: int, message: str) -> web.Response:
    if message.startswith("<"):
        return web.Response(text=message, status=status, content_type="text/html")
    return json_response({"message": message}, status)


def _check_version(version: str | None) -> None:
    if version is None:
        return
    wanted = tuple(int(part) for part in version.split(".") if part)[:2]
    if wanted > NEWEST_API:
        newest = f"Maximum supported API version is {NEWEST_API[0]}.{NEWEST_API[1]}"
        raise EngineRefusal(400, f"client version {version} is too new. {newest}")
    if wanted < OLDEST_API:
        oldest = f"Minimum supported API version is {OLDEST_API[0]}.{OLDEST_API[1]}"
        upgrade = "please upgrade your client to a newer version"
        raise EngineRefusal(400, f"client version {version} is too old. {oldest}, {upgrade}")


def json_response(value: Any, status: int = 200) -> web.Response:
    """A response with `value` as the engine writes JSON: compact, with a newline at the end."""
    return web.Response(body=json_line(value), status=status, content_type="application/json", headers=PING_HEADERS)


def json_line(value: Any) -> bytes:
    """One value as one line of JSON in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def empty_response(status: int) -> web.Response:
    """A response without a body."""
    return web.Response(status=status, headers=PING_HEADERS)
