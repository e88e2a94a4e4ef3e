"""Counting OOM kills from events."""

from __future__ import annotations

import pytest

from dockpit.signals.oom_kills import count_kills


@pytest.mark.parametrize(
    ("times", "kills"),
    [
        ((), 0),
        ((10.0,), 1),
        ((10.0, 10.07), 1),
        ((10.07, 10.0), 1),
        ((10.0, 10.9, 11.8), 2),
        ((0.0, 5.0, 5.1, 60.0), 3),
    ],
)
def test_events_within_the_debounce_are_one_kill(times: tuple[float, ...], kills: int) -> None:
    assert count_kills(times, 1.0) == kills
