"""Detection of a restart loop."""

from __future__ import annotations

import pytest

from dockpit.model.container import State
from dockpit.model.thresholds import Thresholds
from dockpit.signals.restart_loop_detection import is_restart_loop, recent_starts

THRESHOLDS = Thresholds()
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
def test_a_restart_loop_is_many_recent_starts_of_a_container_that_should_run(
    ages: tuple[float, ...], state: State, expected: bool
) -> None:
    assert is_restart_loop([NOW - age for age in ages], state, NOW, THRESHOLDS) is expected


def test_old_starts_are_ignored() -> None:
    assert recent_starts([1.0, NOW - 600, NOW], NOW, THRESHOLDS) == (NOW - 600, NOW)
