"""The app on a simulated engine with a manual clock: each step ends when nothing changes on the screen any more."""

from __future__ import annotations

import asyncio
import copy
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot
from textual.widgets import Input

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import Entry
from dockpit.monitor.kernel_poller import AFTER_TICK_SECONDS
from dockpit.monitor.session import Session
from dockpit.process.clock import ManualClock
from dockpit.simulate import SimulatedEngine, World, scenario, serve
from dockpit.simulate.simulated_host import SimulatedHost
from dockpit.simulate.simulated_kernel import SimulatedKernel
from tests.pictures.svg import app_svg
from tui.app import DockpitApp
from tui.app_settings import AppSettings
from tui.view_state import ViewState
from widgets.tables.live_table import LiveTable

START = datetime(2026, 3, 14, 13, 58, 7, tzinfo=UTC).timestamp()
SEED = 1
STEP_SECONDS = 0.25
"""Seconds by which the clock advances at a time: the simulated engine's own tick."""
IDLE_TURNS = 40
"""Consecutive turns of the loop without work until it counts as idle."""
MAX_LOOP_TURNS = 200_000
TIMEOUT_SECONDS = 30
LASTING_GROUPS = frozenset({"session", "logs", "pull", "recipe"})
"""Groups of workers that do not end by themselves."""


@dataclass(frozen=True, slots=True)
class Look:
    """Settings of the user and the terminal that change how the screen looks."""

    theme: str = "dark"
    no_color: bool = False
    ascii: bool = False


class LastingToastsApp(DockpitApp):
    """The app, with toasts that do not go away."""

    NOTIFICATION_TIMEOUT = float("inf")


@cache
def _initial_world(name: str) -> tuple[World, Mapping[str, tuple[Sample, ...]]]:
    world = World(scenario(name), SEED, START)
    kernel = SimulatedKernel(world)
    return world, {container_id: tuple(kernel.past_samples(container_id)) for container_id in world.containers}


def _copied_world(name: str) -> World:
    """A copy of the initial world, without the long past, which the session gets as its backlog."""
    world, _ = _initial_world(name)
    return copy.deepcopy(world, {id(container.past): [] for container in world.containers.values()})


class SimulatedCockpit:
    """A running app, its pilot, the engine behind it and the clock of both."""

    def __init__(self, app: DockpitApp, pilot: Pilot[int], engine: SimulatedEngine, clock: ManualClock) -> None:
        self.app = app
        self.pilot = pilot
        self.engine = engine
        self.clock = clock

    async def press(self, *keys: str) -> None:
        """Press keys, each once the screen has settled after the one before."""
        for key in keys:
            await self.pilot.press(key)
            await self.wait_until_still()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*(_KEY_NAMES.get(character, character) for character in text))
        await self.wait_until_still()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        await self.wait_until_still()

    async def move_cursor_to(self, name: str) -> None:
        """Put the overview's cursor on the container whose name begins with `name`."""
        entries = self.app.snapshot().entries.values()
        found = [entry.container.id for entry in entries if entry.container.name.startswith(name)]
        self.app.screen.query_one(LiveTable).cursor_key = found[0]
        await self.wait_until_still()

    async def advance(self, seconds: float) -> None:
        """Advance the clock in steps, each with a snapshot once the loop is idle: alerts begin at their true time."""
        for _ in range(round(seconds / STEP_SECONDS)):
            self.clock.advance(STEP_SECONDS)
            await wait_for_idle_loop()
            self.app.session.snapshot()

    async def wait_until_still(self) -> None:
        """Draw frames until the screen does not change any more; the clock stands still."""
        previous, current = "", app_svg(self.app)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while previous != current or self._is_busy():
                await wait_for_idle_loop()
                self._stop_blinking()
                self.app.draw_frame()
                await self.pilot.pause()
                previous, current = current, app_svg(self.app)

    def is_running(self, group: str) -> bool:
        """Whether a worker of this group is running."""
        return any(worker.is_running and worker.group == group for worker in self.app.workers)

    def _is_busy(self) -> bool:
        return any(worker.is_running and worker.group not in LASTING_GROUPS for worker in self.app.workers)

    def _stop_blinking(self) -> None:
        for field in self.app.screen.query(Input):
            field.cursor_blink = False

    async def start(self) -> None:
        """Wait until every container is sampled, and draw what is measured a second later."""
        await self.wait_until(self._every_container_is_sampled)
        await wait_for_idle_loop()
        await self.advance(1.0)
        self.clock.advance(AFTER_TICK_SECONDS)
        await self.wait_until(self._every_sample_is_new)
        await self.wait_until_still()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds, while the clock stands still."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not condition():
                await asyncio.sleep(0.001)

    def _live(self) -> list[Entry]:
        return [entry for entry in self.app.session.snapshot().entries.values() if entry.container.live]

    def _every_container_is_sampled(self) -> bool:
        snapshot = self.app.session.snapshot()
        listed = snapshot.ready and len(snapshot.entries) == len(self.engine.world.containers)
        return listed and snapshot.sources.kernel == len(self._live())

    def _every_sample_is_new(self) -> bool:
        oldest = self.clock.wall() - STEP_SECONDS
        return all(entry.sample is not None and entry.sample.at > oldest for entry in self._live())


_KEY_NAMES = {" ": "space", "=": "equals_sign", ".": "full_stop", "-": "minus", ":": "colon", ">": "greater_than_sign"}


async def wait_for_idle_loop() -> None:
    """Run the loop until nothing is left to do unless the clock advances; both ends of every socket are in it."""
    loop = asyncio.get_running_loop()
    idle_turns = 0
    for _ in range(MAX_LOOP_TURNS):
        await asyncio.sleep(0)
        idle_turns = 0 if loop._ready else idle_turns + 1  # type: ignore[attr-defined]  # there is no public way
        if idle_turns > IDLE_TURNS:
            return
    raise AssertionError("the event loop does not come to rest")


@asynccontextmanager
async def simulated_cockpit(name: str, look: Look, size: tuple[int, int]) -> AsyncIterator[SimulatedCockpit]:
    """The app on the scenario `name`, still, with the figures of the last second."""
    clock = ManualClock(START)
    initial_world, past = _initial_world(name)
    with TemporaryDirectory(prefix="dockpit-pictures-") as folder:
        async with serve(Path(folder) / "docker.sock", _copied_world(name), clock) as engine:
            endpoint = Endpoint(engine.url, context=f"demo {name}", origin="--demo", simulated=True)
            host, chance = SimulatedHost(engine.world), random.Random(SEED)
            session = Session(
                endpoint,
                clock=clock,
                host=host,
                kernel=SimulatedKernel(engine.world),
                backlog=lambda key: past.get(key, ()),
                jitter=chance,
            )
            for figures in SimulatedHost(initial_world).past():
                session.history.add_host_figures(figures)
            with _color_environment(look):
                app = LastingToastsApp(session, ViewState(UTC, ascii=look.ascii), AppSettings(theme=look.theme))
            async with app.run_test(size=size) as pilot:
                cockpit = SimulatedCockpit(app, pilot, engine, clock)
                await cockpit.start()
                yield cockpit


@contextmanager
def _color_environment(look: Look) -> Iterator[None]:
    """Set NO_COLOR as in `look` while the app is created."""
    if look.no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        os.environ.pop("NO_COLOR", None)
