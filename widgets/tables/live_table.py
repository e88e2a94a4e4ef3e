"""Table for data that changes every second; only changed lines are repainted, and the cursor follows its row.

view = …  ->  RowCursor.replace_rows  ->  TableLineCache.difference(old, new)  ->  refresh(changed cells)
                                                                                         |
screen    <-  highlight_selection     <-  TableLineCache.header / row          <-  render_line(y)
"""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import Row, TableView
from widgets.drawing.styled_strips import selected_text
from widgets.drawing.themed_widget import ThemedWidget
from widgets.tables.line_cache import TableLineCache, TableState, has_same_header
from widgets.tables.row_cursor import RowCursor

HEADER_LINES = 1

_BINDINGS: Final[list[BindingType]] = [
    Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
    Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="table.page_up"),
    Binding("pagedown", "page(1)", "Page down", show=False, id="table.page_down"),
    Binding("home,g", "edge(False)", "First", show=False, id="table.first"),
    Binding("end,G", "edge(True)", "Last", show=False, id="table.last"),
    Binding("left", "fold(True)", "Fold", show=False, id="table.fold"),
    Binding("right", "fold(False)", "Unfold", show=False, id="table.unfold"),
    Binding("enter", "open", "Open", show=False, id="table.open"),
]


class TableMessage(Message):
    """Message of the live table `table`."""

    def __init__(self, table: LiveTable) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> LiveTable:
        """The table, for `@on(…, "#id")`."""
        return self.table


class RowMessage(TableMessage):
    """Message about the row with `key`."""

    def __init__(self, table: LiveTable, key: str) -> None:
        super().__init__(table)
        self.key = key


class LiveTable(ThemedWidget, ScrollView, can_focus=True):
    """Table of `view`, which the owner may set at any rate; an equal view repaints nothing."""

    DEFAULT_CSS = """
    LiveTable {
        width: 1fr;
        height: 1fr;
        overflow: hidden auto;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = _BINDINGS

    class Highlighted(RowMessage):
        """The cursor moved to another row."""

    class Opened(RowMessage):
        """Enter, or a click on the row under the cursor."""

    class FoldToggled(RowMessage):
        """Request to fold or unfold a group; the owner answers with another view."""

    class Scrolled(TableMessage):
        """The visible rows changed."""

    class HeaderClicked(TableMessage):
        """A click on the title of the column `column_id`."""

        def __init__(self, table: LiveTable, column_id: str) -> None:
            super().__init__(table)
            self.column_id = column_id

    def __init__(self, view: TableView | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = TableView((), ())
        self._cursor = RowCursor()
        self._drawn_lines: TableLineCache | None = None
        self._is_painting = False
        if view is not None:
            self.view = view

    @property
    def view(self) -> TableView:
        """Content of the table."""
        return self._view

    @view.setter
    def view(self, view: TableView) -> None:
        old = self._state
        if view == old.view:
            return
        was_visible = self._is_cursor_visible()
        self._view = view
        if self._cursor.replace_rows(view.rows):
            self._post_highlighted()
        self._refresh_changed(old)
        self.virtual_size = Size(0, len(view.rows) + HEADER_LINES)
        self._scroll_to_row(self.scroll_offset.y)
        if was_visible:
            self._scroll_to_cursor()

    @property
    def cursor_key(self) -> str | None:
        """Key of the row under the cursor, None without rows."""
        return self._cursor.key

    @cursor_key.setter
    def cursor_key(self, key: str) -> None:
        position = self._cursor.position_of(key)
        if position is not None:
            self._move_cursor(position)

    @property
    def cursor_row(self) -> Row | None:
        """Row under the cursor, None without rows."""
        return self._cursor.row

    def rows_in_sight(self) -> tuple[Row, ...]:
        """Return the visible rows."""
        top = int(self.scroll_offset.y)
        return self._view.rows[top : top + self._page_rows]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Post Scrolled: the owner may have filled the visible rows only."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled(self))

    def on_resize(self) -> None:
        """Keep the cursor's row visible in another size."""
        self._scroll_to_cursor()

    def notify_style_update(self) -> None:
        """Drop the lines drawn in the former styles."""
        super().notify_style_update()
        self._drawn_lines = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint without text offsets: only the mouse needs them, and they would give each segment its own style."""
        self._is_painting = True
        try:
            return super().render_lines(crop)
        finally:
            self._is_painting = False

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of the widget; the titles stay above the scrolling rows."""
        line = y if y < HEADER_LINES else y + self.scroll_offset.y
        strip = self.highlight_selection(self._draw(line), line)
        return strip if self._is_painting else strip.apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text as it is drawn."""
        count = max(len(self._view.rows) + HEADER_LINES, self.size.height)
        return selected_text([self._draw(line).text for line in range(count)], selection)

    def text_select_all(self) -> None:
        """Select the line under the cursor (Textual calls this on a double click)."""
        position = self._cursor.position
        if position is not None:
            line = position + HEADER_LINES
            ends = Offset(0, line), Offset(len(self._draw(line).text), line)
            self.screen.selections = {self: Selection(*ends)}

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row, open it if the cursor is there already, or report a clicked title."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        if offset.y < HEADER_LINES:
            clicked = next((slot for slot in self._current_lines().slots if offset.x <= slot.end), None)
            if clicked is not None:
                self.post_message(self.HeaderClicked(self, clicked.column.id))
            return
        position = offset.y - HEADER_LINES + self.scroll_offset.y
        if position == self._cursor.position:
            self.action_open()
        elif position < len(self._view.rows):
            self._move_cursor(position)

    def action_move(self, rows: int) -> None:
        """Move the cursor by `rows`."""
        self._move_cursor((self._cursor.position or 0) + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by `pages` screenfuls of rows."""
        self.action_move(pages * max(self._page_rows - 1, 1))

    def action_edge(self, last: bool) -> None:
        """Move the cursor to the first row or the last."""
        self._move_cursor(len(self._view.rows) - 1 if last else 0)

    def action_fold(self, folded: bool) -> None:
        """Request that the group under the cursor be folded or unfolded."""
        row = self.cursor_row
        if row is not None and row.kind == "group" and row.folded != folded:
            self.post_message(self.FoldToggled(self, row.key))

    def action_open(self) -> None:
        """Open the row under the cursor; a group folds instead."""
        row = self.cursor_row
        if row is not None:
            self.post_message((self.FoldToggled if row.kind == "group" else self.Opened)(self, row.key))

    def _move_cursor(self, position: int) -> None:
        if not self._view.rows:
            return
        moved = self._cursor.move_to(position)
        if moved is not None:
            self._refresh_rows([(changed, 0, self.size.width) for changed in moved])
            self._post_highlighted()
        self._scroll_to_cursor()

    def _post_highlighted(self) -> None:
        self.post_message(self.Highlighted(self, self._cursor.remembered_key))

    @property
    def _state(self) -> TableState:
        return TableState(self._view, self._cursor.remembered_key)

    @property
    def _page_rows(self) -> int:
        """Number of rows that fit below the titles."""
        return max(self.size.height - HEADER_LINES, 0)

    def _is_cursor_visible(self) -> bool:
        position = self._cursor.position
        return position is None or 0 <= position - self.scroll_offset.y < max(self._page_rows, 1)

    def _scroll_to_cursor(self) -> None:
        position = self._cursor.position
        if position is not None and self._page_rows:
            self._scroll_to_row(min(max(self.scroll_offset.y, position - self._page_rows + 1), position))

    def _scroll_to_row(self, top: int) -> None:
        """Scroll so that row `top` is the first visible one, less far where that would leave lines empty."""
        top = max(min(top, len(self._view.rows) - self._page_rows), 0)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)

    def _refresh_changed(self, old: TableState) -> None:
        """Request a repaint of the visible cells that differ from `old`."""
        new = self._state
        if not (has_same_header(old.view, new.view) and old.view.rows and new.view.rows):
            self.refresh()
            return
        lines, top = self._current_lines(), self.scroll_offset.y
        ranges = ((row, lines.difference(old, new, row)) for row in range(top, top + self._page_rows))
        self._refresh_rows([(row, *cells) for row, cells in ranges if cells is not None])

    def _refresh_rows(self, ranges: list[tuple[int, int, int]]) -> None:
        """Request a repaint of parts of rows, each given as row index, first cell and end cell."""
        top = self.scroll_offset.y
        regions = [Region(x, row - top + HEADER_LINES, end - x, 1) for row, x, end in ranges if row >= top]
        if regions:
            self.refresh(*regions)

    def _current_lines(self) -> TableLineCache:
        """Return the line cache for the present width and columns."""
        width = self.size.width
        if self._drawn_lines is None or self._drawn_lines.width != width:
            self._drawn_lines = TableLineCache(width, self.terminal, self.themed_style)
        self._drawn_lines.header(self._view)
        return self._drawn_lines

    def _draw(self, line: int) -> Strip:
        if line < HEADER_LINES:
            return self._current_lines().header(self._view)
        return self._current_lines().row(self._state, line - HEADER_LINES, self._page_rows)
