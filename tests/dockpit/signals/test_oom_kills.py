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
def test_events_that_arrive_together_are_one_kill(times: tuple[float, ...], kills: int) -> None:
    assert count_kills(times, 1.0) == kills
