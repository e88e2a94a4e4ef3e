"""Cursor of a table whose rows come, go and change places."""

from __future__ import annotations

from collections.abc import Container, Sequence

from dockpit.model.view_models import Row


class RowCursor:
    """Cursor that stays on the key of its row, wherever the row is now.

    The key is remembered while the table has no rows, so that the cursor returns to its row afterwards.
    """

    def __init__(self) -> None:
        self.remembered_key = ""
        """Key of the last row under the cursor; that row may be gone."""
        self._rows: tuple[Row, ...] = ()
        self._positions: dict[str, int] = {}

    @property
    def key(self) -> str | None:
        """Key of the row under the cursor, None without such a row."""
        return self.remembered_key if self.remembered_key in self._positions else None

    @property
    def position(self) -> int | None:
        """Index of the row under the cursor, None without such a row."""
        return self._positions.get(self.remembered_key)

    @property
    def row(self) -> Row | None:
        """Row under the cursor, None without such a row."""
        position = self.position
        return None if position is None else self._rows[position]

    def position_of(self, key: str) -> int | None:
        """Return the index of the row with `key`, None if there is none."""
        return self._positions.get(key)

    def replace_rows(self, rows: tuple[Row, ...]) -> bool:
        """Take over new rows; return whether the cursor had to move to another key.

        When its row is gone, the cursor moves to the nearest former neighbour that is still there.
        """
        old_rows, old_position = self._rows, self.position or 0
        self._rows = rows
        self._positions = {row.key: position for position, row in enumerate(rows)}
        if self.remembered_key in self._positions or not rows:
            return False
        nearest = nearest_key(old_rows, old_position, self._positions)
        self.remembered_key = nearest or rows[min(old_position, len(rows) - 1)].key
        return True

    def move_to(self, position: int) -> tuple[int, int] | None:
        """Move to the row at `position`, limited to the rows there are; return old and new index, None if unmoved."""
        if not self._rows:
            return None
        old = self.position or 0
        new = min(max(position, 0), len(self._rows) - 1)
        if new == old:
            return None
        self.remembered_key = self._rows[new].key
        return old, new


def nearest_key(rows: Sequence[Row], position: int, remaining: Container[str]) -> str:
    """Return the key in `remaining` nearest to `position` of `rows`, the lower row of equals; "" if there is none."""
    nearest = sorted(range(len(rows)), key=lambda other: (abs(other - position), other < position))
    return next((rows[other].key for other in nearest if rows[other].key in remaining), "")
