"""The one place that gives the terminal away: to a shell in a container, until it ends, and takes it back whole."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from textual.app import App, SuspendNotSupported

from dockpit.engine.terminal import Terminal

LEAVE = b"\x1d"
"""Ctrl-] leaves a shell that no longer answers."""

Note = Callable[[], str]
"""Asked every second for a sentence to print into the shell's screen, "" for none."""


def size(fd: int) -> tuple[int, int]:
    """Rows and columns of a terminal, 24 x 80 where it does not say."""
    try:
        rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8))
    except OSError:
        return 24, 80
    return rows or 24, columns or 80


@contextmanager
def _raw(fd: int) -> Iterator[None]:
    before = termios.tcgetattr(fd)
    tty.setraw(fd)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


async def lend(app: App[int], terminal: Terminal, title: str, note: Note = lambda: "") -> str:
    """Show `terminal` on the whole screen until it ends; a sentence on what went wrong, "" for nothing.

    The app's repaints wait meanwhile and it is redrawn at the end, whatever happened inside.
    """
    trouble = ""
    try:
        with app.batch_update(), app.suspend():
            try:
                await _Lent(terminal, title, note).run()
            except Exception as error:
                trouble = f"the shell ended: {error}"
    except SuspendNotSupported:
        trouble = "this terminal cannot be given to a shell"
    app.refresh(layout=True)
    return trouble


class _Lent:
    """Carries bytes between this terminal and the one in the container."""

    def __init__(self, terminal: Terminal, title: str, note: Note) -> None:
        self._terminal = terminal
        self._title = title
        self._note = note
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._resized = asyncio.Event()

    async def run(self) -> None:
        """Until the process ends, the user leaves or the terminal hangs up."""
        loop = asyncio.get_running_loop()
        self._say(f"{self._title}   (Ctrl-] leaves)")
        with _raw(0), self._watching_size(loop):
            loop.add_reader(0, self._read_keys)
            tasks = [
                asyncio.create_task(part, name="shell")
                for part in (self._out(), self._in(), self._sizes(), self._notes())
            ]
            try:
                done, _ = await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                loop.remove_reader(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

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
        os.write(1, f"\r\n\x1b[2mdockpit: {text}\x1b[0m\r\n".encode())

    def _read_keys(self) -> None:
        try:
            data = os.read(0, 4096)
        except OSError:
            data = b""
        self._typed.put_nowait(data)

    async def _out(self) -> None:
        while (data := await self._terminal.read()) is not None:
            await asyncio.get_running_loop().run_in_executor(None, _write_all, data)

    async def _in(self) -> None:
        while (data := await self._typed.get()) and LEAVE not in data:
            await self._terminal.write(data)

    async def _sizes(self) -> None:
        while True:
            await self._resized.wait()
            self._resized.clear()
            for attempt in range(5):
                try:
                    await self._terminal.resize(*size(0))
                    break
                except Exception:
                    await asyncio.sleep(0.1 * (attempt + 1))

    async def _notes(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            if text := self._note():
                self._say(text)


def _write_all(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]
