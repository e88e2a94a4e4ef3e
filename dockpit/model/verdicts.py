"""Verdicts on one container: throttling, memory risk, alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Risk = Literal["none", "watch", "high", "imminent"]
Level = Literal["ok", "watch", "high", "critical"]

RISKS: tuple[Risk, ...] = get_args(Risk)
"""The risks of an OOM kill, the greatest last."""
LEVELS: tuple[Level, ...] = get_args(Level)
"""The levels of alerts and of throttling, the worst last."""


@dataclass(frozen=True, slots=True)
class Throttling:
    """Throttling of a container over the last window by its own CFS quota or by one above."""

    level: Level = "ok"
    percent: float | None = None
    """Throttled periods in percent of all periods of the window."""
    ms_per_s: float | None = None
    """CPU milliseconds per second lost to its own quota."""
    since: float = 0.0
    above: str = ""
    """Path of the cgroup above whose quota `percent` is about; "" if it is about the container's own."""


@dataclass(frozen=True, slots=True)
class MemoryRisk:
    """The risk of an OOM kill, judged on memory that reclaim cannot free."""

    risk: Risk = "none"
    eta_seconds: float | None = None
    slope_bytes_per_s: float | None = None
    """Growth of that memory, where it leads to the limit soon enough to be shown."""
    headroom_bytes: int | None = None
    cache_heavy: bool = False
    """Whether it is near its limit by page cache alone, which is harmless."""
    kills: int = 0
    last_kill_at: float = 0.0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One problem of a container in words; `since` is when it began, in epoch seconds."""

    container_id: str
    name: str
    kind: Literal["throttled", "oom", "oom-risk", "restart-loop", "unhealthy", "pids", "limits"]
    level: Level
    text: str
    since: float

    @property
    def key(self) -> tuple[str, str]:
        """Identity of an alert: there is one per container and kind."""
        return (self.container_id, self.kind)
