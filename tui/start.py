"""Starts the cockpit: the session asks the engine while the screens are still being imported.

run() -> session.run() as a task   --asks the engine-->  containers, first figures
      -> import of the app in a thread, which gives way to the loop
      -> DockpitApp takes over the task; it ends by a key, a signal, or a lost terminal
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from dockpit.config.options import Options
from dockpit.monitor.open_session import open_session, resolve_endpoint
from dockpit.monitor.session import Session

if TYPE_CHECKING:
    from tui.app import DockpitApp

AppFactory = Callable[[Options, Session], "DockpitApp"]

SWITCH_INTERVAL_SECONDS = 0.0005
"""Maximum seconds for which an answer of the engine waits for the importing thread."""
FRAMES_PER_SECOND = "120"
"""Textual's repaint limit: at its default of 60 the effect of a key waits for 17 ms. Unchanged screens cost nothing."""


def run(options: Options) -> int:
    """Run the cockpit on the engine that `options` name; the exit code.

    Raises EngineUnreachable when the engine never answered, before the screen opens if it is known by then.
    """
    return asyncio.run(_run(options))


async def _run(options: Options) -> int:
    async with _open_session(options) as session, _session_task(session) as task:
        create_app = await _import_app_in_thread()
        from tui.shutdown import leave_on_signals

        if task.done():
            task.result()
        app = create_app(options, session)
        app.session_task = task
        leave_on_signals(app.leave)
        code = await app.run_async()
        if app.connection_error is not None:
            raise app.connection_error
    return code if code is not None else app.return_code or 0


@asynccontextmanager
async def _session_task(session: Session) -> AsyncIterator[asyncio.Task[None]]:
    """The run of the session; cancelled at the end of the block."""
    task = asyncio.create_task(session.run(), name="session")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _import_app_in_thread() -> AppFactory:
    """Import the app while the loop goes on, with a short switch interval so that the engine's answers come first."""
    default_seconds = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    try:
        return await asyncio.to_thread(_import_app)
    finally:
        sys.setswitchinterval(default_seconds)


def _import_app() -> AppFactory:
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_SECOND)
    from tui.app_factory import create_app

    return create_app


def _open_session(options: Options) -> AbstractAsyncContextManager[Session]:
    config = options.config
    if options.demo is not None:
        from dockpit.simulate.demo_session import open_demo_session

        return open_demo_session(options.demo, options.seed, config)
    return open_session(resolve_endpoint(options.context, options.host), config)
