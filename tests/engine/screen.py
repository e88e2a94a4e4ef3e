"""A terminal with a program in it, driven as a person does: keys in, the picture out, through a tmux of its own."""

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
TERMINAL = "tmux-256color"
COLUMNS, ROWS = 120, 36


def missing() -> str:
    """Why no terminal can be driven on this machine; "" where one can."""
    return "" if shutil.which("tmux") else "no tmux on this machine: apt-get install tmux"


class Screen:
    """One window of a tmux server that nobody else has."""

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self._socket = f"dockpit-test-{uuid.uuid4().hex[:12]}"
        self._environment = {**os.environ, **environment}
        self._tmux(
            *("start-server", ";", "set-option", "-g", "default-terminal", TERMINAL, ";"),
            *("set-option", "-g", "status", "off", ";", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS)),
            *("-c", str(ROOT), "--", *command),
        )
        self.pid = int(self._about("#{pane_pid}"))
        """The process in the window."""

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-L", self._socket, "-f", "/dev/null", *words]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"tmux {words[0]}: {done.stderr.strip()}")
        return done.stdout

    def _about(self, what: str) -> str:
        return self._tmux("display-message", "-p", what).strip()

    def text(self) -> str:
        """What is to be seen, line by line."""
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

    def plain(self) -> bool:
        """Whether the terminal is as a shell wants it: the cursor on, no alternate screen, no mouse reports."""
        return self._about("#{cursor_flag} #{alternate_on} #{mouse_any_flag}") == "1 0 0"

    async def sees(self, pattern: str, seconds: float = 10.0) -> str:
        """Wait for a picture that matches (^ and $ are of a line), and return the part that does."""
        return await self._until(lambda: self._found(pattern), seconds, f"{pattern!r} on the screen")

    async def loses(self, pattern: str, seconds: float = 10.0) -> None:
        """Wait for a picture that does not match."""
        await self._until(lambda: not self._found(pattern), seconds, f"{pattern!r} off the screen")

    async def changes(self, pattern: str, seconds: float = 10.0) -> None:
        """Wait for a picture whose match differs from the one of now."""
        first = await self.sees(pattern, seconds)
        await self._until(lambda: self._found(pattern) not in ("", first), seconds, f"{pattern!r} other than {first!r}")

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.text(), re.M)
        return found.group() if found else ""

    async def _until(self, condition: Callable[[], T], seconds: float, what: str) -> T:
        try:
            return await until(condition, seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None

    def close(self) -> None:
        """End the server, which hangs up on what runs in it."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)
        Path(f"/tmp/tmux-{os.getuid()}/{self._socket}").unlink(missing_ok=True)


def _environment(url: str, home: Path) -> dict[str, str]:
    folders = {name: str(home / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    return {"DOCKER_HOST": url, "PS1": PROMPT, "HISTFILE": "/dev/null", **folders}


@contextmanager
def shell(url: str, home: Path) -> Iterator[Screen]:
    """A shell in a terminal, from which dockpit is to be started."""
    screen = Screen(SHELL, _environment(url, home))
    try:
        yield screen
    finally:
        screen.close()


@contextmanager
def cockpit(url: str, home: Path, *arguments: str) -> Iterator[Screen]:
    """dockpit alone in a terminal, which ends with it."""
    screen = Screen((*DOCKPIT, *arguments), _environment(url, home))
    try:
        yield screen
    finally:
        screen.close()
