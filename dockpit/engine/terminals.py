"""Terminals of processes in containers, and commands run in running containers by exec.

open_exec(): POST /containers/{id}/exec -> exec id -> POST /exec/{id}/start, upgraded to a stream -> ExecTerminal
             meanwhile POST /exec/{id}/resize; at the end GET /exec/{id}/json -> exit code
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from aiodocker.execs import Exec
from aiodocker.stream import Stream

from dockpit.engine.attached_streams import AttachedTerminal, CommandResult, open_stream, read_to_end
from dockpit.engine.engine_client import EngineClient
from dockpit.engine.engine_requests import EngineRequests, resource_path
from dockpit.engine.json_values import as_count, as_object, as_text

SHELLS = ("bash", "ash", "sh")
"""Shells tried in a container, best first."""

TERMINAL_ENVIRONMENT = ("TERM=xterm-256color",)

EXIT_CODE_TRIES = 20
EXIT_CODE_POLL_SECONDS = 0.05
"""The output of an exec ends before its exit code is known: this long between the tries to read it."""


class Terminal(Protocol):
    """A running process with a terminal."""

    async def read(self) -> bytes | None:
        """The next output of the process, None at its end."""
        ...

    async def write(self, data: bytes) -> None:
        """Type `data` into the terminal."""
        ...

    async def resize(self, rows: int, columns: int) -> None:
        """Set the size of the terminal."""
        ...

    async def exit_code(self) -> int | None:
        """The exit code of the process that has ended, None if it is not known."""
        ...


class ExecTerminal(AttachedTerminal):
    """An exec with a TTY."""

    def __init__(self, requests: EngineRequests, exec_id: str, stream: Stream) -> None:
        super().__init__(requests, "exec", exec_id, stream)

    async def exit_code(self) -> int | None:
        return await _exec_exit_code(self._requests, self._id)


@asynccontextmanager
async def open_exec(client: EngineClient, container_id: str, command: Sequence[str]) -> AsyncIterator[ExecTerminal]:
    """A command in a running container with a terminal. Raises EngineError.

    Closing does not end the command: no engine offers that; a shell ends when its terminal hangs up.
    """
    requests = client.requests
    exec_id = await _create_exec(requests, container_id, command, tty=True)
    async with open_stream(requests, _exec_stream(requests, exec_id, tty=True)) as stream:
        yield ExecTerminal(requests, exec_id, stream)


async def run_command(
    client: EngineClient, container_id: str, command: Sequence[str], seconds: float = 30.0
) -> CommandResult:
    """Run a command in a running container to its end, without a terminal. Raises EngineError, TimeoutError."""
    requests = client.requests
    exec_id = await _create_exec(requests, container_id, command, tty=False)
    exec_stream = _exec_stream(requests, exec_id, tty=False)
    async with asyncio.timeout(seconds), open_stream(requests, exec_stream) as stream:
        stdout, stderr = await read_to_end(requests, stream)
    return CommandResult(stdout, stderr, await _exec_exit_code(requests, exec_id))


async def find_shell(client: EngineClient, container_id: str) -> str | None:
    """The best of SHELLS that the container has, None if it has none (a distroless image)."""
    for shell in SHELLS:
        result = await run_command(client, container_id, [shell, "-c", "exit 0"], seconds=10.0)
        if result.exit_code == 0:
            return shell
    return None


async def _create_exec(requests: EngineRequests, container_id: str, command: Sequence[str], *, tty: bool) -> str:
    body: dict[str, Any] = {
        "AttachStdin": tty,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": tty,
        "Cmd": list(command),
        "Env": list(TERMINAL_ENVIRONMENT) if tty else [],
    }
    answer = as_object(await requests.fetch(resource_path("containers", container_id, "exec"), "POST", data=body))
    exec_id = as_text(answer.get("Id"))
    resource_path("exec", exec_id)
    return exec_id


def _exec_stream(requests: EngineRequests, exec_id: str, *, tty: bool) -> Stream:
    return Exec(requests.docker, exec_id, tty).start(detach=False)


async def _exec_exit_code(requests: EngineRequests, exec_id: str) -> int | None:
    for _ in range(EXIT_CODE_TRIES):
        state = as_object(await requests.fetch(resource_path("exec", exec_id, "json")))
        if state.get("Running") is not True:
            return as_count(state.get("ExitCode"))
        await asyncio.sleep(EXIT_CODE_POLL_SECONDS)
    return None
