"""Progress of several transfers, such as the layers of an image: a line with a bar for each and for the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import Tone
from widgets.drawing.decimal_size import decimal_size
from widgets.drawing.styled_strips import selected_text
from widgets.drawing.terminal_text import fit
from widgets.drawing.themed_widget import StylePart, ThemedWidget

ProgressState = Literal["waiting", "running", "done", "failed"]

_TONES: Final[dict[ProgressState, Tone]] = {"waiting": "dim", "running": "accent", "done": "good", "failed": "high"}
_SIGNS: Final[dict[ProgressState, tuple[str, str]]] = {
    "waiting": ("·", "."),
    "running": ("▸", ">"),
    "done": ("✓", "+"),
    "failed": ("✗", "x"),
}
_LABEL_CELLS: Final = 14
_BAR_CELLS: Final = (10, 40)
"""Minimum and maximum cells of a bar."""
_SIZE_CELLS: Final = 20


@dataclass(frozen=True, slots=True)
class ProgressItem:
    """Progress of one item: `current` of `total` bytes, `total` None while unknown; texts are untrusted."""

    id: str
    label: str
    current: float = 0
    total: float | None = None
    text: str = ""
    state: ProgressState = "running"

    @property
    def share(self) -> float | None:
        """Completed share, 0..1; None while unknown."""
        if self.state == "done":
            return 1.0
        return min(max(self.current / self.total, 0.0), 1.0) if self.total else None


def total_progress(rows: Sequence[ProgressItem], text: str = "") -> ProgressItem:
    """Return the total of `rows`: the bytes of those of known size; failed if one failed, done if all are done."""
    sized = [row for row in rows if row.total]
    current = sum((row.total or 0) * (row.share or 0) for row in sized)
    done = sum(row.state == "done" for row in rows)
    failed = any(row.state == "failed" for row in rows)
    state: ProgressState = "failed" if failed else "done" if rows and done == len(rows) else "running"
    return ProgressItem(
        "", f"{done} of {len(rows)}", current, sum(row.total or 0 for row in sized) or None, text, state
    )


def _bar_texts(share: float | None, cells: int, tone: Tone, ascii: bool) -> list[tuple[str, Tone | StylePart]]:
    """Return a thin bar of `cells` cells: the completed share in `tone`, the rest as a track."""
    full, track = ("#", ".") if ascii else ("━", "─")
    completed = min(max(round((share or 0) * cells), 1 if share else 0), cells)
    return [(full * completed, tone), (track * (cells - completed), "track")]


def _size_text(item: ProgressItem) -> str:
    """Return completed and total size, as far as they are known."""
    if item.total and item.state != "done":
        return f"{decimal_size(int(item.current))} of {decimal_size(int(item.total))}"
    size = item.total or item.current
    return decimal_size(int(size)) if size else ""


class ProgressList(ThemedWidget, ScrollView, can_focus=True):
    """Line for the total above `rows`; only changed rows are repainted."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    ProgressList {
        width: 1fr; height: auto; max-height: 100%;
        overflow-x: hidden; overflow-y: auto; scrollbar-size: 1 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k,up", "scroll_up", "up", id="progress_list.up", show=False),
        Binding("j,down", "scroll_down", "down", id="progress_list.down", show=False),
    ]

    def __init__(
        self, rows: Sequence[ProgressItem] = (), *, text: str = "", id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rows = tuple(rows)
        self._text = text

    @property
    def rows(self) -> tuple[ProgressItem, ...]:
        """The items; setting equal ones repaints nothing."""
        return self._rows

    @rows.setter
    def rows(self, rows: Sequence[ProgressItem]) -> None:
        before, self._rows = self._rows, tuple(rows)
        if before == self._rows:
            return
        self._refresh_changed(before)

    @property
    def text(self) -> str:
        """Text on the line of the total: the image, or the engine's answer."""
        return self._text

    @text.setter
    def text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.refresh_line(0)

    def on_mount(self) -> None:
        """Set the virtual size for the scrollbar."""
        self.virtual_size = Size(0, len(self._rows) + 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows) + 1

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected_text([self._line_strip(row).text for row in range(len(self._rows) + 1)], selection)

    def render_line(self, y: int) -> Strip:
        row = y + round(self.scroll_y)
        if row > len(self._rows):
            return Strip.blank(self.scrollable_content_region.width, self.rich_style)
        return self.highlight_selection(self._line_strip(row), row).apply_offsets(0, row)

    def _refresh_changed(self, before: tuple[ProgressItem, ...]) -> None:
        """Repaint the rows that differ from `before`; another number of rows causes a layout."""
        if len(before) != len(self._rows):
            self.virtual_size = Size(0, len(self._rows) + 1)
            self.refresh(layout=True)
            return
        width = self.size.width
        differing = [row for row, (new, old) in enumerate(zip(self._rows, before, strict=True), 1) if new != old]
        top = round(self.scroll_y)
        self.refresh(*(Region(0, row - top, width, 1) for row in (0, *differing)))

    def _line_strip(self, row: int) -> Strip:
        """Draw line `row` (0 is the total): sign, label, bar, bytes and the engine's text."""
        terminal, width = self.terminal, self.scrollable_content_region.width
        item = self._rows[row - 1] if row else total_progress(self._rows, self._text)
        tone = _TONES[item.state]
        cells = min(max(width // 3, _BAR_CELLS[0]), _BAR_CELLS[1])
        label = fit(item.label, _LABEL_CELLS, ascii=terminal.ascii)
        size = fit(_size_text(item), _SIZE_CELLS, "right", terminal.ascii)
        bar = _bar_texts(item.share, cells, tone, terminal.ascii)
        remaining = max(width - 2 - _LABEL_CELLS - 1 - cells - _SIZE_CELLS - 2, 0)
        text_tone: Tone = "high" if item.state == "failed" else "normal" if row == 0 else "dim"
        texts = [
            (f"{_SIGNS[item.state][terminal.ascii]} ", self.themed_style(tone)),
            (label + " ", self.themed_style("normal" if row else "group")),
            *((text, self.themed_style(style, picture=True)) for text, style in bar),
            (size + "  ", self.themed_style("dim")),
            (fit(item.text, remaining, ascii=terminal.ascii), self.themed_style(text_tone)),
        ]
        strip = Strip([Segment(text, style) for text, style in texts if text])
        return strip.adjust_cell_length(width, self.rich_style)
