"""The two-way stream to a process in a container, as hijacked by exec start and container attach.

open_stream() -> POST .../start or .../attach, upgraded -> AttachedTerminal.read()  <- the process's stdout and stderr
                                                        -> AttachedTerminal.write() -> its stdin
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aiohttp
from aiodocker.exceptions import DockerError
from aiodocker.stream import Stream

from dockpit.engine.engine_requests import REQUEST_SECONDS, EngineRequests, resource_path

MAX_OUTPUT_BYTES = 1 << 20
"""Maximum output kept of each stream of a command; the rest is read and dropped."""

STDERR_NUMBER = 2

_BROKEN = (OSError, aiohttp.ClientError)
_CLOSED = (*_BROKEN, RuntimeError, AssertionError)
"""Exceptions of aiodocker and aiohttp on a stream that has ended."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The output of a command without a terminal; `exit_code` is None if the engine does not say."""

    stdout: str
    stderr: str
    exit_code: int | None


@asynccontextmanager
async def open_stream(requests: EngineRequests, stream: Stream) -> AsyncIterator[Stream]:
    """Connect `stream`, and close it when the block is left. Raises EngineError."""
    try:
        await _connect(requests, stream)
        yield stream
    finally:
        with suppress(*_CLOSED):
            await stream.close()
        if stream._resp is not None:
            stream._resp.close()


async def _connect(requests: EngineRequests, stream: Stream) -> None:
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            await stream._init()
    except DockerError as error:
        raise requests.failure(error) from error
    except _BROKEN as error:
        raise requests.unreachable(error) from error


class AttachedTerminal:
    """The terminal of an exec or a container on an open stream; `kind` is "exec" or "containers"."""

    def __init__(self, requests: EngineRequests, kind: str, identity: str, stream: Stream) -> None:
        self._requests = requests
        self._kind = kind
        self._id = identity
        self._stream = stream

    async def read(self) -> bytes | None:
        """The next output of the process, None at its end."""
        try:
            message = await self._stream.read_out()
        except _BROKEN:
            return None
        return message.data if message is not None else None

    async def write(self, data: bytes) -> None:
        """Write to the process's stdin; data for a process that has ended is dropped, as the reader sees the end."""
        with suppress(*_CLOSED):
            await self._stream.write_in(data)

    async def resize(self, rows: int, columns: int) -> None:
        """POST /{kind}/{id}/resize. Raises EngineError."""
        await self._requests.send(resource_path(self._kind, self._id, "resize"), {"h": str(rows), "w": str(columns)})


async def read_to_end(requests: EngineRequests, stream: Stream) -> tuple[str, str]:
    """Standard output and error up to their end, MAX_OUTPUT_BYTES of each kept. Raises EngineUnreachable."""
    stdout, stderr = bytearray(), bytearray()
    try:
        while (message := await stream.read_out()) is not None:
            kept = stderr if message.stream == STDERR_NUMBER else stdout
            kept += message.data[: MAX_OUTPUT_BYTES - len(kept)]
    except _BROKEN as error:
        raise requests.unreachable(error) from error
    return stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace")
