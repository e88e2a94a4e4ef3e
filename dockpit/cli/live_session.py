"""A session for a command: begun, waited for, ended; no terminal needed."""

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
"""As much as the forecast of memory looks back, and a little more."""
POLL_SECONDS = 0.02

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A running session."""

    session: Session
    task: asyncio.Task[None]

    def snapshot(self) -> Snapshot:
        """What is known now. Raises what ended the session, EngineUnreachable where it could not begin."""
        if self.task.done():
            self.task.result()
        return self.session.snapshot()

    async def until(self, true: Callable[[Snapshot], bool], seconds: float | None = None) -> Snapshot:
        """The first snapshot of which `true` holds, or the newest one after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    snapshot = self.snapshot()
                    if true(snapshot):
                        return snapshot
                    await asyncio.sleep(POLL_SECONDS)
        return self.snapshot()


@asynccontextmanager
async def live_session(options: Options, *, machine: bool = True) -> AsyncIterator[LiveSession]:
    """A session on the engine that the options name, with its first listing complete. Raises EngineError.

    `machine` is whether the figures of the machine itself are wanted.
    """
    async with _session(options, machine) as session:
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


def _session(options: Options, machine: bool) -> contextlib.AbstractAsyncContextManager[Session]:
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


def run_to_end(command: Callable[[], Awaitable[int]]) -> int:
    """Run a command to its end; when it is told to end (SIGTERM, SIGHUP) it still cleans up after itself.

    A signal that whoever started it chose to ignore, as nohup does with SIGHUP, stays ignored.
    """
    return asyncio.run(_stoppable(command))


async def _stoppable(command: Callable[[], Awaitable[int]]) -> int:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    told: list[int] = []

    def stop(number: int) -> None:
        told.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            continue
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
            loop.add_signal_handler(number, stop, number)
    try:
        return await command()
    except asyncio.CancelledError:
        if told:
            return 128 + told[0]
        raise
