"""The alerts of one container, with their text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockpit.model.container import Container
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import LEVELS, Alert, Level, MemoryRisk, Risk, Throttling
from dockpit.signals.pids_usage import pids_level
from dockpit.signals.restart_loop_detection import is_restart_loop, recent_starts

_RISK_LEVELS: dict[Risk, Level] = {"none": "ok", "watch": "watch", "high": "high", "imminent": "critical"}
_ETA_STEPS_SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1200, 1800)


def container_alerts(
    container: Container,
    throttling: Throttling,
    memory: MemoryRisk,
    pids: int | None,
    starts: Sequence[float],
    now: float,
    thresholds: Thresholds,
    differences: Sequence[str] = (),
) -> tuple[Alert, ...]:
    """The alerts of one container at `now` (seconds since the epoch), worst first.

    `starts` are the observed start times, `differences` the sentences on limits that are not as configured. `since` of
    an alert is 0 if its beginning was not observed.
    """
    found = [*_oom_kill_alerts(container, memory, now, thresholds)]
    if container.live:
        found += [*_throttling_alerts(container, throttling), *_memory_alerts(container, memory)]
        found += [*_pids_alerts(container, pids, thresholds), *_health_check_alerts(container)]
        found += [Alert(container.id, container.name, "limits", "watch", text, 0.0) for text in differences[:1]]
    found += [*_restart_loop_alerts(container, starts, now, thresholds)]
    return tuple(sorted(found, key=lambda alert: -LEVELS.index(alert.level)))


def has_no_alerts(
    container: Container, throttling: Throttling, memory: MemoryRisk, pids: int | None, thresholds: Thresholds
) -> bool:
    """Whether a container without recent starts and without limit differences has no alert at any time.

    Cheaper than computing the alerts, for the many containers that are fine.
    """
    return (
        throttling.level == "ok"
        and memory.risk == "none"
        and not memory.kills
        and container.health != "unhealthy"
        and container.state != "restarting"
        and pids_level(pids, container.limits.pids_max, thresholds) == "ok"
    )


def _oom_kill_alerts(container: Container, memory: MemoryRisk, now: float, thresholds: Thresholds) -> Iterator[Alert]:
    if memory.kills <= 0:
        return
    at = memory.last_kill_at or (0.0 if container.live else container.finished_at)
    if at and now - at > thresholds.oom_window_seconds:
        return
    count = "OOM-killed once" if memory.kills == 1 else f"{memory.kills} OOM kills"
    when = f"the last within {format_duration(thresholds.oom_window_seconds)}" if memory.kills > 1 else ""
    text = ", ".join(filter(None, (count, when if at else "time unknown")))
    yield Alert(container.id, container.name, "oom", "critical" if at else "watch", text, at)


def _throttling_alerts(container: Container, throttling: Throttling) -> Iterator[Alert]:
    if throttling.level == "ok" or throttling.percent is None:
        return
    text = f"throttled {throttling.percent:.0f} % of periods"
    if throttling.above:
        text += f" by the cgroup above ({throttling.above})"
    elif throttling.ms_per_s is not None:
        text += f", {throttling.ms_per_s:.0f} CPU-ms/s lost"
    yield Alert(container.id, container.name, "throttled", throttling.level, text, throttling.since)


def _memory_alerts(container: Container, memory: MemoryRisk) -> Iterator[Alert]:
    if memory.risk == "none":
        return
    if memory.eta_seconds is not None:
        text = f"memory full in about {format_duration(_round_down_eta(memory.eta_seconds))}"
    else:
        text = f"memory {_MEMORY_TEXTS[memory.risk]}"
    yield Alert(container.id, container.name, "oom-risk", _RISK_LEVELS[memory.risk], text, memory.since)


_MEMORY_TEXTS: dict[Risk, str] = {"watch": "filling up", "high": "nearly full", "imminent": "full, an OOM kill is near"}


def _pids_alerts(container: Container, pids: int | None, thresholds: Thresholds) -> Iterator[Alert]:
    limit = container.limits.pids_max
    level = pids_level(pids, limit, thresholds)
    if level != "ok":
        yield Alert(container.id, container.name, "pids", level, f"{pids} of {limit} pids in use", 0.0)


def _health_check_alerts(container: Container) -> Iterator[Alert]:
    if container.health == "unhealthy":
        yield Alert(container.id, container.name, "unhealthy", "high", "its health check fails", 0.0)


def _restart_loop_alerts(
    container: Container, starts: Sequence[float], now: float, thresholds: Thresholds
) -> Iterator[Alert]:
    if not is_restart_loop(starts, container.state, now, thresholds):
        return
    recent = recent_starts(starts, now, thresholds)
    text = f"started {len(recent)} times in {format_duration(thresholds.restart_loop_window_seconds)}"
    if container.state == "restarting":
        text += ", about to start again"
    yield Alert(container.id, container.name, "restart-loop", "high", text, recent[0] if recent else 0.0)


def _round_down_eta(seconds: float) -> float:
    """`seconds` rounded down to a step, so that the text does not change each second; never more than is left."""
    return max((step for step in _ETA_STEPS_SECONDS if step <= seconds), default=_ETA_STEPS_SECONDS[0])


def format_duration(seconds: float) -> str:
    """A configured or stepped duration: `45 s`, `90 s`, `10 min`, `2 h`.

    It switches to minutes at 2 min and to hours at 2 h, so that a window of 90 s reads as it is configured;
    formatting.duration, for elapsed time, switches at 1 min and 1 h and rounds down.
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
