"""One chart at full size with axes, times and units, drawn by plotext."""

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

from dockpit.model.view_models import ChartLane, ChartView, Tone
from widgets.charts.braille_grid import CellOwner, stacked_totals
from widgets.charts.chart_plot import centred_message, fitting_lanes, has_points, limit_segments, plot_lane
from widgets.drawing.terminal_text import TerminalFeatures, fit, visible
from widgets.drawing.themed_widget import ThemedWidget

_MINIMUM_SIZE: Final = Size(24, 7)
"""Smallest chart with room for plotext's axes."""
_DIVISIONS: Final = (4, 3)
"""Number of parts into which ticks divide the scale and the time."""
_LANE_TONES: Final[tuple[Tone, ...]] = ("dim", "watch", "high")
_QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(.*)", re.DOTALL)
_BOX_TO_ASCII: Final = str.maketrans("┌┐└┘├┤┬┴┼─│", "+++++++++-|")
_PlotextColour = tuple[int, int, int] | int | str


def tick_labels(text: str, parts: int) -> list[str]:
    """Return the labels of 0, 1/`parts` … of a quantity such as "600 MiB"; for any other text, of the ends only."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return ["0", *[""] * (parts - 1), text]
    number, unit = float(match[1]), match[2].strip()
    return ["0"] + [f"{number * part / parts:.3g} {unit}".strip() for part in range(1, parts + 1)]


def _finite_runs(points: tuple[float, ...] | list[float]) -> list[tuple[list[int], list[float]]]:
    """Return the runs of `points` between gaps, each as its positions and its values."""
    runs = []
    for finite, run in groupby(enumerate(points), key=lambda item: item[1] == item[1] and abs(item[1]) != float("inf")):
        if finite:
            items = list(run)
            runs.append(([position for position, _ in items], [value for _, value in items]))
    return runs


def _to_plotext_colour(colour: Color | None) -> _PlotextColour:
    """Convert a Rich colour to plotext's form: RGB, a palette number or "default"."""
    if colour is None or colour.is_default:
        return "default"
    if colour.triplet is not None:
        return (colour.triplet.red, colour.triplet.green, colour.triplet.blue)
    return colour.number if colour.number is not None else "default"


class ZoomChart(ThemedWidget, can_focus=False):
    """Widget of one ChartView with axes; drawn again only for another revision, size or theme."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ZoomChart { width: 1fr; height: 1fr; min-height: 4; }
    """

    def __init__(self, view: ChartView | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = view or ChartView("")
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, TerminalFeatures] | None = None
        self.plot_count = 0
        """Number of plots drawn by plotext."""

    @property
    def view(self) -> ChartView:
        """Content; a view equal to the last, or with its revision and title, is not drawn again."""
        return self._view

    @view.setter
    def view(self, view: ChartView) -> None:
        old = self._view
        if (view.revision and (view.revision, view.title) == (old.revision, old.title)) or view == old:
            return
        self._view = view
        self._drawn_for = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Drop the rows drawn in the former styles."""
        super().notify_style_update()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        current = (self.size, self.terminal)
        if self._drawn_for != current:
            self._drawn_for = current
            self._strips = self._draw()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        view, terminal, (width, height) = self._view, self.terminal, self.size
        if width <= 0 or height <= 0:
            return []
        if not has_points(view) or width < _MINIMUM_SIZE.width or height < _MINIMUM_SIZE.height:
            text = view.empty or ("no figures yet" if not has_points(view) else "not enough room")
            rows = centred_message(text, width, max(height - 1, 1), terminal.ascii).glyphs
            return [
                self._title(width),
                *(Strip([Segment("".join(row), self.themed_style("dim"))], width) for row in rows),
            ]
        lanes = fitting_lanes(view, height)
        self.plot_count += 1
        lines = Text.from_ansi(self._plot_text(width, height - 1 - len(lanes))).split("\n")
        strips = [self._title(width), *(self._line_strip(line, width) for line in lines)]
        frame = lines[-2].plain if len(lines) > 1 else ""
        return [*strips, *(self._lane_strip(lane, frame, width) for lane in lanes)]

    def _plot_text(self, width: int, height: int) -> str:
        """Return plotext's drawing with its own colour escape sequences; it contains no text from the engine."""
        view, ascii = self._view, self.terminal.ascii
        count = max(len(line.points) for line in view.lines)
        plot = Plot()
        plot.theme("clear")
        plot.plotsize(width, height)
        plot._set_size(width, height)
        plot.ticks_color(self._plotext_colour("dim"))
        plot.xlim(0, max(count - 1, 1))
        plot.ylim(0, view.top if view.top > 0 else 1)
        self._add_ticks(plot, max(count - 1, 1))
        self._add_curves(plot, "*" if ascii else "braille")
        for begin, end, limit in limit_segments(view):
            if (begin, end) == (0.0, 1.0):
                plot.hline(limit, self._plotext_colour("dim"))
            else:
                positions = [begin * (count - 1), end * (count - 1)]
                plot.plot(positions, [limit, limit], marker="-" if ascii else "─", color=self._plotext_colour("dim"))
        for mark in view.marks:
            position = min(max(mark.position, 0.0), 1.0) * max(count - 1, 1)
            plot.vline(position, self._plotext_colour(mark.tone))
        drawing: str = plot.build()
        return drawing.rstrip("\n")

    def _add_ticks(self, plot: Plot, last: int) -> None:
        view, (up, along) = self._view, _DIVISIONS
        top = view.top if view.top > 0 else 1
        heights = tick_labels(visible(view.top_text, 12, ascii=self.terminal.ascii) or f"{top:.3g}", up)
        plot.yticks([top * part / up for part in range(up + 1)], heights)
        ago = tick_labels(visible(view.span_text, 12, ascii=self.terminal.ascii), along)
        times = [f"-{text}" if text and text != "0" else "" for text in reversed(ago)]
        plot.xticks([last * part / along for part in range(along + 1)], [*times[:-1], "now"])

    def _add_curves(self, plot: Plot, marker: str) -> None:
        view = self._view
        stacked = [line for line in view.lines if line.stacked]
        totals = iter(stacked_totals(stacked) if stacked else ())
        for line in view.lines:
            for positions, values in _finite_runs(next(totals) if line.stacked else line.points):
                plot.plot(positions, values, marker=marker, color=self._plotext_colour(line.tone))

    def _plotext_colour(self, tone: Tone) -> _PlotextColour:
        return _to_plotext_colour(self.themed_style(tone).color) if self.terminal.colour else "default"

    def _line_strip(self, line: Text, width: int) -> Strip:
        """Return one line of plotext's drawing in exactly `width` cells."""
        base = self.rich_style
        segments = [
            Segment(self._substitute_ascii(text), base + style if isinstance(style, Style) else base)
            for text, style, _ in line.render(self.app.console, end="")
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _substitute_ascii(self, text: str) -> str:
        return visible(text.translate(_BOX_TO_ASCII), ascii=True) if self.terminal.ascii else text

    def _lane_strip(self, lane: ChartLane, frame: str, width: int) -> Strip:
        """Draw a lane under the plot's frame, whose lower edge is `frame`."""
        left, right = frame.find("└"), frame.rfind("┘")
        columns = right - left - 1
        if left < 0 or columns < 1:
            return Strip.blank(width, self.rich_style)
        grid, segments = plot_lane(lane, columns, self.terminal), []
        segments.append(Segment(fit(lane.name, left, "right", self.terminal.ascii) + " ", self.themed_style("dim")))
        styles: dict[CellOwner, Style] = {tone: self.themed_style(tone) for tone in _LANE_TONES}
        for glyph, owner in zip(grid.glyphs[0], grid.owners[0], strict=True):
            segments.append(Segment(glyph, styles.get(owner, self.rich_style)))
        return Strip(segments).simplify().adjust_cell_length(width, self.rich_style)

    def _title(self, width: int) -> Strip:
        """Draw title, latest value, names of the curves, limit and texts of the marks, each only if it fits."""
        view, terminal = self._view, self.terminal
        pieces: list[tuple[str, Style]] = [(view.title, self.themed_style("group"))]
        pieces.append((view.now_text, self.themed_style(view.now_tone)))
        if len(view.lines) > 1:
            pieces += [(line.name, self.themed_style(line.tone)) for line in view.lines]
        pieces.append((view.limit_text, self.themed_style("dim")))
        pieces += [(f"{mark.sign} {mark.text}", self.themed_style(mark.tone)) for mark in view.marks]
        segments, left = [], width
        for text, style in pieces:
            shown = visible(text, max(left, 0), ascii=terminal.ascii)
            if not shown or cell_len(shown) + 2 > left:
                continue
            segments += [Segment(shown, style), Segment("  ", self.rich_style)]
            left -= cell_len(shown) + 2
        return Strip(segments).adjust_cell_length(width, self.rich_style)
