"""Servers that tests connect to: a stub of an engine's first answers, and one that answers with given bytes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

STREAMS_END = web.AppKey("streams_end", asyncio.Event)


async def _ping(request: web.Request) -> web.Response:
    return web.Response(text="OK", headers={"Api-Version": "1.45", "X-Echo": request.headers.get("X-Echo", "")})


async def _version(request: web.Request) -> web.Response:
    return web.json_response({"Version": "26", "ApiVersion": "1.45", "Path": request.path})


async def _events(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"{}\n")
    await request.app[STREAMS_END].wait()
    return answer


async def _web_page(request: web.Request) -> web.Response:
    return web.Response(status=200, text="<html>hello</html>")


async def _forbidding_proxy(request: web.Request) -> web.Response:
    return web.Response(status=403, text="Forbidden")


async def _tls_expected(request: web.Request) -> web.Response:
    return web.Response(status=400, text="Client sent an HTTP request to an HTTPS server.\n")


PING_ANSWERS = {
    "engine": _ping,
    "web page": _web_page,
    "forbidding proxy": _forbidding_proxy,
    "tls expected": _tls_expected,
}


@asynccontextmanager
async def stub_engine(
    path: Path | None = None, *, kind: str = "engine", tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve on the unix socket `path` (yields 0) or a free TCP port (yields it); `kind` is the answer to a ping."""
    app = web.Application()
    app[STREAMS_END] = asyncio.Event()
    app.router.add_get("/_ping", PING_ANSWERS[kind])
    app.router.add_get("/base/_ping", PING_ANSWERS[kind])
    app.router.add_get("/version", _version)
    app.router.add_get("/{version}/version", _version)
    app.router.add_get("/{version}/events", _events)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.UnixSite(runner, path) if path else web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield 0 if path else runner.addresses[0][1]
    finally:
        app[STREAMS_END].set()
        await runner.cleanup()


@asynccontextmanager
async def raw_server(answer_bytes: bytes | None, path: Path | None = None) -> AsyncIterator[int]:
    """Answer any request with `answer_bytes`, or never if None; yields the port, 0 on the unix socket `path`."""
    connections: set[asyncio.Task[object]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        if answer_bytes is None:
            await reader.read(-1)
        else:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer_bytes)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    if path:
        server = await asyncio.start_unix_server(answer, path)
    else:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield 0 if path else server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*connections)
