"""How the cockpit begins: the engine is asked for its containers while the screens are still being loaded."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from dockpit.config.options import Options
from dockpit.monitor.open_session import open_session, resolve_endpoint
from dockpit.monitor.session import Session

if TYPE_CHECKING:
    from tui.app import DockpitApp

GIVE_WAY_SECONDS = 0.0005
"""How long an answer of the engine waits for the thread that imports."""
FRAMES_A_SECOND = "120"
"""How often Textual may paint: at its usual 60 what a key did waits for 17 ms. Nothing is painted that is the same."""


def run(options: Options) -> int:
    """The cockpit on the engine that `options` name; the exit code.

    Raises EngineUnreachable when it never answered, without a screen where that is known before there is one.
    """
    return asyncio.run(_run(options))


async def _run(options: Options) -> int:
    async with _session(options) as session, _begun(session) as begun:
        application = await _loaded()
        if begun.done():
            begun.result()
        app = application(options, session)
        app.begun = begun
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, app.leave, 128 + number)
        code = await app.run_async()
        if app.trouble is not None:
            raise app.trouble
    return code if code is not None else app.return_code or 0


@asynccontextmanager
async def _begun(session: Session) -> AsyncIterator[asyncio.Task[None]]:
    """The session at work; it ends with the block."""
    task = asyncio.create_task(session.run(), name="session")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _loaded() -> Callable[[Options, Session], DockpitApp]:
    """The screens, imported in a thread that gives way as soon as the engine has said something."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(GIVE_WAY_SECONDS)
    try:
        return await asyncio.to_thread(_load)
    finally:
        sys.setswitchinterval(usual)


def _load() -> Callable[[Options, Session], DockpitApp]:
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_A_SECOND)
    from tui.app import application

    return application


def _session(options: Options) -> AbstractAsyncContextManager[Session]:
    config = options.config
    if options.demo is not None:
        from dockpit.simulate.demo_session import open_demo_session

        return open_demo_session(options.demo, options.seed, config)
    return open_session(resolve_endpoint(options.context, options.host), config)
