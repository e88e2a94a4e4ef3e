"""Lines are cut and cleaned before anybody sees them, and no expression runs for ever."""

from __future__ import annotations

import pytest

from dockpit.model.container import LogLine
from widgets.log_text import KEPT_CHARS, Expression, cleaned, kept, size_text


def test_a_short_line_is_kept_as_it_is() -> None:
    line = LogLine("stdout", "x" * KEPT_CHARS, 3.0)
    assert kept(line) is line


def test_a_megabyte_is_cut_and_says_so() -> None:
    line = kept(LogLine("stderr", "x" * (KEPT_CHARS + 1_200_000), 3.0))
    assert line == LogLine("stderr", "x" * KEPT_CHARS + "… +1.2 MB", 3.0)


@pytest.mark.parametrize(("count", "text"), [(812, "812 B"), (1_500, "1.5 kB"), (2_000_000, "2.0 MB")])
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


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
def test_colours_go_and_other_controls_are_seen(raw: str, shown: str) -> None:
    assert cleaned(raw) == shown


def test_ascii_only() -> None:
    assert cleaned("naïve → \x07", ascii=True).isascii()


@pytest.mark.parametrize(
    "pattern", ["error", r"took \d+ ms", "(GET|POST) /api", r"a+b*", r"[(+]+", r"\(a+\)+", "(ab){3}"]
)
def test_ordinary_expressions_are_taken(pattern: str) -> None:
    assert Expression(pattern).pattern == pattern


def test_an_expression_finds() -> None:
    assert Expression(r"took \d{3} ms").matches("GET / took 812 ms")
    assert not Expression("^x").matches("y" * 10)


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("[", "not a regular expression"),
        ("(a+)+$", "for ever"),
        ("((a|b))*", "for ever"),
        ("(x(a*)){2,}", "for ever"),
        (r"(a)\1", "refers back"),
        ("a{99999999999999999999}", "not a regular expression"),
    ],
)
def test_a_refused_expression_says_why(pattern: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        Expression(pattern)


def test_many_open_repeats_look_at_less() -> None:
    assert Expression("x").matches("." * 1_900 + "x")
    assert not Expression("x").matches("." * 2_100 + "x")
    assert not Expression(".*.*.*=").matches("." * 1_900 + "=")
