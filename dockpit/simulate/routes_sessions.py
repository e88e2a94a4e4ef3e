"""Exec and attach: an HTTP connection that turns into a raw byte stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from aiohttp import web

from dockpit.simulate import lifecycle, shell
from dockpit.simulate.box import Box, Exec
from dockpit.simulate.engine import SimulatedEngine, json_response
from dockpit.simulate.engine_json import PING
from dockpit.simulate.logs import frame
from dockpit.simulate.refusal import Refusal
from dockpit.simulate.requests import flag, json_body, size

RAW = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"


class Wire:
    """A hijacked connection: what the client types comes out of read(), what is printed goes in write()."""

    def __init__(self, response: web.StreamResponse, tty: bool) -> None:
        self._response = response
        self._tty = tty
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Called by aiohttp with whatever arrives."""
        self._typed.put_nowait(bytes(data))
        return False, b""

    def feed_eof(self) -> None:
        """Called by aiohttp at the end."""
        self._typed.put_nowait(b"")

    async def read(self) -> bytes:
        """The next bytes typed; b"" at the end."""
        return await self._typed.get()

    async def write(self, printed: Iterable[tuple[int, bytes]]) -> None:
        """Send (stream, bytes) pairs, multiplexed without a TTY."""
        for stream, data in printed:
            await self._response.write(data if self._tty else frame(stream, data))


async def hijack(request: web.Request, tty: bool) -> tuple[web.StreamResponse, Wire]:
    """Answer 101 to an upgrade, 200 otherwise, and hand over the connection."""
    upgrade = request.headers.get("Upgrade", "").lower() == "tcp"
    headers = {"Content-Type": RAW if tty else MULTIPLEXED}
    if upgrade:
        headers |= {"Connection": "Upgrade", "Upgrade": "tcp"}
    response = web.StreamResponse(
        status=101 if upgrade else 200, reason="UPGRADED" if upgrade else "OK", headers=headers
    )
    wire = Wire(response, tty)
    if upgrade:
        await request.read()
        request.protocol.set_parser(wire)  # type: ignore[arg-type]  # any parser serves; the stub names WebSocket's
    response.force_close()
    await response.prepare(request)
    return response, wire


class SessionRoutes:
    """Handlers of exec and attach."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    def _box(self, request: web.Request) -> Box:
        self._engine.now()
        box = self._engine.world.find(request.match_info["id"])
        if not box.live:
            raise Refusal(409, f"container {box.id} is not running")
        return box

    def _exec(self, request: web.Request) -> Exec:
        wanted = request.match_info["exec"]
        found = self._engine.world.execs.get(wanted)
        if found is None:
            raise Refusal(404, f"No such exec instance: {wanted}")
        return found

    async def create(self, request: web.Request) -> web.Response:
        """POST /containers/{id}/exec."""
        body, box, world = await json_body(request), self._box(request), self._engine.world
        if box.status == "paused":
            raise Refusal(409, f"Container {box.id} is paused, unpause the container before exec")
        argv = [str(part) for part in body.get("Cmd") or []]
        if not argv:
            raise Refusal(400, "No exec command specified")
        made = Exec(world.new_id("exec"), box, argv, bool(body.get("Tty")), bool(body.get("AttachStdin")))
        world.execs[made.id] = made
        world.emit(box, f"exec_create: {' '.join(argv)}", self._engine.now(), execID=made.id)
        return json_response({"Id": made.id}, 201)

    async def inspect(self, request: web.Request) -> web.Response:
        """GET /exec/{id}/json."""
        found = self._exec(request)
        process = {"tty": found.tty, "entrypoint": found.argv[0], "arguments": found.argv[1:], "privileged": False}
        return json_response(
            {
                "ID": found.id,
                "Running": found.running,
                "ExitCode": found.exit_code,
                "ProcessConfig": process,
                "OpenStdin": found.stdin,
                "OpenStderr": True,
                "OpenStdout": True,
                "CanRemove": False,
                "ContainerID": found.box.id,
                "DetachKeys": "",
                "Pid": found.pid,
            }
        )

    async def resize(self, request: web.Request) -> web.Response:
        """POST /exec/{id}/resize."""
        found = self._exec(request)
        if not found.running:
            raise Refusal(409, f"cannot resize a stopped exec: {found.id}")
        found.rows, found.columns = found.box.rows, found.box.columns = size(request)
        return web.Response(status=200, headers=PING)

    async def start(self, request: web.Request) -> web.StreamResponse:
        """POST /exec/{id}/start."""
        found, body = self._exec(request), await json_body(request)
        if found.running or found.exit_code is not None:
            raise Refusal(409, f"Error: Exec command {found.id} has already run")
        world, box = self._engine.world, found.box
        if not box.live:
            raise Refusal(409, f"container {box.id} is not running")
        found.running, found.pid = True, box.pid + 40
        world.emit(box, f"exec_start: {' '.join(found.argv)}", self._engine.now(), execID=found.id)
        if body.get("Detach"):
            self._finish(found, shell.run(world, box, found.argv).code)
            return web.Response(status=200, headers=PING)
        response, wire = await hijack(request, found.tty)
        code = 137
        with suppress(ConnectionError):
            code = await self._converse(wire, found)
            await response.write_eof()
        self._finish(found, code)
        return response

    async def _converse(self, wire: Wire, found: Exec) -> int:
        if found.stdin and _interactive(found.argv):
            return await self._session(wire, shell.Session(self._engine.world, found.box, found.tty))
        result = shell.run(self._engine.world, found.box, found.argv)
        parts = ((1, result.out), (2, result.err))
        await wire.write((stream, _lines(text, found.tty)) for stream, text in parts if text)
        return result.code

    def _finish(self, found: Exec, code: int) -> None:
        if found.running:
            found.running, found.exit_code = False, code
            self._engine.world.emit(found.box, "exec_die", self._engine.now(), execID=found.id, exitCode=str(code))

    async def _session(self, wire: Wire, session: shell.Session) -> int:
        await wire.write(session.greet())
        while session.exit_code is None:
            data = await wire.read()
            await self._engine.gate()
            printed = session.feed(data) if data else session.close()
            await wire.write(printed)
        return session.exit_code

    async def attach(self, request: web.Request) -> web.StreamResponse:
        """POST /containers/{id}/attach: an interactive shell, or what the container prints."""
        engine = self._engine
        engine.now()
        box = engine.world.find(request.match_info["id"])
        engine.world.emit(box, "attach", engine.now())
        response, wire = await hijack(request, box.spec.tty)
        with suppress(ConnectionError), engine.world.journal.subscribe() as queue:
            while not box.live and box.status == "created":
                await queue.get()
            if flag(request, "stdin") and _interactive(list(box.spec.command)):
                await self._own_shell(wire, box)
            else:
                await self._printed(wire, box)
            await response.write_eof()
        return response

    async def _own_shell(self, wire: Wire, box: Box) -> None:
        session = shell.Session(self._engine.world, box, box.spec.tty)
        ending = asyncio.create_task(self._until_over(box), name="attach-watch")
        talking = asyncio.create_task(self._session(wire, session), name="attach-session")
        try:
            await asyncio.wait((ending, talking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            talking.cancel()
            await asyncio.gather(ending, talking, return_exceptions=True)
        if session.exit_code is not None and box.live:
            lifecycle.end(self._engine.world, box, self._engine.now(), session.exit_code)

    async def _printed(self, wire: Wire, box: Box) -> None:
        result = shell.run(self._engine.world, box, list(box.spec.command))
        parts = ((1, result.out), (2, result.err))
        await wire.write((stream, _lines(text, box.spec.tty)) for stream, text in parts if text)
        await self._until_over(box)

    async def _until_over(self, box: Box) -> None:
        with self._engine.world.journal.subscribe() as queue:
            while box.live:
                await queue.get()


def _interactive(argv: list[str]) -> bool:
    return argv[0].rpartition("/")[2] in shell.SHELLS and "-c" not in argv


def _lines(text: str, tty: bool) -> bytes:
    return (text.replace("\n", "\r\n") if tty else text).encode()
