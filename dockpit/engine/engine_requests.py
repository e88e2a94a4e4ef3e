"""Single HTTP requests to one engine: bounded in time and size, their failures as dockpit's errors.

fetch(), send(): open() -> headers -> the whole body, MAX_BODY_BYTES at most -> JSON (fetch)
streams:         open() -> headers -> chunks() as they arrive, until the caller leaves the block
at any step:     the connection fails -> EngineUnreachable
                 the engine refuses   -> NotFound, Conflict, Forbidden or another EngineError
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiodocker.exceptions import DockerError

from dockpit.engine.failure_reasons import failure_reason, printable_line
from dockpit.engine.transport import Transport
from dockpit.model.errors import Conflict, EngineError, EngineUnreachable, Forbidden, NotFound

REQUEST_SECONDS = 15.0
"""Maximum time for a plain request; an engine that takes longer hangs."""

ACTION_SECONDS = 60.0
"""Maximum time for an action; a stop waits for the container's stop timeout, ten seconds unless set otherwise."""

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Maximum size of an answer that is read whole."""

MESSAGE_CHARACTERS = 2000
"""Maximum length kept of an engine's error message."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")


def resource_path(kind: str, identity: str, action: str = "") -> str:
    """The path of a container or exec, as "containers/<id>/stats". Raises NotFound for what cannot be an id or name.

    Ids come from the engine: one with a slash or dots in it would lead the request elsewhere.
    """
    if not _ID.fullmatch(identity):
        raise NotFound(404, f"No such {kind.removesuffix('s')}: {printable_line(identity[:80])}")
    return f"{kind}/{identity}/{action}" if action else f"{kind}/{identity}"


def refusal(error: DockerError) -> EngineError:
    """The engine's refusal as one of dockpit's errors, with the engine's own message."""
    message = str(error.message).strip()[:MESSAGE_CHARACTERS]
    kinds: dict[int, type[EngineError]] = {404: NotFound, 409: Conflict, 403: Forbidden}
    if error.status == 403:
        message = f"the connection to the engine allows only reads (403): {message[:200] or 'forbidden'}"
    return kinds.get(error.status, EngineError)(error.status, message)


class EngineRequests:
    """Requests over one transport; paths are relative to the API version, as "containers/json"."""

    def __init__(self, transport: Transport) -> None:
        self.docker = transport.docker
        self.endpoint = transport.endpoint
        self._closed_reason = transport.closed_reason

    async def send(
        self, path: str, params: Mapping[str, str], method: str = "POST", seconds: float | None = ACTION_SECONDS
    ) -> None:
        """A request whose answer has no content. Raises EngineError."""
        async with self.open(path, method, params=params, seconds=seconds) as answer:
            await self._read_body(answer, seconds)

    async def fetch(
        self,
        path: str,
        method: str = "GET",
        *,
        params: Mapping[str, str] | None = None,
        data: object = None,
        seconds: float | None = REQUEST_SECONDS,
    ) -> object:
        """The JSON answer to a request; `data` is its JSON body. Raises EngineError."""
        async with self.open(path, method, params=params, data=data, seconds=seconds) as answer:
            body = await self._read_body(answer, seconds)
            try:
                return json.loads(body)
            except (ValueError, RecursionError):
                raise self._not_an_engine(answer.status) from None

    @asynccontextmanager
    async def open(
        self,
        path: str,
        method: str = "GET",
        *,
        params: Mapping[str, str] | None = None,
        data: object = None,
        seconds: float | None = None,
        versioned: bool = True,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request with its answer open; `seconds` bounds the wait for the headers, None waits for ever.

        Raises EngineError.
        """
        async with self._connection_failures():
            async with asyncio.timeout(seconds):
                answer = await self._query(path, method, params, data, versioned)
        try:
            yield answer
        finally:
            answer.close()

    async def chunks(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        """The bytes of an open answer as they arrive. Raises EngineUnreachable."""
        chunks = answer.content.iter_any()
        while True:
            async with self._connection_failures():
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
            yield chunk

    def unreachable(self, error: BaseException) -> EngineUnreachable:
        """A failure of the connection as dockpit's error; the reason of a tunnel that ended is the best one."""
        return EngineUnreachable(self.endpoint.display, self._closed_reason() or failure_reason(error, self.endpoint))

    def failure(self, error: DockerError) -> EngineError:
        """An error of aiodocker as dockpit's error; aiodocker's status for a connection that failed is 900."""
        if error.status == 900:
            return self.unreachable(error.__cause__ or error.__context__ or error)
        return refusal(error)

    async def _query(
        self, path: str, method: str, params: Mapping[str, str] | None, data: object, versioned: bool
    ) -> aiohttp.ClientResponse:
        body = None if data is None else json.dumps(data)
        query = dict(params) if params else None
        try:
            return await self.docker._do_query(
                path, method, params=query, data=body, timeout=aiohttp.ClientTimeout(), versioned_api=versioned
            )
        except DockerError as error:
            raise self.failure(error) from error
        except (ValueError, KeyError, RecursionError) as error:
            raise self._not_an_engine(0) from error
        except RuntimeError as error:
            if self.docker.session.closed:
                raise EngineUnreachable(self.endpoint.display, "this connection is closed") from error
            raise

    async def _read_body(self, answer: aiohttp.ClientResponse, seconds: float | None) -> bytes:
        body = bytearray()
        async with self._connection_failures():
            async with asyncio.timeout(seconds):
                async for chunk in answer.content.iter_any():
                    body += chunk
                    if len(body) > MAX_BODY_BYTES:
                        limit = f"{MAX_BODY_BYTES >> 20} MiB"
                        raise EngineError(answer.status, f"the answer is larger than {limit}")
        return bytes(body)

    def _not_an_engine(self, status: int) -> EngineError:
        return EngineError(status, f"the server at {self.endpoint.display} is not a Docker engine")

    @asynccontextmanager
    async def _connection_failures(self) -> AsyncIterator[None]:
        """Turn failures of the connection into EngineUnreachable; only code that talks to the engine runs inside."""
        try:
            yield
        except (OSError, aiohttp.ClientError, TimeoutError) as error:
            raise self.unreachable(error) from error
