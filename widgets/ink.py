"""How hostile text and tones reach the terminal: visible characters, exact cells, styles that follow the theme."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, get_args

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from textual.widget import Widget

from dockpit.model.view_models import Align, Tone

Part = Literal["header", "sorted", "group", "cursor", "focused", "track", "key", "quiet"]
"""A piece of a widget that has a style but no meaning: a heading, the line under the cursor, a bar that is fine."""

ASCII_CLASS: Final = "-ascii"
"""The CSS class that the app carries when the terminal has no Unicode."""

SIGNS: Final[dict[Tone, str]] = {
    "normal": " ",
    "dim": " ",
    "good": "+",
    "watch": "~",
    "high": "!",
    "critical": "‼",
    "accent": "*",
    "info": "i",
}
"""One character a tone, for where colour alone would say it."""

_REPLACEMENT = "�"
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_VISIBLE = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡", 0x09: " "}
_VISIBLE |= dict.fromkeys(range(0xFE00, 0xFE10), "")
_ASCII = str.maketrans(
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


@dataclass(frozen=True, slots=True)
class Ink:
    """What the terminal can draw."""

    ascii: bool = False
    colour: bool = True

    def sign(self, tone: Tone) -> str:
        """The one character that stands for `tone`, a space for one that needs none."""
        return "!" if self.ascii and tone == "critical" else SIGNS[tone]


def _replace(match: re.Match[str]) -> str:
    code = ord(match.group())
    return _VISIBLE.get(code, _REPLACEMENT)


def visible(text: str, width: int | None = None, *, ascii: bool = False) -> str:
    """Return `text` with every control, bidi and invisible character replaced by a visible one.

    With `width`, only what may fill that many terminal cells is looked at and returned, so a megabyte costs nothing.
    A tab becomes one space, an emoji variation selector is dropped; with `ascii`, what is not ASCII becomes a near sign
    or `?`.
    """
    if width is not None:
        text = text[: 4 * max(width, 0) + 16]
    if text.isascii() and text.isprintable():
        return text
    if not ascii:
        return _HOSTILE.sub(_replace, text)
    text = _HOSTILE.sub(lambda match: " " if match.group() == "\t" else "?", text)
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def fit(text: str, width: int, align: Align = "left", ascii: bool = False) -> str:
    """Return `text` made visible in exactly `width` terminal cells, cut with an ellipsis or padded by `align`."""
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


def _turned(style: Style) -> Style:
    """The weight of `style`, reversed where it is not."""
    return Style(bold=style.bold, underline=style.underline, reverse=not style.reverse)


class Inked(Widget):
    """A widget whose styles come from the theme by tone; `ink_style` answers anew after every change of theme.

    Subclass it first (`class Table(Inked, ScrollView)`) and call `ink_style` when drawing; override
    `notify_style_update` to drop what was drawn with older styles. Without colour a tone is weight, underline or
    reverse.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{name}" for name in (*get_args(Tone), *get_args(Part))}
    DEFAULT_CSS = """
    Inked {
        .ink--normal { color: $foreground; }
        .ink--dim { color: $foreground 55%; }
        .ink--good { color: $text-success; }
        .ink--watch { color: $text-warning; }
        .ink--high { color: $text-error; }
        .ink--critical { color: $text-error; background: $error-muted; text-style: bold; }
        .ink--accent { color: $text-accent; }
        .ink--info { color: $text-primary; }
        .ink--header { color: $foreground 55%; }
        .ink--sorted { color: $foreground; text-style: bold; }
        .ink--group { color: $foreground; text-style: bold; }
        .ink--cursor { background: $foreground 10%; }
        .ink--track { color: $foreground 15%; }
        .ink--key { color: $text-accent; text-style: bold; }
        .ink--quiet { color: $foreground 45%; }
        .ink--focused { background: $primary 40%; }
    }
    Inked:ansi {
        .ink--dim, .ink--header, .ink--track, .ink--quiet { color: ansi_default; text-style: dim; }
        .ink--good { color: ansi_green; }
        .ink--watch { color: ansi_yellow; }
        .ink--high { color: ansi_red; }
        .ink--critical { color: ansi_red; background: ansi_default; text-style: bold reverse; }
        .ink--accent, .ink--key { color: ansi_cyan; }
        .ink--info { color: ansi_blue; }
        .ink--cursor, .ink--focused { background: ansi_default; text-style: reverse; }
    }
    Inked:nocolor {
        .ink--dim, .ink--header, .ink--track { text-style: dim; }
        .ink--watch { text-style: underline; }
        .ink--high { text-style: bold underline; }
        .ink--critical { text-style: bold reverse; }
        .ink--accent { text-style: bold; }
        .ink--cursor { text-style: underline; }
        .ink--focused { text-style: reverse; }
    }
    """

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None, disabled: bool = False
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._inks: dict[tuple[str, bool, bool], Style] = {}

    def on_mount(self) -> None:
        """A scrollbar is drawn with block characters: a terminal without Unicode gets none."""
        if self.ink.ascii:
            self.styles.scrollbar_size_vertical = 0

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Only the cursor looks otherwise with the focus: no style is looked up anew for it, which would take 3 ms."""
        self.notify_style_update()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget the styles of the theme before."""
        self._inks.clear()
        super().notify_style_update()

    @property
    def ink(self) -> Ink:
        """What this widget's terminal can draw, from the app's ASCII_CLASS and its reading of NO_COLOR."""
        return Ink(ascii=self.app.has_class(ASCII_CLASS), colour=not self.app.no_color)

    def ink_style(self, name: Tone | Part, *, cursor: bool = False, picture: bool = False) -> Style:
        """The Rich style of a tone or part with this widget's background, or with the cursor's.

        On a cursor drawn in reverse what stands out by colour or reverse stays upright. A `picture` (bar,
        sparkline, curve) takes the colour alone: reverse and underline would draw it wrong; a normal one is quiet.
        """
        key = (name, cursor, picture)
        if key not in self._inks:
            self._inks[key] = self._mix(name, cursor, picture)
        return self._inks[key]

    def _mix(self, name: str, cursor: bool, picture: bool) -> Style:
        normal = self.get_component_rich_style("ink--normal")
        style = self.get_component_rich_style(f"ink--{name}")
        if picture:
            style = self.get_component_rich_style("ink--quiet") if name in ("normal", "group") else style
            style = normal + Style(color=style.color, dim=style.dim)
        if not cursor:
            return style
        under = self.get_component_rich_style("ink--focused" if self.has_focus else "ink--cursor")
        if under.reverse:
            coloured = self.ink.colour and style.color != normal.color
            return style if picture or coloured else normal + _turned(style)
        style = normal if name == "dim" else style
        return style + Style(bgcolor=under.bgcolor, reverse=False, underline=under.underline and not picture)
