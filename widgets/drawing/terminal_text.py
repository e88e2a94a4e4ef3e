"""Text in terminal cells: control characters made visible, ASCII substitutes, exact widths, a sign for each tone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size

from dockpit.model.view_models import Align, Tone

ASCII_CLASS: Final = "-ascii"
"""CSS class of the app when the terminal has no Unicode."""

TONE_SIGNS: Final[dict[Tone, str]] = {
    "normal": " ",
    "dim": " ",
    "good": "+",
    "watch": "~",
    "high": "!",
    "critical": "‼",
    "accent": "*",
    "info": "i",
}
"""One character per tone, for terminals without colour."""


@dataclass(frozen=True, slots=True)
class TerminalFeatures:
    """Whether the terminal is limited to ASCII, and whether it has colour."""

    ascii: bool = False
    colour: bool = True

    def sign(self, tone: Tone) -> str:
        """Return the character that stands for `tone`, a space for the quiet ones."""
        return "!" if self.ascii and tone == "critical" else TONE_SIGNS[tone]


_REPLACEMENT = "�"
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡", 0x09: " "}
_CONTROL_PICTURES |= dict.fromkeys(range(0xFE00, 0xFE10), "")
_ASCII_SUBSTITUTES = str.maketrans(
    {
        **dict.fromkeys("–—−─┄┈━", "-"),
        **dict.fromkeys("│┃", "|"),
        **dict.fromkeys("…", "~"),
        **dict.fromkeys("·•∙", "."),
        **dict.fromkeys("●◉■", "*"),
        **dict.fromkeys("○◌□", "o"),
        **dict.fromkeys("◐◑◒◓", "%"),
        **dict.fromkeys("→▸▶❯›»", ">"),
        **dict.fromkeys("←◂◀❮‹«", "<"),
        **dict.fromkeys("↑▲▴", "^"),
        **dict.fromkeys("↓▼▾", "v"),
        **dict.fromkeys("✓✔", "+"),
        **dict.fromkeys("✗✘×", "x"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("⚠‼", "!"),
        **dict.fromkeys("█▇▆▅▄▃▂▁▉▊▋▌▍▎▏", "#"),
        "≥": ">=",
        "≤": "<=",
        "µ": "u",
        "\xa0": " ",
    }
)


def _visible_form(match: re.Match[str]) -> str:
    code = ord(match.group())
    return _CONTROL_PICTURES.get(code, _REPLACEMENT)


def visible(text: str, width: int | None = None, *, ascii: bool = False) -> str:
    """Return `text` with every control, bidi and invisible character replaced by a visible one.

    With `width`, only the beginning that can fill that many terminal cells is processed and returned, so a megabyte
    costs nothing. A tab becomes one space and an emoji variation selector is dropped. With `ascii`, each non-ASCII
    character becomes a similar ASCII one or `?`.
    """
    if width is not None:
        text = text[: 4 * max(width, 0) + 16]
    if text.isascii() and text.isprintable():
        return text
    if not ascii:
        return _UNPRINTABLE.sub(_visible_form, text)
    text = _UNPRINTABLE.sub(lambda match: " " if match.group() == "\t" else "?", text)
    return text.translate(_ASCII_SUBSTITUTES).encode("ascii", "replace").decode("ascii")


def fit(text: str, width: int, align: Align = "left", ascii: bool = False) -> str:
    """Return visible `text` in exactly `width` terminal cells, cut with an ellipsis or padded by `align`."""
    if width <= 0:
        return ""
    shown = visible(text, width, ascii=ascii)
    size = cell_len(shown)
    if size > width:
        return set_cell_size(shown, width - 1) + ("~" if ascii else "…")
    if align == "right":
        return " " * (width - size) + shown
    if align == "center":
        left = (width - size) // 2
        return " " * left + shown + " " * (width - size - left)
    return shown + " " * (width - size)
