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
    """How much of the last window a container was held back by its CFS quota, or by that of a cgroup above."""

    level: Level = "ok"
    percent: float | None = None
    """Throttled periods ÷ periods over the window, 0..100."""
    ms_per_s: float | None = None
    """CPU-ms/s lost to its own quota."""
    since: float = 0.0
    above: str = ""
    """The cgroup above that `percent` is of, where that was stopped more than the container itself."""


@dataclass(frozen=True, slots=True)
class MemoryRisk:
    """How near a container is to an OOM kill, judged on memory that reclaim cannot give back."""

    risk: Risk = "none"
    eta_seconds: float | None = None
    slope_bytes_per_s: float | None = None
    """How fast it grows, where that leads to an end that is near enough to speak of."""
    headroom_bytes: int | None = None
    cache_heavy: bool = False
    """Near its limit by page cache alone: full and harmless."""
    kills: int = 0
    last_kill_at: float = 0.0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """Something wrong with one container, since when, in words."""

    container_id: str
    name: str
    kind: Literal["throttled", "oom", "oom-risk", "restart-loop", "unhealthy", "pids", "limits"]
    level: Level
    text: str
    since: float

    @property
    def key(self) -> tuple[str, str]:
        """One alert per container and kind."""
        return (self.container_id, self.kind)
