"""The bytes between dockpit and one engine: a unix socket, TCP with or without TLS, or a tunnel by ssh."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import aiodocker
import aiohttp
from aiodocker.exceptions import DockerError

from dockpit.engine.address import ssh_target
from dockpit.engine.endpoint import TLS, Endpoint
from dockpit.engine.failure_reasons import NOT_AN_ENGINE, TunnelClosed, explain, printable
from dockpit.engine.tunnel import open_tunnel
from dockpit.model.errors import EndpointError, EngineUnreachable

if TYPE_CHECKING:
    from aiohttp.client import ClientRequest, ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

__all__ = ["Transport", "explain", "open_transport", "ping"]

CONNECT_SECONDS = 10.0
"""A host that has not accepted a connection by then is taken for unreachable."""

PING_SECONDS = 15.0


def _alive() -> str | None:
    return None


class UnixConnector(aiohttp.UnixConnector):
    """A unix socket without a cap on connections, each given CONNECT_SECONDS; `dead` says why a tunnel's is gone."""

    def __init__(self, path: str, dead: Callable[[], str | None] = _alive) -> None:
        super().__init__(path, limit=0)
        self._dead = dead

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await super().connect(req, traces, timeout)
        except OSError as error:
            if reason := self._dead():
                raise TunnelClosed(reason) from error
            raise


class TCPConnector(aiohttp.TCPConnector):
    """TCP without a cap on connections, each given CONNECT_SECONDS."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(limit=0, ssl=True if context is None else context)

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await super().connect(req, traces, timeout)


@dataclass(frozen=True, slots=True)
class Transport:
    """An open way to one engine; made by open_transport(), which closes it."""

    docker: aiodocker.Docker
    endpoint: Endpoint
    dead: Callable[[], str | None] = _alive
    """Why the way to the engine ended, None while it is open; a socket has no life of its own to lose."""

    def speak(self, api_version: str) -> None:
        """Use `api_version` ("1.45" or "v1.45") from the next request on."""
        self.docker.api_version = "v" + api_version.removeprefix("v")


@asynccontextmanager
async def open_transport(endpoint: Endpoint, api_version: str = "auto") -> AsyncIterator[Transport]:
    """A way to the engine for as long as the block lasts. Raises EngineUnreachable, EndpointError.

    Sockets and TCP connect with the first request. `api_version` is "v1.45" or "auto" for the engine's newest.
    """
    async with AsyncExitStack() as stack:
        connector, dead = _connector(endpoint), _alive
        if connector is None:
            try:
                tunnel = await stack.enter_async_context(open_tunnel(ssh_target(endpoint.url), endpoint.ssh_options))
            except TunnelClosed as error:
                raise EngineUnreachable(endpoint.display, str(error)) from error
            connector, dead = UnixConnector(str(tunnel.socket), tunnel.dead), tunnel.dead
        docker = await stack.enter_async_context(_session(connector, _base(endpoint), endpoint, api_version))
        yield Transport(docker, endpoint, dead)


@asynccontextmanager
async def _session(
    connector: aiohttp.BaseConnector, base: str, endpoint: Endpoint, api_version: str
) -> AsyncIterator[aiodocker.Docker]:
    """aiodocker over `connector`, which is closed with it; nothing is taken from the environment."""
    session = aiohttp.ClientSession(
        connector=connector, headers=dict(endpoint.headers), cookie_jar=aiohttp.DummyCookieJar()
    )
    docker = aiodocker.Docker(url=base, connector=connector, session=session, api_version=api_version)
    try:
        yield docker
    finally:
        await docker.close()
        await session.close()


def _connector(endpoint: Endpoint) -> aiohttp.BaseConnector | None:
    """What connects to the endpoint by itself; None where the system's ssh has to make a tunnel first."""
    if endpoint.scheme == "unix":
        return UnixConnector(endpoint.url.removeprefix("unix://"))
    if endpoint.scheme == "npipe":
        raise EndpointError(f"{endpoint.display} is a named pipe of Windows: use tcp:// or ssh:// to reach that engine")
    if endpoint.scheme == "ssh":
        return None if shutil.which("ssh") else _asyncssh_connector(endpoint)
    return TCPConnector(ssl_context(endpoint.tls) if endpoint.tls else None)


def _asyncssh_connector(endpoint: Endpoint) -> aiohttp.BaseConnector:
    """aiodocker's own ssh, for a machine without one; it reads less of ~/.ssh/config and dials the remote's default."""
    if find_spec("asyncssh") is None or ssh_target(endpoint.url).path:
        raise EndpointError(f"{endpoint.display} needs an ssh client: install openssh-client or dockpit[ssh]")
    from aiodocker.ssh import SSHConnector

    try:
        return SSHConnector(endpoint.url)
    except DockerError as error:
        raise EndpointError(f"{endpoint.display}: {printable(str(error.message))}") from error


def _base(endpoint: Endpoint) -> str:
    """What requests are addressed to: aiohttp's placeholder for a socket, http or https for TCP."""
    if endpoint.scheme in ("unix", "ssh"):
        return "unix://localhost"
    scheme = "https" if endpoint.tls or endpoint.scheme == "https" else "http"
    return f"{scheme}://{endpoint.url.partition('://')[2]}"


def ssl_context(tls: TLS) -> ssl.SSLContext:
    """The context that `tls` describes. Raises EndpointError for a file that cannot be used.

    The strict X.509 checks of newer Pythons are off: they refuse the certificates that docker's own guide makes.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if not tls.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if tls.cert and tls.key:
            context.load_cert_chain(tls.cert, tls.key, password="")
    except (OSError, ValueError) as error:
        files = ", ".join(str(path) for path in (tls.ca, tls.cert, tls.key) if path)
        raise EndpointError(f"TLS cannot be set up with {files}: {printable(str(error))}") from error
    return context


async def ping(transport: Transport, seconds: float = PING_SECONDS) -> tuple[Mapping[str, str], int]:
    """GET /_ping without a version: the answer's headers and status. Raises EngineUnreachable.

    Only an engine, or a proxy before it, is taken for an answer: an Api-Version header, or a 403.
    """
    endpoint = transport.endpoint
    try:
        async with (
            asyncio.timeout(seconds),
            transport.docker.session.get(f"{transport.docker.docker_host}/_ping") as answer,
        ):
            said = (await answer.content.read(1000)).decode("utf-8", "replace")
    except (OSError, aiohttp.ClientError, ValueError) as error:
        raise EngineUnreachable(endpoint.display, transport.dead() or explain(error, endpoint)) from error
    if "Api-Version" not in answer.headers and answer.status != 403:
        reason = explain(ValueError(said), endpoint) if answer.status == 400 else NOT_AN_ENGINE
        raise EngineUnreachable(endpoint.display, f"{reason} (HTTP {answer.status})")
    return answer.headers, answer.status
