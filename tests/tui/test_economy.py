"""At rest the terminal is sent little, and what it shows is what Textual meant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC

import pytest
from rich.text import Text
from textual.app import ComposeResult
from textual.color import Color
from textual.containers import Horizontal
from textual.drivers import headless_driver
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from dockpit.config.config import Config
from dockpit.process.clock import ManualClock
from dockpit.simulate.demo_session import open_demo_session
from tests.tui.terminal import Terminal
from tui.app import DockpitApp
from tui.economy import Economical
from tui.state import ViewState

SIZE = (140, 42)
FRAMES = 16
BYTES_PER_FRAME = 3072


class _Recording(headless_driver.HeadlessDriver):
    """A driver without a terminal that keeps what it was to write."""

    @property
    def is_headless(self) -> bool:
        return False

    @property
    def can_suspend(self) -> bool:
        return True

    def start_application_mode(self) -> None:
        self.sent = ""
        super().start_application_mode()

    def write(self, data: str) -> None:
        self.sent += data

    def taken(self) -> str:
        """What was written since the last call."""
        data, self.sent = self.sent, ""
        return data


@pytest.fixture(autouse=True)
def recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless_driver, "HeadlessDriver", _Recording)


def taken(app: Economical) -> str:
    assert isinstance(app._driver, _Recording)
    return app._driver.taken()


def meant(app: Economical) -> list[str]:
    """The rows of the screen as Textual composes them."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


class _Parts(Economical):
    """Two widgets beside each other, the first with wide signs."""

    CSS = "Static { width: 1fr; height: 3; } #left { background: #102030; } _Over { align: center middle; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("漢字 one", id="left", markup=False)
            yield Static("two", id="right", markup=False)

    def write(self, id: str, text: str) -> None:
        self.query_one(f"#{id}", Static).update(Text(text))


class _Over(ModalScreen[None]):
    """A dialog in the middle of the screen."""

    DEFAULT_CSS = "_Over Static { width: 7; height: 1; background: #ff0000; }"

    def compose(self) -> ComposeResult:
        yield Static("dialog", markup=False)


@asynccontextmanager
async def parts() -> AsyncIterator[tuple[_Parts, Pilot[int], Terminal]]:
    app, terminal = _Parts(), Terminal(30, 5)
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        terminal.feed(taken(app))
        assert terminal.text() == meant(app)
        yield app, pilot, terminal


async def test_what_is_written_adds_up_to_the_screen() -> None:
    async with parts() as (app, pilot, terminal):
        for text in ("x漢字 one", "漢 o漢字ne", "plain", "漢字漢字漢字漢字", ""):
            app.write("left", text)
            app.write("right", text[::-1])
            await pilot.pause()
            terminal.feed(taken(app))
            assert terminal.text() == meant(app)


async def test_a_dialog_comes_and_goes() -> None:
    async with parts() as (app, pilot, terminal):
        app.write("left", "漢字" * 3)
        await pilot.pause()
        before = meant(app)
        await app.push_screen(_Over())
        await pilot.pause()
        terminal.feed(taken(app))
        assert terminal.text() == meant(app) != before
        await app.pop_screen()
        await pilot.pause()
        terminal.feed(taken(app))
        assert terminal.text() == meant(app) == before


async def test_another_colour_of_the_same_text_is_written() -> None:
    async with parts() as (app, pilot, terminal):
        app.query_one("#left").styles.background = Color.parse("#405060")
        await pilot.pause()
        terminal.feed(taken(app))
        assert {look.background for look in terminal.looks[0][:15]} == {"48;2;64;80;96"}


async def test_a_refresh_without_change_writes_no_cell() -> None:
    async with parts() as (app, pilot, terminal):
        app.refresh()
        await pilot.pause()
        sent = taken(app)
        assert len(sent) < 20
        terminal.feed(sent)
        assert terminal.text() == meant(app)


async def test_redraw_writes_everything_again() -> None:
    async with parts() as (app, pilot, _):
        app.action_redraw()
        await pilot.pause()
        wiped = Terminal(30, 5)
        wiped.feed(taken(app))
        assert wiped.text() == meant(app)


@pytest.mark.parametrize("size", [(30, 5), (44, 9), (21, 4)], ids=["the same size", "larger", "smaller"])
async def test_after_a_resize_nothing_is_taken_for_granted(size: tuple[int, int]) -> None:
    async with parts() as (app, pilot, _):
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert app.size == Size(*size)
        wiped = Terminal(*size)
        wiped.feed(taken(app))
        assert wiped.text() == meant(app)


@contextmanager
def lent(app: Economical) -> Iterator[None]:
    with app.batch_update(), app.suspend():
        yield


async def test_after_the_terminal_was_lent_nothing_is_taken_for_granted() -> None:
    async with parts() as (app, pilot, _):
        with lent(app):
            app.write("left", "while away")
        await pilot.pause()
        wiped = Terminal(30, 5)
        wiped.feed(taken(app))
        assert wiped.text() == meant(app)


@asynccontextmanager
async def cockpit(scenario: str) -> AsyncIterator[tuple[DockpitApp, Pilot[int], ManualClock]]:
    """The cockpit on a simulated engine whose clock moves by hand."""
    clock = ManualClock()
    async with open_demo_session(scenario, 1, Config(), clock=clock) as session:
        app = DockpitApp(session, ViewState(UTC))
        async with app.run_test(size=SIZE) as pilot:
            yield app, pilot, clock


async def next_frame(app: DockpitApp, pilot: Pilot[int], clock: ManualClock) -> None:
    """One second later, with newer samples; a stream not yet asleep as the clock moved gets another."""
    before = clock.wall()

    def sampled() -> bool:
        entries = [entry for entry in app.session.snapshot().entries.values() if entry.container.live]
        return bool(entries) and all(entry.sample is not None and entry.sample.at > before for entry in entries)

    while not sampled():
        clock.advance(1.0)
        for _ in range(200):
            await pilot.pause(0.005)
            if sampled():
                break
    app.frame()
    await pilot.pause()


@pytest.mark.parametrize("scenario", ["crowd:24", "fleet"])
async def test_at_rest_the_cockpit_sends_little_and_shows_all(scenario: str) -> None:
    async with cockpit(scenario) as (app, pilot, clock):
        terminal = Terminal(*SIZE)
        for _ in range(5):
            await next_frame(app, pilot, clock)
        terminal.feed(taken(app))
        sent = 0
        for _ in range(FRAMES):
            await next_frame(app, pilot, clock)
            data = taken(app)
            sent += len(data.encode())
            terminal.feed(data)
            assert terminal.text() == meant(app)
        assert 0 < sent / FRAMES < BYTES_PER_FRAME
