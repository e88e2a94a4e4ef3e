from __future__ import annotations

import math

import pytest

from dockpit.tuning.used import Used, used


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([math.nan], None),
        ([3.0], Used(3.0, 3.0)),
        ([float(i) for i in range(1, 101)], Used(95.0, 100.0)),
        ([math.nan, 9.0, 1.0], Used(9.0, 9.0)),
    ],
)
def test_gaps_are_left_out(values: list[float], expected: Used | None) -> None:
    assert used(values) == expected
