"""A program in a pty of its own: what it writes is kept with the moment it came, and drawn only afterwards."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyte

COLUMNS, ROWS = 140, 42
FOREIGN = ("TEXTUAL_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
"""The tests pin the look of the app by these; what is measured runs as it does for a user."""
END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one read of the terminal gave, and when, in monotonic seconds."""

    at: float
    data: bytes


class Terminal:
    """A running program and what it wrote so far."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.chunks: list[Chunk] = []
        self.begun = time.monotonic()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=clean(environment), start_new_session=True
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    def last_words(self) -> str | None:
        """None while the program runs; else its exit code and the end of what it wrote."""
        code = self._process.poll()
        return None if code is None else f"exit code {code}, {b''.join(chunk.data for chunk in self.chunks)[-500:]!r}"

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                return
            if not data:
                return
            self.chunks.append(Chunk(time.monotonic(), data))

    def press(self, keys: bytes) -> float:
        """Write keys as a terminal does; the moment before it."""
        at = time.monotonic()
        os.write(self._master, keys)
        return at

    def written(self, begin: float, end: float) -> int:
        """How many bytes came between two moments."""
        return sum(len(chunk.data) for chunk in self.chunks if begin <= chunk.at < end)

    def close(self) -> None:
        """End the program."""
        self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._master)
        self._reader.join(END_SECONDS)


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of an ordinary terminal, with `environment` on top."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | dict(environment)


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A program in a terminal until the block is left."""
    terminal = Terminal(command, environment or {})
    try:
        yield terminal
    finally:
        terminal.close()


class Picture:
    """What a person saw, chunk by chunk: a terminal emulator that is fed after the fact."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, chunk: Chunk) -> None:
        """Show what came next."""
        self._stream.feed(chunk.data)

    def lines(self) -> list[str]:
        """The rows as text."""
        return [str(line) for line in self._screen.display]

    def background(self, row: int, column: int) -> str:
        """The background colour of a cell, "default" or six hex digits."""
        return str(self._screen.buffer[row][column].bg)

    def reversed(self, row: int) -> str:
        """The text of a row that is shown in reverse."""
        cells = self._screen.buffer[row]
        return "".join(cells[column].data for column in range(COLUMNS) if cells[column].reverse)
