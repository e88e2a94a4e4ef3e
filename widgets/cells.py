"""The lines of a live table: cells drawn into the slots of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from dockpit.model.view_models import Cell, Column, Row, TableView, Tone
from widgets.bar import bar
from widgets.columns import Slot
from widgets.ink import Ink, Part, fit, visible
from widgets.spark import sparkline
from widgets.strips import Piece, padded, strip_of

FIGURE_ROOM = 4
"""Cells kept right of a bar for its figure, so that the bars of one column share one scale: `100%`."""
LABEL_WIDTH = 4
"""The first column at least this wide carries the indent and, if nothing is before it, the fold sign."""
MOST_KEPT = 8192
LONGEST_KEPT = 256
"""How many drawn cells are kept, and up to which length of text."""

_BLANK = Cell()


class Stylist(Protocol):
    """Whoever knows the style of a tone or part, on the cursor's line or off it."""

    def __call__(self, name: Tone | Part, *, cursor: bool = False, picture: bool = False) -> Style: ...


class Painter:
    """Draws the titles and rows of a table into `slots` on lines of `width` cells, keeping the cells it has drawn."""

    def __init__(self, slots: Sequence[Slot], width: int, ink: Ink, style: Stylist) -> None:
        self._slots = slots
        self._width = width
        self._ink = ink
        self._style = style
        self._lead = next((at for at, slot in enumerate(slots) if slot.width >= LABEL_WIDTH), 0)
        self._kept: dict[tuple[Cell, Tone | Part, int, int, bool], tuple[Piece, ...]] = {}

    def header(self, view: TableView) -> Strip:
        """Draw the line of titles, the sorted column marked with the direction."""
        plain, strong = self._style("header"), self._style("sorted")
        pieces: list[Piece] = []
        x = 0
        for slot in self._slots:
            pieces.append((" " * (slot.x - x), plain))
            if slot.column.id == view.sort:
                pieces.append((_sorted_title(slot.column, slot.width, view.descending, self._ink.ascii), strong))
            else:
                pieces.append((fit(slot.column.title, slot.width, slot.column.align, self._ink.ascii), plain))
            x = slot.end
        return strip_of([*pieces, (" " * (self._width - x), plain)], self._width)

    def row(self, row: Row, *, cursor: bool) -> Strip:
        """Draw one row; a text that is too long runs on over the empty cells after it."""
        base = self._style("normal", cursor=cursor)
        sign = (">" if self._ink.ascii else "▌", self._style("key", cursor=True))
        pieces: list[Piece] = [sign if cursor else (" ", base)]
        x = 1
        for slot, room, cell in self._spread(row):
            if slot.x > x:
                pieces.append((" " * (slot.x - x), base))
            pieces.extend(self._cell(cell, _tone(cell, row), slot, room, cursor))
            x = slot.x + room
        return strip_of([*pieces, (" " * (self._width - x), base)], self._width)

    def _spread(self, row: Row) -> Iterator[tuple[Slot, int, Cell]]:
        """Each slot that is drawn, the room its cell gets and the cell, with fold sign and indent in its text."""
        slots, position = self._slots, 0
        while position < len(slots):
            slot = slots[position]
            cell = self._marked(row, slot, position)
            room = slot.width
            needed = 0 if _has_picture(cell) else cell_len(visible(cell.text, self._width))
            while needed > room and position + 1 < len(slots) and _is_empty(_cell_at(row, slots[position + 1])):
                position += 1
                room = slots[position].end - slot.x
            yield slot, room, cell
            position += 1

    def _marked(self, row: Row, slot: Slot, position: int) -> Cell:
        """The cell of a slot, with the fold sign in the first slot and the indent in the label's."""
        cell = _cell_at(row, slot)
        prefix = "  " * row.indent if position == self._lead else ""
        if row.kind == "group" and position == 0:
            sign = _fold_sign(row.folded, self._ink.ascii)
            prefix += sign + " " if position == self._lead else sign
        return Cell(prefix + cell.text, cell.tone, cell.bar, cell.spark) if prefix else cell

    def _cell(self, cell: Cell, tone: Tone | Part, slot: Slot, room: int, cursor: bool) -> tuple[Piece, ...]:
        key = (cell, tone, slot.index, room, cursor)
        known = self._kept.get(key)
        if known is None:
            known = self._draw(cell, tone, slot, room, cursor)
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            if len(cell.text) <= LONGEST_KEPT:
                self._kept[key] = known
        return known

    def _draw(self, cell: Cell, tone: Tone | Part, slot: Slot, room: int, cursor: bool) -> tuple[Piece, ...]:
        picture, text = _split(cell, slot, room, self._ink.ascii)
        words = self._style(tone, cursor=cursor, picture=self._ink.colour and _is_sign(cell))
        around = padded(text, words, self._style("normal", cursor=cursor))
        return ((picture, self._style(tone, cursor=cursor, picture=True)), *around) if picture else around


def _sorted_title(column: Column, width: int, descending: bool, ascii: bool) -> str:
    arrow = ("v" if descending else "^") if ascii else ("↓" if descending else "↑")
    name = fit(column.title, min(cell_len(column.title), width - 1), "left", ascii)
    return fit(name + arrow, width, column.align, ascii)


def _fold_sign(folded: bool, ascii: bool) -> str:
    if ascii:
        return ">" if folded else "v"
    return "▸" if folded else "▾"


def _cell_at(row: Row, slot: Slot) -> Cell:
    return row.cells[slot.index] if slot.index < len(row.cells) else _BLANK


def _has_picture(cell: Cell) -> bool:
    return cell.bar is not None or bool(cell.spark)


def _is_empty(cell: Cell) -> bool:
    return not cell.text and not _has_picture(cell)


def _is_sign(cell: Cell) -> bool:
    """Whether the text is one character that speaks by its shape, and needs no ground or weight of its tone."""
    return len(cell.text) == 1 and not cell.text.isalnum()


def _tone(cell: Cell, row: Row) -> Tone | Part:
    tone = cell.tone if cell.tone != "normal" else row.tone
    return "group" if tone == "normal" and row.kind == "group" else tone


def _split(cell: Cell, slot: Slot, room: int, ascii: bool) -> tuple[str, str]:
    """The picture of a cell and the text after it, together `room` cells."""
    figure = max(FIGURE_ROOM, cell_len(visible(cell.text, room))) + 1 if cell.text else 0
    picture_room = room - figure
    if not _has_picture(cell) or picture_room < 1:
        align = "right" if _has_picture(cell) else slot.column.align if room == slot.width else "left"
        return "", fit(cell.text, room, align, ascii)
    picture = sparkline(cell.spark, picture_room, ascii) if cell.spark else bar(cell.bar, picture_room, ascii)
    return picture, fit(cell.text, figure, "right", ascii)
