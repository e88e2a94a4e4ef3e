"""When frames are drawn: soon after new figures while the cockpit starts, at the regular interval from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.app import App

from dockpit.monitor.session import Session
from tui.deferred_imports import import_deferred_modules
from tui.frames.frame_timer import FrameTimer
from tui.frames.startup_frames import CHECK_SECONDS, StartupFrames
from tui.view_state import ViewState
from tui.workers import start_worker


class FrameSchedule:
    """Calls `draw` by the timers of `app`; once the start is finished, the deferred modules are imported."""

    def __init__(self, app: App[int], session: Session, state: ViewState, draw: Callable[[], None]) -> None:
        self._app = app
        self._session = session
        self._draw = draw
        self._startup_frames = StartupFrames()
        self._regular = FrameTimer(
            session.local_machine, app.set_timer, interval_seconds=lambda: state.frame_seconds, draw=draw
        )

    def start(self) -> None:
        """Start the timers; the app must be mounted."""
        self._regular.start()
        self._startup_timer = self._app.set_interval(CHECK_SECONDS, self._check_startup)

    def stop(self) -> None:
        """Reset the process-wide settings of the garbage collector."""
        self._regular.stop_idle_gc()

    def key_pressed(self) -> None:
        """Give the answer to a key precedence over the regular frame."""
        self._regular.key_pressed()

    def _check_startup(self) -> None:
        """Draw a frame if there is something new; end the start once every container has figures."""
        if self._startup_frames.is_frame_due(self._session.snapshot()):
            self._draw()
        if self._startup_frames.finished:
            self._startup_timer.stop()
            start_worker(self._app, self._finish_startup, name="deferred imports", group="startup")

    async def _finish_startup(self) -> None:
        await asyncio.to_thread(import_deferred_modules)
        self._regular.start_idle_gc()
