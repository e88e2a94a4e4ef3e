"""Diff output: the terminal shows what Textual composed, and at rest few bytes are sent."""

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

from dockpit.config.defaults import Config
from dockpit.process.clock import ManualClock
from dockpit.simulate.demo_session import open_demo_session
from tests.tui.terminal.terminal_emulator import TerminalEmulator
from tui.app import DockpitApp
from tui.terminal.diff_output import DiffOutputApp
from tui.view_state import ViewState

SIZE = (140, 42)
FRAMES = 16
MAX_BYTES_PER_FRAME = 3072


class _RecordingDriver(headless_driver.HeadlessDriver):
    """A driver without a terminal that keeps its output."""

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

    def take_output(self) -> str:
        """The output since the last call."""
        data, self.sent = self.sent, ""
        return data


@pytest.fixture(autouse=True)
def recording_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless_driver, "HeadlessDriver", _RecordingDriver)


def take_output(app: DiffOutputApp) -> str:
    assert isinstance(app._driver, _RecordingDriver)
    return app._driver.take_output()


def composed_rows(app: DiffOutputApp) -> list[str]:
    """The rows of the screen as Textual composes them."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


class _TwoWidgets(DiffOutputApp):
    """Two widgets beside each other, the first with wide characters."""

    CSS = "Static { width: 1fr; height: 3; } #left { background: #102030; } _Dialog { align: center middle; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("漢字 one", id="left", markup=False)
            yield Static("two", id="right", markup=False)

    def set_text(self, id: str, text: str) -> None:
        self.query_one(f"#{id}", Static).update(Text(text))


class _Dialog(ModalScreen[None]):
    """A dialog in the middle of the screen."""

    DEFAULT_CSS = "_Dialog Static { width: 7; height: 1; background: #ff0000; }"

    def compose(self) -> ComposeResult:
        yield Static("dialog", markup=False)


@asynccontextmanager
async def two_widgets() -> AsyncIterator[tuple[_TwoWidgets, Pilot[int], TerminalEmulator]]:
    app, terminal = _TwoWidgets(), TerminalEmulator(30, 5)
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        terminal.feed(take_output(app))
        assert terminal.text() == composed_rows(app)
        yield app, pilot, terminal


async def test_the_output_adds_up_to_the_screen() -> None:
    async with two_widgets() as (app, pilot, terminal):
        for text in ("x漢字 one", "漢 o漢字ne", "plain", "漢字漢字漢字漢字", ""):
            app.set_text("left", text)
            app.set_text("right", text[::-1])
            await pilot.pause()
            terminal.feed(take_output(app))
            assert terminal.text() == composed_rows(app)


async def test_a_dialog_is_drawn_and_removed() -> None:
    async with two_widgets() as (app, pilot, terminal):
        app.set_text("left", "漢字" * 3)
        await pilot.pause()
        before = composed_rows(app)
        await app.push_screen(_Dialog())
        await pilot.pause()
        terminal.feed(take_output(app))
        assert terminal.text() == composed_rows(app) != before
        await app.pop_screen()
        await pilot.pause()
        terminal.feed(take_output(app))
        assert terminal.text() == composed_rows(app) == before


async def test_a_change_of_colour_alone_is_written() -> None:
    async with two_widgets() as (app, pilot, terminal):
        app.query_one("#left").styles.background = Color.parse("#405060")
        await pilot.pause()
        terminal.feed(take_output(app))
        assert {look.background for look in terminal.looks[0][:15]} == {"48;2;64;80;96"}


async def test_a_refresh_without_a_change_writes_no_cell() -> None:
    async with two_widgets() as (app, pilot, terminal):
        app.refresh()
        await pilot.pause()
        output = take_output(app)
        assert len(output) < 20
        terminal.feed(output)
        assert terminal.text() == composed_rows(app)


async def test_redraw_writes_everything_again() -> None:
    async with two_widgets() as (app, pilot, _):
        app.action_redraw()
        await pilot.pause()
        empty = TerminalEmulator(30, 5)
        empty.feed(take_output(app))
        assert empty.text() == composed_rows(app)


@pytest.mark.parametrize("size", [(30, 5), (44, 9), (21, 4)], ids=["the same size", "larger", "smaller"])
async def test_after_a_resize_everything_is_written(size: tuple[int, int]) -> None:
    async with two_widgets() as (app, pilot, _):
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert app.size == Size(*size)
        empty = TerminalEmulator(*size)
        empty.feed(take_output(app))
        assert empty.text() == composed_rows(app)


@contextmanager
def suspended(app: DiffOutputApp) -> Iterator[None]:
    with app.batch_update(), app.suspend():
        yield


async def test_after_a_suspension_everything_is_written() -> None:
    async with two_widgets() as (app, pilot, _):
        with suspended(app):
            app.set_text("left", "while away")
        await pilot.pause()
        empty = TerminalEmulator(30, 5)
        empty.feed(take_output(app))
        assert empty.text() == composed_rows(app)


@asynccontextmanager
async def cockpit(scenario: str) -> AsyncIterator[tuple[DockpitApp, Pilot[int], ManualClock]]:
    """The cockpit on a simulated engine whose clock is moved by the test."""
    clock = ManualClock()
    async with open_demo_session(scenario, 1, Config(), clock=clock) as session:
        app = DockpitApp(session, ViewState(UTC))
        async with app.run_test(size=SIZE) as pilot:
            yield app, pilot, clock


async def next_frame(app: DockpitApp, pilot: Pilot[int], clock: ManualClock) -> None:
    """Draw a frame one second later, with newer samples.

    The clock moves again for a stream that was not asleep yet when it moved.
    """
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
    app.draw_frame()
    await pilot.pause()


@pytest.mark.parametrize("scenario", ["crowd:24", "fleet"])
async def test_at_rest_the_cockpit_sends_few_bytes_and_shows_everything(scenario: str) -> None:
    async with cockpit(scenario) as (app, pilot, clock):
        terminal = TerminalEmulator(*SIZE)
        for _ in range(5):
            await next_frame(app, pilot, clock)
        terminal.feed(take_output(app))
        sent_bytes = 0
        for _ in range(FRAMES):
            await next_frame(app, pilot, clock)
            data = take_output(app)
            sent_bytes += len(data.encode())
            terminal.feed(data)
            assert terminal.text() == composed_rows(app)
        assert 0 < sent_bytes / FRAMES < MAX_BYTES_PER_FRAME
