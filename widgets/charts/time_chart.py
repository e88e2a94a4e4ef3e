"""Time chart of braille curves on a fixed scale; only changed rows are repainted.

title  latest value  ■ curve  ■ curve
1.0 |  ✗ mark                        limit
    |  ┊   curves (braille_grid, chart_plot)
  0 |
thr |  one row per lane
    ------------------------------------------ 15 min
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from rich.cells import cell_len
from rich.color import Color, ColorType, blend_rgb
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from dockpit.model.view_models import ChartView, Curve
from widgets.charts.braille_grid import CellOwner, GlyphGrid
from widgets.charts.chart_plot import centred_message, fitting_lanes, has_points, plot_curves, plot_lane
from widgets.drawing.terminal_text import TerminalFeatures, fit, visible
from widgets.drawing.themed_widget import ThemedWidget

_SCALE_MINIMUM: Final = Size(34, 5)
"""Smallest chart with a scale beside the curves."""
_FOOT_ROWS: Final = 7
"""Minimum height in rows of a chart whose span has a row of its own."""
_FADE: Final = 0.55
"""Share by which the lowest row of a single area fades into the background."""


class TimeChart(ThemedWidget, can_focus=False):
    """Widget of one ChartView: title, latest value, curves, limit, lanes, marks and span, from 20x4 cells up."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TimeChart { width: 1fr; height: 1fr; }
    """

    def __init__(self, view: ChartView | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = view or ChartView("")
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, TerminalFeatures] | None = None
        self._style_cache: dict[tuple[CellOwner, int], Style] = {}

    @property
    def view(self) -> ChartView:
        """Content; setting an equal view repaints nothing, another one only the rows that differ."""
        return self._view

    @view.setter
    def view(self, view: ChartView) -> None:
        if view == self._view:
            return
        before = self._view
        self._view = view
        if [(line.tone, line.stacked) for line in view.lines] != [(line.tone, line.stacked) for line in before.lines]:
            self._style_cache.clear()
        if self._drawn_for is not None and self._drawn_for == (self.size, self.terminal):
            self._repaint()
        else:
            self._drawn_for = None
            self.refresh()

    def notify_style_update(self) -> None:
        """Drop the rows drawn in the former styles."""
        super().notify_style_update()
        self._style_cache.clear()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        current = (self.size, self.terminal)
        if self._drawn_for != current:
            self._style_cache.clear()
            self._strips = self._draw()
            self._drawn_for = current
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _repaint(self) -> None:
        """Draw again and request a repaint of the changed rows only."""
        before, self._strips = self._strips, self._draw()
        changes = [new != old for new, old in zip(self._strips, before, strict=True)]
        row = 0
        for is_changed, run in groupby(changes):
            count = len(list(run))
            if is_changed:
                self.refresh(Region(0, row, self.size.width, count))
            row += count

    def _draw(self) -> list[Strip]:
        view, terminal, (width, height) = self._view, self.terminal, self.size
        if width <= 0 or height <= 0:
            return []
        if height == 1:
            return [self._title(width, view.span_text)]
        if view.empty and not has_points(view):
            message = centred_message(view.empty, width, height - 1, terminal.ascii)
            return [self._title(width, ""), *self._grid_strips(message, [""] * (height - 1), 0)]
        lanes = fitting_lanes(view, height)
        has_foot = height >= _FOOT_ROWS
        rows = height - 1 - len(lanes) - has_foot
        scale_cells = self._scale_cells(width, height, bool(lanes))
        columns = width - scale_cells
        labels = [view.top_text, *[""] * (rows - 2), "0"][:rows] if scale_cells else [""] * rows
        strips = [self._title(width, "" if has_foot else view.span_text, "" if scale_cells else view.top_text)]
        strips += self._grid_strips(plot_curves(view, columns, rows, terminal), labels, scale_cells)
        for lane in lanes:
            strips += self._grid_strips(plot_lane(lane, columns, terminal), [lane.label], scale_cells)
        return [*strips, self._foot(width, scale_cells)] if has_foot else strips

    def _scale_cells(self, width: int, height: int, has_lane: bool) -> int:
        """Return the width of the scale at the left, 0 for a chart too small for one."""
        if width < _SCALE_MINIMUM.width or height < _SCALE_MINIMUM.height:
            return 0
        return min(max(cell_len(visible(self._view.top_text, 12)), 3 if has_lane else 1), width // 4) + 1

    def _title(self, width: int, *right: str) -> Strip:
        """Draw title, latest value and names of the curves at the left, `right` dim at the right."""
        view, ascii = self._view, self.terminal.ascii
        parts = [(view.title, self.themed_style("group"))]
        if view.now_text:
            parts += [("  ", self.rich_style), (view.now_text, self.themed_style(view.now_tone))]
        tail = "  ".join(visible(text, width, ascii=ascii) for text in right if text)
        segments, left = [], width
        for text, style in parts:
            shown = visible(text, left, ascii=ascii)
            shown = fit(shown, min(cell_len(shown), left), ascii=ascii)
            segments.append(Segment(shown, style))
            left -= cell_len(shown)
        for name in self._curve_names(left):
            segments += name
            left -= sum(segment.cell_length for segment in name)
        tail_fits = cell_len(tail) + 2 <= left
        segments.append(Segment(fit(tail if tail_fits else "", left, "right", ascii), self.themed_style("dim")))
        return Strip(segments, width)

    def _curve_names(self, width: int) -> list[list[Segment]]:
        """Return sign and name of each curve where there are several, as many as fit whole into `width` cells.

        The last one is dropped first; of stacked areas, the one whose thickest part is the thinnest.
        """
        curves, ascii, dim = self._view.lines, self.terminal.ascii, self.themed_style("dim")
        names: dict[int, list[Segment]] = {}
        for order, curve in enumerate(curves if len(curves) > 1 else ()):
            sign = "*+ox"[order % 4] if ascii else "■" if curve.stacked else "━╌┄"[order % 3]
            shown = visible(curve.name, max(width, 0), ascii=ascii)
            names[order] = [Segment("  ", dim), Segment(sign, self._style_of(order + 1, -1)), Segment(f" {shown}", dim)]
        while sum(segment.cell_length for name in names.values() for segment in name) > width and names:
            del names[min(names, key=lambda order: (_maximum_thickness(curves[order]), -order))]
        return list(names.values())

    def _foot(self, width: int, scale_cells: int) -> Strip:
        """Draw the axis under the curves, with the span at its right end."""
        ascii, columns = self.terminal.ascii, width - scale_cells
        span = visible(self._view.span_text, columns, ascii=ascii)[: max(columns - 2, 0)]
        line = max(columns - cell_len(span) - bool(span), 0)
        axis = " " * scale_cells + ("-" if ascii else "─") * line + " " * bool(span)
        return Strip([Segment(axis, self.themed_style("track")), Segment(span, self.themed_style("dim"))], width)

    def _grid_strips(self, grid: GlyphGrid, labels: Sequence[str], scale_cells: int) -> list[Strip]:
        """Draw the rows of `grid`, each after its label on the scale."""
        strips = []
        for row, (glyphs, owners, label) in enumerate(zip(grid.glyphs, grid.owners, labels, strict=True)):
            segments, begin = [], 0
            if scale_cells:
                shown = fit(label, scale_cells - 1, "right", self.terminal.ascii) + " "
                segments.append(Segment(shown, self.themed_style("dim")))
            for owner, run in groupby(owners):
                end = begin + len(list(run))
                fade_percent = row * 100 // max(len(grid.glyphs) - 1, 1)
                segments.append(Segment("".join(glyphs[begin:end]), self._style_of(owner, fade_percent)))
                begin = end
            strips.append(Strip(segments, scale_cells + len(glyphs)))
        return strips

    def _style_of(self, owner: CellOwner, fade_percent: int) -> Style:
        """Return the style of a cell by its owner; that of a single curve is faded by `fade_percent` of _FADE."""
        key = (owner, fade_percent if isinstance(owner, int) else 0)
        if key not in self._style_cache:
            self._style_cache[key] = self._resolve_owner_style(owner, max(fade_percent, 0) / 100)
        return self._style_cache[key]

    def _resolve_owner_style(self, owner: CellOwner, fade: float) -> Style:
        if isinstance(owner, str):
            return self.themed_style("dim" if owner == "limit" else "track" if owner == "stem" else owner)
        curves = self._view.lines
        if not 0 < owner <= len(curves):
            return self.rich_style
        style = self.themed_style(curves[owner - 1].tone, picture=True)
        if len(curves) > 1 or not self.terminal.colour:
            return style
        return style + Style(color=_blend(style.color, style.bgcolor, fade * _FADE))


def _maximum_thickness(curve: Curve) -> float:
    """Return the greatest value of a stacked curve; infinity for one that is not stacked."""
    return max((value for value in curve.points if value == value), default=0.0) if curve.stacked else math.inf


def _blend(colour: Color | None, background: Color | None, share: float) -> Color | None:
    """Return `colour` blended with `background` by `share`; unchanged unless both are true colours."""
    if colour is None or background is None:
        return colour
    if colour.type != ColorType.TRUECOLOR or background.type != ColorType.TRUECOLOR:
        return colour
    assert colour.triplet is not None and background.triplet is not None
    return Color.from_triplet(blend_rgb(colour.triplet, background.triplet, share))
