"""Choice of the columns of a table that fit into a width, and their positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dockpit.model.view_models import COLUMN_GAP, TABLE_MARGIN, Column


@dataclass(frozen=True, slots=True)
class ColumnSlot:
    """Position of a column on the line: `index` into a row's cells, first cell `x` and `width` in cells."""

    column: Column
    index: int
    x: int
    width: int

    @property
    def end(self) -> int:
        """First cell after the column."""
        return self.x + self.width


def lay_out_columns(columns: Sequence[Column], width: int) -> tuple[ColumnSlot, ...]:
    """Choose columns by priority for a line of `width` cells; stretching columns share the spare cells.

    The highest priority number is dropped first, of equals the rightmost. The last remaining column is cut instead.
    """
    available = width - 2 * TABLE_MARGIN
    kept = sorted(range(len(columns)), key=lambda index: (columns[index].priority, index))
    while len(kept) > 1 and _required_width(columns, kept) > available:
        kept.pop()
    spare = max(available - _required_width(columns, kept), 0)
    return tuple(_place_columns(columns, sorted(kept), spare, available))


def _required_width(columns: Sequence[Column], kept: Sequence[int]) -> int:
    return sum(columns[index].width for index in kept) + COLUMN_GAP * (len(kept) - 1)


def _place_columns(columns: Sequence[Column], kept: Sequence[int], spare: int, available: int) -> list[ColumnSlot]:
    stretching = sum(columns[index].stretch for index in kept)
    slots: list[ColumnSlot] = []
    x = TABLE_MARGIN
    for index in kept:
        width = columns[index].width
        if columns[index].stretch:
            share = -(-spare // stretching)
            spare, stretching, width = spare - share, stretching - 1, width + share
        slots.append(ColumnSlot(columns[index], index, x, min(width, max(available, 0))))
        x += width + COLUMN_GAP
    return slots
