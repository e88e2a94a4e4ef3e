"""Strips built from styled text in as few segments as possible; selection in them highlighted and copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

StyledText = tuple[str, Style]
"""Printable text and its style."""


def build_strip(texts: Iterable[StyledText], width: int) -> Strip:
    """Join `texts` (together exactly `width` cells) into a strip; neighbours that look alike share a segment."""
    joined: list[list[str]] = []
    styles: list[Style] = []
    for text, style in texts:
        if not text:
            continue
        if styles and _is_alike(text, style, styles[-1]):
            joined[-1].append(text)
        else:
            joined.append([text])
            styles.append(style)
    return Strip([Segment("".join(texts), style) for texts, style in zip(joined, styles, strict=True)], width)


def _is_alike(text: str, style: Style, previous: Style) -> bool:
    """Return whether `text` may be drawn in `previous`: the same style, or a blank on the same background."""
    return style is previous or (text.isspace() and _shows_same_blank(style, previous)) or style == previous


@lru_cache(1024)
def _shows_same_blank(style: Style, other: Style) -> bool:
    """Return whether a blank looks the same in both styles."""
    visible_on_blank = style.underline or style.reverse or other.underline or other.reverse
    return not visible_on_blank and style.bgcolor == other.bgcolor


def style_words(text: str, style: Style, base: Style) -> tuple[StyledText, ...]:
    """Return `text` with its words in `style` and the padding around them in `base`, the style of the line."""
    if style is base or _shows_same_blank(style, base):
        return ((text, style),)
    words = text.strip(" ")
    left = len(text) - len(text.lstrip(" ")) if words else len(text)
    return (text[:left], base), (words, style), (text[left + len(words) :], base)


def highlight_selection(strip: Strip, selection: Selection, line: int, style: Style) -> Strip:
    """Return `strip`, line number `line` of the text, with its selected characters in `style`."""
    span = selection.get_span(line)
    if span is None:
        return strip
    text, (start, end) = strip.text, span
    first = cell_len(text[:start])
    last = strip.cell_length if end == -1 else min(cell_len(text[:end]), strip.cell_length)
    if last <= first:
        return strip
    selected = [Segment(segment.text, style) for segment in strip.crop(first, last)]
    return Strip([*strip.crop(0, first), *selected, *strip.crop(last)], strip.cell_length)


def selected_text(lines: Sequence[str], selection: Selection) -> tuple[str, str] | None:
    """Return the selected part of `lines` without trailing blanks, in the form of `Widget.get_selection`."""
    if not lines:
        return None
    selected = selection.extract("\n".join(lines))
    return "\n".join(line.rstrip() for line in selected.splitlines()), "\n"
