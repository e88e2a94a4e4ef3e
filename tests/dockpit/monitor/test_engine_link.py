"""Waits between attempts to connect, and how far the engine's clock is ahead."""

from __future__ import annotations

import pytest

from dockpit.monitor.engine_link import RETRY_MOST_SECONDS, backoff, clock_skew


def test_waits_double_up_to_a_maximum() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert backoff(100_000) == RETRY_MOST_SECONDS


@pytest.mark.parametrize(
    ("system_time", "request_seconds", "known", "expected"),
    [
        (0.0, 0.1, 5.0, 0.0),
        (1000.4, 0.1, 0.0, 0.0),
        (991.0, 10.0, 0.0, 0.0),
        (4600.0, 0.0, 0.0, 3600.0),
        (4600.4, 0.2, 3600.0, 3600.0),
        (1000.0, 0.2, 3600.0, 0.0),
        (400.0, 2.0, 0.0, -599.0),
    ],
)
def test_clock_skew_is_zero_or_as_known_while_that_fits(
    system_time: float, request_seconds: float, known: float, expected: float
) -> None:
    assert clock_skew(system_time, 1000.0, request_seconds, known) == expected
