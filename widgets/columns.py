"""Which columns of a table fit into a width, and where each begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dockpit.model.view_models import Column

GAP = 1
"""Cells between two columns."""
MARGIN = 1
"""Cells left of the first column, for the sign of the cursor, and right of the last, for the scrollbar."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A column in its place: `index` into a row's cells, first cell `x` and `width` in cells."""

    column: Column
    index: int
    x: int
    width: int

    @property
    def end(self) -> int:
        """The first cell after the column."""
        return self.x + self.width


def lay_out(columns: Sequence[Column], width: int) -> tuple[Slot, ...]:
    """Choose columns by priority for a line of `width` cells and share the room that is left among those that stretch.

    The highest priority number goes first, of equals the rightmost; the last column left is cut, not dropped.
    """
    room = width - 2 * MARGIN
    kept = sorted(range(len(columns)), key=lambda index: (columns[index].priority, index))
    while len(kept) > 1 and _needed(columns, kept) > room:
        kept.pop()
    spare = max(room - _needed(columns, kept), 0)
    return tuple(_place(columns, sorted(kept), spare, room))


def _needed(columns: Sequence[Column], kept: Sequence[int]) -> int:
    return sum(columns[index].width for index in kept) + GAP * (len(kept) - 1)


def _place(columns: Sequence[Column], kept: Sequence[int], spare: int, room: int) -> list[Slot]:
    stretching = sum(columns[index].stretch for index in kept)
    slots: list[Slot] = []
    x = MARGIN
    for index in kept:
        width = columns[index].width
        if columns[index].stretch:
            share = -(-spare // stretching)
            spare, stretching, width = spare - share, stretching - 1, width + share
        slots.append(Slot(columns[index], index, x, min(width, max(room, 0))))
        x += width + GAP
    return slots
