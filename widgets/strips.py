"""Strips from pieces of text: as few segments as the eye allows, and text that can be selected and copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

Piece = tuple[str, Style]
"""Text that is already visible, and its style."""


def strip_of(pieces: Iterable[Piece], width: int) -> Strip:
    """Join `pieces` (together exactly `width` cells) into a strip, neighbours that look alike in one segment."""
    joined: list[list[str]] = []
    styles: list[Style] = []
    for text, style in pieces:
        if not text:
            continue
        if styles and _looks_alike(text, style, styles[-1]):
            joined[-1].append(text)
        else:
            joined.append([text])
            styles.append(style)
    return Strip([Segment("".join(texts), style) for texts, style in zip(joined, styles, strict=True)], width)


def _looks_alike(text: str, style: Style, before: Style) -> bool:
    """Whether `text` may be drawn in the style before it: the same, or a blank where only the background shows."""
    if style is before or style == before:
        return True
    drawn = style.underline or style.reverse or before.underline or before.reverse
    return text.isspace() and not drawn and style.bgcolor == before.bgcolor


def with_selection(strip: Strip, selection: Selection | None, y: int, style: Style) -> Strip:
    """Return `strip` (line `y` of its widget) with the selected characters in `style`."""
    span = None if selection is None else selection.get_span(y)
    if span is None:
        return strip
    text, (start, end) = strip.text, span
    first = cell_len(text[:start])
    last = strip.cell_length if end == -1 else min(cell_len(text[:end]), strip.cell_length)
    if last <= first:
        return strip
    chosen = [Segment(segment.text, style) for segment in strip.crop(first, last)]
    return Strip([*strip.crop(0, first), *chosen, *strip.crop(last)], strip.cell_length)


def selected_text(lines: Sequence[str], selection: Selection) -> tuple[str, str] | None:
    """What `Widget.get_selection` answers for a widget that shows `lines`: the chosen text without trailing blanks."""
    if not lines:
        return None
    chosen = selection.extract("\n".join(lines))
    return "\n".join(line.rstrip() for line in chosen.splitlines()), "\n"
