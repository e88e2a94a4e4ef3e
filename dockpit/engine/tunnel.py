"""An engine behind ssh: one process of the system's ssh that forwards a local socket to the engine's socket over there.

The system's ssh honours ~/.ssh/config, the agent and jump hosts. A forwarded connection is a channel of its own kind,
which sshd does not count as one of its MaxSessions (10), so a hundred streams pass through one login. A server that
refuses to forward, or has its socket elsewhere, is reached as the docker CLI does it: `ssh host docker system
dial-stdio`, one process and one login for each connection, bridged by a local socket (see dial.py). A user's
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

from dockpit.engine.address import DEFAULT_SOCKET, SshTarget
from dockpit.engine.dial import open_bridge
from dockpit.engine.failure_reasons import TunnelClosed
from dockpit.engine.ssh_command import COMMON, CONNECT_SECONDS, Ssh

START_SECONDS = 40.0
"""Until the tunnel stands: connecting, jump hosts and logging in."""

PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"

_PLAIN_PATH = re.compile(r"[\w./@+,-]+")
"""A path that ssh takes literally: no colon, no %token, no ${variable}."""


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A local socket that leads to the engine; `dead` says why it does not any more, None while it does."""

    socket: Path
    dead: Callable[[], str | None]


@asynccontextmanager
async def open_tunnel(target: SshTarget, options: Sequence[str] = ()) -> AsyncIterator[Tunnel]:
    """A tunnel for as long as the block lasts, `options` before our own so that they win. Raises TunnelClosed."""
    ssh = [shutil.which("ssh") or "ssh", *options, *COMMON]
    with tempfile.TemporaryDirectory(prefix="dockpit-", dir=short_folder()) as folder:
        forwarded, bridged = Path(folder) / "docker.sock", Path(folder) / "dial.sock"
        if _PLAIN_PATH.fullmatch(target.path or DEFAULT_SOCKET):
            async with _forward(ssh, target, forwarded) as process:
                if process and await answers(forwarded, CONNECT_SECONDS):
                    yield Tunnel(forwarded, process.dead)
                    return
        async with open_bridge([*ssh, "-T", "-o", "ClearAllForwardings=yes"], target, bridged) as bridge:
            if not await answers(bridged, START_SECONDS):
                raise TunnelClosed(bridge.failure or "ssh is up, but no engine answers over there")
            yield Tunnel(bridged, bridge.dead)


@asynccontextmanager
async def _forward(ssh: Sequence[str], target: SshTarget, local: Path) -> AsyncIterator[Ssh | None]:
    """The forwarding process with its socket in place; None when this ssh cannot forward. Raises TunnelClosed."""
    forward = f"{local}:{target.path or DEFAULT_SOCKET}"
    words = ("-N", "-T", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes", "-L", forward)
    process = await Ssh.start([*ssh, *words, *target.words])
    try:
        if await _listening(process, local):
            yield process
        elif "forward" in (reason := await process.ended()).lower():
            yield None
        else:
            raise TunnelClosed(reason)
    finally:
        await process.close()


async def _listening(process: Ssh, local: Path) -> bool:
    """Wait for the socket, which ssh makes once it is logged in; False when ssh ends before. Raises TunnelClosed."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await asyncio.to_thread(local.exists):
                if process.dead() is not None:
                    return False
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise TunnelClosed("ssh: logging in took too long") from None
    return True


async def answers(path: Path, seconds: float) -> bool:
    """Whether anything is said in answer to a ping; a silence of `seconds` is the engine's and not the way's."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    try:
        async with asyncio.timeout(seconds):
            writer.write(PING)
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


def short_folder() -> str:
    """Where sockets go: their paths hold about a hundred bytes, and ssh reads some characters in its own way."""
    folder = tempfile.gettempdir()
    return folder if len(folder) <= 60 and _PLAIN_PATH.fullmatch(folder) else "/tmp"
