"""Textual's driver for a terminal that may go away: nothing waits for it then, and dockpit ends."""

from __future__ import annotations

import signal
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

HUNG_UP = 128 + signal.SIGHUP


class Output:
    """A terminal as a file: what is written after it went away is dropped, and its going is told once.

    Textual's thread that writes would die of the error, and the app wait for ever until there is room in its queue.
    """

    def __init__(self, file: TextIO, lost: Callable[[], object]) -> None:
        self._file = file
        self._lost = lost
        self._there = True
        self.written_bytes = 0
        """How much was written so far, in UTF-8."""

    def write(self, text: str) -> None:
        """Write, or drop it."""
        self.written_bytes += len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Send what is buffered, or drop it."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is, or was, a terminal."""
        return not self._there or self._file.isatty()

    def _try(self, deed: Callable[[], object]) -> None:
        if not self._there:
            return
        try:
            deed()
        except OSError:
            self._there = False
            self._lost()


class LastingDriver(LinuxDriver):
    """The driver of an app with `leave(exit_code)`, called when the terminal has gone."""

    def __init__(self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None):
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._leave: Callable[[int], object] = app.leave
        assert self._file is not None
        self._output = Output(self._file, self._hung_up)
        self._file = cast(TextIOWrapper, self._output)

    @property
    def written_bytes(self) -> int:
        """How much was written to the terminal so far."""
        return self._output.written_bytes

    def _hung_up(self) -> None:
        """Called from the thread that writes."""
        self._loop.call_soon_threadsafe(self._leave, HUNG_UP)
