"""Strips from pieces of text: as few segments as the eye allows, and text that can be selected and copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

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
    return style is before or (text.isspace() and _is_flat(style, before)) or style == before


@lru_cache(1024)
def _is_flat(style: Style, other: Style) -> bool:
    """Whether a blank looks the same in both styles."""
    drawn = style.underline or style.reverse or other.underline or other.reverse
    return not drawn and style.bgcolor == other.bgcolor


def padded(text: str, style: Style, base: Style) -> tuple[Piece, ...]:
    """`text` with its own style for the words and the line's for the room around them."""
    if style is base or _is_flat(style, base):
        return ((text, style),)
    words = text.strip(" ")
    left = len(text) - len(text.lstrip(" ")) if words else len(text)
    return (text[:left], base), (words, style), (text[left + len(words) :], base)


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
