"""A local socket that leads to an engine behind ssh: by forwarding, or by dial-stdio where that is refused.

    client -> docker.sock -> ssh -N -L docker.sock:/var/run/docker.sock host -> engine    one login for all connections
    client -> dial.sock   -> ssh host docker system dial-stdio -> engine                  one login per connection

The system's ssh honours ~/.ssh/config, the agent and jump hosts. A forwarded connection is a channel of its own kind,
which sshd does not count as one of its MaxSessions (10), so a hundred streams pass through one login. A server that
refuses to forward, or has its socket elsewhere, is reached as the docker CLI does it (dial_stdio_bridge.py). A user's
ControlMaster is left out of both: sessions shared with it would count again.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dockpit.engine.dial_stdio_bridge import open_bridge
from dockpit.engine.engine_address import DEFAULT_SOCKET, SshTarget
from dockpit.engine.failure_reasons import TunnelClosed
from dockpit.engine.ssh_process import COMMON_OPTIONS, CONNECT_SECONDS, SshProcess

START_SECONDS = 40.0
"""Maximum time to set up the tunnel: connecting, jump hosts and logging in."""

SOCKET_POLL_SECONDS = 0.02

SOCKET_FOLDER_BYTES = 60
"""Maximum length of the folder of sockets: a socket's path holds about a hundred bytes."""

PING_REQUEST = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"

_LITERAL_PATH = re.compile(r"[\w./@+,-]+")
"""A path that ssh takes literally: no colon, no %token, no ${variable}."""


@dataclass(frozen=True, slots=True)
class SshTunnel:
    """A local socket that leads to the engine; `closed_reason` says why it no longer does, None while it does."""

    socket: Path
    closed_reason: Callable[[], str | None]


@asynccontextmanager
async def open_tunnel(target: SshTarget, options: Sequence[str] = ()) -> AsyncIterator[SshTunnel]:
    """A tunnel until the block is left; `options` of ssh come before dockpit's own, so that they win.

    Raises TunnelClosed.
    """
    ssh = [shutil.which("ssh") or "ssh", *options, *COMMON_OPTIONS]
    with tempfile.TemporaryDirectory(prefix="dockpit-", dir=socket_folder()) as folder:
        forwarded, bridged = Path(folder) / "docker.sock", Path(folder) / "dial.sock"
        if _LITERAL_PATH.fullmatch(target.path or DEFAULT_SOCKET):
            async with _forward(ssh, target, forwarded) as process:
                if process and await answers_ping(forwarded, CONNECT_SECONDS):
                    yield SshTunnel(forwarded, process.closed_reason)
                    return
        async with open_bridge([*ssh, "-T", "-o", "ClearAllForwardings=yes"], target, bridged) as bridge:
            if not await answers_ping(bridged, START_SECONDS):
                raise TunnelClosed(bridge.failure or "ssh connected, but no engine answers on the remote host")
            yield SshTunnel(bridged, bridge.closed_reason)


@asynccontextmanager
async def _forward(ssh: Sequence[str], target: SshTarget, local_socket: Path) -> AsyncIterator[SshProcess | None]:
    """The forwarding ssh process, its socket listening; None when forwarding is refused. Raises TunnelClosed."""
    forward = f"{local_socket}:{target.path or DEFAULT_SOCKET}"
    options = ("-N", "-T", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes", "-L", forward)
    process = await SshProcess.start([*ssh, *options, *target.ssh_arguments])
    try:
        if await _wait_for_socket(process, local_socket):
            yield process
        elif "forward" in (reason := await process.wait_for_end()).lower():
            yield None
        else:
            raise TunnelClosed(reason)
    finally:
        await process.close()


async def _wait_for_socket(process: SshProcess, local_socket: Path) -> bool:
    """Wait for the socket, which ssh makes once logged in; False when ssh ends before. Raises TunnelClosed."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await asyncio.to_thread(local_socket.exists):
                if process.closed_reason() is not None:
                    return False
                await asyncio.sleep(SOCKET_POLL_SECONDS)
    except TimeoutError:
        raise TunnelClosed("ssh: logging in took too long") from None
    return True


async def answers_ping(path: Path, seconds: float) -> bool:
    """Whether the socket answers a ping with any byte; silence for `seconds` counts as yes: only the engine is slow."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    try:
        async with asyncio.timeout(seconds):
            writer.write(PING_REQUEST)
            await writer.drain()
            return await reader.read(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def socket_folder() -> str:
    """The folder for sockets: the usual temporary one, or /tmp where that is too long or not literal for ssh."""
    folder = tempfile.gettempdir()
    return folder if len(folder) <= SOCKET_FOLDER_BYTES and _LITERAL_PATH.fullmatch(folder) else "/tmp"
