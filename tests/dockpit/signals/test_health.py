from __future__ import annotations

import pytest

from dockpit.model.container import State
from dockpit.model.thresholds import Thresholds
from dockpit.signals.health import pids_level, recent_starts, restart_loop

T = Thresholds()
NOW = 10_000.0


@pytest.mark.parametrize(
    ("ages", "state", "expected"),
    [
        ((1, 100, 500), "running", True),
        ((1, 100), "running", False),
        ((1, 100, 601), "running", False),
        ((1, 100), "restarting", True),
        ((1,), "restarting", False),
        ((1, 2, 3, 4), "exited", False),
        ((1, 2, 3, 4), "paused", False),
    ],
)
def test_a_loop_is_many_starts_of_a_container_that_should_be_up(
    ages: tuple[float, ...], state: State, expected: bool
) -> None:
    assert restart_loop([NOW - age for age in ages], state, NOW, T) is expected


def test_starts_of_long_ago_are_left_out() -> None:
    assert recent_starts([1.0, NOW - 600, NOW], NOW, T) == (NOW - 600, NOW)


@pytest.mark.parametrize(
    ("pids", "limit", "level"),
    [
        (79, 100, "ok"),
        (80, 100, "watch"),
        (95, 100, "high"),
        (100, 100, "high"),
        (5, None, "ok"),
        (5, 0, "ok"),
        (5, -1, "ok"),
        (None, 10, "ok"),
    ],
)
def test_pids_are_judged_against_their_limit(pids: int | None, limit: int | None, level: str) -> None:
    assert pids_level(pids, limit, T) == level
