"""Thresholds of the verdicts."""

from __future__ import annotations

from dataclasses import dataclass

PRESSURE_WATCH_PERCENT = 10.0
"""PSI some, of a container or the host, from which it is coloured; there is no setting for it."""
PRESSURE_HIGH_PERCENT = 40.0
"""PSI some from which it has the colour of high."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Lower bounds of watch, high and critical (of seconds left: upper bounds), in percent 0..100 and seconds."""

    throttled_watch_percent: float = 5
    throttled_high_percent: float = 25
    throttle_window_seconds: float = 10
    memory_watch_percent: float = 80
    memory_high_percent: float = 90
    memory_imminent_percent: float = 97
    eta_watch_seconds: float = 1800
    eta_high_seconds: float = 300
    eta_imminent_seconds: float = 60
    pids_watch_percent: float = 80
    pids_high_percent: float = 95
    restart_loop_count: int = 3
    restart_loop_window_seconds: float = 600
    oom_debounce_seconds: float = 1.0
    oom_window_seconds: float = 600
