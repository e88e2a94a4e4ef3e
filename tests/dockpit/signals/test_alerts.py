from __future__ import annotations

from dataclasses import replace

import pytest

from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Alert, MemoryRisk, Throttling
from dockpit.signals.alerts import alerts, span

T = Thresholds()
NOW = 100_000.0
UP = Container("c" * 64, "web", state="running", started_at=NOW - 9000, limits=Limits(pids_limit=100))
CALM, SAFE = Throttling(), MemoryRisk()


def raised(
    container: Container = UP,
    throttling: Throttling = CALM,
    memory: MemoryRisk = SAFE,
    pids: int | None = None,
    starts: tuple[float, ...] = (),
) -> tuple[Alert, ...]:
    return alerts(container, throttling, memory, pids, starts, NOW, T)


def test_a_container_that_is_fine_is_quiet() -> None:
    assert raised(throttling=Throttling(percent=1.0, ms_per_s=3.0), pids=5, starts=(NOW - 9000,)) == ()


def test_throttling_says_how_much() -> None:
    (alert,) = raised(throttling=Throttling("high", 98.2, 812.3, since=NOW - 60))
    assert alert == Alert(UP.id, "web", "throttled", "high", "throttled 98 % of periods, 812 CPU-ms/s lost", NOW - 60)


def test_throttling_names_the_cgroup_above_that_does_it() -> None:
    (alert,) = raised(throttling=Throttling("high", 98.2, 0.0, above="/shop.slice"))
    assert alert.text == "throttled 98 % of periods by the cgroup above (/shop.slice)"


def test_a_stall_that_is_not_known_is_not_said() -> None:
    (alert,) = raised(throttling=Throttling("watch", 6.0, None))
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
def test_kills_are_counted(memory: MemoryRisk, container: Container, level: str, text: str) -> None:
    (alert,) = raised(container, memory=memory)
    assert (alert.kind, alert.level, alert.text) == ("oom", level, text)


@pytest.mark.parametrize(
    ("memory", "container"),
    [
        (MemoryRisk(kills=3, last_kill_at=NOW - 601), UP),
        (MemoryRisk(kills=1), replace(UP, state="exited", finished_at=NOW - 900)),
    ],
)
def test_a_kill_of_long_ago_is_no_alert(memory: MemoryRisk, container: Container) -> None:
    assert raised(container, memory=memory) == ()


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
def test_the_risk_is_said_in_round_figures(memory: MemoryRisk, level: str, text: str) -> None:
    (alert,) = raised(memory=memory)
    assert (alert.kind, alert.level, alert.text) == ("oom-risk", level, text)


def test_the_worst_comes_first() -> None:
    found = raised(
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


def test_a_container_that_is_down_is_not_judged_by_its_last_figures() -> None:
    down = replace(UP, state="exited", health="unhealthy", finished_at=NOW - 1)
    assert raised(down, Throttling("high", 99.0, 1.0), MemoryRisk("imminent", 1.0), 100) == ()


def test_a_loop_between_two_starts_is_still_a_loop() -> None:
    (alert,) = raised(replace(UP, state="restarting"), starts=(NOW - 30, NOW - 10))
    assert (alert.kind, alert.level, alert.since) == ("restart-loop", "high", NOW - 30)
    assert alert.text == "started 2 times in 10 min, about to start again"


def test_durations_are_short() -> None:
    assert [span(s) for s in (5, 90, 120, 600, 7200)] == ["5 s", "90 s", "2 min", "10 min", "2 h"]
