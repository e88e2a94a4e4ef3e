"""A screen as an SVG that is small, needs nothing from elsewhere, and is the same bytes for the same cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from rich.cells import cell_len
from rich.color import blend_rgb
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App

CELL_WIDTH = 8.43
CELL_HEIGHT = 18
BASELINE = 13.5
FONT_SIZE = 14
FONTS = "'DejaVu Sans Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', monospace"

LINES = {
    **dict(zip("─│╭╮╰╯┌┐└┘├┤┬┴┼╵╶╷╴", (10, 5, 6, 12, 3, 9, 6, 12, 3, 9, 7, 13, 14, 11, 15, 1, 2, 4, 8), strict=True)),
    **dict(zip("━┃┏┓┗┛┣┫┳┻╋╹╺╻╸", (10, 5, 6, 12, 3, 9, 7, 13, 14, 11, 15, 1, 2, 4, 8), strict=True)),
}
"""The arms of a box character: 1 up, 2 right, 4 down, 8 left."""
HEAVY = frozenset("━┃┏┓┗┛┣┫┳┻╋╹╺╻╸")

STRETCH = re.compile(
    "(?P<dots>[\u2801-\u28ff]+)|(?P<blocks>[▁-▏]+)|(?P<lines>[─-╿]+)"
    "|[^ \u2800-\u28ff▁-▏─-╿]+(?: [^ \u2800-\u28ff▁-▏─-╿]+)*"
)
"""Braille, blocks, lines, or text without blanks at its ends nor two in a row; an empty braille cell is a blank."""

DOT = CELL_WIDTH / 2
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille cell's left and right dots, from the top."""

Cell = tuple[str, str, str, str]
"""A run of text, its foreground, its background (both #rrggbb), and its weight and decoration as CSS."""


def picture(app: App[int]) -> str:
    """What the app shows now."""
    return drawing(rows(app), app.size.width, app.ansi_theme)


def rows(app: App[int]) -> list[list[Segment]]:
    """The segments of every row of the screen, those of the screens under a dialog too."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens, simplify=True)
    strips: Sequence[Iterable[Iterable[Segment]]] = getattr(update, "strips", ())
    return [[segment for strip in line for segment in strip if not segment.control] for line in strips]


def drawing(lines: Sequence[Iterable[Segment]], width: int, theme: TerminalTheme) -> str:
    """An SVG document of rows of segments, `width` cells wide."""
    cells = [list(_runs(line, theme)) for line in lines]
    ground = _commonest([(cell[2], cell_len(cell[0])) for row in cells for cell in row])
    looks = {look: f"c{number}" for number, look in enumerate(dict.fromkeys(_look(c) for row in cells for c in row))}
    across, down = round(width * CELL_WIDTH, 1), len(cells) * CELL_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {across + 16:.6g} {down + 16}">',
        "<style>",
        f"text{{font:{FONT_SIZE}px {FONTS}}}",
        "path{stroke-width:0}",
        *(f".{name}{{{look}}}" for look, name in looks.items()),
        *(f"path.{name}{{stroke:{look[5:12]}}}" for look, name in looks.items()),
        f".d,.l,.w{{fill:none;stroke-width:2}}.d{{stroke-dasharray:2 {_n(DOT - 2)}}}",
        ".l,.w{stroke-linecap:round}.l{stroke-width:1.2}.w{stroke-width:2.6}",
        "</style>",
        f'<rect x="-8" y="-8" width="{across + 16:.6g}" height="{down + 16}" rx="6" fill="{ground}"/>',
    ]
    for number, row in enumerate(cells):
        parts += _behind(row, number * CELL_HEIGHT, ground)
    for number, row in enumerate(cells):
        parts += _written(row, number * CELL_HEIGHT, looks)
    return "\n".join([*parts, "</svg>", ""])


def _runs(line: Iterable[Segment], theme: TerminalTheme) -> Iterable[Cell]:
    dressed = [(segment.text, *_dress(segment.style or Style(), theme)) for segment in line if segment.text]
    for dress, run in groupby(dressed, key=lambda cell: cell[1:]):
        yield ("".join(text for text, *_ in run), *dress)


def _dress(style: Style, theme: TerminalTheme) -> tuple[str, str, str]:
    front = (style.color.get_truecolor(theme) if style.color else None) or theme.foreground_color
    back = (style.bgcolor.get_truecolor(theme, foreground=False) if style.bgcolor else None) or theme.background_color
    if style.reverse:
        front, back = back, front
    if style.dim:
        front = blend_rgb(front, back, 0.4)
    css = ("font-weight:bold;" if style.bold else "") + ("font-style:italic;" if style.italic else "")
    css += "text-decoration:underline;" if style.underline else ""
    css += "text-decoration:line-through;" if style.strike else ""
    return front.hex, back.hex, css


def _look(cell: Cell) -> str:
    return f"fill:{cell[1]};{cell[3]}".rstrip(";")


def _commonest(grounds: Iterable[tuple[str, int]]) -> str:
    room: dict[str, int] = {}
    for ground, cells in grounds:
        room[ground] = room.get(ground, 0) + cells
    return max(room, key=lambda ground: room[ground], default="#000000")


def _behind(row: Sequence[Cell], y: int, ground: str) -> Iterable[str]:
    x = 0
    for back, run in groupby(row, key=lambda cell: cell[2]):
        cells = sum(cell_len(cell[0]) for cell in run)
        if back != ground:
            yield f'<path fill="{back}" d="{_box(x * CELL_WIDTH, y, cells * CELL_WIDTH, CELL_HEIGHT)}"/>'
        x += cells


def _written(row: Sequence[Cell], y: float, looks: dict[str, str]) -> Iterable[str]:
    """Stretches of text; each begins where its cells do, so that no font can push the next one aside."""
    x = 0
    for cell in row:
        for stretch in STRETCH.finditer(cell[0]):
            left = x + cell_len(cell[0][: stretch.start()])
            yield _drawn(stretch, looks[_look(cell)], left * CELL_WIDTH, y)
        x += cell_len(cell[0])


def _drawn(stretch: re.Match[str], look: str, x: float, y: float) -> str:
    text = stretch[0]
    if stretch["dots"]:
        return f'<path class="{look} d" d="{_dots(text, x, y)}"/>'
    if stretch["blocks"]:
        return f'<path class="{look}" d="{_blocks(text, x, y)}"/>'
    if stretch["lines"] and all(letter in LINES for letter in text):
        return f'<path class="{look} {"w" if text[0] in HEAVY else "l"}" d="{_lines(text, x, y)}"/>'
    place = f'x="{_n(x)}" y="{_n(y + BASELINE)}" textLength="{_n(cell_len(text) * CELL_WIDTH)}"'
    return f'<text class="{look}" {place}>{escape(text, quote=False)}</text>'


def _dots(text: str, x: float, y: float) -> str:
    """Braille cells as dashed lines, one for each stretch of dots beside each other."""
    path = ""
    for line, (left_bit, right_bit) in enumerate(DOTS):
        lit = [bool(ord(letter) & bit) for letter in text for bit in (left_bit, right_bit)]
        at = 0
        for on, run in groupby(lit):
            length = len(list(run))
            if on:
                path += f"M{_n(x + (at + 0.25) * DOT)} {_n(y + (line + 0.5) * CELL_HEIGHT / 4)}h{_n(length * DOT - 1)}"
            at += length
    return path


def _blocks(text: str, x: float, y: float) -> str:
    """Block elements as rectangles; those of one height beside each other are one."""
    path, at = "", 0
    for block, run in groupby(text):
        length = len(list(run))
        left, width = x + at * CELL_WIDTH, CELL_WIDTH
        if "▉" <= block <= "▏":
            path += "".join(
                _box(left + n * width, y, width * (0x2590 - ord(block)) / 8, CELL_HEIGHT) for n in range(length)
            )
        else:
            height = CELL_HEIGHT * (ord(block) - 0x2580) / 8
            path += _box(left, y + CELL_HEIGHT - height, width * length, height)
        at += length
    return path


def _lines(text: str, x: float, y: float) -> str:
    """Box characters as lines from the middle of a cell to its edges; those that go on are one."""
    path, at, middle = "", 0, y + CELL_HEIGHT / 2
    for letter, run in groupby(text):
        length, arms = len(list(run)), LINES[letter]
        left, centre = x + at * CELL_WIDTH, x + (at + 0.5) * CELL_WIDTH
        if arms == 10:
            path += f"M{_n(left)} {_n(middle)}h{_n(length * CELL_WIDTH)}"
        else:
            path += "".join(_arms(arms, centre + n * CELL_WIDTH, middle) for n in range(length))
        at += length
    return path


def _arms(arms: int, x: float, y: float) -> str:
    across, down = _n(CELL_WIDTH / 2), _n(CELL_HEIGHT / 2)
    ways = ((1, f"v-{down}"), (2, f"h{across}"), (4, f"v{down}"), (8, f"h-{across}"))
    return "".join(f"M{_n(x)} {_n(y)}{way}" for bit, way in ways if arms & bit)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{_n(x)} {_n(y)}h{_n(width)}v{_n(height)}h-{_n(width)}z"


def _n(value: float) -> str:
    """A number to the hundredth, without zeros that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
