"""Processes inside containers: an exec or an attached container as one two-way stream, with or without a TTY."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from aiodocker.exceptions import DockerError
from aiodocker.execs import Exec
from aiodocker.stream import Stream

from dockpit.engine import wire
from dockpit.engine.client import REQUEST_SECONDS, EngineClient, path_of
from dockpit.model.errors import EngineError

OUTPUT_MOST = 1 << 20
"""Output of a command beyond this is read and not kept."""

CREATE_SECONDS = 4.0
"""A creation that was given up is waited for this long, to remove what it brings forth."""

_BROKEN = (OSError, aiohttp.ClientError)

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
        await _write(self._stream, data)

    async def resize(self, rows: int, columns: int) -> None:
        await self._client.send(path_of("exec", self._id, "resize"), {"h": str(rows), "w": str(columns)})

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
        await _write(self._stream, data)

    async def resize(self, rows: int, columns: int) -> None:
        await self._client.send(path_of("containers", self._id, "resize"), {"h": str(rows), "w": str(columns)})

    async def exit_code(self) -> int | None:
        done, _ = await asyncio.wait({self._ended}, timeout=3.0)
        return self._ended.result() if done and not self._ended.exception() else None


async def _read(stream: Stream) -> bytes | None:
    try:
        message = await stream.read_out()
    except _BROKEN:
        return None
    return message.data if message is not None else None


async def _write(stream: Stream, data: bytes) -> None:
    """Type into a process; one that has ended takes no more, which its reader is told."""
    with suppress(*_BROKEN, RuntimeError, AssertionError):
        await stream.write_in(data)


async def _read_all(client: EngineClient, stream: Stream) -> tuple[str, str]:
    """Standard output and error up to their end, OUTPUT_MOST of each kept."""
    kept = {1: bytearray(), 2: bytearray()}
    try:
        while (message := await stream.read_out()) is not None:
            room = kept[2 if message.stream == 2 else 1]
            room += message.data[: OUTPUT_MOST - len(room)]
    except _BROKEN as error:
        raise client.unreachable(error) from error
    return kept[1].decode("utf-8", "replace"), kept[2].decode("utf-8", "replace")


async def _exec_exit_code(client: EngineClient, exec_id: str) -> int | None:
    for _ in range(20):
        state = wire.mapping(await client.fetch(path_of("exec", exec_id, "json")))
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
    answer = wire.mapping(await client.fetch(path_of("containers", container_id, "exec"), "POST", data=body))
    exec_id = wire.text(answer.get("Id"))
    path_of("exec", exec_id)
    return exec_id


@asynccontextmanager
async def _stream(client: EngineClient, stream: Stream) -> AsyncIterator[Stream]:
    try:
        await _opened(client, stream)
        yield stream
    finally:
        with suppress(*_BROKEN, RuntimeError, AssertionError):
            await stream.close()
        if stream._resp is not None:
            stream._resp.close()


async def _opened(client: EngineClient, stream: Stream) -> None:
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            await stream._init()
    except DockerError as error:
        raise client.failure(error) from error
    except _BROKEN as error:
        raise client.unreachable(error) from error


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
    async with asyncio.timeout(seconds), _stream(client, _exec_stream(client, exec_id, tty=False)) as stream:
        stdout, stderr = await _read_all(client, stream)
    return Result(stdout, stderr, await _exec_exit_code(client, exec_id))


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
    container_id = wire.text(wire.mapping(answer).get("Id"))
    path_of("containers", container_id)
    return container_id


@asynccontextmanager
async def own_container(client: EngineClient, body: Mapping[str, Any], name: str) -> AsyncIterator[str]:
    """The id of a container that is made for the block and removed after it, whatever happens. Raises EngineError."""
    creating = asyncio.create_task(create_container(client, body, name), name=f"create {name}")
    try:
        container_id = await asyncio.shield(creating)
    except asyncio.CancelledError:
        await _give_up(client, creating, name)
        raise
    try:
        yield container_id
    except BaseException:
        with suppress(EngineError):
            await _removed(client, container_id)
        raise
    await _removed(client, container_id)


async def _give_up(client: EngineClient, creating: asyncio.Task[str], name: str) -> None:
    """Remove what a creation that nobody waits for brings forth: the engine may be about to answer."""
    await asyncio.wait({creating}, timeout=CREATE_SECONDS)
    creating.cancel()
    await asyncio.gather(creating, return_exceptions=True)
    with suppress(EngineError):
        await _removed(client, name)


async def _removed(client: EngineClient, container_id: str) -> None:
    """Remove a container even if who asked for it is cancelled meanwhile."""
    await asyncio.shield(asyncio.create_task(remove(client, container_id), name=f"remove {container_id[:40]}"))


@asynccontextmanager
async def open_container(client: EngineClient, body: Mapping[str, Any], name: str) -> AsyncIterator[ContainerTerminal]:
    """A container of our own with a terminal, created, attached to and started. Raises EngineError."""
    async with own_container(client, body, name) as container_id:
        attached = client.docker.containers.container(container_id).attach(stdin=True, stdout=True, stderr=True)
        async with _stream(client, attached) as stream:
            ended = asyncio.create_task(_wait(client, container_id, "next-exit"), name=f"wait {container_id[:12]}")
            try:
                await _start(client, container_id)
                yield ContainerTerminal(client, container_id, stream, ended)
            finally:
                ended.cancel()
                await asyncio.gather(ended, return_exceptions=True)


async def _start(client: EngineClient, container_id: str) -> None:
    await client.send(path_of("containers", container_id, "start"), {})


async def _wait(client: EngineClient, container_id: str, condition: str, seconds: float | None = None) -> int | None:
    path = path_of("containers", container_id, "wait")
    answer = await client.fetch(path, "POST", params={"condition": condition}, seconds=seconds)
    return wire.count(wire.mapping(answer).get("StatusCode"))


async def run_container(client: EngineClient, body: Mapping[str, Any], name: str, seconds: float = 60.0) -> Result:
    """Run a container of our own without a terminal to its end. Raises EngineError, TimeoutError.

    Its body must not ask for automatic removal: how it ended is asked for after what it printed was read.
    """
    async with own_container(client, body, name) as container_id, asyncio.timeout(seconds):
        attached = client.docker.containers.container(container_id).attach(stdout=True, stderr=True)
        async with _stream(client, attached) as stream:
            await _start(client, container_id)
            stdout, stderr = await _read_all(client, stream)
        return Result(stdout, stderr, await _wait(client, container_id, "not-running", REQUEST_SECONDS))


async def remove(client: EngineClient, container_id: str) -> None:
    """Remove a container of our own by force; one that is gone already is as good."""
    try:
        await client.send(path_of("containers", container_id), {"force": "1", "v": "1"}, "DELETE")
    except EngineError as error:
        if error.status not in (404, 409):
            raise
