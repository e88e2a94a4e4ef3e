"""Log view: follow, scroll, search, filter and copy; the cost of a line does not grow with the log.

append(lines) -> LogBuffer (last lines, filter) -> numbers -> render_line(row) -> strip of line numbers[row]
                                                                                    |
                 LogSearch (words, line found last) -> highlighted matches  --------+
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.container import LogLine
from dockpit.model.view_models import Tone
from widgets.drawing.themed_widget import ThemedWidget
from widgets.logs.log_buffer import LogBuffer
from widgets.logs.log_search import NO_HIT, LogSearch
from widgets.logs.log_text import LINE_CHARS, plain_log_text

CAPACITY: Final = 10_000
"""Default number of lines kept."""
_SCROLL_COLUMNS: Final = 16
"""Columns scrolled by the keys left and right."""
_WIDTH_STEP: Final = 256
"""Columns by which the virtual width grows, because each change of it lays out the screen."""

_BINDINGS: Final[list[BindingType]] = [
    Binding("f,end,G", "follow", "follow", id="tail.follow", tooltip="Go to the end and stay there"),
    Binding("home,g", "top", "top", id="tail.top", show=False, tooltip="Go to the oldest line kept"),
    Binding("n", "next_hit", "next", id="tail.next", show=False, tooltip="Go to the next line found"),
    Binding("N", "previous_hit", "previous", id="tail.previous", show=False, tooltip="Go to the line found before"),
    Binding("t", "timestamps", "times", id="tail.timestamps", tooltip="Show or hide the time of each line"),
    Binding("k,up", "scroll_up", "up", id="tail.up", show=False),
    Binding("j,down", "scroll_down", "down", id="tail.down", show=False),
    Binding("h,left", "left", "left", id="tail.left", show=False, tooltip="Scroll left in long lines"),
    Binding("l,right", "right", "right", id="tail.right", show=False, tooltip="Scroll right in long lines"),
]


_STREAM_SIGNS: Final[dict[str, tuple[str, str, Tone]]] = {
    "stdout": ("  ", "  ", "normal"),
    "stderr": ("▎ ", "! ", "watch"),
    "note": ("• ", "# ", "info"),
}
"""Sign before the lines of each stream, in Unicode and in ASCII, and its tone."""


def local_time(at: float) -> str:
    """Return the local time of day of a Unix time, to the millisecond."""
    return datetime.fromtimestamp(at).strftime("%H:%M:%S.%f")[:-3]


class LogViewMessage(Message):
    """Message of the log view `log_view`."""

    def __init__(self, log_view: LogView) -> None:
        super().__init__()
        self.log_view = log_view

    @property
    def control(self) -> LogView:
        """The log view, for `@on(…, "#id")`."""
        return self.log_view


class LogView(ThemedWidget, ScrollView, can_focus=True):
    """The last `capacity` lines of a log, numbered from 0 since the last clear()."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    LogView { width: 1fr; height: 1fr; overflow-x: auto; overflow-y: auto; scrollbar-size: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = _BINDINGS

    class FollowChanged(LogViewMessage):
        """`log_view.follow` changed."""

    class Counted(LogViewMessage):
        """`log_view.kept`, `log_view.shown` or `log_view.dropped` changed."""

    def __init__(
        self,
        *,
        time_text: Callable[[float], str] = local_time,
        capacity: int = CAPACITY,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._time_text = time_text
        self._buffer = LogBuffer(capacity)
        self._follow = True
        self._timestamps = False
        self._search = LogSearch()
        self._filter_error = ""
        self._strips: LRUCache[int, Strip] = LRUCache(1024)

    @property
    def kept(self) -> int:
        """Number of lines kept."""
        return len(self._buffer)

    @property
    def dropped(self) -> int:
        """Number of received lines that are no longer kept."""
        return self._buffer.dropped

    @property
    def shown(self) -> int:
        """Number of kept lines that match the filter."""
        return len(self._buffer.numbers)

    @property
    def lines(self) -> list[str]:
        """Full text of every line shown, as it is drawn."""
        return [self._text(number) for number in self._buffer.numbers]

    @property
    def follow(self) -> bool:
        """Whether the view follows the end of the log; scrolling up turns it off."""
        return self._follow

    @follow.setter
    def follow(self, follow: bool) -> None:
        if follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        if follow != self._follow:
            self._follow = follow
            self.post_message(self.FollowChanged(self))

    @property
    def timestamps(self) -> bool:
        """Whether lines begin with their time."""
        return self._timestamps

    @timestamps.setter
    def timestamps(self, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._redraw()

    @property
    def words(self) -> str:
        """Words searched for, "" without a search; lower-case words match any case."""
        return self._search.words

    @property
    def filter_error(self) -> str:
        """Reason why the last filter was refused, as a sentence; "" if it was accepted."""
        return self._filter_error

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add `lines`, oldest first, in O(lines) and one repaint."""
        if not lines:
            return
        removed = self._buffer.append(lines)
        self._resize_to_lines()
        if not self._follow and removed:
            self.scroll_to(y=max(self.scroll_y - removed, 0), animate=False, force=True)
        self.refresh()
        self.post_message(self.Counted(self))

    def clear(self) -> None:
        """Remove all lines and restart the counts at 0."""
        self._buffer.clear()
        self._search.hit = NO_HIT
        self._resize_to_lines()
        self._redraw()
        self.post_message(self.Counted(self))

    def set_filter(self, pattern: str) -> bool:
        """Show only lines that match the regular expression `pattern`, all for ""; return False if it is refused."""
        row = round(self.scroll_y)
        top = self._buffer.numbers[row] if row < self.shown else 0
        try:
            self._buffer.filter(pattern)
        except ValueError as error:
            self._filter_error = str(error)
            return False
        self._filter_error = ""
        self._resize_to_lines()
        if not self._follow:
            self.scroll_to(y=self._buffer.row(top), animate=False, force=True)
        self._redraw()
        self.post_message(self.Counted(self))
        return True

    def search(self, words: str) -> bool:
        """Search for `words` from the top of the view on; return False if no line has them. "" ends the search."""
        self._search.start(words)
        self._redraw()
        return self._go_to_hit(range(round(self.scroll_y), round(self.scroll_y) + self.shown))

    def action_follow(self) -> None:
        """Go to the end and follow it."""
        self.follow = True

    def action_top(self) -> None:
        """Go to the oldest line shown."""
        self.scroll_to(y=0, animate=False, force=True)

    def action_timestamps(self) -> None:
        """Show or hide times."""
        self.timestamps = not self.timestamps

    def action_left(self) -> None:
        """Scroll left."""
        self.scroll_to(x=max(self.scroll_x - _SCROLL_COLUMNS, 0), animate=False, force=True)

    def action_right(self) -> None:
        """Scroll right, no further than the longest line."""
        self.scroll_to(x=min(self.scroll_x + _SCROLL_COLUMNS, self.max_scroll_x), animate=False, force=True)

    def action_next_hit(self) -> None:
        """Go to the next line with the words, from the last one to the first."""
        row = self._buffer.row(self._search.hit + 1) if self._search.hit >= 0 else round(self.scroll_y)
        self._go_to_hit(range(row, row + self.shown))

    def action_previous_hit(self) -> None:
        """Go to the previous line with the words, from the first one to the last."""
        row = (self._buffer.row(self._search.hit) if self._search.hit >= 0 else round(self.scroll_y)) - 1
        self._go_to_hit(range(row, row - self.shown, -1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._follow and new_value < old_value and new_value < self.max_scroll_y:
            self.follow = False

    def on_resize(self) -> None:
        """Keep following the end in another size."""
        if self._follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def notify_style_update(self) -> None:
        """Drop the lines drawn in the former styles."""
        super().notify_style_update()
        self._strips.clear()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text; the y of its offsets is a line number, so that it stays on arriving lines."""
        selected = []
        for number in self._buffer.numbers:
            if (span := selection.get_span(number)) is not None:
                text, (start, end) = self._line_strip(number).text, span
                selected.append(text[start : None if end == -1 else end])
        return ("\n".join(selected), "\n") if selected else None

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.scrollable_content_region.width
        if row >= self.shown:
            return Strip.blank(width, self.rich_style)
        number = self._buffer.numbers[row]
        strip = self.highlight_selection(self._line_strip(number), number)
        if strip.cell_length <= scroll_x + width:
            return strip.crop_extend(scroll_x, scroll_x + width, self.rich_style).apply_offsets(scroll_x, number)
        cut = strip.crop(scroll_x, scroll_x + width - 1).apply_offsets(scroll_x, number)
        return Strip([*cut, Segment("~" if self.terminal.ascii else "…", self.themed_style("dim"))], width)

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()

    def _resize_to_lines(self) -> None:
        """Set the virtual size from the lines shown, its width in steps."""
        width = min(-(-(self._buffer.longest + 20) // _WIDTH_STEP) * _WIDTH_STEP, LINE_CHARS + 512)
        self.virtual_size = Size(width, self.shown)
        if self._follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def _text(self, number: int) -> str:
        return plain_log_text(self._buffer.line(number).text, ascii=self.terminal.ascii)

    def _go_to_hit(self, rows: range) -> bool:
        """Scroll the first of `rows` (modulo the rows shown) with the words to the middle; return False if none."""
        if not self._search.is_active or not self.shown:
            return False
        numbers = list(self._buffer.numbers)
        for row in rows:
            number = numbers[row % len(numbers)]
            if self._search.matches(self._text(number)):
                self._search.hit = number
                self.follow = False
                self.scroll_to(y=max(row % len(numbers) - self.size.height // 2, 0), animate=False, force=True)
                self._redraw()
                return True
        return False

    def _line_strip(self, number: int) -> Strip:
        """Return line `number` at full length: its time, the sign of its stream, its text with the matches."""
        if (strip := self._strips.get(number)) is not None:
            return strip
        line, terminal = self._buffer.line(number), self.terminal
        segments = []
        if self._timestamps and line.at > 0:
            segments.append(Segment(f"{self._time_text(line.at)} ", self.themed_style("dim")))
        unicode_sign, ascii_sign, tone = _STREAM_SIGNS[line.stream]
        segments.append(Segment(ascii_sign if terminal.ascii else unicode_sign, self.themed_style(tone)))
        match_style = self.themed_style("accent") + Style(underline=True, bold=True, reverse=number == self._search.hit)
        base = self.themed_style("info" if line.stream == "note" else "normal")
        segments += self._search.highlight(self._text(number), base, match_style)
        strip = Strip(segments, sum(cell_len(segment.text) for segment in segments))
        self._strips[number] = strip
        return strip
