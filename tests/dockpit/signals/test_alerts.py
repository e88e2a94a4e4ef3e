"""The alerts of one container, their order and their text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Alert, MemoryRisk, Throttling
from dockpit.signals.alerts import container_alerts, format_duration

THRESHOLDS = Thresholds()
NOW = 100_000.0
UP = Container("c" * 64, "web", state="running", started_at=NOW - 9000, limits=Limits(pids_limit=100))
CALM, SAFE = Throttling(), MemoryRisk()


def raised_alerts(
    container: Container = UP,
    throttling: Throttling = CALM,
    memory: MemoryRisk = SAFE,
    pids: int | None = None,
    starts: tuple[float, ...] = (),
) -> tuple[Alert, ...]:
    return container_alerts(container, throttling, memory, pids, starts, NOW, THRESHOLDS)


def test_a_container_that_is_fine_has_no_alert() -> None:
    assert raised_alerts(throttling=Throttling(percent=1.0, ms_per_s=3.0), pids=5, starts=(NOW - 9000,)) == ()


def test_throttling_has_its_share_and_the_time_lost() -> None:
    (alert,) = raised_alerts(throttling=Throttling("high", 98.2, 812.3, since=NOW - 60))
    assert alert == Alert(UP.id, "web", "throttled", "high", "throttled 98 % of periods, 812 CPU-ms/s lost", NOW - 60)


def test_throttling_names_the_cgroup_above_that_does_it() -> None:
    (alert,) = raised_alerts(throttling=Throttling("high", 98.2, 0.0, above="/shop.slice"))
    assert alert.text == "throttled 98 % of periods by the cgroup above (/shop.slice)"


def test_unknown_time_lost_is_left_out() -> None:
    (alert,) = raised_alerts(throttling=Throttling("watch", 6.0, None))
    assert alert.text == "throttled 6 % of periods"


@pytest.mark.parametrize(
    ("memory", "container", "level", "text"),
    [
        (MemoryRisk(kills=1, last_kill_at=NOW - 40), UP, "critical", "OOM-killed once"),
        (MemoryRisk(kills=2, last_kill_at=NOW - 40), UP, "critical", "2 OOM kills, the last within 10 min"),
        (MemoryRisk(kills=1), UP, "watch", "OOM-killed once, time unknown"),
        (MemoryRisk(kills=1), replace(UP, state="exited", finished_at=NOW - 9), "critical", "OOM-killed once"),
    ],
)
def test_oom_kills_are_counted(memory: MemoryRisk, container: Container, level: str, text: str) -> None:
    (alert,) = raised_alerts(container, memory=memory)
    assert (alert.kind, alert.level, alert.text) == ("oom", level, text)


@pytest.mark.parametrize(
    ("memory", "container"),
    [
        (MemoryRisk(kills=3, last_kill_at=NOW - 601), UP),
        (MemoryRisk(kills=1), replace(UP, state="exited", finished_at=NOW - 900)),
    ],
)
def test_an_old_oom_kill_is_no_alert(memory: MemoryRisk, container: Container) -> None:
    assert raised_alerts(container, memory=memory) == ()


@pytest.mark.parametrize(
    ("memory", "level", "text"),
    [
        (MemoryRisk("watch", 1500.0), "watch", "memory full in about 20 min"),
        (MemoryRisk("imminent", 14.0), "critical", "memory full in about 10 s"),
        (MemoryRisk("imminent", 1.0), "critical", "memory full in about 5 s"),
        (MemoryRisk("watch"), "watch", "memory filling up"),
        (MemoryRisk("high"), "high", "memory nearly full"),
        (MemoryRisk("imminent"), "critical", "memory full, an OOM kill is near"),
    ],
)
def test_a_memory_risk_has_its_time_left_in_steps(memory: MemoryRisk, level: str, text: str) -> None:
    (alert,) = raised_alerts(memory=memory)
    assert (alert.kind, alert.level, alert.text) == ("oom-risk", level, text)


def test_the_worst_alert_comes_first() -> None:
    found = raised_alerts(
        replace(UP, health="unhealthy"),
        Throttling("watch", 7.0, 10.0),
        MemoryRisk("imminent", 12.0),
        99,
        (NOW - 400, NOW - 200, NOW - 1),
    )
    assert [alert.level for alert in found] == ["critical", "high", "high", "high", "watch"]
    assert [alert.kind for alert in found] == ["oom-risk", "pids", "unhealthy", "restart-loop", "throttled"]
    assert [alert.text for alert in found][1:4] == [
        "99 of 100 pids in use",
        "its health check fails",
        "started 3 times in 10 min",
    ]


def test_a_stopped_container_has_no_alerts_from_its_last_sample() -> None:
    down = replace(UP, state="exited", health="unhealthy", finished_at=NOW - 1)
    assert raised_alerts(down, Throttling("high", 99.0, 1.0), MemoryRisk("imminent", 1.0), 100) == ()


def test_a_restart_loop_between_two_starts_is_an_alert() -> None:
    (alert,) = raised_alerts(replace(UP, state="restarting"), starts=(NOW - 30, NOW - 10))
    assert (alert.kind, alert.level, alert.since) == ("restart-loop", "high", NOW - 30)
    assert alert.text == "started 2 times in 10 min, about to start again"


def test_durations_in_words() -> None:
    assert [format_duration(s) for s in (5, 90, 120, 600, 7200)] == ["5 s", "90 s", "2 min", "10 min", "2 h"]
