"""How near a container is to its pids limit."""

from __future__ import annotations

from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Level


def pids_level(pids: int | None, limit: int | None, thresholds: Thresholds) -> Level:
    """The level of `pids` as a share of `limit`; ok if either is unknown or there is no limit."""
    if pids is None or not limit or limit < 0:
        return "ok"
    percent = 100.0 * pids / limit
    if percent >= thresholds.pids_high_percent:
        return "high"
    return "watch" if percent >= thresholds.pids_watch_percent else "ok"
