"""Charts: the scale, the limit, the marks, and why there is nothing to draw."""

from __future__ import annotations

import math
from datetime import UTC
from typing import Any

import pytest

from dockpit.model import EngineInfo, Event, Limits, MemoryRisk, Throttling
from dockpit.snapshot import Entry
from dockpit.viewmodel import ChartView
from dockpit.views.charts import NO_BLOCK_IO_V1, NO_FIGURES, NOT_RUNNING, STALE, charts
from dockpit.views.scene import Scene
from tests.builders import MIB, NOW, engine, entry, event, tape

LIMITED = Limits(nano_cpus=200_000_000, memory_bytes=512 * MIB)
SCENE = Scene(NOW, NOW, UTC)


def draw(
    found: Entry, about: EngineInfo | None = None, events: tuple[Event, ...] = (), span: float = 60.0, points: int = 60
) -> dict[str, ChartView]:
    drawn = charts(found, about or engine(), events, SCENE, span, points, 7)
    return {chart.title: chart for chart in drawn}


def test_cpu_is_drawn_on_the_scale_of_its_limit_with_its_throttled_share() -> None:
    past = tape(cpu_cores=0.15, throttled_ratio=0.99)
    chart = draw(entry("a", limits=LIMITED, past=past, throttling=Throttling("high", 99.2, 812.0)))["CPU"]
    assert (chart.top, chart.limit, chart.limit_text, chart.top_text) == (0.2, 0.2, "limit 0.20", "0.20")
    assert (chart.now_text, chart.now_tone) == ("0.20 · throttled 99 %, 812 CPU-ms/s", "high")
    assert chart.shade[-1] == pytest.approx(0.99)
    assert len(chart.shade) == len(chart.lines[0].points) == 60
    assert (chart.span_text, chart.revision, chart.empty) == ("1 min", 7, "")


def test_a_peak_over_the_limit_is_not_cut() -> None:
    assert draw(entry("a", limits=LIMITED, past=tape(cpu_cores=0.25)))["CPU"].top == 0.25


def test_a_container_that_is_not_throttled_has_no_shade() -> None:
    assert draw(entry("a", limits=LIMITED, past=tape(cpu_cores=0.1, throttled_ratio=0.0)))["CPU"].shade == ()


@pytest.mark.parametrize(("peak", "top"), [(0.1, 1.0), (1.3, 2.0), (2.5, 5.0), (9.0, 10.0), (9.5, 20.0)])
def test_without_a_limit_the_scale_is_a_round_number(peak: float, top: float) -> None:
    chart = draw(entry("a", past=tape(cpu_cores=peak)))["CPU"]
    assert (chart.top, chart.limit, chart.limit_text) == (top, None, "no limit")


def test_memory_has_what_reclaim_cannot_give_back_as_its_second_line() -> None:
    past = tape(memory_used_bytes=400.0 * MIB, memory_unreclaimable_bytes=100.0 * MIB)
    chart = draw(entry("a", limits=LIMITED, past=past, memory=MemoryRisk(cache_heavy=True)))["MEMORY"]
    assert [line.name for line in chart.lines] == ["used", "unreclaimable"]
    assert (chart.top, chart.limit, chart.limit_text) == (512 * MIB, 512 * MIB, "limit 512M")
    assert chart.now_text == "41M · 8 % · cache, harmless"


def test_memory_says_the_risk_and_the_time_left() -> None:
    past = tape(memory_used_bytes=41.0 * MIB)
    chart = draw(entry("a", limits=LIMITED, past=past, memory=MemoryRisk("high", 250.0)))["MEMORY"]
    assert (chart.now_text, chart.now_tone) == ("41M · 8 % · OOM high, ~4 min left", "high")
    loose = draw(entry("a", past=past))["MEMORY"]
    assert (loose.now_text, loose.top, loose.limit_text) == ("41M", 48 * MIB, "no limit")


def test_traffic_has_a_line_for_each_direction() -> None:
    past = tape(net_rx_bytes_per_s=1.5e6, net_tx_bytes_per_s=2e3)
    rated = {"net_rx_bytes_per_s": 1.5e6, "net_tx_bytes_per_s": 2e3}
    chart = draw(entry("a", past=past, rated=rated))["NETWORK"]
    assert [line.name for line in chart.lines] == ["in", "out"]
    assert (chart.top_text, chart.now_text) == ("2 MB/s", "in 1.5M · out 2k")


@pytest.mark.parametrize(
    ("fields", "about", "title", "said"),
    [
        ({}, {"cgroup_version": 1}, "DISK", NO_BLOCK_IO_V1),
        ({}, {}, "DISK", "n/a: the engine gives no block I/O for this container"),
        ({"about": {"network_mode": "host"}}, {}, "NETWORK", "n/a: it shares the host's network"),
        ({"about": {"network_mode": "container:x"}}, {}, "NETWORK", "n/a: it shares another container's network"),
        ({"about": {"network_mode": "none"}}, {}, "NETWORK", "it has no network"),
        ({"about": {"network_mode": "bridge"}}, {}, "NETWORK", NO_FIGURES),
        ({"about": {"state": "exited"}}, {}, "CPU", NOT_RUNNING),
        ({"stale": True}, {"cgroup_version": 1}, "DISK", STALE),
        ({}, {}, "MEMORY", NO_FIGURES),
    ],
)
def test_an_empty_chart_says_why(fields: dict[str, Any], about: dict[str, Any], title: str, said: str) -> None:
    chart = draw(entry("a", **fields), engine(**about))[title]
    assert (chart.empty, chart.lines) == (said, ())


def test_kills_restarts_and_changed_limits_are_marked_where_they_happened() -> None:
    happened = (
        event("a", "start", 90),
        event("a", "start", 45),
        event("a", "oom", 30.5),
        event("a", "oom", 30),
        event("b", "oom", 20),
        event("a", "update", 15),
    )
    chart = draw(entry("a", past=tape(cpu_cores=0.1)), events=happened)["CPU"]
    found = [(round(mark.position, 2), mark.sign, mark.text) for mark in chart.marks]
    assert found == [(0.25, "↻", "started"), (0.49, "✖", "OOM kill"), (0.75, "Δ", "limits changed")]
    assert draw(entry("a"), events=happened)["MEMORY"].marks == chart.marks
    assert draw(entry("a"), events=happened)["DISK"].marks == ()


def test_a_gap_stays_a_gap() -> None:
    past = tape(cpu_cores=lambda age: math.nan if 20 <= age <= 40 else 0.5)
    points = draw(entry("a", past=past))["CPU"].lines[0].points
    assert sum(map(math.isnan, points)) >= 15


def test_fifteen_minutes_come_in_the_points_asked_for() -> None:
    chart = draw(entry("a", past=tape(900, cpu_cores=0.5)), span=900.0, points=100)["CPU"]
    assert len(chart.lines[0].points) == 100
    assert chart.span_text == "15 min"
