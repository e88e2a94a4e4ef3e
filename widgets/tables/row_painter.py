"""Drawing of a live table's lines: titles and rows, each cell in the slot of its column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeAlias

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from dockpit.model.view_models import Cell, Column, Row, TableView, Tone
from widgets.drawing.horizontal_bar import draw_bar
from widgets.drawing.sparkline import sparkline
from widgets.drawing.styled_strips import StyledText, build_strip, style_words
from widgets.drawing.terminal_text import TerminalFeatures, fit, visible
from widgets.drawing.themed_widget import StylePart
from widgets.tables.column_layout import ColumnSlot

BAR_TEXT_CELLS = 4
"""Cells reserved right of a bar for its text (`100%`), so that all bars of a column have one scale."""
LABEL_CELLS = 4
"""Minimum width of a label column: the first one carries the indent and, in the first slot, the fold sign."""
CACHED_CELLS = 8192
"""Maximum number of drawn cells in the cache."""
CACHED_TEXT_CHARS = 256
"""Maximum characters of a cell's text in the cache."""

_BLANK = Cell()

_DrawnCell: TypeAlias = tuple[StyledText, ...]


class StyleResolver(Protocol):
    """Function that returns the style of a tone or part, on the cursor's line or off it."""

    def __call__(self, name: Tone | StylePart, *, cursor: bool = False, picture: bool = False) -> Style: ...


class RowPainter:
    """Draws titles and rows into `slots` on lines of `width` cells; drawn cells are cached."""

    def __init__(
        self, slots: Sequence[ColumnSlot], width: int, terminal: TerminalFeatures, style: StyleResolver
    ) -> None:
        self._slots = slots
        self._width = width
        self._terminal = terminal
        self._style = style
        self._label_slot = next((at for at, slot in enumerate(slots) if slot.width >= LABEL_CELLS), 0)
        self._cell_cache: dict[tuple[Cell, Tone | StylePart, int, int, bool], _DrawnCell] = {}

    def header(self, view: TableView) -> Strip:
        """Draw the line of titles, with an arrow on the sorted column."""
        plain, sorted_style = self._style("header"), self._style("sorted")
        texts: list[StyledText] = []
        x = 0
        for slot in self._slots:
            texts.append((" " * (slot.x - x), plain))
            if slot.column.id == view.sort:
                title = _sorted_title(slot.column, slot.width, view.descending, self._terminal.ascii)
                texts.append((title, sorted_style))
            else:
                texts.append((fit(slot.column.title, slot.width, slot.column.align, self._terminal.ascii), plain))
            x = slot.end
        return build_strip([*texts, (" " * (self._width - x), plain)], self._width)

    def row(self, row: Row, *, cursor: bool) -> Strip:
        """Draw one row; a text that is too long continues over the empty cells after it."""
        base = self._style("normal", cursor=cursor)
        sign = (">" if self._terminal.ascii else "▌", self._style("key", cursor=True))
        texts: list[StyledText] = [sign if cursor else (" ", base)]
        x = 1
        for slot, width, cell in self._allot_widths(row):
            if slot.x > x:
                texts.append((" " * (slot.x - x), base))
            texts.extend(self._cached(cell, _effective_tone(cell, row), slot, width, cursor))
            x = slot.x + width
        return build_strip([*texts, (" " * (self._width - x), base)], self._width)

    def _allot_widths(self, row: Row) -> Iterator[tuple[ColumnSlot, int, Cell]]:
        """Yield each slot to draw, the width of its cell, and the cell with fold sign and indent in its text."""
        slots, position = self._slots, 0
        while position < len(slots):
            slot = slots[position]
            cell = self._with_fold_and_indent(row, slot, position)
            width = slot.width
            needed = 0 if _has_picture(cell) else cell_len(visible(cell.text, self._width))
            while needed > width and position + 1 < len(slots) and _is_empty(_cell_of(row, slots[position + 1])):
                position += 1
                width = slots[position].end - slot.x
            yield slot, width, cell
            position += 1

    def _with_fold_and_indent(self, row: Row, slot: ColumnSlot, position: int) -> Cell:
        """Return the cell of a slot, with the fold sign in the first slot and the indent in the label's."""
        cell = _cell_of(row, slot)
        prefix = "  " * row.indent if position == self._label_slot else ""
        if row.kind == "group" and position == 0:
            sign = _fold_sign(row.folded, self._terminal.ascii)
            prefix += sign + " " if position == self._label_slot else sign
        return Cell(prefix + cell.text, cell.tone, cell.bar, cell.spark) if prefix else cell

    def _cached(self, cell: Cell, tone: Tone | StylePart, slot: ColumnSlot, width: int, cursor: bool) -> _DrawnCell:
        key = (cell, tone, slot.index, width, cursor)
        drawn = self._cell_cache.get(key)
        if drawn is None:
            drawn = self._draw_cell(cell, tone, slot, width, cursor)
            if len(self._cell_cache) >= CACHED_CELLS:
                self._cell_cache.clear()
            if len(cell.text) <= CACHED_TEXT_CHARS:
                self._cell_cache[key] = drawn
        return drawn

    def _draw_cell(self, cell: Cell, tone: Tone | StylePart, slot: ColumnSlot, width: int, cursor: bool) -> _DrawnCell:
        picture, text = _split_picture(cell, slot, width, self._terminal.ascii)
        style = self._style(tone, cursor=cursor, picture=self._terminal.colour and _is_sign(cell))
        words = style_words(text, style, self._style("normal", cursor=cursor))
        return ((picture, self._style(tone, cursor=cursor, picture=True)), *words) if picture else words


def _sorted_title(column: Column, width: int, descending: bool, ascii: bool) -> str:
    arrow = ("v" if descending else "^") if ascii else ("↓" if descending else "↑")
    name = fit(column.title, min(cell_len(column.title), width - 1), "left", ascii)
    return fit(name + arrow, width, column.align, ascii)


def _fold_sign(folded: bool, ascii: bool) -> str:
    if ascii:
        return ">" if folded else "v"
    return "▸" if folded else "▾"


def _cell_of(row: Row, slot: ColumnSlot) -> Cell:
    return row.cells[slot.index] if slot.index < len(row.cells) else _BLANK


def _has_picture(cell: Cell) -> bool:
    return cell.bar is not None or bool(cell.spark)


def _is_empty(cell: Cell) -> bool:
    return not cell.text and not _has_picture(cell)


def _is_sign(cell: Cell) -> bool:
    """Return whether the text is a single symbol, which needs the colour of its tone only."""
    return len(cell.text) == 1 and not cell.text.isalnum()


def _effective_tone(cell: Cell, row: Row) -> Tone | StylePart:
    tone = cell.tone if cell.tone != "normal" else row.tone
    return "group" if tone == "normal" and row.kind == "group" else tone


def _split_picture(cell: Cell, slot: ColumnSlot, width: int, ascii: bool) -> tuple[str, str]:
    """Return the bar or sparkline of a cell ("" for none) and the text after it, together `width` cells."""
    text_cells = max(BAR_TEXT_CELLS, cell_len(visible(cell.text, width))) + 1 if cell.text else 0
    picture_cells = width - text_cells
    if not _has_picture(cell) or picture_cells < 1:
        align = "right" if _has_picture(cell) else slot.column.align if width == slot.width else "left"
        return "", fit(cell.text, width, align, ascii)
    picture = sparkline(cell.spark, picture_cells, ascii) if cell.spark else draw_bar(cell.bar, picture_cells, ascii)
    return picture, fit(cell.text, text_cells, "right", ascii)
