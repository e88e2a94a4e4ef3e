"""Exec and attach: an HTTP connection that turns into a raw byte stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from aiohttp import web

from dockpit.simulate import container_shell, lifecycle, log_output
from dockpit.simulate.container import Exec, SimulatedContainer
from dockpit.simulate.engine import SimulatedEngine, json_response
from dockpit.simulate.engine_json import PING
from dockpit.simulate.log_output import frame
from dockpit.simulate.refusal import EngineRefusal
from dockpit.simulate.request_parsing import flag, json_body, size
from dockpit.simulate.routes_streams import LOG_PERIOD, until

HEADERS_ALONE = 0.02
"""Seconds between the headers of a hijacked answer and its first bytes: clients that read the socket itself need it."""

RAW = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"


class Wire(asyncio.Protocol):
    """A hijacked connection: what the client types comes out of read(), what is printed goes in write().

    It stands before aiohttp's own protocol, so that a client may end its input and still get the output.
    """

    def __init__(self, response: web.StreamResponse, below: asyncio.Protocol, tty: bool) -> None:
        self._response = response
        self._below = below
        self._tty = tty
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()

    def data_received(self, data: bytes) -> None:
        self._typed.put_nowait(data)

    def eof_received(self) -> bool:
        self._typed.put_nowait(b"")
        return True

    def pause_writing(self) -> None:
        self._below.pause_writing()

    def resume_writing(self) -> None:
        self._below.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._below.connection_lost(exc)

    async def read(self) -> bytes:
        """The next bytes typed; b"" at the end."""
        return await self._typed.get()

    async def write(self, printed: Iterable[tuple[int, bytes]]) -> None:
        """Send (stream, bytes) pairs, multiplexed without a TTY."""
        for stream, data in printed:
            await self._response.write(data if self._tty else frame(stream, data))


async def hijack(request: web.Request, tty: bool) -> tuple[web.StreamResponse, Wire]:
    """Answer 101 to an upgrade, 200 otherwise, and take over the connection."""
    upgrade = request.headers.get("Upgrade", "").lower() == "tcp"
    headers = {"Content-Type": RAW if tty else MULTIPLEXED}
    if upgrade:
        headers |= {"Connection": "Upgrade", "Upgrade": "tcp"}
    status, reason = (101, "UPGRADED") if upgrade else (200, "OK")
    response = web.StreamResponse(status=status, reason=reason, headers=headers)
    wire = Wire(response, request.protocol, tty)
    await request.read()
    response.force_close()
    if upgrade and request.transport is not None:
        request.transport.set_protocol(wire)
    await response.prepare(request)
    await asyncio.sleep(HEADERS_ALONE)
    return response, wire


class SessionRoutes:
    """Handlers of exec and attach."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    def _container(self, request: web.Request) -> SimulatedContainer:
        self._engine.now()
        container = self._engine.world.find(request.match_info["id"])
        if not container.live:
            raise EngineRefusal(409, f"container {container.id} is not running")
        return container

    def _exec(self, request: web.Request) -> Exec:
        wanted = request.match_info["exec"]
        found = self._engine.world.execs.get(wanted)
        if found is None:
            raise EngineRefusal(404, f"No such exec instance: {wanted}")
        return found

    async def create(self, request: web.Request) -> web.Response:
        """POST /containers/{id}/exec."""
        body, container, world = await json_body(request), self._container(request), self._engine.world
        if container.status == "paused":
            raise EngineRefusal(409, f"Container {container.id} is paused, unpause the container before exec")
        argv = [str(part) for part in body.get("Cmd") or []]
        if not argv:
            raise EngineRefusal(400, "No exec command specified")
        made = Exec(world.new_id("exec"), container, argv, bool(body.get("Tty")), bool(body.get("AttachStdin")))
        world.execs[made.id] = made
        world.emit(container, f"exec_create: {' '.join(argv)}", self._engine.now(), execID=made.id)
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
                "ContainerID": found.container.id,
                "DetachKeys": "",
                "Pid": found.pid,
            }
        )

    async def resize(self, request: web.Request) -> web.Response:
        """POST /exec/{id}/resize."""
        found = self._exec(request)
        if not found.running:
            raise EngineRefusal(409, f"cannot resize a stopped exec: {found.id}")
        found.rows, found.columns = found.container.rows, found.container.columns = size(request)
        return web.Response(status=200, headers=PING)

    async def start(self, request: web.Request) -> web.StreamResponse:
        """POST /exec/{id}/start."""
        found, body = self._exec(request), await json_body(request)
        if found.running or found.exit_code is not None:
            raise EngineRefusal(409, f"Error: Exec command {found.id} has already run")
        world, container = self._engine.world, found.container
        if not container.live:
            raise EngineRefusal(409, f"container {container.id} is not running")
        found.running, found.pid = True, container.pid + 40
        world.emit(container, f"exec_start: {' '.join(found.argv)}", self._engine.now(), execID=found.id)
        if body.get("Detach"):
            self._finish(found, container_shell.run(world, container, found.argv).code)
            return web.Response(status=200, headers=PING)
        response, wire = await hijack(request, found.tty)
        code = 137
        with suppress(ConnectionError):
            code = await self._converse(wire, found)
            await response.write_eof()
        self._finish(found, code)
        return response

    async def _converse(self, wire: Wire, found: Exec) -> int:
        if found.stdin and container_shell.interactive(found.argv):
            session = container_shell.Session(self._engine.world, found.container, found.tty)
            await self._session(wire, session)
            return 137 if session.exit_code is None else session.exit_code
        result = container_shell.run(self._engine.world, found.container, found.argv)
        parts = ((1, result.out), (2, result.err))
        await wire.write((stream, container_shell.raw(text, found.tty)) for stream, text in parts if text)
        return result.code

    def _finish(self, found: Exec, code: int) -> None:
        if found.running:
            found.running, found.exit_code = False, code
            self._engine.world.emit(
                found.container, "exec_die", self._engine.now(), execID=found.id, exitCode=str(code)
            )

    async def _session(self, wire: Wire, session: container_shell.Session) -> None:
        """Talk until the shell exits or its container ends."""
        ending = asyncio.create_task(self._until_over(session.container), name="session-watch")
        talking = asyncio.create_task(self._talk(wire, session), name="session-talk")
        try:
            await asyncio.wait((ending, talking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            talking.cancel()
            await asyncio.gather(ending, talking, return_exceptions=True)

    async def _talk(self, wire: Wire, session: container_shell.Session) -> None:
        await wire.write(session.greet())
        while session.exit_code is None:
            data = await wire.read()
            await self._engine.gate()
            await wire.write(session.feed(data) if data else session.close())

    async def attach(self, request: web.Request) -> web.StreamResponse:
        """POST /containers/{id}/attach: an interactive shell, or what the container prints."""
        engine = self._engine
        engine.now()
        container = engine.world.find(request.match_info["id"])
        engine.world.emit(container, "attach", engine.now())
        response, wire = await hijack(request, container.spec.tty)
        with suppress(ConnectionError):
            await self._until_begun(container)
            if flag(request, "stdin") and container_shell.interactive(list(container.spec.command)):
                await self._own_shell(wire, container)
            else:
                await self._printed(wire, container)
            await response.write_eof()
        return response

    async def _own_shell(self, wire: Wire, container: SimulatedContainer) -> None:
        session = container_shell.Session(self._engine.world, container, container.spec.tty)
        await self._session(wire, session)
        if session.exit_code is not None and container.live:
            lifecycle.end(self._engine.world, container, self._engine.now(), session.exit_code)

    async def _printed(self, wire: Wire, container: SimulatedContainer) -> None:
        """Follow what the container prints until it ends."""
        engine, seen = self._engine, container.started - 1e-6 if container.spec.job else self._engine.now()
        due = engine.clock.monotonic()
        while True:
            now, live = engine.now(), container.live
            lines = log_output.lines(container, seen, now)
            await wire.write((line.stream, container_shell.raw(line.text + "\n", container.spec.tty)) for line in lines)
            if not live:
                return
            seen = now
            due = await until(engine, due + LOG_PERIOD)

    async def _until_begun(self, container: SimulatedContainer) -> None:
        with self._engine.world.event_log.subscribe() as queue:
            while container.status == "created":
                await queue.get()

    async def _until_over(self, container: SimulatedContainer) -> None:
        with self._engine.world.event_log.subscribe() as queue:
            while container.live:
                await queue.get()
