"""Handlers of exec and attach, which hijack the connection for a shell, a command or a container's output."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from dockpit.simulate import container_shell, lifecycle, log_output
from dockpit.simulate.container_shell import ShellSession
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.hijacked_connection import HijackedConnection, hijack
from dockpit.simulate.request_parsing import flag, json_body, terminal_size
from dockpit.simulate.routes_streams import LOG_PERIOD_SECONDS
from dockpit.simulate.simulated_container import Exec, SimulatedContainer
from dockpit.simulate.simulated_engine import SimulatedEngine, empty_response, json_response

KILLED_EXIT_CODE = 137


class ExecAttachRoutes:
    """Handlers of /exec, /containers/{id}/exec and /containers/{id}/attach."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    # exec

    async def create(self, request: web.Request) -> web.Response:
        """POST /containers/{id}/exec."""
        body, container, world = await json_body(request), self._live_container(request), self._engine.world
        if container.status == "paused":
            raise EngineRefusal(409, f"Container {container.id} is paused, unpause the container before exec")
        argv = [str(part) for part in body.get("Cmd") or []]
        if not argv:
            raise EngineRefusal(400, "No exec command specified")
        instance = Exec(world.new_id("exec"), container, argv, bool(body.get("Tty")), bool(body.get("AttachStdin")))
        world.execs[instance.id] = instance
        world.emit(container, f"exec_create: {' '.join(argv)}", self._engine.now(), execID=instance.id)
        return json_response({"Id": instance.id}, 201)

    async def inspect(self, request: web.Request) -> web.Response:
        """GET /exec/{id}/json."""
        instance = self._exec(request)
        argv = instance.argv
        process = {"tty": instance.tty, "entrypoint": argv[0], "arguments": argv[1:], "privileged": False}
        return json_response(
            {
                "ID": instance.id,
                "Running": instance.running,
                "ExitCode": instance.exit_code,
                "ProcessConfig": process,
                "OpenStdin": instance.stdin,
                "OpenStderr": True,
                "OpenStdout": True,
                "CanRemove": False,
                "ContainerID": instance.container.id,
                "DetachKeys": "",
                "Pid": instance.pid,
            }
        )

    async def resize(self, request: web.Request) -> web.Response:
        """POST /exec/{id}/resize."""
        instance = self._exec(request)
        if not instance.running:
            raise EngineRefusal(409, f"cannot resize a stopped exec: {instance.id}")
        container = instance.container
        instance.rows, instance.columns = container.rows, container.columns = terminal_size(request)
        return empty_response(200)

    async def start(self, request: web.Request) -> web.StreamResponse:
        """POST /exec/{id}/start."""
        instance, body = self._exec(request), await json_body(request)
        if instance.running or instance.exit_code is not None:
            raise EngineRefusal(409, f"Error: Exec command {instance.id} has already run")
        world, container = self._engine.world, instance.container
        if not container.live:
            raise EngineRefusal(409, f"container {container.id} is not running")
        instance.running, instance.pid = True, container.pid + 40
        world.emit(container, f"exec_start: {' '.join(instance.argv)}", self._engine.now(), execID=instance.id)
        if body.get("Detach"):
            self._finish(instance, container_shell.run(world, container, instance.argv).code)
            return empty_response(200)
        response, connection = await hijack(request, instance.tty)
        code = KILLED_EXIT_CODE
        with suppress(ConnectionError):
            code = await self._run_exec(connection, instance)
            await response.write_eof()
        self._finish(instance, code)
        return response

    async def _run_exec(self, connection: HijackedConnection, instance: Exec) -> int:
        """Run an exec on `connection` to its end; its exit code."""
        world, container = self._engine.world, instance.container
        if instance.stdin and container_shell.is_interactive(instance.argv):
            session = ShellSession(world, container, instance.tty)
            await self._run_shell(connection, session)
            return KILLED_EXIT_CODE if session.exit_code is None else session.exit_code
        result = container_shell.run(world, container, instance.argv)
        outputs = ((1, result.out), (2, result.err))
        await connection.write(
            (stream, container_shell.encode_output(text, instance.tty)) for stream, text in outputs if text
        )
        return result.code

    def _finish(self, instance: Exec, code: int) -> None:
        if instance.running:
            instance.running, instance.exit_code = False, code
            world, at = self._engine.world, self._engine.now()
            world.emit(instance.container, "exec_die", at, execID=instance.id, exitCode=str(code))

    # attach

    async def attach(self, request: web.Request) -> web.StreamResponse:
        """POST /containers/{id}/attach: an interactive shell, or what the container prints."""
        engine = self._engine
        engine.now()
        container = engine.world.find(request.match_info["id"])
        engine.world.emit(container, "attach", engine.now())
        response, connection = await hijack(request, container.spec.tty)
        with suppress(ConnectionError):
            await self._wait_for_start(container)
            if flag(request, "stdin") and container_shell.is_interactive(list(container.spec.command)):
                await self._attach_shell(connection, container)
            else:
                await self._attach_output(connection, container)
            await response.write_eof()
        return response

    async def _attach_shell(self, connection: HijackedConnection, container: SimulatedContainer) -> None:
        """Run the shell that is pid 1; the container ends with it."""
        session = ShellSession(self._engine.world, container, container.spec.tty)
        await self._run_shell(connection, session)
        if session.exit_code is not None and container.live:
            lifecycle.end(self._engine.world, container, self._engine.now(), session.exit_code)

    async def _attach_output(self, connection: HijackedConnection, container: SimulatedContainer) -> None:
        """Follow the container's output until it ends: from its start if it runs its command, else from now."""
        engine, tty = self._engine, container.spec.tty
        seen = container.started_at - 1e-6 if container.spec.runs_command else engine.now()
        due = engine.clock.monotonic()
        while True:
            now, live = engine.now(), container.live
            lines = log_output.lines_between(container, seen, now)
            await connection.write(
                (line.stream, container_shell.encode_output(line.text + "\n", tty)) for line in lines
            )
            if not live:
                return
            seen = now
            due = await engine.sleep_until(due + LOG_PERIOD_SECONDS)

    # exec and attach

    def _live_container(self, request: web.Request) -> SimulatedContainer:
        self._engine.now()
        container = self._engine.world.find(request.match_info["id"])
        if not container.live:
            raise EngineRefusal(409, f"container {container.id} is not running")
        return container

    def _exec(self, request: web.Request) -> Exec:
        exec_id = request.match_info["exec"]
        instance = self._engine.world.execs.get(exec_id)
        if instance is None:
            raise EngineRefusal(404, f"No such exec instance: {exec_id}")
        return instance

    async def _run_shell(self, connection: HijackedConnection, session: ShellSession) -> None:
        """Converse until the shell exits or its container ends."""
        ending = asyncio.create_task(self._wait_for_end(session.container), name="session-watch")
        talking = asyncio.create_task(self._converse(connection, session), name="session-talk")
        try:
            await asyncio.wait((ending, talking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            talking.cancel()
            await asyncio.gather(ending, talking, return_exceptions=True)

    async def _converse(self, connection: HijackedConnection, session: ShellSession) -> None:
        await connection.write(session.prompt())
        while session.exit_code is None:
            data = await connection.read()
            await self._engine.wait_while_hanging()
            await connection.write(session.feed(data) if data else session.close())

    async def _wait_for_start(self, container: SimulatedContainer) -> None:
        with self._engine.world.event_log.subscribe() as queue:
            while container.status == "created":
                await queue.get()

    async def _wait_for_end(self, container: SimulatedContainer) -> None:
        with self._engine.world.event_log.subscribe() as queue:
            while container.live:
                await queue.get()
