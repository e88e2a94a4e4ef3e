"""What the terminal shows, cell by cell, and the fewest bytes that turn it into something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rich.cells import split_graphemes
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Row = tuple[int, int, int, Iterable[Segment]]
"""Segments to show: the row, the first column, the column after the last, and the segments."""

_RESET: Final = "\x1b[m"
_SHOWN_ON_BLANKS: Final = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""SGR attributes that can be seen on a space: lines, frames and reverse video."""
_SURE: Final = frozenset(
    chr(code)
    for first, last in ((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x2500, 0x25FC), (0x2800, 0x28FF))
    for code in range(first, last + 1)
)
"""Signs that every terminal draws one cell wide."""
_CONTROLS: Final = dict.fromkeys((*range(32), *range(127, 160)))
_LONGEST_BRIDGE: Final = 4
"""Bytes of cells that are written again rather than jumped over: a jump costs as much."""


@dataclass(frozen=True, slots=True, order=True)
class Pen:
    """How a cell is drawn: SGR parameters and the target of a hyperlink, "" for none.

    `ground` is what of it can be seen on a space.
    """

    link: str = ""
    attributes: tuple[str, ...] = ()
    background: str = "49"
    foreground: str = "39"
    ground: tuple[str, ...] = ("", "49")

    def after(self, before: Pen) -> str:
        """The sequence that takes up this pen when `before` was in use."""
        wanted = self.attributes
        codes: list[str] = []
        if wanted != before.attributes:
            if set(before.attributes) <= set(wanted):
                codes += [code for code in wanted if code not in before.attributes]
            else:
                codes += ["0", *wanted]
                before = Pen(before.link)
        if self.background != before.background:
            codes.append(self.background)
        if self.foreground != before.foreground:
            codes.append(self.foreground)
        sequence = f"\x1b[{';'.join(codes)}m" if codes else ""
        return sequence if self.link == before.link else f"\x1b]8;;{self.link}\x1b\\{sequence}"


PLAIN: Final = Pen()


@lru_cache(4096)
def pen(style: Style | None, colors: ColorSystem) -> Pen:
    """The pen of a style on a terminal with these colours."""
    if style is None:
        return PLAIN
    attributes = Strip.render_ansi(style.without_color, colors)
    codes = tuple(attributes.split(";")) if attributes else ()
    background = _code(style.bgcolor, colors, foreground=False)
    foreground = _code(style.color, colors, foreground=True)
    link = (style.link or "").translate(_CONTROLS)
    on_blanks = tuple(code for code in codes if code in _SHOWN_ON_BLANKS)
    ground = (link, background, *on_blanks, foreground) if on_blanks or link else (link, background)
    return _one(Pen(link, codes, background, foreground, ground))


@lru_cache(1024)
def _one(pen: Pen) -> Pen:
    """The one object for a pen: styles that look alike differ in what a click on them does."""
    return pen


def _code(color: Color | None, colors: ColorSystem, *, foreground: bool) -> str:
    if color is None:
        return "39" if foreground else "49"
    return ";".join(color.downgrade(colors).get_ansi_codes(foreground))


@lru_cache(4096)
def glyphs(text: str) -> tuple[str, ...]:
    """What each cell of `text` shows: a wide sign is followed by "" for its second cell; controls are left out."""
    if _SURE.issuperset(text):
        return tuple(text)
    text = text.translate(_CONTROLS)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += (text[start:end], *("",) * (width - 1))
    return tuple(cells)


@dataclass(slots=True)
class _Run:
    """Cells next to each other that one pen writes; `blank` while it has written spaces only."""

    pen: Pen
    y: int
    x: int
    end: int
    text: str
    blank: bool

    @property
    def sure(self) -> bool:
        return _SURE.issuperset(self.text)

    def fits(self, sign: str, pen: Pen) -> bool:
        """Whether the run's pen draws this sign as `pen` does."""
        return pen == self.pen or (sign == " " and pen.ground == self.pen.ground)

    def takes(self, sign: str, pen: Pen) -> bool:
        """Whether this sign can go on in the run; a run of blanks takes up the pen of the sign that follows."""
        if self.blank and pen.ground == self.pen.ground:
            self.pen = pen
        return self.fits(sign, pen)

    def add(self, sign: str) -> None:
        self.text += sign
        self.end += 1
        self.blank = self.blank and sign == " "


class Picture:
    """The cells of a terminal of `width` x `height`, each unknown at first, and the way from one state to the next."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self._glyphs: list[list[str | None]] = [[None] * width for _ in range(height)]
        self._pens: list[list[Pen]] = [[PLAIN] * width for _ in range(height)]

    def show(self, rows: Iterable[Row], colors: ColorSystem) -> str:
        """Take in what is to be shown; the characters to write to a terminal that shows what this picture did.

        Attributes are off before and after; the cursor is left anywhere. Runs go by pen, so that each pen is taken up
        once: among few changes a pen costs more than the way to the next.
        """
        width, height = self.size
        new: dict[int, tuple[list[str | None], list[Pen]]] = {}
        for y, x, end, segments in rows:
            if 0 <= y < height:
                signs, pens = new.get(y) or new.setdefault(y, (self._glyphs[y].copy(), self._pens[y].copy()))
                _fill(signs, pens, x, min(end, width), segments, colors)
        runs: dict[Pen, list[_Run]] = {}
        for y, (signs, pens) in new.items():
            if signs != self._glyphs[y] or pens != self._pens[y]:
                for run in self._runs(y, signs, pens):
                    runs.setdefault(run.pen, []).append(run)
                self._glyphs[y], self._pens[y] = signs, pens
        return self._written([run for pen in sorted(runs) for run in runs[pen]])

    def _runs(self, y: int, signs: list[str | None], pens: list[Pen]) -> Iterator[_Run]:
        """What to write so that a row shows `signs` in `pens`."""
        run: _Run | None = None
        for x in self._changed(y, signs, pens):
            sign = signs[x] or ""
            if run is not None and (not sign or (run.takes(sign, pens[x]) and _bridged(run, x, signs, pens))):
                run.add(sign)
                continue
            if run is not None:
                yield run
            run = _Run(pens[x], y, x, x + 1, sign, blank=sign == " ")
        if run is not None:
            yield run

    def _changed(self, y: int, signs: list[str | None], pens: list[Pen]) -> Iterator[int]:
        """The columns to write; a wide sign is written from its first cell and with its second."""
        old_signs, old_pens = self._glyphs[y], self._pens[y]
        written = -1
        for x, (sign, old, new_pen, old_pen) in enumerate(zip(signs, old_signs, pens, old_pens, strict=True)):
            second = sign == "" and x > 0
            if sign == old and (new_pen is old_pen or _alike(sign, new_pen, old_pen)):
                if not (second and written == x - 1):
                    continue
            elif second and written != x - 1:
                yield x - 1
            yield x
            written = x

    def _written(self, runs: list[_Run]) -> str:
        """The runs with the shortest way from each to the next."""
        out: list[str] = []
        in_use = PLAIN
        at: tuple[int, int] | None = None
        for run in runs:
            out.append(_move(at, (run.y, run.x)))
            if run.pen is not in_use:
                out.append(run.pen.after(in_use))
                in_use = run.pen
            out.append(run.text)
            at = (run.y, run.end) if run.end < self.size[0] and run.sure else None
        if in_use != PLAIN:
            out.append(_RESET if not in_use.link else f"\x1b]8;;\x1b\\{_RESET}")
        return "".join(out)


def _fill(
    signs: list[str | None], pens: list[Pen], x: int, end: int, segments: Iterable[Segment], colors: ColorSystem
) -> None:
    """Put segments into the cells of a row from `x` up to `end`; half of a wide sign is a blank."""
    if 0 < x < len(signs) and signs[x] == "" and _wide(signs[x - 1]):
        signs[x - 1] = " "
    for text, style, control in segments:
        if control or x >= end:
            continue
        cells = glyphs(text)
        if len(cells) > end - x:
            cells = (*cells[: end - x - 1], " ") if cells[end - x] == "" else cells[: end - x]
        after = x + len(cells)
        signs[x:after] = cells
        pens[x:after] = [pen(style, colors)] * len(cells)
        x = after
    if 0 < x < len(signs) and signs[x] == "" and not _wide(signs[x - 1]):
        signs[x] = " "


def _wide(sign: str | None) -> bool:
    return sign is not None and len(glyphs(sign)) == 2


def _alike(sign: str | None, new: Pen, old: Pen) -> bool:
    """Whether a sign looks the same in both pens."""
    return sign is None or new == old or (sign == " " and new.ground == old.ground)


def _bridged(run: _Run, x: int, signs: list[str | None], pens: list[Pen]) -> bool:
    """Whether the run reaches `x`, after writing again the few cells between if its pen can."""
    if run.end == x:
        return run.text[-1:] in _SURE
    between = signs[run.end : x]
    text = "".join(sign or "" for sign in between)
    if len(text) != x - run.end or len(text.encode()) > _LONGEST_BRIDGE or not run.sure or not _SURE.issuperset(text):
        return False
    if not all(run.fits(sign, own) for sign, own in zip(text, pens[run.end : x], strict=True)):
        return False
    for sign in text:
        run.add(sign)
    return True


def _move(at: tuple[int, int] | None, to: tuple[int, int]) -> str:
    """The shortest sequence that brings the cursor from `at` (row, column; None is unknown) to `to`."""
    if at == to:
        return ""
    (y, x) = to
    home = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
    if at is None or y < at[0]:
        return home
    down, right = y - at[0], x - at[1]
    way = f"\x1b[{down if down > 1 else ''}B" if down else ""
    if right > 0:
        way += f"\x1b[{right if right > 1 else ''}C"
    elif right < 0:
        way += "\b" * -right if right > -4 else f"\x1b[{-right}D"
    return way if len(way) < len(home) else home
