"""Textual's driver for a terminal that may go away: nothing waits for it then, and dockpit ends."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from typing import Any, TextIO, cast

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

HUNG_UP = 128 + signal.SIGHUP
INPUT_BYTES = 4096
TICK_SECONDS = 0.1
"""How often is looked whether an escape was a key by itself."""
TICKS = 20
"""So many times without input, then there is none to be looked at."""
WAITING = selectors.PollSelector if sys.platform == "linux" else selectors.SelectSelector
"""What waits for input. select() knows no descriptor past 1023, where the terminal's may be: with a hundred containers
more are open by the time there is a screen. Elsewhere the kernel is not read, and poll() may not know terminals.
"""


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


class Bell(threading.Event):
    """An event that shows as something to be read at `fd`, too, so that it can be waited for together with input."""

    def __init__(self) -> None:
        super().__init__()
        self.fd, self._end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def set(self) -> None:
        super().set()
        with suppress(BlockingIOError):
            os.write(self._end, b"\0")

    def clear(self) -> None:
        super().clear()
        with suppress(BlockingIOError):
            os.read(self.fd, INPUT_BYTES)


class LastingDriver(LinuxDriver):
    """The driver of an app with `leave(exit_code)`, called when the terminal has gone.

    It is woken by input, and by nothing else: Textual's own looks for its end ten times a second, which was a tenth of
    what a quiet screen costs.

    A stop and its end are seen to in the loop. Textual does it where the signal finds it: in the middle of a write,
    with the lock of the writing thread's queue taken, it waits for that lock for ever.
    """

    def __init__(self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None):
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._leave: Callable[[int], object] = app.leave
        self._fail: Callable[[Exception], object] = app._handle_exception
        assert self._file is not None
        self._output = Output(self._file, self._hung_up)
        self._file = cast(TextIOWrapper, self._output)
        self._ending = self.exit_event = Bell()
        self._loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)
        self._loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)

    @property
    def written_bytes(self) -> int:
        """How much was written to the terminal so far."""
        return self._output.written_bytes

    def _hung_up(self) -> None:
        """Called from the thread that writes."""
        self._loop.call_soon_threadsafe(self._leave, HUNG_UP)

    def _sigcont_application(self, *_: object) -> None:
        """Begin again, after an end: what was stopped without being told runs still, as after a hang-up.

        Textual starts its threads a second time then, and the first ones never end.
        """
        if not self._auto_restart:
            return
        if not self._must_signal_resume:
            if self._key_thread is None or not self._key_thread.is_alive():
                return
            self.suspend_application_mode()
        super()._sigcont_application()

    def _run_input_thread(self) -> None:
        """Without input dockpit is of no use: what ends this thread unexpectedly ends dockpit, with a report."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._fail, error)

    def run_input_thread(self) -> None:
        """Turn what comes from the terminal into messages until `exit_event` is set, or nothing can come any more."""
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")("replace").decode
        ticks = 0
        with WAITING() as waiting:
            for file in (self.fileno, self._ending.fd):
                waiting.register(file, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = [key.fd for key, _ in waiting.select(TICK_SECONDS if ticks else None)]
                messages = parser.tick()
                if self.fileno in ready:
                    data = self._read()
                    ticks = TICKS
                    if not data:
                        return
                    if text := decode(data):
                        messages = parser.feed(text)
                elif ticks:
                    ticks -= 1
                for message in messages:
                    self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing once the terminal is gone: a thread that waited on would keep the process alive."""
        try:
            return os.read(self.fileno, INPUT_BYTES)
        except OSError:
            return b""
