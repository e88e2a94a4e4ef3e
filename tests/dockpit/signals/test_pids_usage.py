"""How near a container is to its pids limit."""

from __future__ import annotations

import pytest

from dockpit.model.thresholds import Thresholds
from dockpit.signals.pids_usage import pids_level

THRESHOLDS = Thresholds()


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
def test_the_level_is_that_of_the_share_of_the_limit(pids: int | None, limit: int | None, level: str) -> None:
    assert pids_level(pids, limit, THRESHOLDS) == level
