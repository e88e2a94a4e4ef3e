"""The lines of a live table: cells drawn into the slots of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from dockpit.viewmodel import Cell, Column, Row, TableView, Tone
from widgets.bar import bar
from widgets.columns import Slot
from widgets.ink import Ink, Part, fit, visible
from widgets.spark import sparkline
from widgets.strips import Piece, strip_of

FIGURE_ROOM = 4
"""Cells kept right of a bar for its figure, so that the bars of one column share one scale: `100%`."""
LABEL_WIDTH = 4
"""The first column at least this wide carries the indent and, if nothing is before it, the fold sign."""

_BLANK = Cell()


class Stylist(Protocol):
    """Whoever knows the style of a tone or part, on the cursor's line or off it."""

    def __call__(self, name: Tone | Part, *, cursor: bool = False, picture: bool = False) -> Style: ...


def draw_header(view: TableView, slots: Sequence[Slot], width: int, ink: Ink, style: Stylist) -> Strip:
    """Draw the line of titles, the sorted column marked with the direction."""
    plain = style("header")
    pieces: list[Piece] = []
    x = 0
    for slot in slots:
        pieces.append((" " * (slot.x - x), plain))
        sorted_by = slot.column.id == view.sort
        title = _title(slot.column, slot.width, view.descending if sorted_by else None, ink)
        pieces.append((title, style("sorted") if sorted_by else plain))
        x = slot.end
    return strip_of([*pieces, (" " * (width - x), plain)], width)


def _title(column: Column, width: int, descending: bool | None, ink: Ink) -> str:
    if descending is None:
        return fit(column.title, width, column.align, ink.ascii)
    arrow = ("v" if descending else "^") if ink.ascii else ("↓" if descending else "↑")
    name = fit(column.title, min(cell_len(column.title), width - 1), "left", ink.ascii)
    return fit(name + arrow, width, column.align, ink.ascii)


def draw_row(row: Row, slots: Sequence[Slot], width: int, ink: Ink, style: Stylist, *, cursor: bool) -> Strip:
    """Draw one row in exactly `width` cells; a long text at the left runs on over the empty cells after it."""
    base = style("normal", cursor=cursor)
    pieces: list[Piece] = [(_cursor_sign(ink), style("key", cursor=cursor)) if cursor else (" ", base)]
    x = 1
    for slot, room, cell in _spread(row, slots, ink):
        tone = _tone(cell, row)
        words = style(tone, cursor=cursor)
        picture, text = _draw_cell(cell, slot.column, room, ink)
        pieces.append((" " * (slot.x - x), base))
        pieces.append((picture, style(tone, cursor=cursor, picture=True)))
        pieces.extend(_padded(text, words, base))
        x = slot.x + room
    return strip_of([*pieces, (" " * (width - x), base)], width)


def _cursor_sign(ink: Ink) -> str:
    return ">" if ink.ascii else "▌"


def _spread(row: Row, slots: Sequence[Slot], ink: Ink) -> Iterator[tuple[Slot, int, Cell]]:
    """Each slot that is drawn, the room its cell gets and the cell, with fold sign and indent in its text."""
    position = 0
    lead = next((at for at, slot in enumerate(slots) if slot.width >= LABEL_WIDTH), 0)
    while position < len(slots):
        slot = slots[position]
        cell = _lead_cell(row, slot, position, lead, ink)
        room = slot.width
        spilling = slot.column.align == "left" and not _has_picture(cell)
        needed = cell_len(visible(cell.text, 512)) if spilling else 0
        while needed > room and position + 1 < len(slots) and _is_empty(_cell_at(row, slots[position + 1])):
            position += 1
            room = slots[position].end - slot.x
        yield slot, room, cell
        position += 1


def _lead_cell(row: Row, slot: Slot, position: int, lead: int, ink: Ink) -> Cell:
    """The cell of a slot, with the fold sign in the first slot and the indent in the label's."""
    cell = _cell_at(row, slot)
    prefix = "  " * row.indent if position == lead else ""
    if row.kind == "group" and position == 0:
        sign = _fold_sign(row.folded, ink)
        prefix += sign + " " if position == lead else sign
    return Cell(prefix + cell.text, cell.tone, cell.bar, cell.spark) if prefix else cell


def _fold_sign(folded: bool, ink: Ink) -> str:
    if ink.ascii:
        return ">" if folded else "v"
    return "▸" if folded else "▾"


def _cell_at(row: Row, slot: Slot) -> Cell:
    return row.cells[slot.index] if slot.index < len(row.cells) else _BLANK


def _has_picture(cell: Cell) -> bool:
    return cell.bar is not None or bool(cell.spark)


def _is_empty(cell: Cell) -> bool:
    return not cell.text and not _has_picture(cell)


def _tone(cell: Cell, row: Row) -> Tone | Part:
    tone = cell.tone if cell.tone != "normal" else row.tone
    return "group" if tone == "normal" and row.kind == "group" else tone


def _draw_cell(cell: Cell, column: Column, room: int, ink: Ink) -> tuple[str, str]:
    """The picture of a cell and the text after it, together `room` cells."""
    figure = max(FIGURE_ROOM, cell_len(visible(cell.text, room))) + 1 if cell.text else 0
    picture_room = room - figure
    if not _has_picture(cell) or picture_room < 1:
        return "", fit(cell.text, room, "right" if _has_picture(cell) else column.align, ink.ascii)
    picture = sparkline(cell.spark, picture_room, ink.ascii) if cell.spark else bar(cell.bar, picture_room, ink.ascii)
    return picture, fit(cell.text, figure, "right", ink.ascii)


def _padded(text: str, style: Style, base: Style) -> tuple[Piece, Piece, Piece]:
    """`text` with its own style for the words and the line's for the room around them."""
    words = text.strip(" ")
    left = len(text) - len(text.lstrip(" ")) if words else len(text)
    return (text[:left], base), (words, style), (text[left + len(words) :], base)
