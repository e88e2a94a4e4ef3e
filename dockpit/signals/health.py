"""Whether a container keeps starting, and how near it is to its limit of processes."""

from __future__ import annotations

from collections.abc import Sequence

from dockpit.model.container import State
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Level


def recent_starts(starts: Sequence[float], now: float, thresholds: Thresholds) -> tuple[float, ...]:
    """The start times (seconds since the epoch) that lie within the restart-loop window before `now`."""
    return tuple(at for at in starts if at >= now - thresholds.restart_loop_window_seconds)


def restart_loop(starts: Sequence[float], state: State, now: float, thresholds: Thresholds) -> bool:
    """Whether a container that is up, or about to be, started too often of late; about to be counts as a start."""
    if state not in ("running", "restarting"):
        return False
    count = len(recent_starts(starts, now, thresholds)) + (state == "restarting")
    return count >= thresholds.restart_loop_count


def pids_level(pids: int | None, limit: int | None, thresholds: Thresholds) -> Level:
    """How near `pids` is to `limit`; ok where either is unknown or there is no limit."""
    if pids is None or not limit or limit < 0:
        return "ok"
    percent = 100.0 * pids / limit
    if percent >= thresholds.pids_high_percent:
        return "high"
    return "watch" if percent >= thresholds.pids_watch_percent else "ok"
