"""A table for data that changes every second: it repaints only the lines that changed, and its cursor follows a key."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import Row, TableView
from widgets.ink import Inked
from widgets.sheet import Face, Sheet, nearest_key, same_titles
from widgets.strips import selected_text, with_selection

HEADER_LINES = 1


class LiveTable(Inked, ScrollView, can_focus=True):
    """The table of `view`, which its owner sets again whenever it likes; an equal view repaints nothing."""

    DEFAULT_CSS = """
    LiveTable {
        width: 1fr;
        height: 1fr;
        overflow: hidden auto;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
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

    class OnTable(Message):
        """Something about `table`."""

        def __init__(self, table: LiveTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> LiveTable:
            """The table, for `@on(…, "#id")`."""
            return self.table

    class OnRow(OnTable):
        """Something about the row `key`."""

        def __init__(self, table: LiveTable, key: str) -> None:
            super().__init__(table)
            self.key = key

    class Highlighted(OnRow):
        """The cursor is on another row than before."""

    class Opened(OnRow):
        """Enter, or a click on the row under the cursor."""

    class FoldToggled(OnRow):
        """A group is to be folded or unfolded: the owner answers with another view."""

    class Scrolled(OnTable):
        """Other rows are in sight than before."""

    class HeaderClicked(OnTable):
        """A click on the title of the column `column_id`."""

        def __init__(self, table: LiveTable, column_id: str) -> None:
            super().__init__(table)
            self.column_id = column_id

    def __init__(self, view: TableView | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = TableView((), ())
        self._places: dict[str, int] = {}
        self._cursor = ""
        self._sheet: Sheet | None = None
        self._painting = False
        if view is not None:
            self.view = view

    @property
    def view(self) -> TableView:
        """What the table shows."""
        return self._view

    @view.setter
    def view(self, view: TableView) -> None:
        old = self._face
        if view == old.view:
            return
        in_sight = self._is_in_sight()
        places, self._view = self._places, view
        self._places = {row.key: at for at, row in enumerate(view.rows)}
        self._follow(old.view.rows, places)
        self._refresh_changed(old)
        self.virtual_size = Size(0, len(view.rows) + HEADER_LINES)
        self._scroll_from(self.scroll_offset.y)
        if in_sight:
            self._bring_into_sight()

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor, None where there is no row."""
        return self._cursor if self._cursor in self._places else None

    @cursor_key.setter
    def cursor_key(self, key: str) -> None:
        if key in self._places:
            self._move_to(self._places[key])

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor."""
        at = self._places.get(self._cursor)
        return None if at is None else self._view.rows[at]

    def rows_in_sight(self) -> tuple[Row, ...]:
        """The rows that can be seen."""
        top = int(self.scroll_offset.y)
        return self._view.rows[top : top + self._room]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell the owner, who may have made the rows in sight only."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled(self))

    def on_resize(self) -> None:
        """Keep the cursor's row in sight when the room shrinks."""
        self._bring_into_sight()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the styles before."""
        super().notify_style_update()
        self._sheet = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint, without the places that only the mouse asks for: they would make each style one of its own."""
        self._painting = True
        try:
            return super().render_lines(crop)
        finally:
            self._painting = False

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of the widget: the titles stay above the rows that scroll."""
        line = y if y < HEADER_LINES else y + self.scroll_offset.y
        strip = self._draw(line)
        selection = self.text_selection
        if selection is not None:
            strip = with_selection(strip, selection, line, self.screen.get_component_rich_style("screen--selection"))
        return strip if self._painting else strip.apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, as it is drawn."""
        count = max(len(self._view.rows) + HEADER_LINES, self.size.height)
        return selected_text([self._draw(line).text for line in range(count)], selection)

    def text_select_all(self) -> None:
        """A double click selects the line under the cursor."""
        at = self._places.get(self._cursor)
        if at is not None:
            line = at + HEADER_LINES
            ends = Offset(0, line), Offset(len(self._draw(line).text), line)
            self.screen.selections = {self: Selection(*ends)}

    def on_click(self, event: events.Click) -> None:
        """Move the cursor, open the row it is on already, or name the column whose title was hit."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        if offset.y < HEADER_LINES:
            hit = next((slot for slot in self._sheet_now().slots if offset.x <= slot.end), None)
            if hit is not None:
                self.post_message(self.HeaderClicked(self, hit.column.id))
            return
        at = offset.y - HEADER_LINES + self.scroll_offset.y
        if at == self._places.get(self._cursor):
            self.action_open()
        elif at < len(self._view.rows):
            self._move_to(at)

    def action_move(self, rows: int) -> None:
        """Move the cursor by `rows`."""
        self._move_to(self._places.get(self._cursor, 0) + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what fits on the screen."""
        self.action_move(pages * max(self._room - 1, 1))

    def action_edge(self, last: bool) -> None:
        """Move the cursor to the first row or the last."""
        self._move_to(len(self._view.rows) - 1 if last else 0)

    def action_fold(self, folded: bool) -> None:
        """Ask for the group under the cursor to be folded or unfolded."""
        row = self.cursor_row
        if row is not None and row.kind == "group" and row.folded != folded:
            self.post_message(self.FoldToggled(self, row.key))

    def action_open(self) -> None:
        """Open the row under the cursor; a group folds instead."""
        row = self.cursor_row
        if row is not None:
            self.post_message((self.FoldToggled if row.kind == "group" else self.Opened)(self, row.key))

    def _follow(self, old: tuple[Row, ...], places: dict[str, int]) -> None:
        """Leave the cursor on its key, or move it to the nearest old neighbour that is still there."""
        rows = self._view.rows
        if self._cursor in self._places or not rows:
            return
        at = places.get(self._cursor, 0)
        self._cursor = nearest_key(old, at, self._places) or rows[min(at, len(rows) - 1)].key
        self.post_message(self.Highlighted(self, self._cursor))

    def _move_to(self, at: int) -> None:
        rows = self._view.rows
        if not rows:
            return
        old = self._places.get(self._cursor, 0)
        new = min(max(at, 0), len(rows) - 1)
        if new != old:
            self._cursor = rows[new].key
            self._refresh_rows([(place, 0, self.size.width) for place in (old, new)])
            self.post_message(self.Highlighted(self, self._cursor))
        self._bring_into_sight()

    @property
    def _face(self) -> Face:
        return Face(self._view, self._cursor)

    @property
    def _room(self) -> int:
        """How many rows fit below the titles."""
        return max(self.size.height - HEADER_LINES, 0)

    def _is_in_sight(self) -> bool:
        at = self._places.get(self._cursor)
        return at is None or 0 <= at - self.scroll_offset.y < max(self._room, 1)

    def _bring_into_sight(self) -> None:
        at = self._places.get(self._cursor)
        if at is not None and self._room:
            self._scroll_from(min(max(self.scroll_offset.y, at - self._room + 1), at))

    def _scroll_from(self, top: int) -> None:
        """Show the rows from place `top`, or from as far down as there are rows to fill the room."""
        top = max(min(top, len(self._view.rows) - self._room), 0)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)

    def _refresh_changed(self, old: Face) -> None:
        """Ask for a repaint of the lines in sight that differ from `old`, where they differ."""
        new = self._face
        if not (same_titles(old.view, new.view) and old.view.rows and new.view.rows):
            self.refresh()
            return
        sheet, top = self._sheet_now(), self.scroll_offset.y
        spans = ((at, sheet.difference(old, new, at)) for at in range(top, top + self._room))
        self._refresh_rows([(at, *span) for at, span in spans if span is not None])

    def _refresh_rows(self, spans: list[tuple[int, int, int]]) -> None:
        """Ask for a repaint of parts of rows: place, first cell, end."""
        top = self.scroll_offset.y
        regions = [Region(x, at - top + HEADER_LINES, end - x, 1) for at, x, end in spans if at >= top]
        if regions:
            self.refresh(*regions)

    def _sheet_now(self) -> Sheet:
        width = self.size.width
        if self._sheet is None or self._sheet.width != width:
            self._sheet = Sheet(width, self.ink, self.ink_style)
        self._sheet.header(self._view)
        return self._sheet

    def _draw(self, line: int) -> Strip:
        if line < HEADER_LINES:
            return self._sheet_now().header(self._view)
        return self._sheet_now().row(self._face, line - HEADER_LINES, self._room)
