"""No pattern for log lines runs for ever."""

from __future__ import annotations

import pytest

from widgets.logs.line_pattern import LinePattern


@pytest.mark.parametrize(
    "pattern", ["error", r"took \d+ ms", "(GET|POST) /api", r"a+b*", r"[(+]+", r"\(a+\)+", "(ab){3}"]
)
def test_ordinary_patterns_are_accepted(pattern: str) -> None:
    assert LinePattern(pattern).pattern == pattern


def test_a_pattern_matches_anywhere_in_a_line() -> None:
    assert LinePattern(r"took \d{3} ms").matches("GET / took 812 ms")
    assert not LinePattern("^x").matches("y" * 10)


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("[", "not a regular expression"),
        ("(a+)+$", "repeated group"),
        ("((a|b))*", "repeated group"),
        ("(x(a*)){2,}", "repeated group"),
        (r"(a)\1", "back-reference"),
        ("a{99999999999999999999}", "not a regular expression"),
    ],
)
def test_a_refused_pattern_tells_why(pattern: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        LinePattern(pattern)


def test_open_repeats_shorten_the_matched_text() -> None:
    assert LinePattern("x").matches("." * 1_900 + "x")
    assert not LinePattern("x").matches("." * 2_100 + "x")
    assert not LinePattern(".*.*.*=").matches("." * 1_900 + "=")
