"""Few bytes to the terminal: of every update of the screen only the cells that changed are written."""

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

from tui.picture import Picture, Row


class Economical(App[int]):
    """An app that remembers what its terminal shows.

    Textual writes the line of a widget from its left edge to the last cell that changed, which is most of a table's
    line every second.
    """

    _picture: Picture | None = None
    _lent = False
    """While the terminal belongs to someone else nothing is drawn on it; it is drawn whole afterwards."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self._lent:
            return
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            renderable = _Difference(self, renderable)
        elif renderable is not None:
            self._picture = None
        super()._display(screen, renderable)

    def picture(self, width: int, height: int) -> Picture:
        """What the terminal of this size shows; nothing of it is known after a change of size."""
        if self._picture is None or self._picture.size != (width, height):
            self._picture = Picture(width, height)
        return self._picture

    def action_redraw(self) -> None:
        """Write the whole screen again, as after something else wrote to the terminal."""
        self._picture = None
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        """The terminal may have lost anything; where its size is the same again, Textual itself would write nothing."""
        self._picture = None
        if self.is_running and self.screen_stack and self.screen.size == event.size:
            self.refresh()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Give the terminal away; what it shows afterwards is not known."""
        self._lent = True
        try:
            with super().suspend():
                yield
        finally:
            self._lent = False
            self._picture = None


class _Difference(CompositorUpdate):
    """An update of the screen that writes what differs from the picture, at the moment it is written."""

    def __init__(self, app: Economical, update: LayoutUpdate | ChopsUpdate) -> None:
        self._app = app
        self._update = update

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        return self._update.__rich_console__(console, options)

    def render_segments(self, console: Console) -> str:
        colors = console._color_system or ColorSystem.TRUECOLOR
        update = self._update
        if isinstance(update, LayoutUpdate):
            return self._app.picture(*update.region.size).show(_layout_rows(update), colors)
        width, height = update.chop_ends[0][-1], len(update.chops)
        return self._app.picture(width, height).show(_chops_rows(update), colors)


def _layout_rows(update: LayoutUpdate) -> Iterator[Row]:
    """The rows of an update of a whole region."""
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield y, x, x + strip.cell_length, strip
            x += strip.cell_length


def _chops_rows(update: ChopsUpdate) -> Iterator[Row]:
    """The pieces of rows that an update of a few spans touches: the strips of others need not be right."""
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < x2 and end > x1:
                yield y, x, end, strip
