"""Curves drawn into character cells, two by four braille dots each, on a fixed scale: no widget, no colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, isnan, nan
from typing import Final, Literal, TypeAlias

from dockpit.model.view_models import Curve, Tone

Owner: TypeAlias = int | Tone | Literal["limit", "stem"]
"""Whose a cell is: 0 nobody's, i + 1 that of curve i, a word for what a chart adds to them."""

_BRAILLE: Final = (" ", *(chr(0x2800 + bits) for bits in range(1, 256)))
_LEFT: Final = (0x40, 0x04, 0x02, 0x01)
_RIGHT: Final = (0x80, 0x20, 0x10, 0x08)
_TEXTURES: Final = (0xFF, 0x95, 0x44, 0x11)
"""The dots that each stacked curve keeps where colour cannot tell them apart: all, every other, few, fewer."""
_DASHES: Final = (1, 4, 2)
"""After how many dot columns each line pauses for as many, where colour cannot tell them apart; 1 for never."""
_ASCII_EDGE: Final = "*+ox"
_ASCII_BODY: Final = ":#=."

_Span: TypeAlias = tuple[int, int]
"""The dots of one dot column, from the bottom: first, and one after the last; equal for none."""

_Layer: TypeAlias = tuple[bool, list[int]]
"""Whether a curve is an area, and its dots: a number a cell column, of which each byte is a row."""


@dataclass(slots=True)
class Grid:
    """Rows of glyphs from the top, and whose each of them is."""

    glyphs: list[list[str]]
    owners: list[list[Owner]]

    def put(self, row: int, column: int, text: str, owner: Owner) -> None:
        """Write `text`, one cell a character, over what is there; what is outside is left out."""
        width = len(self.glyphs[0])
        for at, glyph in enumerate(text, column):
            if 0 <= at < width and 0 <= row < len(self.glyphs):
                self.glyphs[row][at] = glyph
                self.owners[row][at] = owner

    def free(self, row: int, column: int, width: int, *over: Owner) -> bool:
        """Whether those cells are inside and nobody's, or belong to one of `over`."""
        if not (0 <= row < len(self.owners) and column >= 0 and column + width <= len(self.owners[row])):
            return False
        return all(not owner or owner in over for owner in self.owners[row][column : column + width])

    def rule(self, row: int, glyph: str, begin: int = 0, end: int | None = None) -> None:
        """Draw a limit line in the cells of `row` from `begin` to `end` that nothing covers."""
        for column, owner in enumerate(self.owners[row][begin:end], begin):
            if not owner:
                self.put(row, column, glyph, "limit")


def blank(columns: int, rows: int) -> Grid:
    """Return a grid with nothing in it."""
    return Grid([[" "] * columns for _ in range(rows)], [[0] * columns for _ in range(rows)])


def _peak(bucket: Sequence[float]) -> float:
    """The greatest number among `bucket`, NaN when it holds none."""
    return max((value for value in bucket if value == value), default=nan)


def _between(points: Sequence[float], columns: int) -> list[float]:
    """Spread fewer points than columns: straight between two neighbours, nothing across a gap."""
    last = len(points) - 1
    if last == 0:
        return [points[0]] * columns
    found = []
    for column in range(columns):
        index, rest = divmod(column * last, columns - 1)
        share = rest / (columns - 1)
        here, there = points[index], points[min(index + 1, last)]
        value = here + (there - here) * share
        found.append(value if isfinite(value) else here if share <= 0.5 else there)
    for index, point in enumerate(points):
        column = round(index * (columns - 1) / last)
        found[column] = point if isnan(point) else max(found[column], point) if isfinite(found[column]) else point
    return found


def resample(points: Sequence[float], columns: int) -> list[float]:
    """Return `points` in exactly `columns` values: the peak of each share of them, so that no spike is lost.

    NaN is a gap; a column is one only when it holds no number at all. Fewer points than columns are joined straight.
    """
    count = len(points)
    if not count or columns <= 0:
        return [nan] * max(columns, 0)
    if count == columns:
        return list(points)
    if count < columns:
        return _between(points, columns)
    edges = [column * count // columns for column in range(columns + 1)]
    buckets = [points[start:end] for start, end in pairwise(edges)]
    return [max(bucket) if bucket[0] == bucket[0] else _peak(bucket) for bucket in buckets]


def height(value: float, top: float, dots: int) -> int:
    """Return how many of `dots` stand for `value` on 0..`top`: 0 for NaN, else at least 1, so that 0 is not a gap."""
    if value != value:
        return 0
    if not (top > 0 and value > 0):
        return 1
    return dots if value >= top else 1 + int(value / top * (dots - 1) + 0.5)


def row_of(value: float, top: float, rows: int, *, ascii: bool = False) -> int:
    """Return the row of a grid, from the top, in which a curve at `value` would be."""
    per_row = 1 if ascii else 4
    return rows - 1 - (height(value, top, rows * per_row) - 1) // per_row


def _heights(points: Sequence[float], columns: int, top: float, dots: int) -> list[int]:
    return [height(value, top, dots) for value in resample(points, columns)]


def _traced(heights: Sequence[int]) -> list[_Span]:
    """A curve one dot thick, joined upwards and downwards."""
    spans: list[_Span] = []
    before = 0
    for now in heights:
        if not now:
            spans.append((0, 0))
        elif not before or now == before:
            spans.append((now - 1, now))
        else:
            spans.append((before, now) if now > before else (now - 1, before - 1))
        before = now
    return spans


def sums(lines: Sequence[Curve]) -> list[list[float]]:
    """The running totals of stacked curves, point by point; a total is a gap only where every curve is."""
    length = max(len(line.points) for line in lines)
    totals: list[list[float]] = []
    below = [nan] * length
    for line in lines:
        points = (nan,) * (length - len(line.points)) + line.points
        below = [b if p != p else p if b != b else b + max(p, 0.0) for b, p in zip(below, points, strict=True)]
        totals.append(below)
    return totals


def _stacked(lines: Sequence[Curve], columns: int, top: float, dots: int) -> list[list[_Span]]:
    below = [0] * columns
    layers = []
    for total in sums(lines):
        heights = _heights(total, columns, top, dots)
        layers.append([(low, max(low, high)) for low, high in zip(below, heights, strict=True)])
        below = [max(low, high) for low, high in zip(below, heights, strict=True)]
    return layers


def _spans(lines: Sequence[Curve], columns: int, top: float, dots: int) -> list[tuple[bool, list[_Span]]]:
    """What each curve covers, and whether it is an area: a lone curve is one, and so are stacked ones."""
    together = [line for line in lines if line.stacked or len(lines) == 1]
    layers = iter(_stacked(together, columns, top, dots) if together else ())
    return [
        (True, next(layers))
        if line.stacked or len(lines) == 1
        else (False, _traced(_heights(line.points, columns, top, dots)))
        for line in lines
    ]


def _masks(bits: tuple[int, int, int, int], rows: int) -> list[int]:
    """For each height, the dots below it as one number: a byte a row, the lowest row in the lowest byte."""
    masks = [0]
    for row in range(rows):
        masks.extend(masks[4 * row] | sum(bits[: dot + 1]) << 8 * row for dot in range(4))
    return masks


def _columns(spans: Sequence[_Span], left: Sequence[int], right: Sequence[int]) -> list[int]:
    """Two dot columns in one number a cell column."""
    pairs = zip(spans[::2], spans[1::2], strict=True)
    return [left[b] ^ left[a] | right[d] ^ right[c] for (a, b), (c, d) in pairs]


def _dashed(spans: list[_Span], order: int) -> list[_Span]:
    period = _DASHES[order % len(_DASHES)]
    if period == 1:
        return spans
    return [(0, 0) if at // period % 2 else span for at, span in enumerate(spans)]


def _patterned(curves: list[tuple[bool, list[_Span]]]) -> list[tuple[bool, list[_Span]]]:
    return [(area, spans if area else _dashed(spans, order)) for order, (area, spans) in enumerate(curves)]


def _layers(
    lines: Sequence[Curve], columns: int, rows: int, top: float, patterned: bool
) -> list[tuple[bool, list[int]]]:
    curves = _spans(lines, columns * 2, top, rows * 4)
    curves = _patterned(curves) if patterned else curves
    left, right = _masks(_LEFT, rows), _masks(_RIGHT, rows)
    layers = [(area, _columns(spans, left, right)) for area, spans in curves]
    if not patterned:
        return layers
    textures = [int.from_bytes(bytes([texture]) * rows, "big") for texture in _TEXTURES]
    return [
        (area, [mask & textures[order % len(textures)] for mask in masks] if area and order else masks)
        for order, (area, masks) in enumerate(layers)
    ]


def _braille(lines: Sequence[Curve], columns: int, rows: int, top: float, patterned: bool) -> Grid:
    layers = _layers(lines, columns, rows, top, patterned)
    whole = [0] * columns
    for _, masks in layers:
        whole = [mask | more for mask, more in zip(whole, masks, strict=True)]
    cells = list(zip(*(mask.to_bytes(rows, "big") for mask in whole), strict=True))
    grid = Grid([[_BRAILLE[cell] for cell in row] for row in cells], [])
    if len(layers) == 1:
        grid.owners = [[1 if cell else 0 for cell in row] for row in cells]
    else:
        grid.owners = _owners(layers, columns, rows)
    return grid


def _owners(layers: Sequence[_Layer], columns: int, rows: int) -> list[list[Owner]]:
    """Whose each cell is: the line that passes through it, the first of them first; else the area with most dots."""
    owners: list[list[Owner]] = [[0] * columns for _ in range(rows)]
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


def _plain(lines: Sequence[Curve], columns: int, rows: int, top: float) -> Grid:
    grid = blank(columns, rows)
    curves = list(enumerate(_spans(lines, columns, top, rows)))
    for order, (area, spans) in sorted(curves, key=lambda item: (not item[1][0], -item[0])):
        edge = _ASCII_EDGE[order % len(_ASCII_EDGE)]
        body = _ASCII_BODY[order % len(_ASCII_BODY)] if area else edge
        for column, (low, high) in enumerate(spans):
            for dot in range(low, high):
                grid.put(rows - 1 - dot, column, edge if dot == high - 1 else body, order + 1)
    return grid


def draw(
    lines: Sequence[Curve], columns: int, rows: int, top: float, *, ascii: bool = False, patterned: bool = False
) -> Grid:
    """Return `lines` on the scale 0..`top` in `columns` x `rows` cells.

    A lone curve and stacked ones are filled areas, others are traced. With `patterned`, curves after the first are
    dashed or lighter, for a terminal without colour. With `ascii`, a cell is one dot: `*` on a curve, `:` below it.
    """
    if columns <= 0 or rows <= 0 or not lines:
        return blank(max(columns, 1), max(rows, 1))
    if ascii:
        return _plain(lines, columns, rows, top)
    return _braille(lines, columns, rows, top, patterned)
