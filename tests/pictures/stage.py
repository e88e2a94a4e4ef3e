"""The app on a simulated engine, whose time moves only when told, until nothing moves on the screen any more."""

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

from dockpit.engine.endpoint import Endpoint
from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import Entry
from dockpit.monitor.kernel_poller import AFTER_SECONDS
from dockpit.monitor.session import Session
from dockpit.process.clock import ManualClock
from dockpit.simulate import SimulatedEngine, World, scenario, serve
from dockpit.simulate.simulated_host import SimulatedHost
from dockpit.simulate.simulated_kernel import SimulatedKernel
from tests.pictures.svg import picture
from tui.app import DockpitApp
from tui.state import ViewState
from widgets.live_table import LiveTable

START = datetime(2026, 3, 14, 13, 58, 7, tzinfo=UTC).timestamp()
SEED = 1
STEP = 0.25
"""Seconds of the clock between two looks at what came of them: the simulated engine's own tick."""
STILL = 40
"""Turns of the loop with nothing to do, one after the other, until it counts as idle."""
TURNS = 200_000
LASTING = frozenset({"session", "logs", "pull", "recipe"})
"""Groups of workers that do not end by themselves."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the terminal and the user want it."""

    theme: str = "dark"
    no_color: bool = False
    ascii: bool = False


class StillApp(DockpitApp):
    """The app, with words in the corner that stay."""

    NOTIFICATION_TIMEOUT = float("inf")


@cache
def _beginning(name: str) -> tuple[World, Mapping[str, tuple[Sample, ...]]]:
    world = World(scenario(name), SEED, START)
    kernel = SimulatedKernel(world)
    return world, {container_id: tuple(kernel.past_samples(container_id)) for container_id in world.containers}


def _world(name: str) -> World:
    """A world of its own at the start, without the long past that a session was given already."""
    world, _ = _beginning(name)
    return copy.deepcopy(world, {id(box.past): [] for box in world.containers.values()})


class Stage:
    """What a scene is played on."""

    def __init__(self, app: DockpitApp, pilot: Pilot[int], engine: SimulatedEngine, clock: ManualClock) -> None:
        self.app = app
        self.pilot = pilot
        self.engine = engine
        self.clock = clock

    async def press(self, *keys: str) -> None:
        """Press keys, each once the one before has had its effect."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*(_KEYS.get(character, character) for character in text))
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    async def cursor(self, name: str) -> None:
        """Put the cursor of the overview on a container."""
        entries = self.app.snapshot().entries.values()
        found = [entry.container.id for entry in entries if entry.container.name.startswith(name)]
        self.app.screen.query_one(LiveTable).cursor_key = found[0]
        await self.settle()

    async def elapse(self, seconds: float) -> None:
        """Let time pass, in steps that are each lived through to their end: what is wrong is seen when it begins."""
        for _ in range(round(seconds / STEP)):
            self.clock.advance(STEP)
            await idle()
            self.app.session.snapshot()

    async def settle(self) -> None:
        """Wait until everything that was asked for is on the screen; no time passes."""
        shown, drawn = "", picture(self.app)
        async with asyncio.timeout(30):
            while shown != drawn or self._busy():
                await idle()
                self._steady_cursor()
                self.app.frame()
                await self.pilot.pause()
                shown, drawn = drawn, picture(self.app)

    def busy(self, group: str) -> bool:
        """Whether something of a group of workers is under way."""
        return any(worker.is_running and worker.group == group for worker in self.app.workers)

    def _busy(self) -> bool:
        return any(worker.is_running and worker.group not in LASTING for worker in self.app.workers)

    def _steady_cursor(self) -> None:
        for field in self.app.screen.query(Input):
            field.cursor_blink = False

    async def begin(self) -> None:
        """Wait until everything is followed, and take what is measured a second later."""
        await self.come(self._followed)
        await idle()
        await self.elapse(1.0)
        self.clock.advance(AFTER_SECONDS)
        await self.come(self._measured)
        await self.settle()

    async def come(self, condition: Callable[[], bool]) -> None:
        """Wait for what comes without any time passing on the clock."""
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.001)

    def _live(self) -> list[Entry]:
        return [entry for entry in self.app.session.snapshot().entries.values() if entry.container.live]

    def _followed(self) -> bool:
        snapshot = self.app.session.snapshot()
        there = snapshot.ready and len(snapshot.entries) == len(self.engine.world.containers)
        return there and snapshot.sources.kernel == len(self._live())

    def _measured(self) -> bool:
        due = self.clock.wall() - STEP
        return all(entry.sample is not None and entry.sample.at > due for entry in self._live())


_KEYS = {" ": "space", "=": "equals_sign", ".": "full_stop", "-": "minus", ":": "colon", ">": "greater_than_sign"}


async def idle() -> None:
    """Let the event loop run until nothing is left to do without time passing; sockets here have both ends inside."""
    loop = asyncio.get_running_loop()
    still = 0
    for _ in range(TURNS):
        await asyncio.sleep(0)
        still = 0 if loop._ready else still + 1  # type: ignore[attr-defined]  # asyncio says it nowhere else
        if still > STILL:
            return
    raise AssertionError("the event loop does not come to rest")


@asynccontextmanager
async def staged(name: str, look: Look, size: tuple[int, int]) -> AsyncIterator[Stage]:
    """The app on the scenario `name`, at rest, with figures of the last second."""
    clock = ManualClock(START)
    beginning, past = _beginning(name)
    with TemporaryDirectory(prefix="dockpit-pictures-") as folder:
        async with serve(Path(folder) / "docker.sock", _world(name), clock) as engine:
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
            for figures in SimulatedHost(beginning).past():
                session.history.host(figures)
            with _terminal(look):
                app = StillApp(session, ViewState(UTC, ascii=look.ascii), theme=look.theme)
            async with app.run_test(size=size) as pilot:
                stage = Stage(app, pilot, engine, clock)
                await stage.begin()
                yield stage


@contextmanager
def _terminal(look: Look) -> Iterator[None]:
    if look.no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        os.environ.pop("NO_COLOR", None)
