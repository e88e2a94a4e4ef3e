"""A program in a terminal of a private tmux server, driven by keys and read by its screen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.engine.waiting import until

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
DOCKPIT = (sys.executable, "-m", "dockpit")
PROMPT = "ready> "
SHELL = ("bash", "--norc", "--noprofile")
TERM = "tmux-256color"
COLUMNS, ROWS = 120, 36


def missing_requirement() -> str:
    """What is missing to drive a terminal on this machine; "" for nothing."""
    return "" if shutil.which("tmux") else "no tmux on this machine: apt-get install tmux"


class TmuxTerminal:
    """One window of a private tmux server."""

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self._socket = f"dockpit-test-{uuid.uuid4().hex[:12]}"
        self._environment = {**os.environ, **environment}
        self._tmux(
            *("start-server", ";", "set-option", "-g", "default-terminal", TERM, ";"),
            *("set-option", "-g", "status", "off", ";", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS)),
            *("-c", str(ROOT), "--", *command),
        )
        self.pid = int(self._query("#{pane_pid}"))
        """The process in the window."""

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments]
        completed = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if completed.returncode:
            raise AssertionError(f"tmux {arguments[0]}: {completed.stderr.strip()}")
        return completed.stdout

    def _query(self, format_text: str) -> str:
        return self._tmux("display-message", "-p", format_text).strip()

    def text(self) -> str:
        """The text on the screen, line by line."""
        return self._tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names of them: u, Enter, Escape, C-c."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type characters as they are."""
        self._tmux("send-keys", "-l", text)

    def enter(self, line: str) -> None:
        """Type a line and end it."""
        self.type(line)
        self.press("Enter")

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size, in cells."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def is_plain(self) -> bool:
        """Whether the terminal is in a shell's state: cursor on, no alternate screen, no mouse reports."""
        return self._query("#{cursor_flag} #{alternate_on} #{mouse_any_flag}") == "1 0 0"

    async def wait_for(self, pattern: str, seconds: float = 10.0) -> str:
        """Wait until the screen matches `pattern` (^ and $ match at lines), and return the matching part."""
        return await self._until(lambda: self._match(pattern), seconds, f"{pattern!r} on the screen")

    async def wait_until_gone(self, pattern: str, seconds: float = 10.0) -> None:
        """Wait until the screen does not match `pattern`."""
        await self._until(lambda: not self._match(pattern), seconds, f"{pattern!r} off the screen")

    async def wait_for_change(self, pattern: str, seconds: float = 10.0) -> None:
        """Wait until the part that matches `pattern` is another than now."""
        first = await self.wait_for(pattern, seconds)
        await self._until(lambda: self._match(pattern) not in ("", first), seconds, f"{pattern!r} other than {first!r}")

    def _match(self, pattern: str) -> str:
        match = re.search(pattern, self.text(), re.M)
        return match.group() if match else ""

    async def _until(self, condition: Callable[[], T], seconds: float, what: str) -> T:
        try:
            return await until(condition, seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None

    def close(self) -> None:
        """End the server, which sends SIGHUP to the program."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)
        Path(f"/tmp/tmux-{os.getuid()}/{self._socket}").unlink(missing_ok=True)


def _environment(url: str, home: Path) -> dict[str, str]:
    folders = {name: str(home / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    return {"DOCKER_HOST": url, "PS1": PROMPT, "HISTFILE": "/dev/null", **folders}


@contextmanager
def shell(url: str, home: Path) -> Iterator[TmuxTerminal]:
    """A shell in a terminal, from which the test starts dockpit."""
    screen = TmuxTerminal(SHELL, _environment(url, home))
    try:
        yield screen
    finally:
        screen.close()


@contextmanager
def cockpit(url: str, home: Path, *arguments: str) -> Iterator[TmuxTerminal]:
    """dockpit as the only program of a terminal, which ends with it."""
    screen = TmuxTerminal((*DOCKPIT, *arguments), _environment(url, home))
    try:
        yield screen
    finally:
        screen.close()
