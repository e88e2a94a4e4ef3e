"""Diff output: of every update of the screen only the cells that changed are written to the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.events import Resize
from textual.screen import Screen

from tui.terminal.screen_buffer import RowUpdate, ScreenBuffer


class DiffOutputApp(App[int]):
    """An app that keeps a copy of what its terminal shows, and writes the difference to it.

    Textual writes the line of a widget from its left edge to the last cell that changed, which is most of a table's
    line every second.
    """

    _screen_buffer: ScreenBuffer | None = None
    """None while the contents of the terminal are not known: the next update then writes every cell."""
    _suspended = False
    """Whether the terminal belongs to another program: nothing is drawn then, and everything afterwards."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self._suspended:
            return
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            renderable = _DiffUpdate(self, renderable)
        elif renderable is not None:
            self._screen_buffer = None
        super()._display(screen, renderable)

    def screen_buffer(self, width: int, height: int) -> ScreenBuffer:
        """What the terminal shows; an empty buffer after a change of size."""
        if self._screen_buffer is None or self._screen_buffer.size != (width, height):
            self._screen_buffer = ScreenBuffer(width, height)
        return self._screen_buffer

    def action_redraw(self) -> None:
        """Write the whole screen again, as after another program wrote to the terminal."""
        self._screen_buffer = None
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        """Write the whole screen again, even where the size is the same and Textual would write nothing.

        The terminal may have lost any of its contents.
        """
        self._screen_buffer = None
        if self.is_running and self.screen_stack and self.screen.size == event.size:
            self.refresh()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Give the terminal to another program until the end of the block."""
        self._suspended = True
        try:
            with super().suspend():
                yield
        finally:
            self._suspended = False
            self._screen_buffer = None


class _DiffUpdate(CompositorUpdate):
    """An update of Textual's compositor that renders to what differs from the screen buffer at that moment."""

    def __init__(self, app: DiffOutputApp, update: LayoutUpdate | ChopsUpdate) -> None:
        self._app = app
        self._update = update

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        return self._update.__rich_console__(console, options)

    def render_segments(self, console: Console) -> str:
        colors = console._color_system or ColorSystem.TRUECOLOR
        update = self._update
        if isinstance(update, LayoutUpdate):
            return self._app.screen_buffer(*update.region.size).update(_layout_rows(update), colors)
        width, height = update.chop_ends[0][-1], len(update.chops)
        return self._app.screen_buffer(width, height).update(_chops_rows(update), colors)


def _layout_rows(update: LayoutUpdate) -> Iterator[RowUpdate]:
    """The rows of an update of a whole region."""
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield y, x, x + strip.cell_length, strip
            x += strip.cell_length


def _chops_rows(update: ChopsUpdate) -> Iterator[RowUpdate]:
    """The parts of rows that an update of a few spans touches; the other strips of the update may be stale."""
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < x2 and end > x1:
                yield y, x, end, strip
