"""How far several things have come, the layers of an image say: a line each with a bar, and one for them all."""

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
from widgets.ink import Inked, Part, fit
from widgets.log_text import size_text
from widgets.strips import selected_text, with_selection

State = Literal["waiting", "running", "done", "failed"]

_TONES: Final[dict[State, Tone]] = {"waiting": "dim", "running": "accent", "done": "good", "failed": "high"}
_SIGNS: Final[dict[State, tuple[str, str]]] = {
    "waiting": ("·", "."),
    "running": ("▸", ">"),
    "done": ("✓", "+"),
    "failed": ("✗", "x"),
}
_LABEL_CELLS: Final = 14
_BAR_CELLS: Final = (10, 40)
"""The least and the most cells of a bar."""
_COUNT_CELLS: Final = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing: `current` of `total` bytes, `total` None while nobody knows; texts are hostile until drawn."""

    id: str
    label: str
    current: float = 0
    total: float | None = None
    text: str = ""
    state: State = "running"

    @property
    def share(self) -> float | None:
        """How far it has come, 0..1; None while nobody knows."""
        if self.state == "done":
            return 1.0
        return min(max(self.current / self.total, 0.0), 1.0) if self.total else None


def overall(rows: Sequence[Progress], text: str = "") -> Progress:
    """Return all `rows` as one: the bytes of those whose size is known, failed if one failed, done when all are."""
    sized = [row for row in rows if row.total]
    current = sum((row.total or 0) * (row.share or 0) for row in sized)
    done = sum(row.state == "done" for row in rows)
    failed = any(row.state == "failed" for row in rows)
    state: State = "failed" if failed else "done" if rows and done == len(rows) else "running"
    return Progress("", f"{done} of {len(rows)}", current, sum(row.total or 0 for row in sized) or None, text, state)


def _bar(share: float | None, cells: int, tone: Tone, ascii: bool) -> list[tuple[str, Tone | Part]]:
    """A thin bar of `cells` cells: what has come in `tone`, the rest as a track."""
    full, track = ("#", ".") if ascii else ("━", "─")
    come = min(max(round((share or 0) * cells), 1 if share else 0), cells)
    return [(full * come, tone), (track * (cells - come), "track")]


def _count(thing: Progress) -> str:
    """How much of how much, as far as it is known."""
    if thing.total and thing.state != "done":
        return f"{size_text(int(thing.current))} of {size_text(int(thing.total))}"
    size = thing.total or thing.current
    return size_text(int(size)) if size else ""


class ProgressList(Inked, ScrollView, can_focus=True):
    """The rows under a line for them all; a row that changed repaints alone."""

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
        self, rows: Sequence[Progress] = (), *, text: str = "", id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rows = tuple(rows)
        self._text = text

    @property
    def rows(self) -> tuple[Progress, ...]:
        """The things; the same again repaint nothing."""
        return self._rows

    @rows.setter
    def rows(self, rows: Sequence[Progress]) -> None:
        before, self._rows = self._rows, tuple(rows)
        if before == self._rows:
            return
        self._changed(before)

    @property
    def text(self) -> str:
        """What is said on the line for all: the image, what the engine answered."""
        return self._text

    @text.setter
    def text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.refresh_line(0)

    def on_mount(self) -> None:
        """Tell the scrollbar how much there is."""
        self.virtual_size = Size(0, len(self._rows) + 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows) + 1

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected_text([self._strip(row).text for row in range(len(self._rows) + 1)], selection)

    def render_line(self, y: int) -> Strip:
        row = y + round(self.scroll_y)
        if row > len(self._rows):
            return Strip.blank(self.scrollable_content_region.width, self.rich_style)
        strip, chosen = self._strip(row), self.text_selection
        if chosen is not None:
            strip = with_selection(strip, chosen, row, self.screen.get_component_rich_style("screen--selection"))
        return strip.apply_offsets(0, row)

    def _changed(self, before: tuple[Progress, ...]) -> None:
        """Repaint what differs from `before`; another number of rows lays out anew."""
        if len(before) != len(self._rows):
            self.virtual_size = Size(0, len(self._rows) + 1)
            self.refresh(layout=True)
            return
        width = self.size.width
        differing = [row for row, (now, then) in enumerate(zip(self._rows, before, strict=True), 1) if now != then]
        top = round(self.scroll_y)
        self.refresh(*(Region(0, row - top, width, 1) for row in (0, *differing)))

    def _strip(self, row: int) -> Strip:
        """Line `row`: sign, label, bar, how much of how much, and what the engine says of it."""
        ink, width = self.ink, self.scrollable_content_region.width
        thing = self._rows[row - 1] if row else overall(self._rows, self._text)
        tone = _TONES[thing.state]
        cells = min(max(width // 3, _BAR_CELLS[0]), _BAR_CELLS[1])
        pieces = [
            (f"{_SIGNS[thing.state][ink.ascii]} ", self.ink_style(tone)),
            (fit(thing.label, _LABEL_CELLS, ascii=ink.ascii) + " ", self.ink_style("normal" if row else "group")),
            *((text, self.ink_style(style, picture=True)) for text, style in _bar(thing.share, cells, tone, ink.ascii)),
            (fit(_count(thing), _COUNT_CELLS, "right", ink.ascii) + "  ", self.ink_style("dim")),
        ]
        rest = max(width - 2 - _LABEL_CELLS - 1 - cells - _COUNT_CELLS - 2, 0)
        said: Tone = "high" if thing.state == "failed" else "normal" if row == 0 else "dim"
        pieces.append((fit(thing.text, rest, ascii=ink.ascii), self.ink_style(said)))
        strip = Strip([Segment(text, style) for text, style in pieces if text])
        return strip.adjust_cell_length(width, self.rich_style)
