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
        ("\x1b]0;title\x07end", "end"),
        ("\x1b]8;;file:///app.log\x1b\\app.log\x1b]8;;\x1b\\", "app.log"),
        ("\x1b(B\x1b[mdisk \x1b[?1h\x1b=full\x1b>", "disk full"),
        ("\x1bPq#0\x1b\\picture", "picture"),
        ("\x1b]0;never ended", "␛]0;never ended"),
        ("a\tb", "a       b"),
        ("50 %\r100 %", "50 %␍100 %"),
        ("[red]x[/]", "[red]x[/]"),
        ("\x1b[", "␛["),
    ],
)
def test_colours_are_removed_and_other_control_characters_are_visible(raw: str, shown: str) -> None:
    assert plain_log_text(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("50 %\r100 %\r\n", "100 %"),
        ("downloading\rdone", "doneloading"),
        ("downloading 9 files\r\x1b[Kdone", "done"),
        ("downloading 9 files\x1b[2K\rdone", "done"),
        ("downloading\rdone\x1b[0K", "done"),
        ("abc\b\b\bxyz", "xyz"),
        ("\b\bab\bc", "ac"),
        ("\x1b[32m10 %\x1b[0m\r\x1b[32m20 %\x1b[0m", "20 %"),
        ("\r".join(f"{n:6}" for n in range(5_000)), "  4999"),
        ("x" * 9_000 + "\rend", "end" + "x" * (LINE_CHARS - 3) + "… +808 B"),
    ],
)
def test_overwritten_text_is_what_a_terminal_shows_in_the_end(raw: str, shown: str) -> None:
    assert shorten_line(LogLine("stdout", raw)).text == shown


def test_ascii_only() -> None:
    assert plain_log_text("naïve → \x07", ascii=True).isascii()
