"""Summary of past usage."""

from __future__ import annotations

import math

import pytest

from dockpit.tuning.usage_summary import UsageSummary, summarise_usage


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([math.nan], None),
        ([3.0], UsageSummary(3.0, 3.0)),
        ([float(i) for i in range(1, 101)], UsageSummary(95.0, 100.0)),
        ([math.nan, 9.0, 1.0], UsageSummary(9.0, 9.0)),
    ],
)
def test_gaps_are_ignored(values: list[float], expected: UsageSummary | None) -> None:
    assert summarise_usage(values) == expected
