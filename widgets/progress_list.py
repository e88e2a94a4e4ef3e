"""Rows of things under way, each with a bar: the layers of a pull."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Size
from textual.strip import Strip

from dockpit.viewmodel import Tone
from widgets.bar import bar
from widgets.ink import Inked, fit
from widgets.strips import Piece, strip_of

LABEL = 14
BAR = 24


@dataclass(frozen=True, slots=True)
class Progress:
    """One row: `current` of `total` in bytes, 0 where unknown; `text` is the engine's word for what it does."""

    id: str
    label: str
    current: int = 0
    total: int = 0
    text: str = ""

    @property
    def done(self) -> bool:
        """Whether nothing more comes of it."""
        return self.text.lower() in ("pull complete", "already exists", "download complete")


class ProgressList(Inked):
    """The rows, and above them the whole."""

    DEFAULT_CSS = """
    ProgressList { height: auto; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[Progress, ...] = ()

    @property
    def rows(self) -> tuple[Progress, ...]:
        """What is under way."""
        return self._rows

    @rows.setter
    def rows(self, rows: tuple[Progress, ...]) -> None:
        if rows != self._rows:
            grown = len(rows) != len(self._rows)
            self._rows = rows
            self.refresh(layout=grown)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line a row and one for the whole."""
        return len(self._rows) + 1 if self._rows else 0

    def render_line(self, y: int) -> Strip:
        """The whole first, then the rows."""
        width = self.size.width
        if not self._rows or y > len(self._rows):
            return Strip.blank(width, self.rich_style)
        return strip_of(self._pieces(self._whole() if y == 0 else self._rows[y - 1], width), width)

    def _whole(self) -> Progress:
        done = sum(row.done for row in self._rows)
        text = f"{done} of {len(self._rows)} layers"
        return Progress("", "all", sum(r.current for r in self._rows), sum(r.total for r in self._rows), text)

    def _pieces(self, row: Progress, width: int) -> list[Piece]:
        ascii = self.ink.ascii
        share = min(1.0, row.current / row.total) if row.total > 0 else (1.0 if row.done else None)
        tone: Tone = "good" if row.done else "normal"
        size = f"{row.current / 1e6:.1f} of {row.total / 1e6:.1f} MB" if row.total else ""
        return [
            (fit(row.label, LABEL, ascii=ascii), self.ink_style("dim")),
            (bar(share, BAR, ascii), self.ink_style(tone)),
            (f"  {fit(size, 20, ascii=ascii)}", self.ink_style("normal")),
            (fit(row.text, max(0, width - LABEL - BAR - 22), ascii=ascii), self.ink_style(tone)),
        ]
