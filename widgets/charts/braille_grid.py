"""Curves drawn into a grid of character cells on a fixed scale, two by four braille dots each; no widget, no colour.

Curve.points -> resample -> scaled_height -> _Span per dot column -> _Layer per curve -> GlyphGrid
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, isnan, nan
from typing import Final, Literal, TypeAlias

from dockpit.model.view_models import Curve, Tone

CellOwner: TypeAlias = int | Tone | Literal["limit", "stem"]
"""What a cell shows: 0 nothing, i + 1 curve i, a tone or word for what a chart adds to the curves."""

_BRAILLE: Final = (" ", *(chr(0x2800 + bits) for bits in range(1, 256)))
_LEFT_DOTS: Final = (0x40, 0x04, 0x02, 0x01)
_RIGHT_DOTS: Final = (0x80, 0x20, 0x10, 0x08)
"""Bits of the left and right dots of a braille character, from the bottom."""
_TEXTURES: Final = (0xFF, 0x95, 0x44, 0x11)
"""Dots that each stacked curve keeps without colour: all, every other, few, fewer."""
_DASHES: Final = (1, 4, 2)
"""Length in dot columns of the dashes and gaps of each line without colour; 1 for an unbroken line."""
_ASCII_EDGE: Final = "*+ox"
_ASCII_BODY: Final = ":#=."

_Span: TypeAlias = tuple[int, int]
"""Dots of one dot column, counted from the bottom: first, and one after the last; equal for none."""

_CurveSpans: TypeAlias = tuple[bool, list[_Span]]
"""Whether a curve is an area, and its dots: a span per dot column."""

_Layer: TypeAlias = tuple[bool, list[int]]
"""Whether a curve is an area, and its dots: an integer per cell column with a byte per row."""


@dataclass(slots=True)
class GlyphGrid:
    """Rows of glyphs from the top, and the owner of each glyph."""

    glyphs: list[list[str]]
    owners: list[list[CellOwner]]

    def put(self, row: int, column: int, text: str, owner: CellOwner) -> None:
        """Write `text`, one cell per character, over the present glyphs; characters outside the grid are dropped."""
        width = len(self.glyphs[0])
        for at, glyph in enumerate(text, column):
            if 0 <= at < width and 0 <= row < len(self.glyphs):
                self.glyphs[row][at] = glyph
                self.owners[row][at] = owner

    def is_free(self, row: int, column: int, width: int, *replaceable: CellOwner) -> bool:
        """Return whether those cells are inside the grid and empty or owned by one of `replaceable`."""
        if not (0 <= row < len(self.owners) and column >= 0 and column + width <= len(self.owners[row])):
            return False
        return all(not owner or owner in replaceable for owner in self.owners[row][column : column + width])

    def put_limit(self, row: int, glyph: str, begin: int = 0, end: int | None = None) -> None:
        """Draw a limit line in the empty cells of `row` from column `begin` to `end`."""
        for column, owner in enumerate(self.owners[row][begin:end], begin):
            if not owner:
                self.put(row, column, glyph, "limit")


def blank_grid(columns: int, rows: int) -> GlyphGrid:
    """Return an empty grid."""
    return GlyphGrid([[" "] * columns for _ in range(rows)], [[0] * columns for _ in range(rows)])


def _maximum(bucket: Sequence[float]) -> float:
    """Return the greatest number in `bucket`, NaN if it holds none."""
    return max((value for value in bucket if value == value), default=nan)


def _interpolate(points: Sequence[float], columns: int) -> list[float]:
    """Spread fewer points than columns: linear between two neighbours, NaN across a gap."""
    last = len(points) - 1
    if last == 0:
        return [points[0]] * columns
    values = []
    for column in range(columns):
        index, rest = divmod(column * last, columns - 1)
        share = rest / (columns - 1)
        left, right = points[index], points[min(index + 1, last)]
        value = left + (right - left) * share
        values.append(value if isfinite(value) else left if share <= 0.5 else right)
    for index, point in enumerate(points):
        column = round(index * (columns - 1) / last)
        values[column] = point if isnan(point) else max(values[column], point) if isfinite(values[column]) else point
    return values


def resample(points: Sequence[float], columns: int) -> list[float]:
    """Return exactly `columns` values: the maximum of each group of `points`, so that no spike is lost.

    NaN is a gap; a column is a gap only if its group holds no number. Fewer points than columns are interpolated.
    """
    count = len(points)
    if not count or columns <= 0:
        return [nan] * max(columns, 0)
    if count == columns:
        return list(points)
    if count < columns:
        return _interpolate(points, columns)
    edges = [column * count // columns for column in range(columns + 1)]
    buckets = [points[start:end] for start, end in pairwise(edges)]
    return [max(bucket) if bucket[0] == bucket[0] else _maximum(bucket) for bucket in buckets]


def scaled_height(value: float, top: float, dots: int) -> int:
    """Return the height in dots of `value` on a scale 0..`top` of `dots`: 0 for NaN, else at least 1."""
    if value != value:
        return 0
    if not (top > 0 and value > 0):
        return 1
    return dots if value >= top else 1 + int(value / top * (dots - 1) + 0.5)


def row_of_value(value: float, top: float, rows: int, *, ascii: bool = False) -> int:
    """Return the row of a grid, from the top, that holds a curve at `value`."""
    per_row = 1 if ascii else 4
    return rows - 1 - (scaled_height(value, top, rows * per_row) - 1) // per_row


def _scaled_heights(points: Sequence[float], columns: int, top: float, dots: int) -> list[int]:
    return [scaled_height(value, top, dots) for value in resample(points, columns)]


def _trace(heights: Sequence[int]) -> list[_Span]:
    """Return the spans of a curve one dot thick, with vertical strokes at its steps."""
    spans: list[_Span] = []
    previous = 0
    for current in heights:
        if not current:
            spans.append((0, 0))
        elif not previous or current == previous:
            spans.append((current - 1, current))
        else:
            spans.append((previous, current) if current > previous else (current - 1, previous - 1))
        previous = current
    return spans


def stacked_totals(curves: Sequence[Curve]) -> list[list[float]]:
    """Return the running totals of stacked curves, point by point; NaN only where every curve has a gap."""
    length = max(len(curve.points) for curve in curves)
    totals: list[list[float]] = []
    below = [nan] * length
    for curve in curves:
        points = (nan,) * (length - len(curve.points)) + curve.points
        below = [b if p != p else p if b != b else b + max(p, 0.0) for b, p in zip(below, points, strict=True)]
        totals.append(below)
    return totals


def _stack_spans(curves: Sequence[Curve], columns: int, top: float, dots: int) -> list[list[_Span]]:
    below = [0] * columns
    areas = []
    for total in stacked_totals(curves):
        heights = _scaled_heights(total, columns, top, dots)
        areas.append([(low, max(low, high)) for low, high in zip(below, heights, strict=True)])
        below = [max(low, high) for low, high in zip(below, heights, strict=True)]
    return areas


def _curve_spans(curves: Sequence[Curve], columns: int, top: float, dots: int) -> list[_CurveSpans]:
    """Return the spans of each curve; a single curve and stacked ones are areas, the others are traced."""
    filled = [curve for curve in curves if curve.stacked or len(curves) == 1]
    areas = iter(_stack_spans(filled, columns, top, dots) if filled else ())
    return [
        (True, next(areas))
        if curve.stacked or len(curves) == 1
        else (False, _trace(_scaled_heights(curve.points, columns, top, dots)))
        for curve in curves
    ]


def _height_masks(bits: tuple[int, int, int, int], rows: int) -> list[int]:
    """Return for each height the dots below it as an integer: a byte per row, the lowest row in the lowest byte."""
    masks = [0]
    for row in range(rows):
        masks.extend(masks[4 * row] | sum(bits[: dot + 1]) << 8 * row for dot in range(4))
    return masks


def _combine_dot_columns(spans: Sequence[_Span], left: Sequence[int], right: Sequence[int]) -> list[int]:
    """Return an integer per cell column for two neighbouring dot columns each."""
    pairs = zip(spans[::2], spans[1::2], strict=True)
    return [left[b] ^ left[a] | right[d] ^ right[c] for (a, b), (c, d) in pairs]


def _dash(spans: list[_Span], order: int) -> list[_Span]:
    period = _DASHES[order % len(_DASHES)]
    if period == 1:
        return spans
    return [(0, 0) if at // period % 2 else span for at, span in enumerate(spans)]


def _dash_traced(all_spans: list[_CurveSpans]) -> list[_CurveSpans]:
    return [(area, spans if area else _dash(spans, order)) for order, (area, spans) in enumerate(all_spans)]


def _build_layers(curves: Sequence[Curve], columns: int, rows: int, top: float, patterned: bool) -> list[_Layer]:
    all_spans = _curve_spans(curves, columns * 2, top, rows * 4)
    all_spans = _dash_traced(all_spans) if patterned else all_spans
    left, right = _height_masks(_LEFT_DOTS, rows), _height_masks(_RIGHT_DOTS, rows)
    layers = [(area, _combine_dot_columns(spans, left, right)) for area, spans in all_spans]
    if not patterned:
        return layers
    textures = [int.from_bytes(bytes([texture]) * rows, "big") for texture in _TEXTURES]
    return [
        (area, [mask & textures[order % len(textures)] for mask in masks] if area and order else masks)
        for order, (area, masks) in enumerate(layers)
    ]


def _draw_braille(curves: Sequence[Curve], columns: int, rows: int, top: float, patterned: bool) -> GlyphGrid:
    layers = _build_layers(curves, columns, rows, top, patterned)
    combined = [0] * columns
    for _, masks in layers:
        combined = [mask | more for mask, more in zip(combined, masks, strict=True)]
    cells = list(zip(*(mask.to_bytes(rows, "big") for mask in combined), strict=True))
    grid = GlyphGrid([[_BRAILLE[cell] for cell in row] for row in cells], [])
    if len(layers) == 1:
        grid.owners = [[1 if cell else 0 for cell in row] for row in cells]
    else:
        grid.owners = _cell_owners(layers, columns, rows)
    return grid


def _cell_owners(layers: Sequence[_Layer], columns: int, rows: int) -> list[list[CellOwner]]:
    """Return the owner of each cell: the first line through it, otherwise the area with the most dots in it."""
    owners: list[list[CellOwner]] = [[0] * columns for _ in range(rows)]
    weights = [[0] * columns for _ in range(rows)]
    for order, (area, masks) in enumerate(layers, 1):
        for row, cells in enumerate(zip(*(mask.to_bytes(rows, "big") for mask in masks), strict=True)):
            weight_row, owner_row = weights[row], owners[row]
            for column, cell in enumerate(cells):
                weight = (cell.bit_count() if area else 100 - order) if cell else 0
                if weight > weight_row[column]:
                    weight_row[column] = weight
                    owner_row[column] = order
    return owners


def _draw_ascii(curves: Sequence[Curve], columns: int, rows: int, top: float) -> GlyphGrid:
    grid = blank_grid(columns, rows)
    ordered = list(enumerate(_curve_spans(curves, columns, top, rows)))
    for order, (area, spans) in sorted(ordered, key=lambda item: (not item[1][0], -item[0])):
        edge = _ASCII_EDGE[order % len(_ASCII_EDGE)]
        body = _ASCII_BODY[order % len(_ASCII_BODY)] if area else edge
        for column, (low, high) in enumerate(spans):
            for dot in range(low, high):
                grid.put(rows - 1 - dot, column, edge if dot == high - 1 else body, order + 1)
    return grid


def draw_curves(
    curves: Sequence[Curve], columns: int, rows: int, top: float, *, ascii: bool = False, patterned: bool = False
) -> GlyphGrid:
    """Return `curves` on the scale 0..`top` in `columns` x `rows` cells.

    A single curve and stacked ones are filled areas, others are traced. With `patterned`, curves after the first are
    dashed or lighter, for a terminal without colour. With `ascii`, a cell is one dot: `*` on a curve, `:` below it.
    """
    if columns <= 0 or rows <= 0 or not curves:
        return blank_grid(max(columns, 1), max(rows, 1))
    if ascii:
        return _draw_ascii(curves, columns, rows, top)
    return _draw_braille(curves, columns, rows, top, patterned)
