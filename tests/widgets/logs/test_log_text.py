"""Log lines are shortened and made printable before they are shown."""

from __future__ import annotations

import pytest

from dockpit.model.container import LogLine
from widgets.logs.log_text import LINE_CHARS, plain_log_text, shorten_line


def test_a_short_line_is_unchanged() -> None:
    line = LogLine("stdout", "x" * LINE_CHARS, 3.0)
    assert shorten_line(line) is line


def test_a_cut_line_tells_the_size_of_the_rest() -> None:
    line = shorten_line(LogLine("stderr", "x" * (LINE_CHARS + 1_200_000), 3.0))
    assert line == LogLine("stderr", "x" * LINE_CHARS + "… +1.2 MB", 3.0)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31merror\x1b[0m: \x1b[Kdisk\r\n", "error: disk"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\tb", "a       b"),
        ("50 %\r100 %", "50 %␍100 %"),
        ("[red]x[/]", "[red]x[/]"),
        ("\x1b[", "␛["),
    ],
)
def test_colours_are_removed_and_other_control_characters_are_visible(raw: str, shown: str) -> None:
    assert plain_log_text(raw) == shown


def test_ascii_only() -> None:
    assert plain_log_text("naïve → \x07", ascii=True).isascii()
