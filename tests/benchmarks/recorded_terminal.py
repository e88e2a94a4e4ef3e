"""A program in a pty whose output is recorded with the time of each read, and drawn only afterwards."""

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
UNSET_PREFIXES = ("TEXTUAL_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
"""Prefixes of variables by which the tests fix the look of the app; a measured program runs without them."""
END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """The output of one read of the terminal, and its time in monotonic seconds."""

    at: float
    data: bytes


class Terminal:
    """A running program and its output so far."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.chunks: list[Chunk] = []
        self.begun = time.monotonic()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=terminal_environment(environment),
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id of the program."""
        return self._process.pid

    def end_description(self) -> str | None:
        """The exit code and the end of the output of a program that has ended; None while it runs."""
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
        """Write keys as a terminal does; returns the time before the write, in monotonic seconds."""
        at = time.monotonic()
        os.write(self._master, keys)
        return at

    def written_bytes(self, begin: float, end: float) -> int:
        """Bytes of output between two times in monotonic seconds."""
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


def terminal_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of an ordinary terminal, with `environment` on top."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNSET_PREFIXES)}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | dict(environment)


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A program in a terminal until the block is left."""
    terminal = Terminal(command, environment or {})
    try:
        yield terminal
    finally:
        terminal.close()


class ReplayedScreen:
    """The screen as a user saw it: a terminal emulator that is fed the recorded chunks one by one."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, chunk: Chunk) -> None:
        """Draw the next chunk."""
        self._stream.feed(chunk.data)

    def lines(self) -> list[str]:
        """The rows as text."""
        return [str(line) for line in self._screen.display]

    def background(self, row: int, column: int) -> str:
        """The background colour of a cell, "default" or six hex digits."""
        return str(self._screen.buffer[row][column].bg)

    def reversed_text(self, row: int) -> str:
        """The text of a row that is shown in reverse video."""
        cells = self._screen.buffer[row]
        return "".join(cells[column].data for column in range(COLUMNS) if cells[column].reverse)
