"""A bar has exactly the requested width, and shows tiny and excessive shares correctly."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.drawing.horizontal_bar import draw_bar


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "        "),
        (0.4375, "███▌    "),
        (0.5, "████    "),
        (1.0, "████████"),
        (3.0, "████████"),
        (math.inf, "████████"),
        (0.0001, "▏       "),
        (-1.0, "        "),
        (math.nan, "        "),
        (None, "        "),
    ],
)
def test_bar(share: float | None, shown: str) -> None:
    assert draw_bar(share, 8) == shown


def test_ascii_bar() -> None:
    assert draw_bar(0.5, 8, ascii=True) == "####    "
    assert draw_bar(0.001, 8, ascii=True) == "#       "


@given(st.floats(), st.integers(-1, 40), st.booleans())
def test_a_bar_always_has_the_requested_width(share: float, width: int, ascii: bool) -> None:
    assert len(draw_bar(share, width, ascii)) == max(width, 0)
