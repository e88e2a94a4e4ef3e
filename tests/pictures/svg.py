"""A screen as an SVG: small, self-contained, and the same bytes for the same cells."""

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

BOX_ARMS = {
    **dict(zip("─│╭╮╰╯┌┐└┘├┤┬┴┼╵╶╷╴", (10, 5, 6, 12, 3, 9, 6, 12, 3, 9, 7, 13, 14, 11, 15, 1, 2, 4, 8), strict=True)),
    **dict(zip("━┃┏┓┗┛┣┫┳┻╋╹╺╻╸", (10, 5, 6, 12, 3, 9, 7, 13, 14, 11, 15, 1, 2, 4, 8), strict=True)),
}
"""The arms of a box character: 1 up, 2 right, 4 down, 8 left."""
HEAVY_BOX_CHARACTERS = frozenset("━┃┏┓┗┛┣┫┳┻╋╹╺╻╸")

PIECE = re.compile(
    "(?P<dots>[\u2801-\u28ff]+)|(?P<blocks>[▁-▏]+)|(?P<lines>[─-╿]+)"
    "|[^ \u2800-\u28ff▁-▏─-╿]+(?: [^ \u2800-\u28ff▁-▏─-╿]+)*"
)
"""Braille, blocks, lines, or text without blanks at its ends nor two in a row; an empty braille cell is a blank."""

DOT_WIDTH = CELL_WIDTH / 2
BRAILLE_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille cell's left and right dots, from the top."""

Cell = tuple[str, str, str, str]
"""A run of text, its foreground, its background (both #rrggbb), and its weight and decoration as CSS."""


def app_svg(app: App[int]) -> str:
    """The screen of an app as an SVG document."""
    return svg_document(screen_rows(app), app.size.width, app.ansi_theme)


def screen_rows(app: App[int]) -> list[list[Segment]]:
    """The segments of every row of the screen, with the screens behind a dialog."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens, simplify=True)
    strips: Sequence[Iterable[Iterable[Segment]]] = getattr(update, "strips", ())
    return [[segment for strip in line for segment in strip if not segment.control] for line in strips]


def svg_document(lines: Sequence[Iterable[Segment]], width: int, theme: TerminalTheme) -> str:
    """An SVG document of rows of segments, `width` cells wide."""
    cells = [list(_runs(line, theme)) for line in lines]
    background = _most_common([(cell[2], cell_len(cell[0])) for row in cells for cell in row])
    used_css = dict.fromkeys(_cell_css(cell) for row in cells for cell in row)
    class_names = {css: f"c{number}" for number, css in enumerate(used_css)}
    svg_width, svg_height = round(width * CELL_WIDTH, 1), len(cells) * CELL_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {svg_width + 16:.6g} {svg_height + 16}">',
        "<style>",
        f"text{{font:{FONT_SIZE}px {FONTS}}}",
        "path{stroke-width:0}",
        *(f".{name}{{{css}}}" for css, name in class_names.items()),
        *(f"path.{name}{{stroke:{css[5:12]}}}" for css, name in class_names.items()),
        f".d,.l,.w{{fill:none;stroke-width:2}}.d{{stroke-dasharray:2 {_number(DOT_WIDTH - 2)}}}",
        ".l,.w{stroke-linecap:round}.l{stroke-width:1.2}.w{stroke-width:2.6}",
        "</style>",
        f'<rect x="-8" y="-8" width="{svg_width + 16:.6g}" height="{svg_height + 16}" rx="6" fill="{background}"/>',
    ]
    for number, row in enumerate(cells):
        parts += _background_paths(row, number * CELL_HEIGHT, background)
    for number, row in enumerate(cells):
        parts += _text_elements(row, number * CELL_HEIGHT, class_names)
    return "\n".join([*parts, "</svg>", ""])


def _runs(line: Iterable[Segment], theme: TerminalTheme) -> Iterable[Cell]:
    """The segments of a row, with adjacent ones of the same style joined."""
    styled = [(segment.text, *_css_style(segment.style or Style(), theme)) for segment in line if segment.text]
    for style, run in groupby(styled, key=lambda cell: cell[1:]):
        yield ("".join(text for text, *_ in run), *style)


def _css_style(style: Style, theme: TerminalTheme) -> tuple[str, str, str]:
    """Foreground, background (#rrggbb), and the rest of a style as CSS."""
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


def _cell_css(cell: Cell) -> str:
    return f"fill:{cell[1]};{cell[3]}".rstrip(";")


def _most_common(backgrounds: Iterable[tuple[str, int]]) -> str:
    """The background that covers most cells; the arguments are (background, cells)."""
    covered: dict[str, int] = {}
    for background, cells in backgrounds:
        covered[background] = covered.get(background, 0) + cells
    return max(covered, key=lambda background: covered[background], default="#000000")


def _background_paths(row: Sequence[Cell], y: int, background: str) -> Iterable[str]:
    """Rectangles of the backgrounds that differ from that of the document."""
    x = 0
    for back, run in groupby(row, key=lambda cell: cell[2]):
        cells = sum(cell_len(cell[0]) for cell in run)
        if back != background:
            yield f'<path fill="{back}" d="{_rectangle(x * CELL_WIDTH, y, cells * CELL_WIDTH, CELL_HEIGHT)}"/>'
        x += cells


def _text_elements(row: Sequence[Cell], y: float, class_names: dict[str, str]) -> Iterable[str]:
    """The text of a row in pieces, each placed at its first cell, so that no font can move the next one."""
    x = 0
    for cell in row:
        for piece in PIECE.finditer(cell[0]):
            left = x + cell_len(cell[0][: piece.start()])
            yield _element(piece, class_names[_cell_css(cell)], left * CELL_WIDTH, y)
        x += cell_len(cell[0])


def _element(piece: re.Match[str], class_name: str, x: float, y: float) -> str:
    text = piece[0]
    if piece["dots"]:
        return f'<path class="{class_name} d" d="{_dots(text, x, y)}"/>'
    if piece["blocks"]:
        return f'<path class="{class_name}" d="{_blocks(text, x, y)}"/>'
    if piece["lines"] and all(letter in BOX_ARMS for letter in text):
        return (
            f'<path class="{class_name} {"w" if text[0] in HEAVY_BOX_CHARACTERS else "l"}" d="{_lines(text, x, y)}"/>'
        )
    place = f'x="{_number(x)}" y="{_number(y + BASELINE)}" textLength="{_number(cell_len(text) * CELL_WIDTH)}"'
    return f'<text class="{class_name}" {place}>{escape(text, quote=False)}</text>'


def _dots(text: str, x: float, y: float) -> str:
    """Braille cells as dashed lines, one for each sequence of adjacent dots."""
    path = ""
    for line, (left_bit, right_bit) in enumerate(BRAILLE_BITS):
        lit = [bool(ord(letter) & bit) for letter in text for bit in (left_bit, right_bit)]
        at = 0
        for on, run in groupby(lit):
            length = len(list(run))
            if on:
                left, middle = _number(x + (at + 0.25) * DOT_WIDTH), _number(y + (line + 0.5) * CELL_HEIGHT / 4)
                path += f"M{left} {middle}h{_number(length * DOT_WIDTH - 1)}"
            at += length
    return path


def _blocks(text: str, x: float, y: float) -> str:
    """Block elements as rectangles; adjacent ones of the same height are one."""
    path, at = "", 0
    for block, run in groupby(text):
        length = len(list(run))
        left, width = x + at * CELL_WIDTH, CELL_WIDTH
        if "▉" <= block <= "▏":
            path += "".join(
                _rectangle(left + n * width, y, width * (0x2590 - ord(block)) / 8, CELL_HEIGHT) for n in range(length)
            )
        else:
            height = CELL_HEIGHT * (ord(block) - 0x2580) / 8
            path += _rectangle(left, y + CELL_HEIGHT - height, width * length, height)
        at += length
    return path


def _lines(text: str, x: float, y: float) -> str:
    """Box characters as lines from the middle of a cell to its edges; adjacent horizontal ones are one."""
    path, at, middle = "", 0, y + CELL_HEIGHT / 2
    for letter, run in groupby(text):
        length, arms = len(list(run)), BOX_ARMS[letter]
        left, centre = x + at * CELL_WIDTH, x + (at + 0.5) * CELL_WIDTH
        if arms == 10:
            path += f"M{_number(left)} {_number(middle)}h{_number(length * CELL_WIDTH)}"
        else:
            path += "".join(_arms(arms, centre + n * CELL_WIDTH, middle) for n in range(length))
        at += length
    return path


def _arms(arms: int, x: float, y: float) -> str:
    half_width, half_height = _number(CELL_WIDTH / 2), _number(CELL_HEIGHT / 2)
    lines = ((1, f"v-{half_height}"), (2, f"h{half_width}"), (4, f"v{half_height}"), (8, f"h-{half_width}"))
    return "".join(f"M{_number(x)} {_number(y)}{line}" for bit, line in lines if arms & bit)


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    return f"M{_number(x)} {_number(y)}h{_number(width)}v{_number(height)}h-{_number(width)}z"


def _number(value: float) -> str:
    """A number to the hundredth, without trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
