"""A small app that lends its terminal to a fake shell; run as a program on a pty, with what the shell does as argument.

Before and after the shell it draws "ready N" in the middle of its screen, N counting the shells so far.
"""

from __future__ import annotations

import asyncio
import sys

from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.shell import lend


class Echo:
    """A shell that says what it is told: keys and sizes; `fate` is how it ends."""

    def __init__(self, fate: str) -> None:
        self._said: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._fate = fate
        self._said.put_nowait(b"\x1b[?1049h\x1b[?1000h\x1b[?25lshell begins\r\n")

    async def read(self) -> bytes | None:
        data = await self._said.get()
        if data is not None and b"<break>" in data:
            raise RuntimeError("[/]broken")
        return data

    async def write(self, data: bytes) -> None:
        if data == b"q":
            self._said.put_nowait(b"<break>" if self._fate == "break" else None)
        else:
            self._said.put_nowait(b"typed " + data.hex().encode() + b"\r\n")

    async def resize(self, rows: int, columns: int) -> None:
        self._said.put_nowait(f"size {rows}x{columns}\r\n".encode())

    async def exit_code(self) -> int | None:
        return 0


class Lender(App[int]):
    """Draws how often it lent the terminal and what went wrong; s lends it, x ends it."""

    BINDINGS = [("s", "lend", "lend"), ("x", "leave", "leave")]  # noqa: RUF012 - Textual's own spelling
    lent = 0

    def compose(self) -> ComposeResult:
        yield Static("ready 0", markup=False)

    async def action_lend(self) -> None:
        """Lend the terminal, and repaint all the while, as a live screen does."""
        self.run_worker(self._lend(), name="shell", exit_on_error=False)

    async def _lend(self) -> None:
        busy = self.set_interval(0.02, lambda: self.query_one(Static).refresh(layout=True))
        trouble = await lend(self, Echo(sys.argv[1]), "bash in \x1b[31m[red]x", lambda: "the target died")
        busy.stop()
        self.lent += 1
        self.query_one(Static).update(f"ready {self.lent} {trouble}")

    def action_leave(self) -> None:
        """End."""
        self.exit(0)


if __name__ == "__main__":
    Lender().run()
