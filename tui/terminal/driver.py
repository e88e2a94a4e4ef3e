"""Textual's driver for a terminal that may go away: writing to it then blocks nobody, and dockpit ends.

app --write()--> TerminalOutput --> terminal      lost: app.leave(HANGUP_EXIT_CODE)
terminal --> input thread: select(terminal, exit_event) --> XTermParser --> messages for the app
"""

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
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

HANGUP_EXIT_CODE = 128 + signal.SIGHUP
INPUT_BYTES = 4096
ESCAPE_CHECK_SECONDS = 0.1
"""Seconds between two checks whether an escape was a key by itself."""
ESCAPE_CHECKS = 20
"""Checks without input after which there is no escape left to check."""
InputSelector = selectors.PollSelector if sys.platform == "linux" else selectors.SelectSelector
"""select() knows no descriptor past 1023, where the terminal's may be: with a hundred containers more are open by the
time there is a screen. Elsewhere the kernel is not read, and poll() may not know terminals.
"""


def driver_class(default: type[Driver]) -> type[Driver]:
    """HangupDriver in place of Textual's own Linux driver, otherwise `default`."""
    return HangupDriver if default is LinuxDriver else default


class TerminalOutput:
    """A terminal as a file: `on_lost` is called once when it goes away, and what is written later is dropped.

    Textual's thread that writes would die of the error, and the app wait for ever until there is room in its queue.
    """

    def __init__(self, file: TextIO, on_lost: Callable[[], object]) -> None:
        self._file = file
        self._on_lost = on_lost
        self._connected = True
        self.written_bytes = 0
        """UTF-8 bytes written so far."""

    def write(self, text: str) -> None:
        """Write `text`, or drop it."""
        self.written_bytes += len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        self._attempt(lambda: self._file.write(text))

    def flush(self) -> None:
        """Send what is buffered, or drop it."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is, or was, a terminal."""
        return not self._connected or self._file.isatty()

    def _attempt(self, operation: Callable[[], object]) -> None:
        if not self._connected:
            return
        try:
            operation()
        except OSError:
            self._connected = False
            self._on_lost()


class PollableEvent(threading.Event):
    """An event whose `fd` is readable while it is set, so that a selector can wait for it together with input."""

    def __init__(self) -> None:
        super().__init__()
        self.fd, self._write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def set(self) -> None:
        super().set()
        with suppress(BlockingIOError):
            os.write(self._write_fd, b"\0")

    def clear(self) -> None:
        super().clear()
        with suppress(BlockingIOError):
            os.read(self.fd, INPUT_BYTES)


class HangupDriver(LinuxDriver):
    """The driver of an app with `leave(exit_code)`, which it calls when the terminal has gone.

    Only input and the end wake its input thread: Textual's own checks for the end ten times a second, which was a tenth
    of what a quiet screen costs.

    SIGTSTP and SIGCONT are handled in the loop. Textual handles them where the signal finds the main thread: in the
    middle of a write, with the lock of the writing thread's queue taken, it waits for that lock for ever.
    """

    def __init__(self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None):
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._leave: Callable[[int], object] = app.leave
        self._fail: Callable[[Exception], object] = app._handle_exception
        assert self._file is not None
        self._output = TerminalOutput(self._file, self._on_terminal_lost)
        self._file = cast(TextIOWrapper, self._output)
        self._exit_event = self.exit_event = PollableEvent()
        self._loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)
        self._loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)

    @property
    def written_bytes(self) -> int:
        """UTF-8 bytes written to the terminal so far."""
        return self._output.written_bytes

    def _on_terminal_lost(self) -> None:
        """Leave the app; called from the thread that writes."""
        self._loop.call_soon_threadsafe(self._leave, HANGUP_EXIT_CODE)

    def _sigcont_application(self, *_: object) -> None:
        """Resume after SIGCONT; suspend first where no SIGTSTP came before it, as after SIGSTOP.

        Textual would start its threads a second time then, and the first ones would never end.
        """
        if not self._auto_restart:
            return
        if not self._must_signal_resume:
            if self._key_thread is None or not self._key_thread.is_alive():
                return
            self.suspend_application_mode()
        super()._sigcont_application()

    def _run_input_thread(self) -> None:
        """Run the input thread; an unexpected error in it ends dockpit with a report, for no key would work."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._fail, error)

    def run_input_thread(self) -> None:
        """Turn input into messages until `exit_event` is set or the terminal has gone."""
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")("replace").decode
        checks_left = 0
        with InputSelector() as selector:
            for file in (self.fileno, self._exit_event.fd):
                selector.register(file, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = [key.fd for key, _ in selector.select(ESCAPE_CHECK_SECONDS if checks_left else None)]
                messages = parser.tick()
                if self.fileno in ready:
                    data = self._read()
                    checks_left = ESCAPE_CHECKS
                    if not data:
                        return
                    if text := decode(data):
                        messages = parser.feed(text)
                elif checks_left:
                    checks_left -= 1
                for message in messages:
                    self.process_message(message)

    def _read(self) -> bytes:
        """Input, or b"" once the terminal has gone: a thread that waited on would keep the process alive."""
        try:
            return os.read(self.fileno, INPUT_BYTES)
        except OSError:
            return b""
