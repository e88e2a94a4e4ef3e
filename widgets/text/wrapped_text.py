"""Paragraphs with a tone each, wrapped between words to the width of the widget; selectable."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TypeAlias

from rich.segment import Segment
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import Tone
from widgets.drawing.styled_strips import selected_text
from widgets.drawing.terminal_text import visible
from widgets.drawing.themed_widget import StylePart, ThemedWidget

Paragraph: TypeAlias = tuple[str, Tone | StylePart]
"""Untrusted text and its style."""

_PARAGRAPH_CHARS = 4_000
"""Maximum characters shown of a paragraph."""


class WrappedText(ThemedWidget):
    """Paragraphs below each other, as high as they need."""

    ALLOW_SELECT = True
    DEFAULT_CSS = "WrappedText { width: 1fr; height: auto; }"

    def __init__(
        self, paragraphs: Sequence[Paragraph] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._paragraphs = tuple(paragraphs)

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Content; setting equal paragraphs repaints nothing, and only another height causes a layout."""
        return self._paragraphs

    @paragraphs.setter
    def paragraphs(self, paragraphs: Sequence[Paragraph]) -> None:
        if tuple(paragraphs) == self._paragraphs:
            return
        old_height = len(self._wrapped(self.size.width))
        self._paragraphs = tuple(paragraphs)
        auto = self.styles.height is not None and self.styles.height.is_auto
        self.refresh(layout=auto and len(self._wrapped(self.size.width)) != old_height)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return max((len(visible(text, _PARAGRAPH_CHARS)) for text, _ in self._paragraphs), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._wrapped(width))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected_text([text for text, _ in self._wrapped(self.size.width)], selection)

    def render_line(self, y: int) -> Strip:
        lines, width = self._wrapped(self.size.width), self.size.width
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        text, style = lines[y]
        strip = Strip([Segment(text, self.themed_style(style))]).adjust_cell_length(width, self.rich_style)
        return self.highlight_selection(strip, y).apply_offsets(0, y)

    def _wrapped(self, width: int) -> list[Paragraph]:
        """Return the lines at `width`, each with the style of its paragraph."""
        lines: list[Paragraph] = []
        for text, style in self._paragraphs:
            shown = visible(text, _PARAGRAPH_CHARS, ascii=self.terminal.ascii)
            wrapped = textwrap.wrap(shown, max(width, 1), break_on_hyphens=False) or [""]
            lines += [(line, style) for line in wrapped]
        return lines
