"""The HTTP connection to one engine: over a unix socket, TCP with or without TLS, or an ssh tunnel."""

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

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.engine_address import parse_ssh_address
from dockpit.engine.failure_reasons import NOT_AN_ENGINE, TunnelClosed, failure_reason, printable_line
from dockpit.engine.ssh_tunnel import open_tunnel
from dockpit.engine.tls_settings import TlsSettings
from dockpit.model.errors import EndpointError, EngineUnreachable

if TYPE_CHECKING:
    from aiohttp.client import ClientRequest, ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

CONNECT_SECONDS = 10.0
"""Maximum time to connect; a host that takes longer counts as unreachable."""

PING_SECONDS = 15.0

PING_BODY_BYTES = 1000
"""Maximum bytes read of the answer to a ping."""


def _never_closed() -> str | None:
    return None


class UnixConnector(aiohttp.UnixConnector):
    """A unix socket without a cap on connections, CONNECT_SECONDS for each; `closed_reason` is that of its tunnel."""

    def __init__(self, path: str, closed_reason: Callable[[], str | None] = _never_closed) -> None:
        super().__init__(path, limit=0)
        self._closed_reason = closed_reason

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await super().connect(req, traces, timeout)
        except OSError as error:
            if reason := self._closed_reason():
                raise TunnelClosed(reason) from error
            raise


class TCPConnector(aiohttp.TCPConnector):
    """TCP without a cap on connections, CONNECT_SECONDS for each."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(limit=0, ssl=True if context is None else context)

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await super().connect(req, traces, timeout)


@dataclass(frozen=True, slots=True)
class Transport:
    """An open connection pool to one engine; made by open_transport(), which closes it."""

    docker: aiodocker.Docker
    endpoint: Endpoint
    closed_reason: Callable[[], str | None] = _never_closed
    """The reason why the tunnel to the engine ended, None while it is open; always None without a tunnel."""

    def use_api_version(self, api_version: str) -> None:
        """Use `api_version` ("1.45" or "v1.45") from the next request on."""
        self.docker.api_version = "v" + api_version.removeprefix("v")


@asynccontextmanager
async def open_transport(endpoint: Endpoint, api_version: str = "auto") -> AsyncIterator[Transport]:
    """A transport to the engine until the block is left. Raises EngineUnreachable, EndpointError.

    Sockets and TCP connect on the first request. `api_version` is "v1.45" or "auto" for the engine's newest.
    """
    async with AsyncExitStack() as stack:
        connector, closed_reason = _connector(endpoint), _never_closed
        if connector is None:
            try:
                target = parse_ssh_address(endpoint.url)
                tunnel = await stack.enter_async_context(open_tunnel(target, endpoint.ssh_options))
            except TunnelClosed as error:
                raise EngineUnreachable(endpoint.display, str(error)) from error
            connector, closed_reason = UnixConnector(str(tunnel.socket), tunnel.closed_reason), tunnel.closed_reason
        docker = await stack.enter_async_context(_session(connector, _base_url(endpoint), endpoint, api_version))
        yield Transport(docker, endpoint, closed_reason)


@asynccontextmanager
async def _session(
    connector: aiohttp.BaseConnector, base_url: str, endpoint: Endpoint, api_version: str
) -> AsyncIterator[aiodocker.Docker]:
    """aiodocker over `connector`, closed together; nothing is taken from the environment."""
    session = aiohttp.ClientSession(
        connector=connector, headers=dict(endpoint.headers), cookie_jar=aiohttp.DummyCookieJar()
    )
    docker = aiodocker.Docker(url=base_url, connector=connector, session=session, api_version=api_version)
    try:
        yield docker
    finally:
        await docker.close()
        await session.close()


def _connector(endpoint: Endpoint) -> aiohttp.BaseConnector | None:
    """The connector for the endpoint; None where the system's ssh has to open a tunnel first."""
    if endpoint.scheme == "unix":
        return UnixConnector(endpoint.url.removeprefix("unix://"))
    if endpoint.scheme == "npipe":
        raise EndpointError(f"{endpoint.display} is a named pipe of Windows: use tcp:// or ssh:// to reach that engine")
    if endpoint.scheme == "ssh":
        return None if shutil.which("ssh") else _asyncssh_connector(endpoint)
    return TCPConnector(ssl_context(endpoint.tls) if endpoint.tls else None)


def _asyncssh_connector(endpoint: Endpoint) -> aiohttp.BaseConnector:
    """aiodocker's ssh, for want of an ssh client: it reads less of ~/.ssh/config and knows only the default socket."""
    if find_spec("asyncssh") is None or parse_ssh_address(endpoint.url).path:
        raise EndpointError(f"{endpoint.display} needs an ssh client: install openssh-client or dockpit[ssh]")
    from aiodocker.ssh import SSHConnector

    try:
        return SSHConnector(endpoint.url)
    except DockerError as error:
        raise EndpointError(f"{endpoint.display}: {printable_line(str(error.message))}") from error


def _base_url(endpoint: Endpoint) -> str:
    """The base URL of requests: aiohttp's placeholder for a socket, http or https for TCP."""
    if endpoint.scheme in ("unix", "ssh"):
        return "unix://localhost"
    scheme = "https" if endpoint.tls or endpoint.scheme == "https" else "http"
    return f"{scheme}://{endpoint.url.partition('://')[2]}"


def ssl_context(tls: TlsSettings) -> ssl.SSLContext:
    """The SSL context for `tls`. Raises EndpointError for a file that cannot be used.

    The strict X.509 checks of newer Pythons are off: they refuse the certificates made by docker's own guide.
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
        raise EndpointError(f"TLS cannot be set up with {files}: {printable_line(str(error))}") from error
    return context


async def ping(transport: Transport, seconds: float = PING_SECONDS) -> tuple[Mapping[str, str], int]:
    """GET /_ping without a version: the answer's headers and status. Raises EngineUnreachable.

    Only an engine (an Api-Version header) or a proxy before it (a 403) counts as an answer.
    """
    endpoint = transport.endpoint
    try:
        async with (
            asyncio.timeout(seconds),
            transport.docker.session.get(f"{transport.docker.docker_host}/_ping") as answer,
        ):
            body = (await answer.content.read(PING_BODY_BYTES)).decode("utf-8", "replace")
    except (OSError, aiohttp.ClientError, ValueError) as error:
        reason = transport.closed_reason() or failure_reason(error, endpoint)
        raise EngineUnreachable(endpoint.display, reason) from error
    if "Api-Version" not in answer.headers and answer.status != 403:
        reason = failure_reason(ValueError(body), endpoint) if answer.status == 400 else NOT_AN_ENGINE
        raise EngineUnreachable(endpoint.display, f"{reason} (HTTP {answer.status})")
    return answer.headers, answer.status
