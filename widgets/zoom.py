"""One chart at full size, drawn by plotext with axes, times and units."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip
from textual_plotext import Plot

from dockpit.model.view_models import ChartView, Lane, Tone
from widgets.braille import Owner, sums
from widgets.chart import has_points, lane, lanes_in, limits, said
from widgets.ink import Ink, Inked, fit, visible

_SMALLEST: Final = Size(24, 7)
"""Below this plotext has no room for axes."""
_DIVISIONS: Final = (4, 3)
"""Into how many parts the ticks divide the scale and the time."""
_LANE_TONES: Final[tuple[Tone, ...]] = ("dim", "watch", "high")
_QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(.*)", re.DOTALL)
_BOX_TO_ASCII: Final = str.maketrans("┌┐└┘├┤┬┴┼─│", "+++++++++-|")
_PlotColour = tuple[int, int, int] | int | str


def divided(text: str, parts: int) -> list[str]:
    """Return the labels of 0, 1/`parts` … of a quantity such as "600 MiB"; of other words, the ends only."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return ["0", *[""] * (parts - 1), text]
    number, unit = float(match[1]), match[2].strip()
    return ["0"] + [f"{number * part / parts:.3g} {unit}".strip() for part in range(1, parts + 1)]


def _runs(points: tuple[float, ...] | list[float]) -> list[tuple[list[int], list[float]]]:
    """The stretches of `points` between gaps, each with its positions."""
    found = []
    for finite, run in groupby(enumerate(points), key=lambda item: item[1] == item[1] and abs(item[1]) != float("inf")):
        if finite:
            places = list(run)
            found.append(([at for at, _ in places], [value for _, value in places]))
    return found


def _colour(colour: Color | None) -> _PlotColour:
    """A Rich colour as plotext takes it."""
    if colour is None or colour.is_default:
        return "default"
    if colour.triplet is not None:
        return (colour.triplet.red, colour.triplet.green, colour.triplet.blue)
    return colour.number if colour.number is not None else "default"


class ZoomChart(Inked, can_focus=False):
    """One ChartView with axes; built again only for another revision, size or theme."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ZoomChart { width: 1fr; height: 1fr; min-height: 4; }
    """

    def __init__(self, view: ChartView | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = view or ChartView("")
        self._strips: list[Strip] = []
        self._built_for: tuple[Size, Ink] | None = None
        self.builds = 0
        """How often plotext has drawn."""

    @property
    def view(self) -> ChartView:
        """What is shown; one with the revision and title of the last, or equal to it, is not drawn again."""
        return self._view

    @view.setter
    def view(self, view: ChartView) -> None:
        old = self._view
        if (view.revision and (view.revision, view.title) == (old.revision, old.title)) or view == old:
            return
        self._view = view
        self._built_for = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn in another theme."""
        super().notify_style_update()
        self._built_for = None

    def render_line(self, y: int) -> Strip:
        wanted = (self.size, self.ink)
        if self._built_for != wanted:
            self._built_for = wanted
            self._strips = self._draw()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        view, ink, (width, height) = self._view, self.ink, self.size
        if width <= 0 or height <= 0:
            return []
        if not has_points(view) or width < _SMALLEST.width or height < _SMALLEST.height:
            text = view.empty or ("nothing measured yet" if not has_points(view) else "no room to draw")
            rows = said(text, width, max(height - 1, 1), ink.ascii).glyphs
            return [self._title(width), *(Strip([Segment("".join(row), self.ink_style("dim"))], width) for row in rows)]
        lanes = lanes_in(view, height)
        self.builds += 1
        lines = Text.from_ansi(self._built(width, height - 1 - len(lanes))).split("\n")
        strips = [self._title(width), *(self._strip(line, width) for line in lines)]
        frame = lines[-2].plain if len(lines) > 1 else ""
        return [*strips, *(self._lane(shown, frame, width) for shown in lanes)]

    def _built(self, width: int, height: int) -> str:
        """What plotext draws, with escape sequences of its own for colour and nothing of the engine's in it."""
        view, ascii = self._view, self.ink.ascii
        count = max(len(line.points) for line in view.lines)
        plot = Plot()
        plot.theme("clear")
        plot.plotsize(width, height)
        plot._set_size(width, height)
        plot.ticks_color(self._plot_colour("dim"))
        plot.xlim(0, max(count - 1, 1))
        plot.ylim(0, view.top if view.top > 0 else 1)
        self._add_ticks(plot, max(count - 1, 1))
        self._add_curves(plot, "*" if ascii else "braille")
        for begin, end, limit in limits(view):
            if (begin, end) == (0.0, 1.0):
                plot.hline(limit, self._plot_colour("dim"))
            else:
                places = [begin * (count - 1), end * (count - 1)]
                plot.plot(places, [limit, limit], marker="-" if ascii else "─", color=self._plot_colour("dim"))
        for mark in view.marks:
            at = min(max(mark.position, 0.0), 1.0) * max(count - 1, 1)
            plot.vline(at, self._plot_colour(mark.tone))
        built: str = plot.build()
        return built.rstrip("\n")

    def _add_ticks(self, plot: Plot, last: int) -> None:
        view, (up, along) = self._view, _DIVISIONS
        top = view.top if view.top > 0 else 1
        heights = divided(visible(view.top_text, 12, ascii=self.ink.ascii) or f"{top:.3g}", up)
        plot.yticks([top * part / up for part in range(up + 1)], heights)
        ago = divided(visible(view.span_text, 12, ascii=self.ink.ascii), along)
        times = [f"-{text}" if text and text != "0" else "" for text in reversed(ago)]
        plot.xticks([last * part / along for part in range(along + 1)], [*times[:-1], "now"])

    def _add_curves(self, plot: Plot, marker: str) -> None:
        view = self._view
        stacked = [line for line in view.lines if line.stacked]
        totals = iter(sums(stacked) if stacked else ())
        for line in view.lines:
            for places, values in _runs(next(totals) if line.stacked else line.points):
                plot.plot(places, values, marker=marker, color=self._plot_colour(line.tone))

    def _plot_colour(self, tone: Tone) -> _PlotColour:
        return _colour(self.ink_style(tone).color) if self.ink.colour else "default"

    def _strip(self, line: Text, width: int) -> Strip:
        """One line of plotext's as exactly `width` cells."""
        base = self.rich_style
        segments = [
            Segment(self._drawable(text), base + style if isinstance(style, Style) else base)
            for text, style, _ in line.render(self.app.console, end="")
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _drawable(self, text: str) -> str:
        return visible(text.translate(_BOX_TO_ASCII), ascii=True) if self.ink.ascii else text

    def _lane(self, shown: Lane, frame: str, width: int) -> Strip:
        """A lane under the frame whose lower edge is `frame`."""
        left, right = frame.find("└"), frame.rfind("┘")
        columns = right - left - 1
        if left < 0 or columns < 1:
            return Strip.blank(width, self.rich_style)
        grid, segments = lane(shown, columns, self.ink), []
        segments.append(Segment(fit(shown.name, left, "right", self.ink.ascii) + " ", self.ink_style("dim")))
        styles: dict[Owner, Style] = {tone: self.ink_style(tone) for tone in _LANE_TONES}
        for glyph, owner in zip(grid.glyphs[0], grid.owners[0], strict=True):
            segments.append(Segment(glyph, styles.get(owner, self.rich_style)))
        return Strip(segments).simplify().adjust_cell_length(width, self.rich_style)

    def _title(self, width: int) -> Strip:
        """Title, figure, the curves' names, the limit and the marks in words."""
        view, ink = self._view, self.ink
        pieces: list[tuple[str, Style]] = [(view.title, self.ink_style("group"))]
        pieces.append((view.now_text, self.ink_style(view.now_tone)))
        if len(view.lines) > 1:
            pieces += [(line.name, self.ink_style(line.tone)) for line in view.lines]
        pieces.append((view.limit_text, self.ink_style("dim")))
        pieces += [(f"{mark.sign} {mark.text}", self.ink_style(mark.tone)) for mark in view.marks]
        segments, left = [], width
        for text, style in pieces:
            shown = visible(text, max(left, 0), ascii=ink.ascii)
            if not shown or cell_len(shown) + 2 > left:
                continue
            segments += [Segment(shown, style), Segment("  ", self.rich_style)]
            left -= cell_len(shown) + 2
        return Strip(segments).adjust_cell_length(width, self.rich_style)
