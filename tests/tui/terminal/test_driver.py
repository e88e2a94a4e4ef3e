"""The driver: a lost terminal blocks nobody, and a quiet one wakes nobody."""

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

from tui.terminal.driver import ESCAPE_CHECK_SECONDS, ESCAPE_CHECKS, HangupDriver, TerminalOutput

TIMEOUT_SECONDS = 10.0
HIGH_DESCRIPTOR = 1500
"""A descriptor that is too high for select()."""


def test_output_is_written_and_counted() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    with os.fdopen(slave, "w") as file:
        output = TerminalOutput(file, lambda: lost.append(1))
        output.write("figures")
        output.flush()
        assert output.isatty() and output.fileno() == slave
        assert os.read(master, 100) == b"figures"
        assert output.written_bytes == 7
        output.write("n°")
        assert output.written_bytes == 10
    os.close(master)
    assert not lost


def test_a_lost_terminal_is_reported_once_and_later_output_dropped() -> None:
    master, slave = pty.openpty()
    lost: list[int] = []
    with os.fdopen(slave, "w") as file:
        output = TerminalOutput(file, lambda: lost.append(1))
        os.close(master)
        for _ in range(100):
            output.write("figures")
            output.flush()
        assert lost == [1]
        assert output.isatty()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, slave)
        os.close(nowhere)


class RecordingDriver(HangupDriver):
    """A driver that reads from the descriptor `terminal` and keeps the keys in `keys`."""

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
        end = time.monotonic() + TIMEOUT_SECONDS
        while self.keys != [*keys] and time.monotonic() < end:
            time.sleep(0.01)
        assert self.keys == [*keys]


@dataclass
class TypingSession:
    """A driver that reads in a thread, and the descriptor `keyboard` to press keys with."""

    driver: RecordingDriver
    keyboard: int
    thread: threading.Thread

    def press(self, keys: bytes) -> None:
        os.write(self.keyboard, keys)

    def end(self) -> None:
        self.driver.exit_event.set()
        self.thread.join(TIMEOUT_SECONDS)
        assert not self.thread.is_alive()


async def create_driver(terminal: int) -> RecordingDriver:
    """Create a driver, which needs a running loop."""
    return RecordingDriver(terminal)


@contextmanager
def typing(ends: tuple[int, int] | None = None) -> Iterator[TypingSession]:
    terminal, keyboard = ends or os.pipe()
    driver = asyncio.run(create_driver(terminal))
    thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    thread.start()
    try:
        yield TypingSession(driver, keyboard, thread)
    finally:
        driver.exit_event.set()
        thread.join(TIMEOUT_SECONDS)
        os.close(terminal)


def test_keys_arrive_at_once_and_a_single_escape_soon() -> None:
    with typing() as typed:
        typed.press(b"ab")
        typed.driver.wait_for("a", "b")
        typed.press(b"\x1b[A")
        typed.driver.wait_for("a", "b", "up")
        typed.press(b"\x1b")
        typed.driver.wait_for("a", "b", "up", "escape")
        typed.end()
        os.close(typed.keyboard)


def test_a_key_in_two_reads_is_one_and_invalid_utf8_is_skipped() -> None:
    with typing() as typed:
        typed.press("ü".encode()[:1])
        time.sleep(0.05)
        typed.press("ü".encode()[1:] + b"\xff" + b"q")
        end = time.monotonic() + TIMEOUT_SECONDS
        while "q" not in typed.driver.keys and time.monotonic() < end:
            time.sleep(0.01)
        assert typed.driver.keys[-1] == "q" and typed.thread.is_alive()
        os.close(typed.keyboard)


def test_a_quiet_terminal_is_waited_for_without_a_timeout_until_the_exit_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timeouts: list[float | None] = []

    class RecordingSelector(selectors.PollSelector):
        def select(self, timeout: float | None = None) -> Any:
            timeouts.append(timeout)
            return super().select(timeout)

    monkeypatch.setattr("tui.terminal.driver.InputSelector", RecordingSelector)
    with typing() as typed:
        typed.press(b"a")
        typed.driver.wait_for("a")
        time.sleep(ESCAPE_CHECK_SECONDS * (ESCAPE_CHECKS + 5))
        count = len(timeouts)
        assert timeouts[-1] is None and count <= ESCAPE_CHECKS + 3
        time.sleep(3 * ESCAPE_CHECK_SECONDS)
        assert len(timeouts) == count
        typed.end()
        os.close(typed.keyboard)


def test_a_closed_terminal_ends_the_thread_without_busy_waiting() -> None:
    with typing() as typed:
        os.close(typed.keyboard)
        time.sleep(0.1)
        before = time.process_time()
        time.sleep(0.3)
        assert time.process_time() - before < 0.2, "it is not polled again and again"
        typed.end()


def test_a_terminal_with_a_high_descriptor_is_read() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * HIGH_DESCRIPTOR, hard), hard))
    try:
        terminal, keyboard = os.pipe()
        high = fcntl.fcntl(terminal, fcntl.F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR)
        with typing((high, keyboard)) as typed:
            typed.press(b"x")
            typed.driver.wait_for("x")
            typed.end()
        os.close(terminal)
        os.close(keyboard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_an_error_in_the_input_thread_reaches_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, keyboard = os.pipe()
    driver, trouble = RecordingDriver(terminal), RuntimeError("unexpected")

    def broken() -> bytes:
        raise trouble

    monkeypatch.setattr(driver, "_read", broken)
    os.write(keyboard, b"x")
    await asyncio.to_thread(driver._run_input_thread)
    await asyncio.sleep(0.01)
    assert driver.errors == [trouble]
    os.close(terminal)
    os.close(keyboard)


def test_the_input_thread_can_be_started_again() -> None:
    with typing() as typed:
        typed.end()
        typed.driver.exit_event.clear()
        again = threading.Thread(target=typed.driver.run_input_thread, daemon=True)
        again.start()
        typed.press(b"x")
        typed.driver.wait_for("x")
        typed.driver.exit_event.set()
        again.join(TIMEOUT_SECONDS)
        assert not again.is_alive()
        os.close(typed.keyboard)


async def test_the_input_thread_ends_with_its_terminal() -> None:
    master, slave = pty.openpty()
    driver = RecordingDriver(slave)
    thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    thread.start()
    os.write(master, b"a\n")
    driver.wait_for("a", "ctrl+j")
    os.close(master)
    await asyncio.to_thread(thread.join, TIMEOUT_SECONDS)
    assert not thread.is_alive() and not driver.exit_event.is_set()
    os.close(slave)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (signal.SIGCONT, ["suspended", "resumed"]),
        (signal.SIGTSTP, ["suspended", "stopped"]),
    ],
)
async def test_stop_and_continue_are_handled_in_the_loop(
    number: signal.Signals, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, keyboard = os.pipe()
    driver = RecordingDriver(terminal)
    calls: list[str] = []
    monkeypatch.setattr(driver, "suspend_application_mode", lambda: calls.append("suspended"))
    monkeypatch.setattr(driver, "resume_application_mode", lambda: calls.append("resumed"))
    monkeypatch.setattr(os, "kill", lambda *_: calls.append("stopped"))
    driver._key_thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    driver._key_thread.start()
    signal.raise_signal(number)
    assert calls == []
    end = time.monotonic() + TIMEOUT_SECONDS
    while calls != expected and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert calls == expected
    driver.exit_event.set()
    driver._key_thread.join(TIMEOUT_SECONDS)
    os.close(terminal)
    os.close(keyboard)
