"""What a picture writes turns the terminal into what it should show, with few bytes and no control characters."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tests.tui.terminal import Terminal
from tui.picture import PLAIN, Picture, Row, glyphs, pen

TRUE = ColorSystem.TRUECOLOR
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


def written(picture: Picture, *rows: Row) -> str:
    return picture.show(rows, TRUE)


def blank() -> list[Row]:
    return [(y, 0, WIDTH, [Segment(" " * WIDTH)]) for y in range(HEIGHT)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(pieces, min_size=1, max_size=6), min_size=1, max_size=5))
def test_the_terminal_shows_what_one_painted_anew_would(updates: list[list[Row]]) -> None:
    economical, painted = Terminal(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    picture, history = Picture(WIDTH, HEIGHT), [blank()]
    economical.feed(written(picture, *blank()))
    for rows in updates:
        economical.feed(written(picture, *rows))
        history.append(rows)
    anew = Picture(WIDTH, HEIGHT)
    for rows in history:
        anew.show(rows, TRUE)
    painted.feed(whole(anew))
    assert economical.seen() == painted.seen()


def whole(picture: Picture) -> str:
    """Everything a picture holds, cell by cell, in the plainest way."""
    out = []
    for y, (signs, pens) in enumerate(zip(picture._glyphs, picture._pens, strict=True)):
        for x, (sign, own) in enumerate(zip(signs, pens, strict=True)):
            if sign:
                out.append(f"\x1b[m\x1b]8;;\x1b\\\x1b[{y + 1};{x + 1}H{own.after(PLAIN)}{sign}")
    return "".join(out)


@settings(deadline=None, max_examples=60)
@given(st.lists(pieces, max_size=8))
def test_nothing_is_written_for_what_is_there_already(rows: list[Row]) -> None:
    picture = Picture(WIDTH, HEIGHT)
    written(picture, *blank())
    written(picture, *rows)
    last = {row[0]: row for row in rows if row[0] not in {other[0] for other in rows if other is not row}}
    assert written(picture, *last.values()) == ""


def test_one_changed_figure_costs_its_move_its_colour_and_its_digits() -> None:
    picture, grey = Picture(140, 42), Style.parse("#808080 on #101010")
    written(picture, (9, 0, 140, [Segment("a" * 100 + "12.3" + "b" * 36, grey)]))
    changed = written(picture, (9, 0, 140, [Segment("a" * 100 + "12.4" + "b" * 36, grey)]))
    assert changed == "\x1b[10;104H\x1b[48;2;16;16;16;38;2;128;128;128m4\x1b[m"


def test_a_column_of_one_colour_takes_it_up_once_and_goes_down_step_by_step() -> None:
    picture, grey = Picture(20, 5), Style.parse("red")
    before = [(y, 0, 20, [Segment("-" * 20, grey)]) for y in range(5)]
    after = [(y, 0, 20, [Segment("-" * 9 + "8" + "-" * 10, grey)]) for y in range(5)]
    written(picture, *before)
    assert written(picture, *after) == "\x1b[1;10H\x1b[31m8" + "\x1b[B\b8" * 4 + "\x1b[m"


def test_a_few_cells_between_two_changes_are_written_again_instead_of_jumped_over() -> None:
    picture = Picture(20, 1)
    written(picture, (0, 0, 20, [Segment("1a1" + "-" * 8 + "1" * 9)]))
    assert written(picture, (0, 0, 20, [Segment("2a2" + "-" * 8 + "2" * 9)])) == "\x1b[1H2a2\x1b[8C222222222"


def test_the_colour_of_the_text_is_no_change_where_there_is_only_space() -> None:
    picture = Picture(10, 1)
    written(picture, (0, 0, 10, [Segment(" " * 10, Style.parse("bold red"))]))
    assert written(picture, (0, 0, 10, [Segment(" " * 10, Style.parse("green"))])) == ""
    assert written(picture, (0, 0, 10, [Segment(" " * 10, Style.parse("underline green"))])) != ""


def test_after_a_sign_whose_width_terminals_disagree_about_the_cursor_is_placed() -> None:
    picture = Picture(10, 1)
    out = written(picture, (0, 0, 10, [Segment("↻ok漢x")]))
    assert out == "\x1b[1H↻\x1b[1;2Hok漢\x1b[1;6Hx"


def test_control_characters_never_reach_the_terminal() -> None:
    hostile = "a\x1b[31mb\x07\x9b1mc\r\n\x7f"
    out = written(Picture(20, 1), (0, 0, 20, [Segment(hostile, Style(link="https://x/\x1b\\\x1b[2J"))]))
    assert not any(
        sign in out.replace("\x1b]8;;", "").replace("\x1b\\", "").replace("\x1b[", "")
        for sign in "\x1b\x07\x9b\r\n\x7f"
    )
    assert "a[31mb1mc" in out and "\x1b[2J" not in out


def test_marks_stay_with_the_sign_they_belong_to() -> None:
    assert glyphs("e\u0301x") == ("e\u0301", "x")
    assert glyphs("漢!") == ("漢", "", "!")
    assert glyphs("\u0301") == ()


def test_a_palette_of_sixteen_colours_is_kept_to() -> None:
    found = pen(Style.parse("#ff0000 on #000000"), ColorSystem.STANDARD)
    assert (found.foreground, found.background) == ("31", "40")


def test_rows_and_columns_out_of_sight_are_left_alone() -> None:
    picture, terminal = Picture(3, 1), Terminal(3, 1)
    terminal.feed(written(picture, (0, 0, 9, [Segment("ab漢c")]), (7, 0, 3, [Segment("xyz")])))
    assert terminal.text() == ["ab "]
