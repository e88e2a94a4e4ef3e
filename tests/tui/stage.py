"""The app on a simulated engine, for tests: press keys, wait until the screen says something, look at the engine."""

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

from dockpit.engine.endpoint import Endpoint
from dockpit.metrics.snapshot import Entry
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.process.clock import SystemClock
from dockpit.simulate import SimulatedEngine, World, scenario, serve
from tests.dockpit.simulated_session import live
from tui.app import DockpitApp
from tui.screens.overview import OverviewScreen
from tui.state import ViewState
from widgets.live_table import LiveTable

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A running app, its pilot, its session and the engine behind it."""

    app: DockpitApp
    pilot: Pilot[int]
    session: Session
    engine: SimulatedEngine

    async def until(self, true: Callable[[], object], what: str = "") -> None:
        """Frame after frame until `true` answers yes."""
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                raise AssertionError(f"never came true: {what}\n{self.text()}")
            await self.pilot.pause(0.02)
            self.app.frame()

    async def says(self, *texts: str) -> str:
        """Wait until the screen in front has all of `texts`; the whole of it."""
        await self.until(lambda: all(text in self.text() for text in texts), f"says {texts}")
        return self.text()

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def text(self) -> str:
        """What the screen in front shows, a line a row."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    def words(self) -> str:
        """What was said in the corner."""
        return "\n".join(note.message for note in self.app._notifications)

    def entry(self, name: str) -> Entry:
        """The container called `name`."""
        return next(e for e in self.session.snapshot().entries.values() if e.container.name == name)

    @property
    def table(self) -> LiveTable:
        """The table of the overview."""
        return next(s for s in self.app.screen_stack if isinstance(s, OverviewScreen)).query_one("#table", LiveTable)

    def under_cursor(self) -> str:
        """The name of the container under the overview's cursor, the key of another row."""
        key = self.table.cursor_key or ""
        entry = self.session.snapshot().entries.get(key)
        return entry.container.name if entry is not None else key

    async def point_at(self, name: str) -> None:
        """Put the overview's cursor on a container."""
        self.table.cursor_key = self.entry(name).container.id
        await self.pilot.pause()

    async def at(self, screen: type[Any]) -> None:
        """Wait until a screen of this kind is in front."""
        await self.until(lambda: isinstance(self.app.screen, screen), screen.__name__)


@asynccontextmanager
async def staged(
    folder: Path,
    name: str = "throttled",
    *,
    size: tuple[int, int] = (120, 36),
    state: ViewState | None = None,
    read_only: bool = False,
    **options: Any,
) -> AsyncIterator[Stage]:
    """The app on the scenario `name`, with figures of every container, until the block is left."""
    clock = SystemClock()
    world = World(scenario(name), 7, clock.wall())
    async with serve(folder / "engine.sock", world, clock) as engine:
        session = Session(Endpoint(engine.url), SessionOptions(read_only=read_only), jitter=random.Random(1))
        app = DockpitApp(session, state or ViewState(UTC), **options)
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot, session, engine)
            await stage.until(lambda: live(session.snapshot()), "every container has figures")
            yield stage
