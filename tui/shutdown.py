"""The end of the app, also by SIGTERM and SIGHUP: what it opened on the engine is removed first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from textual.app import App
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from tui.workers import start_worker

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
CLEAN_UP_GROUPS = frozenset({"shell", "recipe"})
"""The groups of workers that remove something from the engine when they are cancelled."""
CLEAN_UP_SECONDS = 5.0


def leave_on_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with 128 + the signal's number when the process is told to end."""
    loop = asyncio.get_running_loop()
    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, leave, 128 + number)


def start_shutdown(app: App[int], exit_code: int) -> None:
    """Exit with this code once the workers of CLEAN_UP_GROUPS have ended, after CLEAN_UP_SECONDS in any case."""
    workers = [worker for worker in app.workers if worker.group in CLEAN_UP_GROUPS and not worker.is_finished]
    work = partial(_shut_down, app, workers, exit_code)
    start_worker(app, work, name="leave", group="leave")


async def _shut_down(app: App[int], workers: list[Worker[object]], exit_code: int) -> None:
    for worker in workers:
        worker.cancel()
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(_wait_for_end(worker) for worker in workers)), CLEAN_UP_SECONDS)
    app.exit(exit_code)


async def _wait_for_end(worker: Worker[object]) -> None:
    """Wait until a worker ended, in whatever way."""
    with suppress(WorkerCancelled, WorkerFailed):
        await worker.wait()
