"""Sentences by tone, broken between words to the width there is; they can be selected."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TypeAlias

from rich.segment import Segment
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import Tone
from widgets.ink import Inked, Part, visible
from widgets.strips import selected_text, with_selection

Paragraph: TypeAlias = tuple[str, Tone | Part]
"""A text, hostile until drawn, and its style."""

_LONGEST = 4_000
"""Characters of a paragraph that are shown."""


class Prose(Inked):
    """Paragraphs one under the other, as high as they need."""

    ALLOW_SELECT = True
    DEFAULT_CSS = "Prose { width: 1fr; height: auto; }"

    def __init__(
        self, paragraphs: Sequence[Paragraph] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._paragraphs = tuple(paragraphs)

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """What is said; the same again repaints nothing, another height lays out anew."""
        return self._paragraphs

    @paragraphs.setter
    def paragraphs(self, paragraphs: Sequence[Paragraph]) -> None:
        if tuple(paragraphs) == self._paragraphs:
            return
        before = len(self._wrapped(self.size.width))
        self._paragraphs = tuple(paragraphs)
        auto = self.styles.height is not None and self.styles.height.is_auto
        self.refresh(layout=auto and len(self._wrapped(self.size.width)) != before)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return max((len(visible(text, _LONGEST)) for text, _ in self._paragraphs), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._wrapped(width))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected_text([text for text, _ in self._wrapped(self.size.width)], selection)

    def render_line(self, y: int) -> Strip:
        lines, width = self._wrapped(self.size.width), self.size.width
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        text, style = lines[y]
        strip = Strip([Segment(text, self.ink_style(style))]).adjust_cell_length(width, self.rich_style)
        chosen = self.text_selection
        if chosen is not None:
            strip = with_selection(strip, chosen, y, self.screen.get_component_rich_style("screen--selection"))
        return strip.apply_offsets(0, y)

    def _wrapped(self, width: int) -> list[Paragraph]:
        lines: list[Paragraph] = []
        for text, style in self._paragraphs:
            shown = visible(text, _LONGEST, ascii=self.ink.ascii)
            broken = textwrap.wrap(shown, max(width, 1), break_on_hyphens=False) or [""]
            lines += [(line, style) for line in broken]
        return lines
