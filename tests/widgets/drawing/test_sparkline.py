"""A sparkline has a fixed scale, its newest value at the right, and gaps."""

from __future__ import annotations

import math

import pytest

from widgets.drawing.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "width", "shown"),
    [
        ((0.0, 0.5, 1.0), 3, "▁▅█"),
        ((0.1, 0.1), 2, "▁▁"),
        ((0.0, 0.0, 1.0), 2, "▁█"),
        ((1.0,), 3, "  █"),
        ((0.0, math.nan, 0.0), 3, "▁ ▁"),
        ((-1.0, 7.0, math.inf, -math.inf), 4, "▁██▁"),
        ((), 2, "  "),
        ((1.0,), 0, ""),
    ],
)
def test_sparkline(values: tuple[float, ...], width: int, shown: str) -> None:
    assert sparkline(values, width) == shown


def test_ascii_distinguishes_zero_from_a_gap() -> None:
    assert sparkline((math.nan, 0.0, 0.5, 1.0), 4, ascii=True) == " _=#"
