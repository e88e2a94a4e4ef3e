"""Cache of the drawn lines of a live table, and the difference between two of its states."""

from __future__ import annotations

from dataclasses import dataclass

from textual.strip import Strip

from dockpit.model.view_models import Row, TableView
from widgets.drawing.styled_strips import build_strip
from widgets.drawing.terminal_text import TerminalFeatures, fit
from widgets.tables.column_layout import ColumnSlot, lay_out_columns
from widgets.tables.row_painter import RowPainter, StyleResolver

CellRange = tuple[int, int]
"""First terminal cell of a part of a line, and the one after its last."""


@dataclass(frozen=True, slots=True)
class TableState:
    """A table's view and the key of the row under its cursor."""

    view: TableView
    cursor_key: str = ""

    def row(self, position: int) -> Row | None:
        """Return the row at `position`, None below the last."""
        return self.view.rows[position] if position < len(self.view.rows) else None

    def has_cursor(self, position: int) -> bool:
        """Return whether the cursor is on the row at `position`."""
        row = self.row(position)
        return row is not None and row.key == self.cursor_key


class TableLineCache:
    """Strips of a table at one width, drawn once until their row changes."""

    def __init__(self, width: int, terminal: TerminalFeatures, style: StyleResolver) -> None:
        self.width = width
        self.slots: tuple[ColumnSlot, ...] = ()
        self._terminal = terminal
        self._style = style
        self._header_view: TableView | None = None
        self._header = Strip.blank(width)
        self._painter = RowPainter((), width, terminal, style)
        self._rows: dict[tuple[str, bool], tuple[Row, Strip]] = {}

    def header(self, view: TableView) -> Strip:
        """Return the line of titles; changed columns drop all cached rows."""
        if self._header_view is None or not has_same_header(self._header_view, view):
            self._rows.clear()
            self.slots = lay_out_columns(view.columns, self.width)
            self._painter = RowPainter(self.slots, self.width, self._terminal, self._style)
            self._header = self._painter.header(view)
            self._header_view = view
        return self._header

    def row(self, state: TableState, position: int, height: int) -> Strip:
        """Return the line of the row at `position`; without any row, that line of the centred `view.empty`.

        Call `header` first. `height` is the number of lines below the titles.
        """
        row = state.row(position)
        if row is None:
            return self._empty_line(state.view, position, height)
        key = (row.key, row.key == state.cursor_key)
        cached = self._rows.get(key)
        if cached is None or cached[0] != row:
            self._limit_size(2 * len(state.view.rows) + 100)
            cached = row, self._painter.row(row, cursor=key[1])
            self._rows[key] = cached
        return cached[1]

    def difference(self, old: TableState, new: TableState, position: int) -> CellRange | None:
        """Return the part of the line at `position` that looks different in `new`, None if it looks the same."""
        before, after = old.row(position), new.row(position)
        cursor_moved = old.has_cursor(position) != new.has_cursor(position)
        if before == after and not cursor_moved:
            return None
        if before is None or after is None or cursor_moved or not _differ_in_cells_only(before, after):
            return (0, self.width)
        return self._changed_cells(before, after)

    def _changed_cells(self, before: Row, after: Row) -> CellRange | None:
        changed = [slot for slot in self.slots if before.cells[slot.index] != after.cells[slot.index]]
        if not changed:
            return None
        last = changed[-1]
        longest = max(len(row.cells[last.index].text) + 2 * row.indent + 2 for row in (before, after))
        return (changed[0].x, last.end if longest <= last.width else self.width)

    def _limit_size(self, maximum: int) -> None:
        if len(self._rows) > maximum:
            self._rows.clear()

    def _empty_line(self, view: TableView, position: int, height: int) -> Strip:
        message = [] if view.rows else view.empty.splitlines()
        line = position - max(height - len(message), 0) // 2
        text = fit(message[line] if 0 <= line < len(message) else "", self.width, "center", self._terminal.ascii)
        return build_strip([(text, self._style("dim"))], self.width)


def has_same_header(one: TableView, other: TableView) -> bool:
    """Return whether two views have the same columns and the same sort order."""
    return (one.sort, one.descending, one.columns) == (other.sort, other.descending, other.columns)


def _differ_in_cells_only(before: Row, after: Row) -> bool:
    """Return whether two rows differ only in the content of cells, and the same cells have text in both."""
    frame = (before.key, before.kind, before.tone, before.indent, before.folded, len(before.cells))
    if frame != (after.key, after.kind, after.tone, after.indent, after.folded, len(after.cells)):
        return False
    return all(bool(a.text) == bool(b.text) for a, b in zip(before.cells, after.cells, strict=True))
