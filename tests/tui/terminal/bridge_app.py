"""A small app that attaches its terminal to a fake shell; run as a program on a pty, with the shell's end as argument.

Before and after the shell it draws "ready N" in the middle of its screen, N counting the shells so far.
"""

from __future__ import annotations

import asyncio
import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui.terminal.terminal_bridge import attach_terminal


class EchoShell:
    """A shell that prints the keys and sizes it gets; q ends it, with an error where `ending` is "break"."""

    def __init__(self, ending: str) -> None:
        self._output: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._ending = ending
        self._output.put_nowait(b"\x1b[?1049h\x1b[?1000h\x1b[?25lshell begins\r\n")

    async def read(self) -> bytes | None:
        data = await self._output.get()
        if data is not None and b"<break>" in data:
            raise RuntimeError("[/]broken")
        return data

    async def write(self, data: bytes) -> None:
        if data == b"q":
            self._output.put_nowait(b"<break>" if self._ending == "break" else None)
        else:
            self._output.put_nowait(b"typed " + data.hex().encode() + b"\r\n")

    async def resize(self, rows: int, columns: int) -> None:
        self._output.put_nowait(f"size {rows}x{columns}\r\n".encode())

    async def exit_code(self) -> int | None:
        return 0


class BridgeApp(App[int]):
    """Draws how often it opened the shell and what went wrong; s opens it, x ends the app."""

    BINDINGS: ClassVar[list[BindingType]] = [("s", "open_shell", "open shell"), ("x", "leave", "leave")]
    shells = 0

    def compose(self) -> ComposeResult:
        yield Static("ready 0", markup=False)

    async def action_open_shell(self) -> None:
        """Open the shell, and repaint all the while, as a live screen does."""
        self.run_worker(self._run_shell(), name="shell", exit_on_error=False)

    async def _run_shell(self) -> None:
        repaint = self.set_interval(0.02, lambda: self.query_one(Static).refresh(layout=True))
        trouble = await attach_terminal(
            self, EchoShell(sys.argv[1]), "bash in \x1b[31m[red]x", lambda: "the target died"
        )
        repaint.stop()
        self.shells += 1
        self.query_one(Static).update(f"ready {self.shells} {trouble}")

    def action_leave(self) -> None:
        """End the app."""
        self.exit(0)


if __name__ == "__main__":
    BridgeApp().run()
