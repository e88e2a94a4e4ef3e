"""The app on a simulated engine for tests: press keys, wait until the screen shows something, look at the engine."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.metrics.snapshot import Entry
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.process.clock import SystemClock
from dockpit.simulate import SimulatedEngine, World, scenario, serve
from tests.dockpit.simulated_session import all_have_rates
from tui.app import DockpitApp
from tui.app_settings import AppSettings
from tui.overview.overview_screen import OverviewScreen
from tui.view_state import ViewState
from widgets.tables.live_table import LiveTable

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RunningCockpit:
    """A running app, its pilot, its session and the engine behind it."""

    app: DockpitApp
    pilot: Pilot[int]
    session: Session
    engine: SimulatedEngine

    async def wait_until(self, condition: Callable[[], object], description: str = "") -> None:
        """Draw frame after frame until the condition holds."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"never came true: {description}\n{self.screen_text()}")
            await self.pilot.pause(0.02)
            self.app.draw_frame()

    async def wait_for_text(self, *texts: str) -> str:
        """Wait until the screen in front has all of `texts`; the whole of its text."""
        await self.wait_until(lambda: all(text in self.screen_text() for text in texts), f"shows {texts}")
        return self.screen_text()

    async def wait_for_screen(self, screen: type[Any]) -> None:
        """Wait until a screen of this class is in front."""
        await self.wait_until(lambda: isinstance(self.app.screen, screen), screen.__name__)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def screen_text(self) -> str:
        """The text of the screen in front, a line a row."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    def toasts(self) -> str:
        """The messages in the corner, a line each."""
        return "\n".join(note.message for note in self.app._notifications)

    def entry(self, name: str) -> Entry:
        """The container called `name`."""
        return next(e for e in self.session.snapshot().entries.values() if e.container.name == name)

    @property
    def table(self) -> LiveTable:
        """The table of the overview."""
        return next(s for s in self.app.screen_stack if isinstance(s, OverviewScreen)).query_one("#table", LiveTable)

    def name_under_cursor(self) -> str:
        """The name of the container under the overview's cursor, the key of any other row."""
        key = self.table.cursor_key or ""
        entry = self.session.snapshot().entries.get(key)
        return entry.container.name if entry is not None else key

    async def move_cursor_to(self, name: str) -> None:
        """Put the overview's cursor on a container."""
        self.table.cursor_key = self.entry(name).container.id
        await self.pilot.pause()


@asynccontextmanager
async def running_cockpit(
    folder: Path,
    scenario_name: str = "throttled",
    *,
    size: tuple[int, int] = (120, 36),
    state: ViewState | None = None,
    read_only: bool = False,
    **settings: Any,
) -> AsyncIterator[RunningCockpit]:
    """The app on a scenario, with figures of every container, until the end of the block.

    `settings` are the fields of AppSettings.
    """
    clock = SystemClock()
    world = World(scenario(scenario_name), 7, clock.wall())
    async with serve(folder / "engine.sock", world, clock) as engine:
        session = Session(Endpoint(engine.url), SessionOptions(read_only=read_only), jitter=random.Random(1))
        app = DockpitApp(session, state or ViewState(UTC), AppSettings(**settings))
        async with app.run_test(size=size) as pilot:
            cockpit = RunningCockpit(app, pilot, session, engine)
            await cockpit.wait_until(lambda: all_have_rates(session.snapshot()), "every container has figures")
            yield cockpit
