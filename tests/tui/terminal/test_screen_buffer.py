"""The screen buffer: its output gives the right screen, with few bytes and no foreign control characters."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tests.tui.terminal.terminal_emulator import TerminalEmulator
from tui.terminal.cell_style import PLAIN, cell_style
from tui.terminal.screen_buffer import RowUpdate, ScreenBuffer, split_cells

TRUECOLOR = ColorSystem.TRUECOLOR
WIDTH, HEIGHT = 12, 4
STYLES = [
    None,
    Style.parse("red"),
    Style.parse("bold red"),
    Style.parse("bold on #102030"),
    Style.parse("dim #ffffff on #102030"),
    Style.parse("underline"),
    Style.parse("reverse blue"),
    Style.parse("link https://example.org/x red"),
]

segments = st.lists(st.builds(Segment, st.text("ab  01█⣿●漢字", max_size=5), st.sampled_from(STYLES)), max_size=5)
pieces = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.integers(1, WIDTH), segments).map(
    lambda piece: (piece[0], piece[1], min(WIDTH, piece[1] + piece[2]), piece[3])
)


def update(buffer: ScreenBuffer, *rows: RowUpdate) -> str:
    return buffer.update(rows, TRUECOLOR)


def blank_rows() -> list[RowUpdate]:
    return [(y, 0, WIDTH, [Segment(" " * WIDTH)]) for y in range(HEIGHT)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(pieces, min_size=1, max_size=6), min_size=1, max_size=5))
def test_updates_give_the_same_screen_as_painting_it_at_once(updates: list[list[RowUpdate]]) -> None:
    updated, painted = TerminalEmulator(WIDTH, HEIGHT), TerminalEmulator(WIDTH, HEIGHT)
    buffer, history = ScreenBuffer(WIDTH, HEIGHT), [blank_rows()]
    updated.feed(update(buffer, *blank_rows()))
    for rows in updates:
        updated.feed(update(buffer, *rows))
        history.append(rows)
    at_once = ScreenBuffer(WIDTH, HEIGHT)
    for rows in history:
        at_once.update(rows, TRUECOLOR)
    painted.feed(plain_output(at_once))
    assert updated.visible_cells() == painted.visible_cells()


def plain_output(buffer: ScreenBuffer) -> str:
    """Every cell of a buffer on its own: position, style and character."""
    out = []
    for y, (characters, styles) in enumerate(zip(buffer._characters, buffer._styles, strict=True)):
        for x, (character, style) in enumerate(zip(characters, styles, strict=True)):
            if character:
                out.append(f"\x1b[m\x1b]8;;\x1b\\\x1b[{y + 1};{x + 1}H{style.sequence_after(PLAIN)}{character}")
    return "".join(out)


@settings(deadline=None, max_examples=60)
@given(st.lists(pieces, max_size=8))
def test_nothing_is_written_for_unchanged_cells(rows: list[RowUpdate]) -> None:
    buffer = ScreenBuffer(WIDTH, HEIGHT)
    update(buffer, *blank_rows())
    update(buffer, *rows)
    last = {row[0]: row for row in rows if row[0] not in {other[0] for other in rows if other is not row}}
    assert update(buffer, *last.values()) == ""


def test_a_changed_digit_costs_a_cursor_move_a_colour_and_the_digit() -> None:
    buffer, grey = ScreenBuffer(140, 42), Style.parse("#808080 on #101010")
    update(buffer, (9, 0, 140, [Segment("a" * 100 + "12.3" + "b" * 36, grey)]))
    changed = update(buffer, (9, 0, 140, [Segment("a" * 100 + "12.4" + "b" * 36, grey)]))
    assert changed == "\x1b[10;104H\x1b[48;2;16;16;16;38;2;128;128;128m4\x1b[m"


def test_a_column_of_one_colour_is_written_with_one_colour_change() -> None:
    buffer, grey = ScreenBuffer(20, 5), Style.parse("red")
    before = [(y, 0, 20, [Segment("-" * 20, grey)]) for y in range(5)]
    after = [(y, 0, 20, [Segment("-" * 9 + "8" + "-" * 10, grey)]) for y in range(5)]
    update(buffer, *before)
    assert update(buffer, *after) == "\x1b[1;10H\x1b[31m8" + "\x1b[B\b8" * 4 + "\x1b[m"


def test_a_short_gap_between_two_changes_is_written_again_instead_of_jumped_over() -> None:
    buffer = ScreenBuffer(20, 1)
    update(buffer, (0, 0, 20, [Segment("1a1" + "-" * 8 + "1" * 9)]))
    assert update(buffer, (0, 0, 20, [Segment("2a2" + "-" * 8 + "2" * 9)])) == "\x1b[1H2a2\x1b[8C222222222"


def test_a_change_of_foreground_is_no_change_on_spaces() -> None:
    buffer = ScreenBuffer(10, 1)
    update(buffer, (0, 0, 10, [Segment(" " * 10, Style.parse("bold red"))]))
    assert update(buffer, (0, 0, 10, [Segment(" " * 10, Style.parse("green"))])) == ""
    assert update(buffer, (0, 0, 10, [Segment(" " * 10, Style.parse("underline green"))])) != ""


def test_the_cursor_is_placed_after_a_character_of_disputed_width() -> None:
    buffer = ScreenBuffer(10, 1)
    out = update(buffer, (0, 0, 10, [Segment("↻ok漢x")]))
    assert out == "\x1b[1H↻\x1b[1;2Hok漢\x1b[1;6Hx"


def test_control_characters_never_reach_the_terminal() -> None:
    hostile = "a\x1b[31mb\x07\x9b1mc\r\n\x7f"
    out = update(ScreenBuffer(20, 1), (0, 0, 20, [Segment(hostile, Style(link="https://x/\x1b\\\x1b[2J"))]))
    assert not any(
        character in out.replace("\x1b]8;;", "").replace("\x1b\\", "").replace("\x1b[", "")
        for character in "\x1b\x07\x9b\r\n\x7f"
    )
    assert "a[31mb1mc" in out and "\x1b[2J" not in out


def test_combining_marks_stay_with_their_character() -> None:
    assert split_cells("e\u0301x") == ("e\u0301", "x")
    assert split_cells("漢!") == ("漢", "", "!")
    assert split_cells("\u0301") == ()


def test_colours_are_reduced_to_a_palette_of_sixteen() -> None:
    found = cell_style(Style.parse("#ff0000 on #000000"), ColorSystem.STANDARD)
    assert (found.foreground, found.background) == ("31", "40")


def test_rows_and_columns_beyond_the_buffer_are_ignored() -> None:
    buffer, terminal = ScreenBuffer(3, 1), TerminalEmulator(3, 1)
    terminal.feed(update(buffer, (0, 0, 9, [Segment("ab漢c")]), (7, 0, 3, [Segment("xyz")])))
    assert terminal.text() == ["ab "]
