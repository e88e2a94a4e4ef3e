"""Parts of a time chart as glyph grids: curves with limit and marks, lanes, and a centred message."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import islice
from typing import Final

from rich.cells import cell_len

from dockpit.model.view_models import ChartLane, ChartMark, ChartView, Tone
from widgets.charts.braille_grid import GlyphGrid, blank_grid, draw_curves, resample, row_of_value
from widgets.drawing.terminal_text import TerminalFeatures, visible

_ONE_LANE_ROWS: Final = 4
"""Minimum height in rows of a chart with one lane that is not blank."""
_ALL_LANES_ROWS: Final = 8
"""Minimum height in rows of a chart with all its lanes, blank ones too."""
_LANE_LEVELS: Final = " ▁▂▃▄▅▆▇█"
_LANE_LEVELS_ASCII: Final = " ..::==##"


def has_points(view: ChartView) -> bool:
    """Return whether any curve of `view` has a number to draw."""
    return any(point == point for curve in view.lines for point in curve.points)


def limit_segments(view: ChartView) -> Iterator[tuple[float, float, float]]:
    """Yield begin and end (0..1 of the span) and value of each limit within the scale, the current one last."""
    steps = view.limit_steps or ((0.0, view.limit),)
    ends = [*(begin for begin, _ in steps[1:]), 1.0]
    for (begin, limit), end in zip(steps, ends, strict=True):
        if limit is not None and 0 < limit <= view.top:
            yield begin, end, limit


def plot_curves(view: ChartView, columns: int, rows: int, terminal: TerminalFeatures) -> GlyphGrid:
    """Return the curves of `view` with its limit and marks in `columns` x `rows` cells."""
    grid = draw_curves(view.lines, columns, rows, view.top, ascii=terminal.ascii, patterned=not terminal.colour)
    current_limit_row = None
    for begin, end, limit in limit_segments(view):
        row = row_of_value(limit, view.top, rows, ascii=terminal.ascii)
        grid.put_limit(row, "-" if terminal.ascii else "┈", round(begin * columns), round(end * columns))
        current_limit_row = row if end == 1.0 else None
    for mark in view.marks:
        _put_mark_sign(grid, mark, terminal)
    if current_limit_row is not None:
        _put_limit_label(grid, view, current_limit_row, terminal)
    for mark in view.marks:
        _put_mark_text(grid, mark, terminal)
    return grid


def plot_lane(lane: ChartLane, columns: int, terminal: TerminalFeatures) -> GlyphGrid:
    """Return one row of bars, as high as the shares of `lane` and in the tone of each."""
    grid = blank_grid(columns, 1)
    levels = _LANE_LEVELS_ASCII if terminal.ascii else _LANE_LEVELS
    for column, share in enumerate(resample(lane.shares, columns)):
        if share > 0 and share >= lane.least_share:
            level = max(round(min(share, 1.0) * (len(levels) - 1)), 1)
            tone: Tone = "high" if share >= lane.high_share else "watch" if share >= lane.watch_share else "dim"
            grid.put(0, column, levels[level], tone)
    return grid


def fitting_lanes(view: ChartView, height: int) -> tuple[ChartLane, ...]:
    """Return the lanes of `view` that fit into a chart of `height` rows: all, the first that is not blank, or none."""
    if height >= _ALL_LANES_ROWS:
        return view.lanes
    not_blank = (lane for lane in view.lanes if any(share > 0 and share >= lane.least_share for share in lane.shares))
    return tuple(islice(not_blank, 1)) if height >= _ONE_LANE_ROWS else ()


def centred_message(text: str, columns: int, rows: int, ascii: bool) -> GlyphGrid:
    """Return `text` in the middle of a grid, wrapped between words."""
    grid = blank_grid(columns, rows)
    message = _single_cell_text(visible(text, columns * rows), columns * rows, ascii)
    lines = textwrap.wrap(message, max(columns - 2, 1))[:rows]
    for row, line in enumerate(lines, (rows - len(lines)) // 2):
        grid.put(row, max((columns - len(line)) // 2, 0), line, "dim")
    return grid


def _single_cell_text(text: str, width: int, ascii: bool) -> str:
    """Return visible `text` in at most `width` characters of one cell each; wide ones become `?`."""
    shown = visible(text.strip(), width, ascii=ascii)[: max(width, 0)]
    return shown if cell_len(shown) == len(shown) else "".join(c if cell_len(c) == 1 else "?" for c in shown)


def _put_limit_label(grid: GlyphGrid, view: ChartView, row: int, terminal: TerminalFeatures) -> None:
    """Write the limit's label on its line, or on the row above or below, where the curves leave room."""
    columns = len(grid.glyphs[0])
    text = _single_cell_text(view.limit_text, columns - 2, terminal.ascii)
    if not text:
        return
    text = f" {text} "
    right = columns - len(text) - 1
    places = [(at, column) for at in (row, row - 1, row + 1) for column in (right, 1, (columns - len(text)) // 2)]
    at, column = next((place for place in places if grid.is_free(*place, len(text), "limit", "stem")), (row, right))
    grid.put(at, max(column, 0), text, "dim")


def _column_of(mark: ChartMark, columns: int) -> int:
    share = min(max(mark.position, 0.0), 1.0) if mark.position == mark.position else 1.0
    return round(share * (columns - 1))


def _put_mark_sign(grid: GlyphGrid, mark: ChartMark, terminal: TerminalFeatures) -> None:
    """Draw a mark's sign at the top and a stem down to the curves."""
    column = _column_of(mark, len(grid.glyphs[0]))
    for row in range(1, len(grid.glyphs)):
        if grid.is_free(row, column, 1, "limit"):
            grid.put(row, column, ":" if terminal.ascii else "┊", "stem")
    grid.put(0, column, _single_cell_text(mark.sign, 1, terminal.ascii) or "!", mark.tone)


def _put_mark_text(grid: GlyphGrid, mark: ChartMark, terminal: TerminalFeatures) -> None:
    """Write a mark's text beside its sign where it covers nothing, or leave it out."""
    columns = len(grid.glyphs[0])
    column, text = _column_of(mark, columns), _single_cell_text(mark.text, columns, terminal.ascii)
    for start in (column + 2, column - 1 - len(text)):
        if text and grid.is_free(0, start - 1, len(text) + 1, "limit"):
            grid.put(0, start, text, mark.tone)
            return
