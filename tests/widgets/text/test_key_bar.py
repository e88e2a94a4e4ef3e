"""A key bar drops its last keys on a narrow line, but never the help."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.widgets.host_app import HostApp, drawn_lines
from widgets.text.key_bar import KeyBar

KEYS = (("u", "limits"), ("n", "netshoot"), ("l", "logs"), ("space", "pause"), ("?", "help"))


def filled() -> KeyBar:
    widget = KeyBar()
    widget.keys = KEYS
    return widget


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "u limits  n netshoot  l logs  space pause  ? help"),
        (40, "u limits  n netshoot  l logs  ? help"),
        (30, "u limits  n netshoot  ? help"),
        (9, "? help"),
        (5, "? h…"),
    ],
)
async def test_keys_are_dropped_from_the_right_except_help(width: int, shown: str) -> None:
    widget = filled()
    async with HostApp(widget).run_test(size=(width, 3)):
        assert drawn_lines(widget)[0].strip() == shown and cell_len(drawn_lines(widget)[0]) == width


async def test_a_click_posts_its_key() -> None:
    widget = filled()
    app = HostApp(widget)
    async with app.run_test(size=(80, 3)) as pilot:
        for x in (1, 9, 11, 79):
            await pilot.click(KeyBar, offset=(x, 0))
        await pilot.pause()
        assert app.received == ["Pressed u", "Pressed n"]


async def test_changed_keys_are_redrawn_and_equal_ones_are_not() -> None:
    widget = filled()
    async with HostApp(widget).run_test(size=(80, 3)) as pilot:
        drawn = widget.render_line(0)
        widget.keys = tuple(KEYS)
        assert widget.render_line(0) is drawn
        widget.keys = (("esc", "[/]"),)
        await pilot.pause()
        assert drawn_lines(widget)[0].strip() == "esc [/]"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "u limits  n netshoot  l logs  space pause  ? help" + " " * 16 + "12 % of a CPU"),
        (40, "u limits  n netshoot  ? help" + " " * 6 + "12 %"),
        (20, "u limits  ? help"),
    ],
)
async def test_the_text_aside_takes_its_longest_wording_that_leaves_room_for_keys(width: int, shown: str) -> None:
    widget = filled()
    async with HostApp(widget).run_test(size=(width, 3)):
        widget.aside = ("12 % of a CPU", "12 %")
        assert drawn_lines(widget)[0].strip() == shown and cell_len(drawn_lines(widget)[0]) == width
        drawn = widget.render_line(0)
        widget.aside = ("12 % of a CPU", "12 %")
        assert widget.render_line(0) is drawn
        widget.aside = ()
        assert "12 %" not in drawn_lines(widget)[0]
