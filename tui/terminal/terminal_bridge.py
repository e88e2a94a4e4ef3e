"""The one place that suspends the app: its terminal is given to a shell in a container, and taken back at the end.

user's keyboard --_read_keys--> queue --_forward_input--> terminal in the container (engine's stream)
user's screen  <-------------- _forward_output ---------- terminal in the container
SIGWINCH -> _forward_sizes;  every NOTE_SECONDS -> _print_notes
ends with the process, Ctrl-] or a hang-up -> RESET_SEQUENCE -> the app is redrawn
"""

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
from widgets.drawing.terminal_text import visible

INPUT_BYTES = 4096
DEFAULT_SIZE = (24, 80)
TITLE_CELLS = 60
NOTE_CHARACTERS = 400
LEAVE_KEY = b"\x1d"
"""Ctrl-], which leaves a shell that no longer answers."""
RESET_SEQUENCE = b"\x1b[?1047l\x1b[?1000;1002;1003;1006;2004;1l\x1b>\x1b7\x1b[r\x1b8\x1b(B\x1b[?7;25h\x1b[0m\r\n"
"""Turns off what an interrupted program may have on: alternate screen, mouse, paste, keypad, scroll region.

Freeing the region moves the cursor home, over the text before it; so the cursor is restored, and put on a new line.
"""
NOTE_SECONDS = 1.0
RESIZE_ATTEMPTS = 5

NoteSource = Callable[[], str]
"""Called every NOTE_SECONDS for a sentence to print into the shell's screen, "" for none."""


@dataclass(frozen=True, slots=True)
class LocalTerminal:
    """The user's terminal: the file descriptors where keys are read and where the screen is written."""

    input_fd: int
    output_fd: int

    def size(self) -> tuple[int, int]:
        """Rows and columns, DEFAULT_SIZE where the terminal does not say."""
        try:
            rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(self.input_fd, termios.TIOCGWINSZ, b"\0" * 8))
        except OSError:
            return DEFAULT_SIZE
        return rows or DEFAULT_SIZE[0], columns or DEFAULT_SIZE[1]

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        while data:
            data = data[os.write(self.output_fd, data) :]

    @contextmanager
    def raw_mode(self) -> Iterator[None]:
        """Pass every key on as it is typed, until the end of the block."""
        before = termios.tcgetattr(self.input_fd)
        tty.setraw(self.input_fd)
        try:
            yield
        finally:
            with suppress(termios.error):
                termios.tcsetattr(self.input_fd, termios.TCSADRAIN, before)


def local_terminal() -> LocalTerminal:
    """The terminal that Textual reads and draws on."""
    assert sys.__stdin__ is not None and sys.__stderr__ is not None
    return LocalTerminal(sys.__stdin__.fileno(), sys.__stderr__.fileno())


async def attach_terminal(app: App[int], terminal: Terminal, title: str, note: NoteSource = lambda: "") -> str:
    """Give the whole screen to `terminal` until it ends; a sentence on what went wrong, "" for nothing.

    The app's repaints wait meanwhile, and it is redrawn at the end whatever happened.
    """
    trouble = ""
    try:
        with app.batch_update(), app.suspend():
            try:
                await TerminalBridge(terminal, local_terminal(), visible(title, TITLE_CELLS)[:TITLE_CELLS], note).run()
            except Exception as error:
                trouble = f"the shell ended: {error or type(error).__name__}"
    except SuspendNotSupported:
        trouble = "this terminal cannot be given to a shell"
    app.refresh(layout=True)
    return trouble


class TerminalBridge:
    """Carries bytes between the user's terminal (`local`) and the one in the container (`remote`)."""

    def __init__(self, remote: Terminal, local: LocalTerminal, title: str, note: NoteSource = lambda: "") -> None:
        self._remote = remote
        self._local = local
        self._title = title
        self._note = note
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._resized = asyncio.Event()

    async def run(self) -> None:
        """Run until the process ends, the user leaves or the terminal hangs up. Raises what the remote raised."""
        loop = asyncio.get_running_loop()
        with self._local.raw_mode(), self._watching_size(loop):
            self._print(f"{self._title}   (Ctrl-] leaves)")
            loop.add_reader(self._local.input_fd, self._read_keys)
            streams = (self._forward_output(), self._forward_input())
            sides = (self._forward_sizes(), self._print_notes())
            stream_tasks = [asyncio.create_task(stream, name="shell") for stream in streams]
            side_tasks = [asyncio.create_task(side, name="shell side") for side in sides]
            try:
                done, _ = await asyncio.wait(stream_tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                loop.remove_reader(self._local.input_fd)
                for task in (*stream_tasks, *side_tasks):
                    task.cancel()
                await asyncio.gather(*stream_tasks, *side_tasks, return_exceptions=True)
                with suppress(OSError):
                    self._local.write(RESET_SEQUENCE)

    @contextmanager
    def _watching_size(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Set `_resized` at once and with every SIGWINCH, until the end of the block."""

        def on_resize(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._resized.set)

        before = signal.signal(signal.SIGWINCH, on_resize)
        self._resized.set()
        try:
            yield
        finally:
            signal.signal(signal.SIGWINCH, before)

    def _print(self, text: str) -> None:
        self._local.write(f"\r\n\x1b[2mdockpit: {text}\x1b[0m\r\n".encode("utf-8", "replace"))

    def _read_keys(self) -> None:
        """Queue what was typed; a terminal that hung up queues b"", and is not read again."""
        try:
            data = os.read(self._local.input_fd, INPUT_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._local.input_fd)
        self._typed.put_nowait(data)

    async def _forward_output(self) -> None:
        loop = asyncio.get_running_loop()
        while (data := await self._remote.read()) is not None:
            await loop.run_in_executor(None, self._local.write, data)

    async def _forward_input(self) -> None:
        while data := await self._typed.get():
            before, leave, _ = data.partition(LEAVE_KEY)
            if before:
                await self._remote.write(before)
            if leave:
                return

    async def _forward_sizes(self) -> None:
        """Pass the size on; the engine refuses it until the process has begun, hence the attempts."""
        while True:
            await self._resized.wait()
            self._resized.clear()
            for attempt in range(RESIZE_ATTEMPTS):
                try:
                    await self._remote.resize(*self._local.size())
                    break
                except Exception:
                    await asyncio.sleep(0.1 * (attempt + 1))

    async def _print_notes(self) -> None:
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            if text := self._note():
                self._print(visible(text)[:NOTE_CHARACTERS])
