"""Processes inside containers: an exec or an attached container as one two-way stream, with or without a TTY."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from aiodocker.exceptions import DockerError
from aiodocker.execs import Exec
from aiodocker.stream import Stream

from dockpit.engine import wire
from dockpit.engine.client import EngineClient, refusal
from dockpit.errors import EngineError

OUTPUT_MOST = 1 << 20
"""Output of a command beyond this is cut."""

SHELLS = ("bash", "ash", "sh")


class Terminal(Protocol):
    """A running process with a terminal."""

    async def read(self) -> bytes | None:
        """What it printed, None at its end."""
        ...

    async def write(self, data: bytes) -> None:
        """Type into it."""
        ...

    async def resize(self, rows: int, columns: int) -> None:
        """Tell it the size of the screen."""
        ...

    async def exit_code(self) -> int | None:
        """How it ended, None if that cannot be told."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """What a command without a terminal printed, and how it ended."""

    stdout: str
    stderr: str
    exit_code: int | None


class ExecTerminal:
    """An exec with a TTY."""

    def __init__(self, client: EngineClient, exec_id: str, stream: Stream) -> None:
        self._client = client
        self._id = exec_id
        self._stream = stream

    async def read(self) -> bytes | None:
        return await _read(self._stream)

    async def write(self, data: bytes) -> None:
        await self._stream.write_in(data)

    async def resize(self, rows: int, columns: int) -> None:
        await self._client.send(f"exec/{self._id}/resize", {"h": str(rows), "w": str(columns)})

    async def exit_code(self) -> int | None:
        return await _exec_exit_code(self._client, self._id)


class ContainerTerminal:
    """A container of our own, attached to."""

    def __init__(
        self, client: EngineClient, container_id: str, stream: Stream, ended: asyncio.Task[int | None]
    ) -> None:
        self._client = client
        self._id = container_id
        self._stream = stream
        self._ended = ended

    async def read(self) -> bytes | None:
        return await _read(self._stream)

    async def write(self, data: bytes) -> None:
        await self._stream.write_in(data)

    async def resize(self, rows: int, columns: int) -> None:
        await self._client.send(f"containers/{self._id}/resize", {"h": str(rows), "w": str(columns)})

    async def exit_code(self) -> int | None:
        done, _ = await asyncio.wait({self._ended}, timeout=3.0)
        return self._ended.result() if done and not self._ended.exception() else None


async def _read(stream: Stream) -> bytes | None:
    try:
        message = await stream.read_out()
    except (OSError, aiohttp.ClientError):
        return None
    return message.data if message is not None else None


async def _exec_exit_code(client: EngineClient, exec_id: str) -> int | None:
    for _ in range(20):
        state = wire.mapping(await client.fetch(f"exec/{exec_id}/json"))
        if state.get("Running") is not True:
            return wire.count(state.get("ExitCode"))
        await asyncio.sleep(0.05)
    return None


async def _create_exec(client: EngineClient, container_id: str, command: Sequence[str], tty: bool) -> str:
    body = {
        "AttachStdin": tty,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": tty,
        "Cmd": list(command),
        "Env": ["TERM=xterm-256color"] if tty else [],
    }
    answer = wire.mapping(await client.fetch(f"containers/{container_id}/exec", "POST", data=body))
    return wire.text(answer.get("Id"))


@asynccontextmanager
async def _stream(client: EngineClient, stream: Stream) -> AsyncIterator[Stream]:
    try:
        await stream._init()
    except DockerError as error:
        raise refusal(error) from error
    except (OSError, aiohttp.ClientError) as error:
        raise client.unreachable(error) from error
    try:
        yield stream
    finally:
        await stream.close()


@asynccontextmanager
async def open_exec(client: EngineClient, container_id: str, command: Sequence[str]) -> AsyncIterator[ExecTerminal]:
    """A command in a running container with a terminal. Raises EngineError.

    Closing does not end the command: no engine offers that; a shell ends when its terminal hangs up.
    """
    exec_id = await _create_exec(client, container_id, command, tty=True)
    async with _stream(client, _exec_stream(client, exec_id, tty=True)) as stream:
        yield ExecTerminal(client, exec_id, stream)


def _exec_stream(client: EngineClient, exec_id: str, *, tty: bool) -> Stream:
    return Exec(client.docker, exec_id, tty).start(detach=False)


async def run(client: EngineClient, container_id: str, command: Sequence[str], seconds: float = 30.0) -> Result:
    """A command in a running container without a terminal, to its end. Raises EngineError, TimeoutError."""
    exec_id = await _create_exec(client, container_id, command, tty=False)
    kept = {1: bytearray(), 2: bytearray()}
    async with asyncio.timeout(seconds), _stream(client, _exec_stream(client, exec_id, tty=False)) as stream:
        while (message := await stream.read_out()) is not None:
            room = kept.setdefault(message.stream, bytearray())
            room += message.data[: OUTPUT_MOST - len(room)]
    code = await _exec_exit_code(client, exec_id)
    return Result(kept[1].decode("utf-8", "replace"), kept[2].decode("utf-8", "replace"), code)


async def find_shell(client: EngineClient, container_id: str) -> str | None:
    """The best shell the container has, None if it has none (a distroless image)."""
    for shell in SHELLS:
        result = await run(client, container_id, [shell, "-c", "exit 0"], seconds=10.0)
        if result.exit_code == 0:
            return shell
    return None


async def create_container(client: EngineClient, body: Mapping[str, Any], name: str = "") -> str:
    """POST /containers/create; the full id. Raises NotFound when the image is not there."""
    answer = await client.fetch("containers/create", "POST", data=dict(body), params={"name": name} if name else None)
    return wire.text(wire.mapping(answer).get("Id"))


@asynccontextmanager
async def open_container(client: EngineClient, container_id: str) -> AsyncIterator[ContainerTerminal]:
    """Attach to a created container with a terminal and start it; it is removed in the end. Raises EngineError."""
    container = client.docker.containers.container(container_id)
    attached = container.attach(stdin=True, stdout=True, stderr=True)
    try:
        async with _stream(client, attached) as stream:
            ended = asyncio.create_task(_wait(client, container_id), name=f"wait {container_id[:12]}")
            try:
                await client.send(f"containers/{container_id}/start", {})
                yield ContainerTerminal(client, container_id, stream, ended)
            finally:
                ended.cancel()
                await asyncio.gather(ended, return_exceptions=True)
    finally:
        await remove(client, container_id)


async def _wait(client: EngineClient, container_id: str) -> int | None:
    answer = await client.fetch(
        f"containers/{container_id}/wait", "POST", params={"condition": "next-exit"}, seconds=None
    )
    return wire.count(wire.mapping(answer).get("StatusCode"))


async def run_container(client: EngineClient, container_id: str, seconds: float = 60.0) -> Result:
    """Start a created container without a terminal and read it to its end; it is removed whatever happens."""
    kept = {1: bytearray(), 2: bytearray()}
    container = client.docker.containers.container(container_id)
    try:
        async with asyncio.timeout(seconds), _stream(client, container.attach(stdout=True, stderr=True)) as stream:
            ended = asyncio.create_task(_wait(client, container_id), name=f"wait {container_id[:12]}")
            try:
                await client.send(f"containers/{container_id}/start", {})
                while (message := await stream.read_out()) is not None:
                    room = kept.setdefault(message.stream, bytearray())
                    room += message.data[: OUTPUT_MOST - len(room)]
                done, _ = await asyncio.wait({ended}, timeout=3.0)
                code = ended.result() if done and not ended.exception() else None
            finally:
                ended.cancel()
                await asyncio.gather(ended, return_exceptions=True)
    finally:
        await remove(client, container_id)
    return Result(kept[1].decode("utf-8", "replace"), kept[2].decode("utf-8", "replace"), code)


async def remove(client: EngineClient, container_id: str) -> None:
    """Remove a container of our own by force; one that is gone already is as good."""
    try:
        await client.send(f"containers/{container_id}", {"force": "1", "v": "1"}, "DELETE")
    except EngineError as error:
        if error.status not in (404, 409):
            raise
