"""The remote side of transports: fake engines on a socket or port, and a fake ssh that needs no server."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

SSH = """#!{python} -ISs
import os, select, socket, sys, threading, time

args = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write("\\t".join(args) + "\\n")
mode = open({mode!r}).read().split()[0 if "-N" in args else 1]

def fail(text, status=255):
    sys.stderr.write(text + "\\n")
    sys.exit(status)

if mode == "denied":
    fail("ops@h: Permission denied (publickey).")
if mode == "old":
    fail("Bad local forwarding specification")
if mode == "missing":
    fail("sh: 1: docker: not found", 127)
if mode == "mute":
    sys.exit(1)
if mode == "hang":
    time.sleep(600)

def connect():
    far = socket.socket(socket.AF_UNIX)
    far.connect({engine!r})
    return far

def copy(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)

if mode == "dial":
    far = connect()
    while True:
        ready, _, _ = select.select([0, far], [], [])
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                sys.exit(0)
            far.sendall(data)
        if far in ready:
            data = far.recv(65536)
            if not data:
                sys.exit(0)
            os.write(1, data)

listener = socket.socket(socket.AF_UNIX)
listener.bind(args[args.index("-L") + 1].split(":")[0])
listener.listen(100)
while True:
    near, _ = listener.accept()
    if mode == "refuse":
        sys.stderr.write("channel 2: open failed: administratively prohibited: open failed\\n")
        near.close()
        continue
    far = connect()
    threading.Thread(target=copy, args=(near, far), daemon=True).start()
    threading.Thread(target=copy, args=(far, near), daemon=True).start()
"""


ENDED = web.AppKey("ended", asyncio.Event)


class FakeSsh:
    """A fake `ssh` for the PATH, with the modes forward, refuse, dial, old, denied, missing, mute and hang."""

    def __init__(self, folder: Path, engine: Path) -> None:
        self.folder = folder / "bin"
        self._log = folder / "ssh.log"
        self._mode = folder / "ssh.mode"
        self.folder.mkdir()
        script = self.folder / "ssh"
        script.write_text(
            SSH.format(python=sys.executable, log=str(self._log), mode=str(self._mode), engine=str(engine))
        )
        script.chmod(0o700)

    def does(self, forwarding: str, dialling: str = "denied") -> None:
        """Set the mode with -N (forwarding) and without (dialling)."""
        self._mode.write_text(f"{forwarding} {dialling}")

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call, oldest first."""
        return [line.split("\t") for line in self._log.read_text().splitlines()] if self._log.exists() else []


async def _ping(request: web.Request) -> web.Response:
    return web.Response(text="OK", headers={"Api-Version": "1.45", "X-Echo": request.headers.get("X-Echo", "")})


async def _version(request: web.Request) -> web.Response:
    return web.json_response({"Version": "26", "ApiVersion": "1.45", "Path": request.path})


async def _stream(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"{}\n")
    await request.app[ENDED].wait()
    return answer


async def _other(request: web.Request) -> web.Response:
    return web.Response(status=200, text="<html>hello</html>")


async def _proxy(request: web.Request) -> web.Response:
    return web.Response(status=403, text="Forbidden")


async def _go_tls(request: web.Request) -> web.Response:
    return web.Response(status=400, text="Client sent an HTTP request to an HTTPS server.\n")


PING_ANSWERS = {"engine": _ping, "other": _other, "proxy": _proxy, "go-tls": _go_tls}


@asynccontextmanager
async def stand_in(
    path: Path | None = None, *, kind: str = "engine", tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve a fake engine on the unix socket `path` or on a free TCP port; `kind` selects its answer to a ping.

    Yields the port, 0 on a socket.
    """
    app = web.Application()
    app[ENDED] = asyncio.Event()
    app.router.add_get("/_ping", PING_ANSWERS[kind])
    app.router.add_get("/base/_ping", PING_ANSWERS[kind])
    app.router.add_get("/version", _version)
    app.router.add_get("/{version}/version", _version)
    app.router.add_get("/{version}/events", _stream)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.UnixSite(runner, path) if path else web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield 0 if path else runner.addresses[0][1]
    finally:
        app[ENDED].set()
        await runner.cleanup()


@asynccontextmanager
async def speaking(said: bytes | None, path: Path | None = None) -> AsyncIterator[int]:
    """Serve the bytes `said`, or silence, as the answer to any request; yields the port, 0 on the socket `path`."""
    carrying: set[asyncio.Task[object]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        carrying.add(task)
        if said is None:
            await reader.read(-1)
        else:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(said)
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
        await asyncio.gather(*carrying)
