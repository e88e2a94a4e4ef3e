"""Lending the terminal on a real pty: keys and sizes go through, and the screen comes back whatever happened."""

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

PATIENCE = 20.0
DOCKPIT = "from dockpit.cli.main import main; raise SystemExit(main())"
CROWDED = (
    f"import os, resource as r; r.setrlimit(r.RLIMIT_NOFILE, (2500, 2500)); [os.dup(0) for _ in range(1100)]; {DOCKPIT}"
)
"""dockpit with as many files open as a hundred containers make."""
ROOT = Path(__file__).parents[2]


@dataclass
class Child:
    """A program on a pty of its own."""

    pid: int
    line: int
    seen: bytes = b""
    ended: int | None = field(default=None)

    def until(self, wanted: str) -> str:
        """Read until the program wrote something that matches `wanted`; what came since the last time."""
        end = time.monotonic() + PATIENCE
        while not (match := re.search(wanted.encode(), self.seen, re.DOTALL)):
            assert time.monotonic() < end, f"{wanted} never came: {self.seen[-2000:]!r}"
            if select.select([self.line], [], [], 0.1)[0]:
                self.seen += os.read(self.line, 65536)
        found, self.seen = self.seen[: match.end()], self.seen[match.end() :]
        return found.decode("utf-8", "replace")

    def type(self, keys: bytes) -> None:
        """Type into the program."""
        os.write(self.line, keys)

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of its terminal; the kernel tells it."""
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self) -> int:
        """Its exit status; what it still writes is kept in `seen`."""
        end = time.monotonic() + PATIENCE
        while self.ended is None:
            assert time.monotonic() < end, f"it did not end: {self.seen[-500:]!r}"
            with suppress(OSError):
                if select.select([self.line], [], [], 0.05)[0]:
                    self.seen += os.read(self.line, 65536)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.ended = status if pid else None
        return os.waitstatus_to_exitcode(self.ended)


@contextmanager
def child(*arguments: str) -> Iterator[Child]:
    """A program on a pty of 24 x 80, ended at the end of the block."""
    pid, line = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, *arguments])
    found = Child(pid, line)
    found.resize(24, 80)
    try:
        yield found
    finally:
        with suppress(OSError):
            os.close(line)
        if found.ended is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@contextmanager
def lent(fate: str = "end") -> Iterator[Child]:
    """The lender with its terminal lent."""
    with child("-m", "tests.tui.lender", fate) as program:
        program.until("ready 0")
        program.type(b"s")
        program.until("shell begins")
        yield program


@contextmanager
def cockpit(code: str = DOCKPIT) -> Iterator[Child]:
    """dockpit with a throttled container on the screen."""
    with child("-c", code, "--demo", "throttled") as program:
        program.until("spin.*100%")
        yield program


def quit_cleanly(program: Child) -> None:
    """Leave by the key, with the terminal as it was."""
    program.type(b"q")
    assert program.wait() == 0
    assert_clean(program)


def test_the_title_is_plain_and_says_how_to_leave() -> None:
    with child("-m", "tests.tui.lender", "end") as program:
        program.until("ready 0")
        program.type(b"s")
        assert "dockpit: bash in ␛[31m[red]x   (Ctrl-] leaves)" in program.until("shell begins")


def test_keys_and_sizes_go_through_and_the_screen_comes_back() -> None:
    with lent() as program:
        program.until("size 24x80")
        program.type(b"\x03")
        program.until("typed 03")
        program.resize(30, 100)
        program.until("size 30x100")
        program.type(b"q")
        assert "\x1b[?1049h" in program.until("ready 1")
        program.type(b"s")
        program.until("shell begins")
        program.type(b"q")
        program.until("ready 2")
        program.type(b"x")
        assert program.wait() == 0


def test_ctrl_bracket_leaves_and_what_the_shell_turned_on_is_off() -> None:
    with lent() as program:
        program.type(b"a")
        program.until("typed 61")
        program.type(b"\x1db")
        back = program.until("ready 1")
        assert re.search(r"\x1b\[\?1047l.*\x1b\[\?1000;.*\x1b\[\?7;25h", back, re.DOTALL)


def test_a_shell_that_breaks_comes_back_to_a_working_screen() -> None:
    with lent("break") as program:
        program.type(b"q")
        program.until(r"ready 1 the shell ended: \[/\]broken")
        program.type(b"x")
        assert program.wait() == 0


def test_the_targets_death_is_told_inside_the_shell() -> None:
    with lent() as program:
        program.until("dockpit: the target died")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_dockpit_with_the_terminal_clean(number: signal.Signals) -> None:
    with child("-c", DOCKPIT, "--demo", "throttled") as program:
        program.until("spin")
        program.until("high|THROTTLED")
        os.kill(program.pid, number)
        assert program.wait() == 128 + number
        assert_clean(program)


def test_a_signal_ends_a_lent_terminal_too() -> None:
    with cockpit() as program:
        program.type(b"e")
        program.until("Ctrl-. leaves.*# ")
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait() == 128 + signal.SIGTERM
        assert_clean(program)


@pytest.mark.parametrize("shell", [False, True])
def test_a_hang_up_ends_dockpit(shell: bool) -> None:
    with cockpit() as program:
        if shell:
            program.type(b"e")
            program.until("Ctrl-. leaves.*# ")
        os.close(program.line)
        end = time.monotonic() + PATIENCE
        while program.ended is None:
            assert time.monotonic() < end, "it did not end"
            time.sleep(0.05)
            pid, status = os.waitpid(program.pid, os.WNOHANG)
            program.ended = status if pid else None


def test_keys_work_however_many_files_were_opened_before() -> None:
    with cockpit(CROWDED) as program:
        program.type(b"?")
        program.until("Keys of the overview")
        quit_cleanly(program)


def test_one_that_was_stopped_goes_on_and_nothing_of_it_runs_twice() -> None:
    with cockpit() as program:
        threads = Path(f"/proc/{program.pid}/task")
        before = len(list(threads.iterdir()))
        for _ in range(3):
            program.seen = b""
            os.kill(program.pid, signal.SIGSTOP)
            os.kill(program.pid, signal.SIGCONT)
            program.until(r"1049h.*spin.*100%")
        assert len(list(threads.iterdir())) <= before
        quit_cleanly(program)


def test_one_that_is_told_to_stop_leaves_the_terminal_first_and_comes_back() -> None:
    with cockpit() as program:
        os.kill(program.pid, signal.SIGTSTP)
        program.until("1049l")
        assert os.WIFSTOPPED(os.waitpid(program.pid, os.WUNTRACED)[1])
        os.kill(program.pid, signal.SIGCONT)
        program.until(r"1049h.*spin.*100%")
        quit_cleanly(program)


def assert_clean(program: Child) -> None:
    """Nothing that was turned on stays on: alternate screen, mouse; and the cursor is not left off."""
    last = program.seen.decode("utf-8", "replace")
    for on, off in (("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?1000h", "\x1b[?1000l"), ("\x1b[?25l", "\x1b[?25h")):
        assert last.rfind(on) <= last.rfind(off), f"{on!r} stays in {last!r}"
    assert "\x1b[?25h" in last or "\x1b[?7;25h" in last
