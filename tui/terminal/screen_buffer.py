"""A copy of what the terminal shows, cell by cell, and the fewest bytes that turn it into something else.

update(rows) -> the new cells of the rows -> changed columns of each row -> runs of cells with one style
             -> runs ordered by style -> cursor moves, style changes and text for the terminal
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment

from tui.terminal.cell_style import CONTROL_CHARACTERS, PLAIN, CellStyle, cell_style

RowUpdate = tuple[int, int, int, Iterable[Segment]]
"""Segments to show: the row, the first column, the column after the last, and the segments."""

RESET: Final = "\x1b[m"
SURELY_ONE_CELL: Final = frozenset(
    chr(code)
    for first, last in ((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x2500, 0x25FC), (0x2800, 0x28FF))
    for code in range(first, last + 1)
)
"""Characters that every terminal draws one cell wide."""
MAX_GAP_BYTES: Final = 4
"""Maximum bytes of unchanged cells that are written again rather than jumped over: a jump costs as much."""


@lru_cache(4096)
def split_cells(text: str) -> tuple[str, ...]:
    """The characters of each cell: a wide one is followed by "" for its second cell; control characters are removed."""
    if SURELY_ONE_CELL.issuperset(text):
        return tuple(text)
    text = text.translate(CONTROL_CHARACTERS)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += (text[start:end], *("",) * (width - 1))
    return tuple(cells)


@dataclass(slots=True)
class _Run:
    """Adjacent cells of row `y` from column `x` to before `end`, written in one style; `blank` while all are spaces."""

    style: CellStyle
    y: int
    x: int
    end: int
    text: str
    blank: bool

    @property
    def has_sure_width(self) -> bool:
        return SURELY_ONE_CELL.issuperset(self.text)

    def draws(self, character: str, style: CellStyle) -> bool:
        """Whether this character looks the same in the run's style as in `style`."""
        return style == self.style or (character == " " and style.blank_look == self.style.blank_look)

    def accepts(self, character: str, style: CellStyle) -> bool:
        """Whether the run can go on with this character; a run of blanks takes on the style of its first non-blank."""
        if self.blank and style.blank_look == self.style.blank_look:
            self.style = style
        return self.draws(character, style)

    def append(self, character: str) -> None:
        self.text += character
        self.end += 1
        self.blank = self.blank and character == " "


class ScreenBuffer:
    """The cells of a terminal of `width` x `height`; all are unknown at first."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self._characters: list[list[str | None]] = [[None] * width for _ in range(height)]
        self._styles: list[list[CellStyle]] = [[PLAIN] * width for _ in range(height)]

    def update(self, rows: Iterable[RowUpdate], colors: ColorSystem) -> str:
        """Store the rows; what to write to the terminal, which must show the buffer's contents, so that it shows them.

        Attributes are off before and after; the cursor is left anywhere. Runs are ordered by style, so that each style
        is switched to once: among few changes a style costs more than a cursor move.
        """
        width, height = self.size
        new: dict[int, tuple[list[str | None], list[CellStyle]]] = {}
        for y, x, end, segments in rows:
            if 0 <= y < height:
                cells = new.get(y) or new.setdefault(y, (self._characters[y].copy(), self._styles[y].copy()))
                _fill(*cells, x, min(end, width), segments, colors)
        runs: dict[CellStyle, list[_Run]] = {}
        for y, (characters, styles) in new.items():
            if characters != self._characters[y] or styles != self._styles[y]:
                for run in self._runs(y, characters, styles):
                    runs.setdefault(run.style, []).append(run)
                self._characters[y], self._styles[y] = characters, styles
        return self._render([run for style in sorted(runs) for run in runs[style]])

    def _runs(self, y: int, characters: list[str | None], styles: list[CellStyle]) -> Iterator[_Run]:
        """What to write so that a row shows `characters` in `styles`."""
        run: _Run | None = None
        for x in self._changed_columns(y, characters, styles):
            character = characters[x] or ""
            if run is not None and (
                not character or (run.accepts(character, styles[x]) and _reaches(run, x, characters, styles))
            ):
                run.append(character)
                continue
            if run is not None:
                yield run
            run = _Run(styles[x], y, x, x + 1, character, blank=character == " ")
        if run is not None:
            yield run

    def _changed_columns(self, y: int, characters: list[str | None], styles: list[CellStyle]) -> Iterator[int]:
        """The columns to write; a wide character is written with both of its cells."""
        old_row, old_styles = self._characters[y], self._styles[y]
        written = -1
        for x, (new, old, new_style, old_style) in enumerate(zip(characters, old_row, styles, old_styles, strict=True)):
            second_half = new == "" and x > 0
            if new == old and (new_style is old_style or _looks_alike(new, new_style, old_style)):
                if not (second_half and written == x - 1):
                    continue
            elif second_half and written != x - 1:
                yield x - 1
            yield x
            written = x

    def _render(self, runs: list[_Run]) -> str:
        """The runs, with the shortest cursor move from each to the next."""
        out: list[str] = []
        current = PLAIN
        cursor: tuple[int, int] | None = None
        for run in runs:
            out.append(_cursor_move(cursor, (run.y, run.x)))
            if run.style is not current:
                out.append(run.style.sequence_after(current))
                current = run.style
            out.append(run.text)
            cursor = (run.y, run.end) if run.end < self.size[0] and run.has_sure_width else None
        if current != PLAIN:
            out.append(RESET if not current.link else f"\x1b]8;;\x1b\\{RESET}")
        return "".join(out)


def _fill(
    characters: list[str | None],
    styles: list[CellStyle],
    x: int,
    end: int,
    segments: Iterable[Segment],
    colors: ColorSystem,
) -> None:
    """Put segments into the cells of a row from `x` to before `end`; half of a wide character becomes a blank."""
    if 0 < x < len(characters) and characters[x] == "" and _is_wide(characters[x - 1]):
        characters[x - 1] = " "
    for text, style, control in segments:
        if control or x >= end:
            continue
        cells = split_cells(text)
        if len(cells) > end - x:
            cells = (*cells[: end - x - 1], " ") if cells[end - x] == "" else cells[: end - x]
        after = x + len(cells)
        characters[x:after] = cells
        styles[x:after] = [cell_style(style, colors)] * len(cells)
        x = after
    if 0 < x < len(characters) and characters[x] == "" and not _is_wide(characters[x - 1]):
        characters[x] = " "


def _is_wide(character: str | None) -> bool:
    return character is not None and len(split_cells(character)) == 2


def _looks_alike(character: str | None, new: CellStyle, old: CellStyle) -> bool:
    """Whether a character looks the same in both styles."""
    return character is None or new == old or (character == " " and new.blank_look == old.blank_look)


def _reaches(run: _Run, x: int, characters: list[str | None], styles: list[CellStyle]) -> bool:
    """Whether the run ends at column `x`; a short gap of unchanged cells is added to it where its style draws them."""
    if run.end == x:
        return run.text[-1:] in SURELY_ONE_CELL
    gap = "".join(character or "" for character in characters[run.end : x])
    if len(gap) != x - run.end or len(gap.encode()) > MAX_GAP_BYTES:
        return False
    if not run.has_sure_width or not SURELY_ONE_CELL.issuperset(gap):
        return False
    if not all(run.draws(character, style) for character, style in zip(gap, styles[run.end : x], strict=True)):
        return False
    for character in gap:
        run.append(character)
    return True


def _cursor_move(position: tuple[int, int] | None, target: tuple[int, int]) -> str:
    """The shortest sequence that moves the cursor between two (row, column); None is an unknown position."""
    if position == target:
        return ""
    (y, x) = target
    absolute = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
    if position is None or y < position[0]:
        return absolute
    down, right = y - position[0], x - position[1]
    relative = f"\x1b[{down if down > 1 else ''}B" if down else ""
    if right > 0:
        relative += f"\x1b[{right if right > 1 else ''}C"
    elif right < 0:
        relative += "\b" * -right if right > -4 else f"\x1b[{-right}D"
    return relative if len(relative) < len(absolute) else absolute
