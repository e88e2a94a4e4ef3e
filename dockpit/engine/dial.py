"""A local socket whose every connection is an `ssh host docker system dial-stdio` of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from dockpit.engine.address import SshTarget
from dockpit.engine.failure_reasons import TunnelClosed
from dockpit.engine.ssh_command import END_SECONDS, Ssh

LOGINS = 5
"""Logins at a time: sshd drops some beyond ten that are not through (MaxStartups)."""

LOGIN_SECONDS = 10.0
GRACE_SECONDS = 5.0
"""What the engine still may say after the client has said its last."""


class Bridge:
    """The connections of one local socket; `failure` is why the newest of them could not be made."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._tasks: set[asyncio.Task[None]] = set()
        self._logins = asyncio.Semaphore(LOGINS)
        self.failure: str | None = None

    def dead(self) -> str | None:
        """Why no connection can be made, None while they can."""
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
        """One connection: log in, carry bytes both ways until either side is done, and clear up."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(_hang_up, writer)
            heard = asyncio.Event()
            async with self._logins:
                try:
                    ssh = await Ssh.start(self._words, piped=True)
                except TunnelClosed as error:
                    self.failure = str(error)
                    return
                stack.push_async_callback(ssh.close)
                down = asyncio.create_task(_pump(ssh.process.stdout, writer, heard), name="dial-stdio down")
                up = asyncio.create_task(_pump(reader, ssh.process.stdin, asyncio.Event()), name="dial-stdio up")
                stack.push_async_callback(_cancel, up, down)
                up.add_done_callback(lambda _: heard.set())
                await _within(LOGIN_SECONDS, heard.wait())
            if heard.is_set() and not up.done() and not down.done():
                self.failure = None
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            if not down.done() and ssh.process.stdin:
                ssh.process.stdin.close()
                await asyncio.wait({down}, timeout=GRACE_SECONDS)
            await self._judge(ssh, down, left=reader.at_eof())

    async def _judge(self, ssh: Ssh, down: asyncio.Task[int], *, left: bool) -> None:
        """Keep why a connection ended without a word, unless the client left first."""
        if down.done() and down.result() == 0 and not left:
            await _within(END_SECONDS, ssh.ended())
            self.failure = ssh.reason()


async def _pump(source: asyncio.StreamReader | None, sink: asyncio.StreamWriter | None, heard: asyncio.Event) -> int:
    """Carry bytes until either end closes; how many. Sets `heard` with the first of them, and in the end."""
    assert source is not None
    assert sink is not None
    carried = 0
    try:
        while data := await source.read(65536):
            heard.set()
            carried += len(data)
            sink.write(data)
            await sink.drain()
    except OSError:
        pass
    finally:
        heard.set()
    return carried


async def _within(seconds: float, wait: Coroutine[object, object, object]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wait


async def _cancel(*tasks: asyncio.Task[int]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def open_bridge(ssh: Sequence[str], target: SshTarget, local: Path) -> AsyncIterator[Bridge]:
    """The bridge behind the socket `local`, for as long as the block lasts."""
    bridge = Bridge([*ssh, *target.words, target.dial_command])
    server = await asyncio.start_unix_server(bridge.accept, local, backlog=1024)
    try:
        yield bridge
    finally:
        server.close()
        await bridge.close()
        await server.wait_closed()
