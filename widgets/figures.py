"""One line of labelled figures that stay in their places while their texts change."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events

from dockpit.model.view_models import LabelledText
from widgets.ink import fit, visible
from widgets.one_line import OneLine
from widgets.spark import sparkline
from widgets.strips import Piece

SPARK_WIDTH = 8
LEAST_GAP = 2
WIDEST_GAP = 6


class FigureBar(OneLine):
    """The line of `figures`: the first `len - keep` packed at the left, the last `keep` at the right edge.

    Where the room is short the sparklines go first, then the figures left of the kept ones from the right.
    A figure's room grows with its longest text, so that nothing jumps every second, until all of them no longer fit:
    then each has what its present text needs.
    """

    def __init__(self, *, keep: int = 1, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keep = keep
        self._figures: tuple[LabelledText, ...] = ()
        self._rooms: list[int] = []
        self._width = 0
        self._resized = False

    @property
    def figures(self) -> tuple[LabelledText, ...]:
        """What the line shows."""
        return self._figures

    @figures.setter
    def figures(self, figures: tuple[LabelledText, ...]) -> None:
        resized, self._resized = self._resized, False
        if figures == self._figures:
            return
        if resized or [figure.label for figure in figures] != [figure.label for figure in self._figures]:
            self._rooms = [0] * len(figures)
        needed = [_text_room(figure) for figure in figures]
        self._figures = figures
        self._rooms = [max(pair) for pair in zip(self._rooms, needed, strict=True)]
        if self._width and _length(self._pairs(), SPARK_WIDTH) > self._width - 2:
            self._rooms = needed
        self.changed()

    def _pairs(self) -> list[tuple[LabelledText, int]]:
        """The figures that say something, each with its room."""
        pairs = zip(self._figures, self._rooms, strict=True)
        return [(figure, room) for figure, room in pairs if figure.text or figure.label]

    def on_resize(self, event: events.Resize) -> None:
        """A new width is a new start for the rooms, and for those of the figures that are made for it."""
        self._resized = self._width not in (0, event.size.width)
        self._width = event.size.width
        self._rooms = [_text_room(figure) for figure in self._figures]
        self.changed()

    def pieces(self, width: int) -> list[Piece]:
        """The line of figures that fit into `width` cells."""
        pairs = self._pairs()
        split = max(len(pairs) - self._keep, 0)
        left, right = pairs[:split], pairs[split:]
        spark = SPARK_WIDTH
        if _length([*left, *right], spark) > width - 2:
            spark = 0
        while left and _length([*left, *right], spark) > width - 2:
            left.pop()
        return self._line(left, right, spark, width)

    def _line(
        self,
        left: Sequence[tuple[LabelledText, int]],
        right: Sequence[tuple[LabelledText, int]],
        spark: int,
        width: int,
    ) -> list[Piece]:
        spare = max(width - 2 - _length([*left, *right], spark), 0)
        gap = LEAST_GAP + min(spare // max(len(left) + len(right) - 1, 1), WIDEST_GAP - LEAST_GAP)
        start, end = self._packed(left, spark, gap), self._packed(right, spark, gap)
        between = width - 2 - sum(cell_len(text) for text, _ in (*start, *end))
        blank = self.ink_style("normal")
        if between < 0:
            text = "".join(text for text, _ in end)
            return [(fit(text, width, "left", self.ink.ascii), blank)]
        return [(" ", blank), *start, (" " * between, blank), *end, (" ", blank)]

    def _packed(self, figures: Sequence[tuple[LabelledText, int]], spark: int, gap: int) -> list[Piece]:
        pieces: list[Piece] = []
        for figure, room in figures:
            if pieces:
                pieces.append((" " * gap, self.ink_style("normal")))
            pieces.extend(self._draw(figure, room, spark))
        return pieces

    def _draw(self, figure: LabelledText, room: int, spark: int) -> list[Piece]:
        ascii, blank = self.ink.ascii, self.ink_style("normal")
        pieces: list[Piece] = []
        if figure.label:
            pieces += [(visible(figure.label, 512, ascii=ascii), self.ink_style("dim")), (" ", blank)]
        if figure.spark and spark:
            curve = sparkline(figure.spark, spark, ascii)
            pieces += [(curve, self.ink_style(figure.tone, picture=True)), (" ", blank)]
        shown = visible(figure.text, 512, ascii=ascii)
        return [*pieces, (shown, self.ink_style(figure.tone)), (" " * (room - cell_len(shown)), blank)]


def _length(figures: Sequence[tuple[LabelledText, int]], spark: int) -> int:
    """How many cells `figures` need with the least gap between them."""
    whole = sum(room + _label_room(figure) + (spark + 1 if figure.spark and spark else 0) for figure, room in figures)
    return whole + LEAST_GAP * max(len(figures) - 1, 0)


def _text_room(figure: LabelledText) -> int:
    return cell_len(visible(figure.text, 512))


def _label_room(figure: LabelledText) -> int:
    return cell_len(visible(figure.label, 512)) + 1 if figure.label else 0
