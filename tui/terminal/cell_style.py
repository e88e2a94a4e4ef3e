"""How one cell of a terminal is drawn, and the escape sequence from one style to another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rich.color import Color, ColorSystem
from rich.style import Style
from textual.strip import Strip

VISIBLE_ON_BLANKS: Final = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""SGR attributes that show on a space: lines, frames and reverse video."""
CONTROL_CHARACTERS: Final = dict.fromkeys((*range(32), *range(127, 160)))
"""For str.translate(): removes control characters."""


@dataclass(frozen=True, slots=True, order=True)
class CellStyle:
    """The SGR parameters of a cell and the target of its hyperlink, "" for none.

    `blank_look` is the part of the style that shows on a space; spaces with an equal one look alike.
    """

    link: str = ""
    attributes: tuple[str, ...] = ()
    background: str = "49"
    foreground: str = "39"
    blank_look: tuple[str, ...] = ("", "49")

    def sequence_after(self, before: CellStyle) -> str:
        """The escape sequence that switches to this style from `before`."""
        wanted = self.attributes
        codes: list[str] = []
        if wanted != before.attributes:
            if set(before.attributes) <= set(wanted):
                codes += [code for code in wanted if code not in before.attributes]
            else:
                codes += ["0", *wanted]
                before = CellStyle(before.link)
        if self.background != before.background:
            codes.append(self.background)
        if self.foreground != before.foreground:
            codes.append(self.foreground)
        sequence = f"\x1b[{';'.join(codes)}m" if codes else ""
        return sequence if self.link == before.link else f"\x1b]8;;{self.link}\x1b\\{sequence}"


PLAIN: Final = CellStyle()


@lru_cache(4096)
def cell_style(style: Style | None, colors: ColorSystem) -> CellStyle:
    """A Rich style on a terminal with these colours."""
    if style is None:
        return PLAIN
    attributes = Strip.render_ansi(style.without_color, colors)
    codes = tuple(attributes.split(";")) if attributes else ()
    background = _color_code(style.bgcolor, colors, foreground=False)
    foreground = _color_code(style.color, colors, foreground=True)
    link = (style.link or "").translate(CONTROL_CHARACTERS)
    on_blanks = tuple(code for code in codes if code in VISIBLE_ON_BLANKS)
    blank_look = (link, background, *on_blanks, foreground) if on_blanks or link else (link, background)
    return _interned(CellStyle(link, codes, background, foreground, blank_look))


@lru_cache(1024)
def _interned(style: CellStyle) -> CellStyle:
    """One object for equal styles: Rich styles that look alike differ in what a click on them does."""
    return style


def _color_code(color: Color | None, colors: ColorSystem, *, foreground: bool) -> str:
    if color is None:
        return "39" if foreground else "49"
    return ";".join(color.downgrade(colors).get_ansi_codes(foreground))
