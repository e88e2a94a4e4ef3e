"""The one place that gives the terminal away: to a shell in a container, until it ends, and takes it back whole."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from textual.app import App, SuspendNotSupported

from dockpit.engine.terminals import Terminal
from widgets.ink import visible

TITLE_CELLS = 60
LEAVE = b"\x1d"
"""Ctrl-] leaves a shell that no longer answers."""
RESTORE = b"\x1b[?1047l\x1b[?1000;1002;1003;1006;2004;1l\x1b>\x1b7\x1b[r\x1b8\x1b(B\x1b[?7;25h\x1b[0m\r\n"
"""Turns off what a program that was left in the middle may have on: alternate screen, mouse, paste, keypad, region.

Freeing the region moves the cursor home, over what was said before; it goes back, and to a line of its own.
"""
NOTE_SECONDS = 1.0

Note = Callable[[], str]
"""Asked every second for a sentence to print into the shell's screen, "" for none."""


@dataclass(frozen=True, slots=True)
class Line:
    """The file descriptors of the user's terminal: where keys are read and where the screen is written."""

    keys: int
    screen: int

    def size(self) -> tuple[int, int]:
        """Rows and columns, 24 x 80 where the terminal does not say."""
        try:
            rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(self.keys, termios.TIOCGWINSZ, b"\0" * 8))
        except OSError:
            return 24, 80
        return rows or 24, columns or 80

    def write(self, data: bytes) -> None:
        """Write everything."""
        while data:
            data = data[os.write(self.screen, data) :]

    @contextmanager
    def raw(self) -> Iterator[None]:
        """Every key as it is typed, until the block is left."""
        before = termios.tcgetattr(self.keys)
        tty.setraw(self.keys)
        try:
            yield
        finally:
            with suppress(termios.error):
                termios.tcsetattr(self.keys, termios.TCSADRAIN, before)


def own_line() -> Line:
    """The terminal that Textual reads and draws on."""
    assert sys.__stdin__ is not None and sys.__stderr__ is not None
    return Line(sys.__stdin__.fileno(), sys.__stderr__.fileno())


async def lend(app: App[int], terminal: Terminal, title: str, note: Note = lambda: "") -> str:
    """Show `terminal` on the whole screen until it ends; a sentence on what went wrong, "" for nothing.

    The app's repaints wait meanwhile and it is redrawn at the end, whatever happened inside.
    """
    trouble = ""
    try:
        with app.batch_update(), app.suspend():
            try:
                await Lent(terminal, own_line(), visible(title, TITLE_CELLS)[:TITLE_CELLS], note).run()
            except Exception as error:
                trouble = f"the shell ended: {error or type(error).__name__}"
    except SuspendNotSupported:
        trouble = "this terminal cannot be given to a shell"
    app.refresh(layout=True)
    return trouble


class Lent:
    """Carries bytes between the user's terminal and the one in the container."""

    def __init__(self, terminal: Terminal, line: Line, title: str, note: Note = lambda: "") -> None:
        self._terminal = terminal
        self._line = line
        self._title = title
        self._note = note
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._resized = asyncio.Event()

    async def run(self) -> None:
        """Until the process ends, the user leaves or the terminal hangs up. Raises what the terminal raised."""
        loop = asyncio.get_running_loop()
        with self._line.raw(), self._watching_size(loop):
            self._say(f"{self._title}   (Ctrl-] leaves)")
            loop.add_reader(self._line.keys, self._read_keys)
            ends = [asyncio.create_task(part, name="shell") for part in (self._out(), self._in())]
            sides = [asyncio.create_task(part, name="shell side") for part in (self._sizes(), self._notes())]
            try:
                done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                loop.remove_reader(self._line.keys)
                for task in (*ends, *sides):
                    task.cancel()
                await asyncio.gather(*ends, *sides, return_exceptions=True)
                with suppress(OSError):
                    self._line.write(RESTORE)

    @contextmanager
    def _watching_size(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        def resized(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._resized.set)

        before = signal.signal(signal.SIGWINCH, resized)
        self._resized.set()
        try:
            yield
        finally:
            signal.signal(signal.SIGWINCH, before)

    def _say(self, text: str) -> None:
        self._line.write(f"\r\n\x1b[2mdockpit: {text}\x1b[0m\r\n".encode("utf-8", "replace"))

    def _read_keys(self) -> None:
        """Take what was typed; a terminal that hung up gives nothing, and is asked no more."""
        try:
            data = os.read(self._line.keys, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._line.keys)
        self._typed.put_nowait(data)

    async def _out(self) -> None:
        loop = asyncio.get_running_loop()
        while (data := await self._terminal.read()) is not None:
            await loop.run_in_executor(None, self._line.write, data)

    async def _in(self) -> None:
        while data := await self._typed.get():
            before, leave, _ = data.partition(LEAVE)
            if before:
                await self._terminal.write(before)
            if leave:
                return

    async def _sizes(self) -> None:
        """Pass the size on; the engine refuses it until the process has begun, so it is tried a few times."""
        while True:
            await self._resized.wait()
            self._resized.clear()
            for attempt in range(5):
                try:
                    await self._terminal.resize(*self._line.size())
                    break
                except Exception:
                    await asyncio.sleep(0.1 * (attempt + 1))

    async def _notes(self) -> None:
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            if text := self._note():
                self._say(visible(text)[:400])
