"""What a live table has drawn: its lines as strips, kept until they change, and where two views differ."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from textual.strip import Strip

from dockpit.model.view_models import Row, TableView
from widgets.cells import Painter, Stylist
from widgets.columns import Slot, lay_out
from widgets.ink import Ink, fit
from widgets.strips import strip_of

Span = tuple[int, int]
"""The first cell and the one after the last of a part of a line."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a table shows: its view, and the key of the row under the cursor."""

    view: TableView
    cursor: str = ""

    def row(self, at: int) -> Row | None:
        """The row at place `at`, None below the last."""
        return self.view.rows[at] if at < len(self.view.rows) else None

    def has_cursor(self, at: int) -> bool:
        """Whether the cursor is on the row at place `at`."""
        row = self.row(at)
        return row is not None and row.key == self.cursor


class Sheet:
    """The lines of a table at one width: line 0 the titles, line n the row at place n - 1."""

    def __init__(self, width: int, ink: Ink, style: Stylist) -> None:
        self.width = width
        self.slots: tuple[Slot, ...] = ()
        self._ink = ink
        self._style = style
        self._titled: TableView | None = None
        self._header = Strip.blank(width)
        self._painter = Painter((), width, ink, style)
        self._rows: dict[tuple[str, bool], tuple[Row, Strip]] = {}

    def header(self, view: TableView) -> Strip:
        """The line of titles; other columns than before forget all rows."""
        if self._titled is None or not same_titles(self._titled, view):
            self._rows.clear()
            self.slots = lay_out(view.columns, self.width)
            self._painter = Painter(self.slots, self.width, self._ink, self._style)
            self._header = self._painter.header(view)
            self._titled = view
        return self._header

    def row(self, face: Face, at: int, height: int) -> Strip:
        """The line of the row at place `at`, after `header`; with no row at all, what `view.empty` says, centred."""
        row = face.row(at)
        if row is None:
            return self._void(face.view, at, height)
        key = (row.key, row.key == face.cursor)
        known = self._rows.get(key)
        if known is None or known[0] != row:
            self._prune(2 * len(face.view.rows) + 100)
            known = row, self._painter.row(row, cursor=key[1])
            self._rows[key] = known
        return known[1]

    def difference(self, old: Face, new: Face, at: int) -> Span | None:
        """What of the row at place `at` looks different, None for nothing."""
        before, after = old.row(at), new.row(at)
        moved = old.has_cursor(at) != new.has_cursor(at)
        if before == after and not moved:
            return None
        if before is None or after is None or moved or not _same_frame(before, after):
            return (0, self.width)
        return self._changed_cells(before, after)

    def _changed_cells(self, before: Row, after: Row) -> Span | None:
        changed = [slot for slot in self.slots if before.cells[slot.index] != after.cells[slot.index]]
        if not changed:
            return None
        last = changed[-1]
        longest = max(len(row.cells[last.index].text) + 2 * row.indent + 2 for row in (before, after))
        return (changed[0].x, last.end if longest <= last.width else self.width)

    def _prune(self, most: int) -> None:
        if len(self._rows) > most:
            self._rows.clear()

    def _void(self, view: TableView, at: int, height: int) -> Strip:
        said = [] if view.rows else view.empty.splitlines()
        line = at - max(height - len(said), 0) // 2
        text = fit(said[line] if 0 <= line < len(said) else "", self.width, "center", self._ink.ascii)
        return strip_of([(text, self._style("dim"))], self.width)


def same_titles(one: TableView, other: TableView) -> bool:
    """Whether two views have the same columns and mark the same one as sorted."""
    return (one.sort, one.descending, one.columns) == (other.sort, other.descending, other.columns)


def nearest_key(rows: Sequence[Row], at: int, left: Container[str]) -> str:
    """The key nearest to place `at` of `rows` that is among `left`, the lower of equals; empty for none."""
    near = sorted(range(len(rows)), key=lambda other: (abs(other - at), other < at))
    return next((rows[other].key for other in near if rows[other].key in left), "")


def _same_frame(before: Row, after: Row) -> bool:
    """Whether two rows differ in nothing but what their cells say."""
    frame = (before.key, before.kind, before.tone, before.indent, before.folded, len(before.cells))
    if frame != (after.key, after.kind, after.tone, after.indent, after.folded, len(after.cells)):
        return False
    return all(bool(a.text) == bool(b.text) for a, b in zip(before.cells, after.cells, strict=True))
