"""One line of labelled figures that keep their positions while their texts change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len
from textual import events

from dockpit.model.view_models import LabelledText
from widgets.drawing.sparkline import sparkline
from widgets.drawing.styled_strips import StyledText
from widgets.drawing.terminal_text import fit, visible
from widgets.text.single_line import SingleLine

SPARKLINE_CELLS = 8
MINIMUM_GAP = 2
MAXIMUM_GAP = 6
_MEASURED_CELLS = 512
"""Maximum cells measured of a label or text."""

_SizedFigure: TypeAlias = tuple[LabelledText, int]
"""A figure and the cells reserved for its text."""


class FigureBar(SingleLine):
    """Line of `figures`: the last `keep` at the right edge, the others packed at the left.

    Where they do not fit, the sparklines are dropped first, then the left figures, the last one first. The width
    reserved for a figure grows with its longest text, so that nothing jumps every second. Once the reserved widths
    no longer fit together, each shrinks to the present text.
    """

    def __init__(self, *, keep: int = 1, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keep = keep
        self._figures: tuple[LabelledText, ...] = ()
        self._reserved_cells: list[int] = []
        self._width = 0
        self._was_resized = False

    @property
    def figures(self) -> tuple[LabelledText, ...]:
        """Content of the line; an equal value repaints nothing."""
        return self._figures

    @figures.setter
    def figures(self, figures: tuple[LabelledText, ...]) -> None:
        was_resized, self._was_resized = self._was_resized, False
        if figures == self._figures:
            return
        if was_resized or [figure.label for figure in figures] != [figure.label for figure in self._figures]:
            self._reserved_cells = [0] * len(figures)
        needed = [_text_cells(figure) for figure in figures]
        self._figures = figures
        self._reserved_cells = [max(pair) for pair in zip(self._reserved_cells, needed, strict=True)]
        if self._width and _minimum_width(self._sized_figures(), SPARKLINE_CELLS) > self._width - 2:
            self._reserved_cells = needed
        self.redraw()

    def _sized_figures(self) -> list[_SizedFigure]:
        """Return the figures that have a text or label, each with its reserved cells."""
        sized = zip(self._figures, self._reserved_cells, strict=True)
        return [(figure, cells) for figure, cells in sized if figure.text or figure.label]

    def on_resize(self, event: events.Resize) -> None:
        """Reset the reserved widths, now and with the next figures, which are made for the new width."""
        self._was_resized = self._width not in (0, event.size.width)
        self._width = event.size.width
        self._reserved_cells = [_text_cells(figure) for figure in self._figures]
        self.redraw()

    def line_texts(self, width: int) -> list[StyledText]:
        """Return the figures that fit into `width` cells."""
        sized = self._sized_figures()
        split = max(len(sized) - self._keep, 0)
        left, right = sized[:split], sized[split:]
        sparkline_cells = SPARKLINE_CELLS
        if _minimum_width([*left, *right], sparkline_cells) > width - 2:
            sparkline_cells = 0
        while left and _minimum_width([*left, *right], sparkline_cells) > width - 2:
            left.pop()
        return self._justify(left, right, sparkline_cells, width)

    def _justify(
        self, left: Sequence[_SizedFigure], right: Sequence[_SizedFigure], sparkline_cells: int, width: int
    ) -> list[StyledText]:
        """Return the line with `left` at its left edge and `right` at its right edge."""
        spare = max(width - 2 - _minimum_width([*left, *right], sparkline_cells), 0)
        gap = MINIMUM_GAP + min(spare // max(len(left) + len(right) - 1, 1), MAXIMUM_GAP - MINIMUM_GAP)
        start, end = self._pack(left, sparkline_cells, gap), self._pack(right, sparkline_cells, gap)
        between = width - 2 - sum(cell_len(text) for text, _ in (*start, *end))
        blank = self.themed_style("normal")
        if between < 0:
            text = "".join(text for text, _ in end)
            return [(fit(text, width, "left", self.terminal.ascii), blank)]
        return [(" ", blank), *start, (" " * between, blank), *end, (" ", blank)]

    def _pack(self, figures: Sequence[_SizedFigure], sparkline_cells: int, gap: int) -> list[StyledText]:
        texts: list[StyledText] = []
        for figure, reserved in figures:
            if texts:
                texts.append((" " * gap, self.themed_style("normal")))
            texts.extend(self._figure_texts(figure, reserved, sparkline_cells))
        return texts

    def _figure_texts(self, figure: LabelledText, reserved: int, sparkline_cells: int) -> list[StyledText]:
        ascii, blank = self.terminal.ascii, self.themed_style("normal")
        texts: list[StyledText] = []
        if figure.label:
            label = visible(figure.label, _MEASURED_CELLS, ascii=ascii)
            texts += [(label, self.themed_style("dim")), (" ", blank)]
        if figure.spark and sparkline_cells:
            curve = sparkline(figure.spark, sparkline_cells, ascii)
            texts += [(curve, self.themed_style(figure.tone, picture=True)), (" ", blank)]
        shown = visible(figure.text, _MEASURED_CELLS, ascii=ascii)
        return [*texts, (shown, self.themed_style(figure.tone)), (" " * (reserved - cell_len(shown)), blank)]


def _minimum_width(figures: Sequence[_SizedFigure], sparkline_cells: int) -> int:
    """Return the cells that `figures` take with the smallest gap between them."""
    total = sum(
        reserved + _label_cells(figure) + (sparkline_cells + 1 if figure.spark and sparkline_cells else 0)
        for figure, reserved in figures
    )
    return total + MINIMUM_GAP * max(len(figures) - 1, 0)


def _text_cells(figure: LabelledText) -> int:
    return cell_len(visible(figure.text, _MEASURED_CELLS))


def _label_cells(figure: LabelledText) -> int:
    return cell_len(visible(figure.label, _MEASURED_CELLS)) + 1 if figure.label else 0
