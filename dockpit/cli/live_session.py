"""A monitoring session for one command, without a terminal.

live_session ─► open session ─► Session.run() as a task ─► first snapshot ready ─► body of the command ─► cancel task
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dockpit.config.options import Options
from dockpit.metrics.snapshot import Snapshot
from dockpit.monitor import open_session
from dockpit.monitor.session import Session
from dockpit.process import gc_control

HISTORY_MINUTES = 3.0
"""Length of the history: a little more than the memory forecast needs."""
POLL_SECONDS = 0.02
"""Seconds between two looks at the snapshot while waiting for a condition."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A running session and its task."""

    session: Session
    task: asyncio.Task[None]

    def snapshot(self) -> Snapshot:
        """The current snapshot.

        Raises the error that ended the session, EngineUnreachable if no engine answered at the start.
        """
        if self.task.done():
            self.task.result()
        return self.session.snapshot()

    async def until(self, condition: Callable[[Snapshot], bool], seconds: float | None = None) -> Snapshot:
        """The first snapshot for which `condition` is true, or the newest one after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    snapshot = self.snapshot()
                    if condition(snapshot):
                        return snapshot
                    await asyncio.sleep(POLL_SECONDS)
        return self.snapshot()


@asynccontextmanager
async def live_session(options: Options, *, machine: bool = True) -> AsyncIterator[LiveSession]:
    """Run a session on the engine selected by the options; it starts with all containers listed.

    `machine` is whether the machine's own figures are sampled too. Raises EngineError.
    """
    async with _open_session(options, machine) as session:
        log.info("engine %s, named by %s", session.endpoint.display, session.endpoint.origin)
        task = asyncio.create_task(session.run(), name="session")
        try:
            running = LiveSession(session, task)
            await running.until(lambda snapshot: snapshot.ready)
            gc_control.enable_after_loading()
            yield running
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _open_session(options: Options, machine: bool) -> contextlib.AbstractAsyncContextManager[Session]:
    config = options.config
    if options.demo is not None:
        from dockpit.simulate.demo_session import open_demo_session

        return open_demo_session(options.demo, options.seed, config, past=False)
    return open_session.open_session(
        open_session.resolve_endpoint(options.context, options.host),
        config,
        history_minutes=HISTORY_MINUTES,
        read_host=machine,
        interactive=False,
    )


def run_until_complete(command: Callable[[], Awaitable[int]]) -> int:
    """Run a command and return its exit code; SIGTERM and SIGHUP cancel it, so that it cleans up.

    A signal that the parent process ignores, as nohup does with SIGHUP, stays ignored.
    """
    return asyncio.run(_cancel_on_signal(command))


async def _cancel_on_signal(command: Callable[[], Awaitable[int]]) -> int:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    received: list[int] = []

    def cancel(number: int) -> None:
        received.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            continue
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
            loop.add_signal_handler(number, cancel, number)
    try:
        return await command()
    except asyncio.CancelledError:
        if received:
            return 128 + received[0]
        raise
