"""The end of a log: follow, scroll, search, filter, copy; a line costs the same however many arrive."""

from __future__ import annotations

import re
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
from widgets.ink import Inked
from widgets.log_ring import LogRing
from widgets.log_text import KEPT_CHARS, cleaned
from widgets.strips import with_selection

CAPACITY: Final = 10_000
"""How many lines are kept."""
_STEP: Final = 16
"""How many columns left and right move."""

_BINDINGS: Final[list[BindingType]] = [
    Binding("f,end,G", "follow", "follow", id="tail.follow", tooltip="Go to the end and stay there"),
    Binding("home,g", "top", "top", id="tail.top", show=False, tooltip="Go to the oldest line kept"),
    Binding("n", "next_hit", "next", id="tail.next", show=False, tooltip="Go to the next line found"),
    Binding("N", "previous_hit", "previous", id="tail.previous", show=False, tooltip="Go to the line found before"),
    Binding("t", "timestamps", "times", id="tail.timestamps", tooltip="Show or hide the time of each line"),
    Binding("k,up", "scroll_up", "up", id="tail.up", show=False),
    Binding("j,down", "scroll_down", "down", id="tail.down", show=False),
    Binding("h,left", "left", "left", id="tail.left", show=False, tooltip="Show what is left of a long line"),
    Binding("l,right", "right", "right", id="tail.right", show=False, tooltip="Show more of a long line"),
]


def local_time(at: float) -> str:
    """Return a time of day of this machine, to the millisecond."""
    return datetime.fromtimestamp(at).strftime("%H:%M:%S.%f")[:-3]


_SIGNS: Final[dict[str, tuple[str, str, Tone]]] = {
    "stdout": ("  ", "  ", "normal"),
    "stderr": ("▎ ", "! ", "watch"),
    "note": ("• ", "# ", "info"),
}
"""What stands before a line of each stream: in Unicode, in ASCII, and its tone."""


class TailMessage(Message):
    """Something about `tail` changed."""

    def __init__(self, tail: Tail) -> None:
        super().__init__()
        self.tail = tail

    @property
    def control(self) -> Tail:
        """The log that it is about."""
        return self.tail


def _marked(text: str, wanted: re.Pattern[str] | None, base: Style, mark: Style) -> list[Segment]:
    """`text` with everything that is `wanted` in the style `mark`."""
    segments, at = [], 0
    for hit in wanted.finditer(text) if wanted else ():
        segments += [Segment(text[at : hit.start()], base), Segment(hit.group(), mark)]
        at = hit.end()
    return [segment for segment in (*segments, Segment(text[at:], base)) if segment.text]


class Tail(Inked, ScrollView, can_focus=True):
    """The last CAPACITY lines of a log. Lines are numbered from 0 since the last clear()."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    Tail { width: 1fr; height: 1fr; overflow-x: auto; overflow-y: auto; scrollbar-size: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = _BINDINGS

    class FollowChanged(TailMessage):
        """Following was turned on or off: `tail.follow`."""

    class Counted(TailMessage):
        """`tail.kept`, `tail.shown` or `tail.dropped` changed."""

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
        self._ring = LogRing(capacity)
        self._follow = True
        self._timestamps = False
        self._wanted: re.Pattern[str] | None = None
        self._words = ""
        self._hit = -1
        self._filter_error = ""
        self._strips: LRUCache[int, Strip] = LRUCache(1024)

    @property
    def kept(self) -> int:
        """How many lines are kept."""
        return len(self._ring)

    @property
    def dropped(self) -> int:
        """How many lines came and are no longer kept."""
        return self._ring.dropped

    @property
    def shown(self) -> int:
        """How many of the lines kept the filter lets through."""
        return len(self._ring.numbers)

    @property
    def lines(self) -> list[str]:
        """The text of every line shown, as it is drawn but whole."""
        return [self._text(number) for number in self._ring.numbers]

    @property
    def follow(self) -> bool:
        """Whether the view stays at the end; scrolling up turns it off."""
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
        """Whether each line begins with its time."""
        return self._timestamps

    @timestamps.setter
    def timestamps(self, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._redraw()

    @property
    def words(self) -> str:
        """The words looked for, "" for none; small letters find capitals too."""
        return self._words

    @property
    def filter_error(self) -> str:
        """Why the last filter was refused, in a sentence; "" when it was not."""
        return self._filter_error

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add `lines`, oldest first: O(lines), one repaint."""
        if not lines:
            return
        gone = self._ring.append(lines)
        self._resize_to_lines()
        if not self._follow and gone:
            self.scroll_to(y=max(self.scroll_y - gone, 0), animate=False, force=True)
        self.refresh()
        self.post_message(self.Counted(self))

    def clear(self) -> None:
        """Forget every line and count from 0 again."""
        self._ring.clear()
        self._hit = -1
        self._resize_to_lines()
        self._redraw()
        self.post_message(self.Counted(self))

    def set_filter(self, pattern: str) -> bool:
        """Show only lines in which the regular expression `pattern` is found, all for ""; False if it is refused."""
        row = round(self.scroll_y)
        top = self._ring.numbers[row] if row < self.shown else 0
        try:
            self._ring.filter(pattern)
        except ValueError as error:
            self._filter_error = str(error)
            return False
        self._filter_error = ""
        self._resize_to_lines()
        if not self._follow:
            self.scroll_to(y=self._ring.row(top), animate=False, force=True)
        self._redraw()
        self.post_message(self.Counted(self))
        return True

    def search(self, words: str) -> bool:
        """Look for `words` from the top of the view on; False when no line has them. "" ends the search."""
        flags = re.IGNORECASE if words == words.lower() else 0
        self._wanted = re.compile(re.escape(words), flags) if words else None
        self._words = words
        self._hit = -1
        self._redraw()
        return self._go_to_hit(range(round(self.scroll_y), round(self.scroll_y) + self.shown))

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self.follow = True

    def action_top(self) -> None:
        """Go to the oldest line shown."""
        self.scroll_to(y=0, animate=False, force=True)

    def action_timestamps(self) -> None:
        """Show or hide times."""
        self.timestamps = not self.timestamps

    def action_left(self) -> None:
        """Move the view left."""
        self.scroll_to(x=max(self.scroll_x - _STEP, 0), animate=False, force=True)

    def action_right(self) -> None:
        """Move the view right, no further than the longest line."""
        self.scroll_to(x=min(self.scroll_x + _STEP, self.max_scroll_x), animate=False, force=True)

    def action_next_hit(self) -> None:
        """Go to the next line that has the words, after the last to the first."""
        row = self._ring.row(self._hit + 1) if self._hit >= 0 else round(self.scroll_y)
        self._go_to_hit(range(row, row + self.shown))

    def action_previous_hit(self) -> None:
        """Go to the line before that has the words, before the first to the last."""
        row = (self._ring.row(self._hit) if self._hit >= 0 else round(self.scroll_y)) - 1
        self._go_to_hit(range(row, row - self.shown, -1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._follow and new_value < old_value and new_value < self.max_scroll_y:
            self.follow = False

    def on_resize(self) -> None:
        """Stay at the end in another size."""
        if self._follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def notify_style_update(self) -> None:
        """Forget what was drawn in another theme."""
        super().notify_style_update()
        self._strips.clear()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The chosen text; an offset's y is the number of a line, so that it stays on it while others come."""
        chosen = []
        for number in self._ring.numbers:
            if (span := selection.get_span(number)) is not None:
                text, (start, end) = self._line_strip(number).text, span
                chosen.append(text[start : None if end == -1 else end])
        return ("\n".join(chosen), "\n") if chosen else None

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.scrollable_content_region.width
        if row >= self.shown:
            return Strip.blank(width, self.rich_style)
        number = self._ring.numbers[row]
        strip = self._line_strip(number)
        selection = self.text_selection
        if selection is not None:
            strip = with_selection(strip, selection, number, self.screen.get_component_rich_style("screen--selection"))
        if strip.cell_length <= scroll_x + width:
            return strip.crop_extend(scroll_x, scroll_x + width, self.rich_style).apply_offsets(scroll_x, number)
        cut = strip.crop(scroll_x, scroll_x + width - 1).apply_offsets(scroll_x, number)
        return Strip([*cut, Segment("~" if self.ink.ascii else "…", self.ink_style("dim"))], width)

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()

    def _resize_to_lines(self) -> None:
        """Tell the scrollbars how much there is; widths go in big steps, because each new one lays out the screen."""
        width = min(-(-(self._ring.longest + 20) // 256) * 256, KEPT_CHARS + 512)
        self.virtual_size = Size(width, self.shown)
        if self._follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def _text(self, number: int) -> str:
        return cleaned(self._ring.line(number).text, ascii=self.ink.ascii)

    def _go_to_hit(self, rows: range) -> bool:
        """Put the first of `rows` (they wrap around) that has the words into the middle; False when none has."""
        if self._wanted is None or not self.shown:
            return False
        numbers = list(self._ring.numbers)
        for row in rows:
            number = numbers[row % len(numbers)]
            if self._wanted.search(self._text(number)):
                self._hit = number
                self.follow = False
                self.scroll_to(y=max(row % len(numbers) - self.size.height // 2, 0), animate=False, force=True)
                self._redraw()
                return True
        return False

    def _line_strip(self, number: int) -> Strip:
        """Line `number` whole: its time, the sign of its stream, its text with what is searched for."""
        if (strip := self._strips.get(number)) is not None:
            return strip
        line, ink = self._ring.line(number), self.ink
        segments = []
        if self._timestamps and line.at > 0:
            segments.append(Segment(f"{self._time_text(line.at)} ", self.ink_style("dim")))
        unicode_sign, ascii_sign, tone = _SIGNS[line.stream]
        segments.append(Segment(ascii_sign if ink.ascii else unicode_sign, self.ink_style(tone)))
        mark = self.ink_style("accent") + Style(underline=True, bold=True, reverse=number == self._hit)
        base = self.ink_style("info" if line.stream == "note" else "normal")
        segments += _marked(self._text(number), self._wanted, base, mark)
        strip = Strip(segments, sum(cell_len(segment.text) for segment in segments))
        self._strips[number] = strip
        return strip
