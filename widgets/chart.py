"""A time chart of braille curves on a fixed scale, repainted only where it changed."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Final

from rich.cells import cell_len
from rich.color import Color, ColorType, blend_rgb
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from dockpit.model.view_models import ChartView, Curve, Lane, Mark, Tone
from widgets.braille import Grid, Owner, blank, draw, resample, row_of
from widgets.ink import Ink, Inked, fit, visible

_GUTTER_FROM: Final = (34, 5)
"""From which columns and rows on a scale is written beside the curves."""
_FOOT_FROM: Final = 7
"""From how many rows on the span has a row of its own."""
_LANE_FROM: Final = 4
"""From how many rows on there is room for a lane that says something."""
_LANES_FROM: Final = 8
"""From how many rows on there is room for every lane, quiet ones too."""
_LANE: Final = " ▁▂▃▄▅▆▇█"
_LANE_ASCII: Final = " ..::==##"
_FADE: Final = 0.55
"""How far the lowest row of a lone area fades into the background."""


def has_points(view: ChartView) -> bool:
    """Whether any curve of `view` has a number to draw."""
    return any(point == point for line in view.lines for point in line.points)


def _narrow(text: str, width: int, ascii: bool) -> str:
    """`text` visible, at most `width` characters of one cell each."""
    shown = visible(text.strip(), width, ascii=ascii)[: max(width, 0)]
    return shown if cell_len(shown) == len(shown) else "".join(c if cell_len(c) == 1 else "?" for c in shown)


def _label_limit(grid: Grid, view: ChartView, row: int, ink: Ink) -> None:
    """Write what the limit is on its line, or beside it, where the curves leave room."""
    columns = len(grid.glyphs[0])
    text = _narrow(view.limit_text, columns - 2, ink.ascii)
    if not text:
        return
    text = f" {text} "
    right = columns - len(text) - 1
    places = [(at, column) for at in (row, row - 1, row + 1) for column in (right, 1, (columns - len(text)) // 2)]
    at, column = next((place for place in places if grid.free(*place, len(text), "limit", "stem")), (row, right))
    grid.put(at, max(column, 0), text, "dim")


def _column_of(mark: Mark, columns: int) -> int:
    share = min(max(mark.position, 0.0), 1.0) if mark.position == mark.position else 1.0
    return round(share * (columns - 1))


def _put_sign(grid: Grid, mark: Mark, ink: Ink) -> None:
    """Draw a mark's sign at the top and a stem down to the curves."""
    column = _column_of(mark, len(grid.glyphs[0]))
    for row in range(1, len(grid.glyphs)):
        if grid.free(row, column, 1, "limit"):
            grid.put(row, column, ":" if ink.ascii else "┊", "stem")
    grid.put(0, column, _narrow(mark.sign, 1, ink.ascii) or "!", mark.tone)


def _put_words(grid: Grid, mark: Mark, ink: Ink) -> None:
    """Write a mark's words beside its sign, where they cover nothing."""
    columns = len(grid.glyphs[0])
    column, text = _column_of(mark, columns), _narrow(mark.text, columns, ink.ascii)
    for start in (column + 2, column - 1 - len(text)):
        if text and grid.free(0, start - 1, len(text) + 1, "limit"):
            grid.put(0, start, text, mark.tone)
            return


def limits(view: ChartView) -> Iterator[tuple[float, float, float]]:
    """From where to where in the span, 0..1, which limit held, as far as the scale shows it; the one of now last."""
    steps = view.limit_steps or ((0.0, view.limit),)
    ends = [*(begin for begin, _ in steps[1:]), 1.0]
    for (begin, limit), end in zip(steps, ends, strict=True):
        if limit is not None and 0 < limit <= view.top:
            yield begin, end, limit


def plot(view: ChartView, columns: int, rows: int, ink: Ink) -> Grid:
    """Return the curves of `view` with its limit and marks in `columns` x `rows` cells."""
    grid = draw(view.lines, columns, rows, view.top, ascii=ink.ascii, patterned=not ink.colour)
    row = None
    for begin, end, limit in limits(view):
        held = row_of(limit, view.top, rows, ascii=ink.ascii)
        grid.rule(held, "-" if ink.ascii else "┈", round(begin * columns), round(end * columns))
        row = held if end == 1.0 else None
    for mark in view.marks:
        _put_sign(grid, mark, ink)
    if row is not None:
        _label_limit(grid, view, row, ink)
    for mark in view.marks:
        _put_words(grid, mark, ink)
    return grid


def lane(shown: Lane, columns: int, ink: Ink) -> Grid:
    """Return one row that says how much of each moment was lost: higher for more, in the tone of that share."""
    grid = blank(columns, 1)
    levels = _LANE_ASCII if ink.ascii else _LANE
    for column, share in enumerate(resample(shown.shares, columns)):
        if share > 0 and share >= shown.least_share:
            level = max(round(min(share, 1.0) * (len(levels) - 1)), 1)
            tone: Tone = "high" if share >= shown.high_share else "watch" if share >= shown.watch_share else "dim"
            grid.put(0, column, levels[level], tone)
    return grid


def lanes_in(view: ChartView, height: int) -> tuple[Lane, ...]:
    """Return the lanes of `view` that a chart of `height` rows has room for; the first come first."""
    if height >= _LANES_FROM:
        return view.lanes
    telling = (lane for lane in view.lanes if any(share > 0 and share >= lane.least_share for share in lane.shares))
    return tuple(islice(telling, 1)) if height >= _LANE_FROM else ()


def said(text: str, columns: int, rows: int, ascii: bool) -> Grid:
    """Return `text` in the middle of a grid, broken between words."""
    grid = blank(columns, rows)
    words = _narrow(visible(text, columns * rows), columns * rows, ascii)
    lines = textwrap.wrap(words, max(columns - 2, 1))[:rows]
    for row, words in enumerate(lines, (rows - len(lines)) // 2):
        grid.put(row, max((columns - len(words)) // 2, 0), words, "dim")
    return grid


class Chart(Inked, can_focus=False):
    """One ChartView: title and figure, curves, limit, lanes, marks and span, from 20x4 cells up."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Chart { width: 1fr; height: 1fr; }
    """

    def __init__(self, view: ChartView | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = view or ChartView("")
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, Ink] | None = None
        self._styles_of: dict[tuple[Owner, int], Style] = {}

    @property
    def view(self) -> ChartView:
        """What is shown; setting an equal one repaints nothing, another one only the rows that differ."""
        return self._view

    @view.setter
    def view(self, view: ChartView) -> None:
        if view == self._view:
            return
        before = self._view
        self._view = view
        if [(line.tone, line.stacked) for line in view.lines] != [(line.tone, line.stacked) for line in before.lines]:
            self._styles_of.clear()
        if self._drawn_for is not None and self._drawn_for == (self.size, self.ink):
            self._repaint()
        else:
            self._drawn_for = None
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn in another theme."""
        super().notify_style_update()
        self._styles_of.clear()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        wanted = (self.size, self.ink)
        if self._drawn_for != wanted:
            self._styles_of.clear()
            self._strips = self._draw()
            self._drawn_for = wanted
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _repaint(self) -> None:
        """Draw anew and ask for the changed rows only."""
        before, self._strips = self._strips, self._draw()
        changed = [now != then for now, then in zip(self._strips, before, strict=True)]
        row = 0
        for differs, run in groupby(changed):
            count = len(list(run))
            if differs:
                self.refresh(Region(0, row, self.size.width, count))
            row += count

    def _draw(self) -> list[Strip]:
        view, ink, (width, height) = self._view, self.ink, self.size
        if width <= 0 or height <= 0:
            return []
        if height == 1:
            return [self._title(width, view.span_text)]
        if view.empty and not has_points(view):
            body = self._rows(said(view.empty, width, height - 1, ink.ascii), [""] * (height - 1), 0)
            return [self._title(width, ""), *body]
        lanes = lanes_in(view, height)
        has_foot = height >= _FOOT_FROM
        rows = height - 1 - len(lanes) - has_foot
        gutter = self._gutter(width, height, bool(lanes))
        columns = width - gutter
        labels = [view.top_text, *[""] * (rows - 2), "0"][:rows] if gutter else [""] * rows
        strips = [self._title(width, "" if has_foot else view.span_text, "" if gutter else view.top_text)]
        strips += self._rows(plot(view, columns, rows, ink), labels, gutter)
        for shown in lanes:
            strips += self._rows(lane(shown, columns, ink), [shown.label], gutter)
        return [*strips, self._foot(width, gutter)] if has_foot else strips

    def _gutter(self, width: int, height: int, has_lane: bool) -> int:
        """How many cells the scale takes at the left; 0 where there is no room for it."""
        if width < _GUTTER_FROM[0] or height < _GUTTER_FROM[1]:
            return 0
        return min(max(cell_len(visible(self._view.top_text, 12)), 3 if has_lane else 1), width // 4) + 1

    def _title(self, width: int, *right: str) -> Strip:
        """Title, figure and names of the curves at the left, `right` at the right, dim."""
        view, ascii = self._view, self.ink.ascii
        parts = [(view.title, self.ink_style("group"))]
        if view.now_text:
            parts += [("  ", self.rich_style), (view.now_text, self.ink_style(view.now_tone))]
        tail = "  ".join(visible(text, width, ascii=ascii) for text in right if text)
        segments, left = [], width
        for text, style in parts:
            shown = visible(text, left, ascii=ascii)
            shown = fit(shown, min(cell_len(shown), left), ascii=ascii)
            segments.append(Segment(shown, style))
            left -= cell_len(shown)
        for name in self._names(left):
            segments += name
            left -= sum(segment.cell_length for segment in name)
        room = cell_len(tail) + 2 <= left
        segments.append(Segment(fit(tail if room else "", left, "right", ascii), self.ink_style("dim")))
        return Strip(segments, width)

    def _names(self, room: int) -> list[list[Segment]]:
        """The name of each of several curves after its sign, as many as fit whole into `room` cells.

        The last goes first, or of layers the one that is nowhere as thick as the others.
        """
        lines, ascii, dim = self._view.lines, self.ink.ascii, self.ink_style("dim")
        names: dict[int, list[Segment]] = {}
        for order, line in enumerate(lines if len(lines) > 1 else ()):
            sign = "*+ox"[order % 4] if ascii else "■" if line.stacked else "━╌┄"[order % 3]
            shown = visible(line.name, max(room, 0), ascii=ascii)
            names[order] = [Segment("  ", dim), Segment(sign, self._style_of(order + 1, -1)), Segment(f" {shown}", dim)]
        while sum(segment.cell_length for name in names.values() for segment in name) > room and names:
            del names[min(names, key=lambda order: (_thickness(lines[order]), -order))]
        return list(names.values())

    def _foot(self, width: int, gutter: int) -> Strip:
        """The axis under the curves, with the span at its right end."""
        ascii = self.ink.ascii
        span = visible(self._view.span_text, width - gutter, ascii=ascii)[: max(width - gutter - 2, 0)]
        line = max(width - gutter - cell_len(span) - bool(span), 0)
        axis = " " * gutter + ("-" if ascii else "─") * line + " " * bool(span)
        return Strip([Segment(axis, self.ink_style("track")), Segment(span, self.ink_style("dim"))], width)

    def _rows(self, grid: Grid, labels: Sequence[str], gutter: int) -> list[Strip]:
        """The strips of `grid`, each with its label on the scale before it."""
        strips = []
        for row, (glyphs, owners, label) in enumerate(zip(grid.glyphs, grid.owners, labels, strict=True)):
            segments, at = [], 0
            if gutter:
                shown = fit(label, gutter - 1, "right", self.ink.ascii) + " "
                segments.append(Segment(shown, self.ink_style("dim")))
            for owner, run in groupby(owners):
                end = at + len(list(run))
                fade = row * 100 // max(len(grid.glyphs) - 1, 1)
                segments.append(Segment("".join(glyphs[at:end]), self._style_of(owner, fade)))
                at = end
            strips.append(Strip(segments, gutter + len(glyphs)))
        return strips

    def _style_of(self, owner: Owner, fade: int) -> Style:
        """The style of a cell: of curve `owner` - 1, faded by `fade` per cent of _FADE, or of a tone or part."""
        key = (owner, fade if isinstance(owner, int) else 0)
        if key not in self._styles_of:
            self._styles_of[key] = self._make_style(owner, max(fade, 0) / 100)
        return self._styles_of[key]

    def _make_style(self, owner: Owner, fade: float) -> Style:
        if isinstance(owner, str):
            return self.ink_style("dim" if owner == "limit" else "track" if owner == "stem" else owner)
        lines = self._view.lines
        if not 0 < owner <= len(lines):
            return self.rich_style
        style = self.ink_style(lines[owner - 1].tone, picture=True)
        if len(lines) > 1 or not self.ink.colour:
            return style
        return style + Style(color=_faded(style.color, style.bgcolor, fade * _FADE))


def _thickness(line: Curve) -> float:
    """How thick a layer is where it is thickest; a line that is no layer is never too thin."""
    return max((value for value in line.points if value == value), default=0.0) if line.stacked else math.inf


def _faded(colour: Color | None, under: Color | None, share: float) -> Color | None:
    """`colour` moved toward `under` by `share`; unchanged where either is the terminal's own."""
    if colour is None or under is None or colour.type != ColorType.TRUECOLOR or under.type != ColorType.TRUECOLOR:
        return colour
    assert colour.triplet is not None and under.triplet is not None
    return Color.from_triplet(blend_rgb(colour.triplet, under.triplet, share))
