"""Detection of a restart loop: a container that keeps starting. Its alert is worded in alerts.py."""

from __future__ import annotations

from collections.abc import Sequence

from dockpit.model.container import State
from dockpit.model.thresholds import Thresholds


def recent_starts(starts: Sequence[float], now: float, thresholds: Thresholds) -> tuple[float, ...]:
    """The start times (seconds since the epoch) within the restart-loop window before `now`."""
    return tuple(at for at in starts if at >= now - thresholds.restart_loop_window_seconds)


def is_restart_loop(starts: Sequence[float], state: State, now: float, thresholds: Thresholds) -> bool:
    """Whether a running or restarting container started too often within the window.

    The state "restarting" counts as one more start.
    """
    if state not in ("running", "restarting"):
        return False
    count = len(recent_starts(starts, now, thresholds)) + (state == "restarting")
    return count >= thresholds.restart_loop_count
