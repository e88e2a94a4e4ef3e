"""An HTTP connection that turns into a raw byte stream in both directions, for exec and attach.

client --"Upgrade: tcp"--> hijack() --101 or 200, headers--> client
client ==typed bytes=====> read()
client <==output bytes==== write(), in 8-byte frames without a TTY
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiohttp import web

from dockpit.simulate.log_output import encode_frame, stream_type

HEADERS_LEAD_SECONDS = 0.02
"""Pause between the headers of a hijacked answer and its first bytes: clients that read the socket itself need it."""


class HijackedConnection(asyncio.Protocol):
    """The two directions of a hijacked connection: read() what the client types, write() what is printed.

    It receives data in place of aiohttp's own protocol, so that a client may end its input and still get the output.
    """

    def __init__(self, response: web.StreamResponse, http_protocol: asyncio.Protocol, tty: bool) -> None:
        self._response = response
        self._http_protocol = http_protocol
        self._tty = tty
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()

    def data_received(self, data: bytes) -> None:
        self._typed.put_nowait(data)

    def eof_received(self) -> bool:
        self._typed.put_nowait(b"")
        return True

    def pause_writing(self) -> None:
        self._http_protocol.pause_writing()

    def resume_writing(self) -> None:
        self._http_protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._http_protocol.connection_lost(exc)

    async def read(self) -> bytes:
        """The next bytes that the client typed; b"" at the end of its input."""
        return await self._typed.get()

    async def write(self, printed: Iterable[tuple[int, bytes]]) -> None:
        """Send (stream, bytes) pairs, multiplexed without a TTY."""
        for stream, data in printed:
            await self._response.write(data if self._tty else encode_frame(stream, data))


async def hijack(request: web.Request, tty: bool) -> tuple[web.StreamResponse, HijackedConnection]:
    """Answer 101 to a request for an upgrade and 200 to any other, and take over the connection."""
    upgrade = request.headers.get("Upgrade", "").lower() == "tcp"
    headers = {"Content-Type": stream_type(tty)}
    if upgrade:
        headers |= {"Connection": "Upgrade", "Upgrade": "tcp"}
    status, reason = (101, "UPGRADED") if upgrade else (200, "OK")
    response = web.StreamResponse(status=status, reason=reason, headers=headers)
    connection = HijackedConnection(response, request.protocol, tty)
    await request.read()
    response.force_close()
    if upgrade and request.transport is not None:
        request.transport.set_protocol(connection)
    await response.prepare(request)
    await asyncio.sleep(HEADERS_LEAD_SECONDS)
    return response, connection
