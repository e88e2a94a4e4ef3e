"""A terminal that went away holds nobody up, and one that is quiet wakes nobody."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import resource
import selectors
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from textual.events import Key
from textual.message import Message

from tui.driver import TICK_SECONDS, TICKS, LastingDriver, Output

SOON = 10.0
HIGH = 1500
"""A descriptor that select() cannot name."""


def test_a_terminal_that_is_there_gets_what_is_written() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    with os.fdopen(slave, "w") as file:
        output = Output(file, lambda: lost.append(1))
        output.write("figures")
        output.flush()
        assert output.isatty() and output.fileno() == slave
        assert os.read(master, 100) == b"figures"
        assert output.written_bytes == 7
        output.write("n°")
        assert output.written_bytes == 10
    os.close(master)
    assert not lost


def test_one_that_went_away_is_told_of_once_and_takes_the_rest() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    with os.fdopen(slave, "w") as file:
        output = Output(file, lambda: lost.append(1))
        os.close(master)
        for _ in range(100):
            output.write("figures")
            output.flush()
        assert lost == [1]
        assert output.isatty()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, slave)
        os.close(nowhere)


class Typed(LastingDriver):
    """A driver whose terminal is one end of a pty, and that keeps what comes from it."""

    def __init__(self, terminal: int) -> None:
        self.errors: list[Exception] = []
        super().__init__(
            SimpleNamespace(leave=lambda _: None, _handle_exception=self.errors.append, console=None, _log=None)
        )
        self.fileno = terminal
        self.keys: list[str] = []

    def process_message(self, message: Message) -> None:
        if isinstance(message, Key):
            self.keys.append(message.key)

    def wait_for(self, *keys: str) -> None:
        end = time.monotonic() + SOON
        while self.keys != [*keys] and time.monotonic() < end:
            time.sleep(0.01)
        assert self.keys == [*keys]


@dataclass
class Typing:
    """A driver that waits for keys in a thread, and who presses them."""

    driver: Typed
    fingers: int
    thread: threading.Thread

    def press(self, keys: bytes) -> None:
        os.write(self.fingers, keys)

    def end(self) -> None:
        self.driver.exit_event.set()
        self.thread.join(SOON)
        assert not self.thread.is_alive()


async def made(terminal: int) -> Typed:
    """A driver is made in a loop."""
    return Typed(terminal)


@contextmanager
def typing(ends: tuple[int, int] | None = None) -> Iterator[Typing]:
    terminal, fingers = ends or os.pipe()
    driver = asyncio.run(made(terminal))
    thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    thread.start()
    try:
        yield Typing(driver, fingers, thread)
    finally:
        driver.exit_event.set()
        thread.join(SOON)
        os.close(terminal)


def test_keys_come_at_once_and_an_escape_by_itself_soon() -> None:
    with typing() as typed:
        typed.press(b"ab")
        typed.driver.wait_for("a", "b")
        typed.press(b"\x1b[A")
        typed.driver.wait_for("a", "b", "up")
        typed.press(b"\x1b")
        typed.driver.wait_for("a", "b", "up", "escape")
        typed.end()
        os.close(typed.fingers)


def test_a_key_in_two_parts_is_one_and_what_is_no_text_is_passed_over() -> None:
    with typing() as typed:
        typed.press("ü".encode()[:1])
        time.sleep(0.05)
        typed.press("ü".encode()[1:] + b"\xff" + b"q")
        end = time.monotonic() + SOON
        while "q" not in typed.driver.keys and time.monotonic() < end:
            time.sleep(0.01)
        assert typed.driver.keys[-1] == "q" and typed.thread.is_alive()
        os.close(typed.fingers)


def test_on_a_quiet_terminal_it_waits_without_looking_and_ends_when_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[float | None] = []

    class Noted(selectors.PollSelector):
        def select(self, timeout: float | None = None) -> Any:
            looks.append(timeout)
            return super().select(timeout)

    monkeypatch.setattr("tui.driver.WAITING", Noted)
    with typing() as typed:
        typed.press(b"a")
        typed.driver.wait_for("a")
        time.sleep(TICK_SECONDS * (TICKS + 5))
        count = len(looks)
        assert looks[-1] is None and count <= TICKS + 3
        time.sleep(3 * TICK_SECONDS)
        assert len(looks) == count
        typed.end()
        os.close(typed.fingers)


def test_a_terminal_that_has_ended_says_nothing_more_and_keeps_nobody_busy() -> None:
    with typing() as typed:
        os.close(typed.fingers)
        time.sleep(0.1)
        before = time.process_time()
        time.sleep(0.3)
        assert time.process_time() - before < 0.2, "it is not looked at again and again"
        typed.end()


def test_a_terminal_whose_descriptor_is_high_is_read_as_any_other() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * HIGH, hard), hard))
    try:
        terminal, fingers = os.pipe()
        high = fcntl.fcntl(terminal, fcntl.F_DUPFD_CLOEXEC, HIGH)
        with typing((high, fingers)) as typed:
            typed.press(b"x")
            typed.driver.wait_for("x")
            typed.end()
        os.close(terminal)
        os.close(fingers)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_what_ends_the_thread_that_reads_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, fingers = os.pipe()
    driver, trouble = Typed(terminal), RuntimeError("unexpected")

    def broken() -> bytes:
        raise trouble

    monkeypatch.setattr(driver, "_read", broken)
    os.write(fingers, b"x")
    await asyncio.to_thread(driver._run_input_thread)
    await asyncio.sleep(0.01)
    assert driver.errors == [trouble]
    os.close(terminal)
    os.close(fingers)


def test_it_can_begin_again() -> None:
    with typing() as typed:
        typed.end()
        typed.driver.exit_event.clear()
        again = threading.Thread(target=typed.driver.run_input_thread, daemon=True)
        again.start()
        typed.press(b"x")
        typed.driver.wait_for("x")
        typed.driver.exit_event.set()
        again.join(SOON)
        assert not again.is_alive()
        os.close(typed.fingers)


async def test_the_thread_that_reads_ends_with_its_terminal() -> None:
    master, slave = pty.openpty()
    driver = Typed(slave)
    thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    thread.start()
    os.write(master, b"a\n")
    driver.wait_for("a", "ctrl+j")
    os.close(master)
    await asyncio.to_thread(thread.join, SOON)
    assert not thread.is_alive() and not driver.exit_event.is_set()
    os.close(slave)


@pytest.mark.parametrize(
    ("number", "done"),
    [
        (signal.SIGCONT, ["ended", "begun"]),
        (signal.SIGTSTP, ["ended", "stopped"]),
    ],
)
async def test_a_stop_and_its_end_wait_until_nothing_else_is_in_the_middle(
    number: signal.Signals, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, fingers = os.pipe()
    driver = Typed(terminal)
    did: list[str] = []
    monkeypatch.setattr(driver, "suspend_application_mode", lambda: did.append("ended"))
    monkeypatch.setattr(driver, "resume_application_mode", lambda: did.append("begun"))
    monkeypatch.setattr(os, "kill", lambda *_: did.append("stopped"))
    driver._key_thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    driver._key_thread.start()
    signal.raise_signal(number)
    assert did == []
    end = time.monotonic() + SOON
    while did != done and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert did == done
    driver.exit_event.set()
    driver._key_thread.join(SOON)
    os.close(terminal)
    os.close(fingers)
