"""A local socket that carries each connection over an `ssh host docker system dial-stdio` process of its own.

client -> local socket -> accept() -> login: at most LOGINS at a time, until the first byte or LOGIN_SECONDS
                                         |
              reader --- upstream copy ---> ssh stdin  -> engine      the client closes: GRACE_SECONDS for the rest
              writer <-- downstream copy -- ssh stdout <- engine      closes without a byte: `failure` says why
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from dockpit.engine.engine_address import SshTarget
from dockpit.engine.failure_reasons import TunnelClosed
from dockpit.engine.ssh_process import END_SECONDS, SshProcess

LOGINS = 5
"""Maximum logins at a time: sshd drops some beyond ten unauthenticated connections (MaxStartups)."""

LOGIN_SECONDS = 10.0
"""A connection without a byte from the engine stops counting as a login after this time."""

GRACE_SECONDS = 5.0
"""Time for the rest of the engine's answer after the client has closed its side."""


class DialStdioBridge:
    """The connections of one local socket; `failure` is why the newest of them could not be made, None if it could."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = argv
        self._tasks: set[asyncio.Task[None]] = set()
        self._logins = asyncio.Semaphore(LOGINS)
        self.failure: str | None = None

    def closed_reason(self) -> str | None:
        """The reason why no connection can be made, None while connections can be made."""
        return self.failure

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a new connection in a task of its own."""
        task = asyncio.create_task(self._carry(reader, writer), name="ssh dial-stdio")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End all connections and their processes."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: log in, copy bytes both ways until either side closes, clean up."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(_close_writer, writer)
            logged_in = asyncio.Event()
            async with self._logins:
                try:
                    ssh = await SshProcess.start(self._argv, piped=True)
                except TunnelClosed as error:
                    self.failure = str(error)
                    return
                stack.push_async_callback(ssh.close)
                downstream = asyncio.create_task(
                    _copy(ssh.process.stdout, writer, logged_in), name="dial-stdio downstream"
                )
                upstream = asyncio.create_task(
                    _copy(reader, ssh.process.stdin, asyncio.Event()), name="dial-stdio upstream"
                )
                stack.push_async_callback(_cancel, upstream, downstream)
                upstream.add_done_callback(lambda _: logged_in.set())
                await _wait_at_most(LOGIN_SECONDS, logged_in.wait())
            if logged_in.is_set() and not upstream.done() and not downstream.done():
                self.failure = None
            await asyncio.wait({upstream, downstream}, return_when=asyncio.FIRST_COMPLETED)
            if not downstream.done() and ssh.process.stdin:
                ssh.process.stdin.close()
                await asyncio.wait({downstream}, timeout=GRACE_SECONDS)
            await self._record_failure(ssh, downstream, client_left=reader.at_eof())

    async def _record_failure(self, ssh: SshProcess, downstream: asyncio.Task[int], *, client_left: bool) -> None:
        """Keep the reason of a connection that ended without a byte from the engine, unless the client left first."""
        if downstream.done() and downstream.result() == 0 and not client_left:
            await _wait_at_most(END_SECONDS, ssh.wait_for_end())
            self.failure = ssh.reason()


async def _copy(
    source: asyncio.StreamReader | None, sink: asyncio.StreamWriter | None, first_byte: asyncio.Event
) -> int:
    """Copy until either end closes and return the number of bytes; sets `first_byte` on the first, and at the end."""
    assert source is not None
    assert sink is not None
    copied_bytes = 0
    try:
        while data := await source.read(65536):
            first_byte.set()
            copied_bytes += len(data)
            sink.write(data)
            await sink.drain()
    except OSError:
        pass
    finally:
        first_byte.set()
    return copied_bytes


async def _wait_at_most(seconds: float, awaited: Coroutine[object, object, object]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await awaited


async def _cancel(*tasks: asyncio.Task[int]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _close_writer(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def open_bridge(ssh: Sequence[str], target: SshTarget, local_socket: Path) -> AsyncIterator[DialStdioBridge]:
    """Serve the bridge on `local_socket` until the block is left; `ssh` is the program with its options."""
    bridge = DialStdioBridge([*ssh, *target.ssh_arguments, target.dial_stdio_command])
    server = await asyncio.start_unix_server(bridge.accept, local_socket, backlog=1024)
    try:
        yield bridge
    finally:
        server.close()
        await bridge.close()
        await server.wait_closed()
