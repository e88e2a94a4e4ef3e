"""Attaching the terminal to a shell on a real pty: keys and sizes pass, and the screen comes back in any case."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TIMEOUT_SECONDS = 20.0
DOCKPIT = "from dockpit.cli.main import main; raise SystemExit(main())"
DOCKPIT_WITH_MANY_FILES = (
    f"import os, resource as r; r.setrlimit(r.RLIMIT_NOFILE, (2500, 2500)); [os.dup(0) for _ in range(1100)]; {DOCKPIT}"
)
"""dockpit with as many open files as for a hundred containers."""
ROOT = Path(__file__).parents[3]


@dataclass
class PtyProgram:
    """A program on a pty of its own; `pty` is our end of it, `output` what was read but not matched yet."""

    pid: int
    pty: int
    output: bytes = b""
    status: int | None = field(default=None)

    def read_until(self, pattern: str) -> str:
        """Read until the output matches `pattern`; the output since the last call."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while not (match := re.search(pattern.encode(), self.output, re.DOTALL)):
            assert time.monotonic() < end, f"{pattern} never came: {self.output[-2000:]!r}"
            if select.select([self.pty], [], [], 0.1)[0]:
                self.output += os.read(self.pty, 65536)
        found, self.output = self.output[: match.end()], self.output[match.end() :]
        return found.decode("utf-8", "replace")

    def type(self, keys: bytes) -> None:
        """Type into the program."""
        os.write(self.pty, keys)

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of its terminal; the kernel sends SIGWINCH."""
        fcntl.ioctl(self.pty, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self) -> int:
        """Wait for its end; the exit code. What it still writes is kept in `output`."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while self.status is None:
            assert time.monotonic() < end, f"it did not end: {self.output[-500:]!r}"
            with suppress(OSError):
                if select.select([self.pty], [], [], 0.05)[0]:
                    self.output += os.read(self.pty, 65536)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return os.waitstatus_to_exitcode(self.status)


@contextmanager
def python(*arguments: str) -> Iterator[PtyProgram]:
    """Python with these arguments on a pty of 24 x 80, killed at the end of the block."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, *arguments])
    program = PtyProgram(pid, fd)
    program.resize(24, 80)
    try:
        yield program
    finally:
        with suppress(OSError):
            os.close(fd)
        if program.status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@contextmanager
def attached_shell(ending: str = "end") -> Iterator[PtyProgram]:
    """BridgeApp with its terminal attached to the shell."""
    with python("-m", "tests.tui.terminal.bridge_app", ending) as program:
        program.read_until("ready 0")
        program.type(b"s")
        program.read_until("shell begins")
        yield program


@contextmanager
def cockpit(code: str = DOCKPIT) -> Iterator[PtyProgram]:
    """dockpit with a throttled container on the screen."""
    with python("-c", code, "--demo", "throttled") as program:
        program.read_until("spin.*100%")
        yield program


def quit_and_check(program: PtyProgram) -> None:
    """Quit by the key, and check that the terminal is as before."""
    program.type(b"q")
    assert program.wait() == 0
    assert_clean(program)


def test_the_title_is_free_of_control_characters_and_says_how_to_leave() -> None:
    with python("-m", "tests.tui.terminal.bridge_app", "end") as program:
        program.read_until("ready 0")
        program.type(b"s")
        assert "dockpit: bash in ␛[31m[red]x   (Ctrl-] leaves)" in program.read_until("shell begins")


def test_keys_and_sizes_pass_and_the_screen_comes_back() -> None:
    with attached_shell() as program:
        program.read_until("size 24x80")
        program.type(b"\x03")
        program.read_until("typed 03")
        program.resize(30, 100)
        program.read_until("size 30x100")
        program.type(b"q")
        assert "\x1b[?1049h" in program.read_until("ready 1")
        program.type(b"s")
        program.read_until("shell begins")
        program.type(b"q")
        program.read_until("ready 2")
        program.type(b"x")
        assert program.wait() == 0


def test_ctrl_bracket_leaves_and_terminal_modes_of_the_shell_are_reset() -> None:
    with attached_shell() as program:
        program.type(b"a")
        program.read_until("typed 61")
        program.type(b"\x1db")
        back = program.read_until("ready 1")
        assert re.search(r"\x1b\[\?1047l.*\x1b\[\?1000;.*\x1b\[\?7;25h", back, re.DOTALL)


def test_the_screen_works_after_a_shell_that_failed() -> None:
    with attached_shell("break") as program:
        program.type(b"q")
        program.read_until(r"ready 1 the shell ended: \[/\]broken")
        program.type(b"x")
        assert program.wait() == 0


def test_notes_about_the_target_are_printed_into_the_shell() -> None:
    with attached_shell() as program:
        program.read_until("dockpit: the target died")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_dockpit_with_the_terminal_clean(number: signal.Signals) -> None:
    with python("-c", DOCKPIT, "--demo", "throttled") as program:
        program.read_until("spin")
        program.read_until("high|THROTTLED")
        os.kill(program.pid, number)
        assert program.wait() == 128 + number
        assert_clean(program)


def test_a_signal_ends_dockpit_during_a_shell() -> None:
    with cockpit() as program:
        program.type(b"e")
        program.read_until("Ctrl-. leaves.*# ")
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait() == 128 + signal.SIGTERM
        assert_clean(program)


@pytest.mark.parametrize("shell", [False, True])
def test_a_hang_up_ends_dockpit(shell: bool) -> None:
    with cockpit() as program:
        if shell:
            program.type(b"e")
            program.read_until("Ctrl-. leaves.*# ")
        os.close(program.pty)
        end = time.monotonic() + TIMEOUT_SECONDS
        while program.status is None:
            assert time.monotonic() < end, "it did not end"
            time.sleep(0.05)
            pid, status = os.waitpid(program.pid, os.WNOHANG)
            program.status = status if pid else None


def test_keys_work_with_descriptors_past_1023() -> None:
    with cockpit(DOCKPIT_WITH_MANY_FILES) as program:
        program.type(b"?")
        program.read_until("Keys of the overview")
        quit_and_check(program)


def test_dockpit_goes_on_after_sigstop_without_more_threads() -> None:
    with cockpit() as program:
        threads = Path(f"/proc/{program.pid}/task")
        before = len(list(threads.iterdir()))
        for _ in range(3):
            program.output = b""
            os.kill(program.pid, signal.SIGSTOP)
            os.kill(program.pid, signal.SIGCONT)
            program.read_until(r"1049h.*spin.*100%")
        assert len(list(threads.iterdir())) <= before
        quit_and_check(program)


def test_sigtstp_leaves_the_terminal_first_and_sigcont_comes_back() -> None:
    with cockpit() as program:
        os.kill(program.pid, signal.SIGTSTP)
        program.read_until("1049l")
        assert os.WIFSTOPPED(os.waitpid(program.pid, os.WUNTRACED)[1])
        os.kill(program.pid, signal.SIGCONT)
        program.read_until(r"1049h.*spin.*100%")
        quit_and_check(program)


def assert_clean(program: PtyProgram) -> None:
    """The alternate screen and the mouse are off, and the cursor is on."""
    text = program.output.decode("utf-8", "replace")
    for on, off in (("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?1000h", "\x1b[?1000l"), ("\x1b[?25l", "\x1b[?25h")):
        assert text.rfind(on) <= text.rfind(off), f"{on!r} stays in {text!r}"
    assert "\x1b[?25h" in text or "\x1b[?7;25h" in text
