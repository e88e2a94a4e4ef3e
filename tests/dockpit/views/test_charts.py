"""Charts: the scale, the limit, the marks, and the reason for an empty one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from dockpit.metrics.metric_ring import KEPT_NAMES, MetricRing
from dockpit.metrics.snapshot import Entry, LimitsSince
from dockpit.model.verdicts import MemoryRisk, Throttling
from dockpit.views.chart_context import NO_FIGURES, NOT_RUNNING, STALE
from dockpit.views.charts import NO_BLOCK_IO_V1
from tests.builders import MIB, NOW, engine, entry, event, metric_ring
from tests.dockpit.views.drawn_charts import LIMITED, draw


def test_cpu_is_drawn_on_the_scale_of_its_limit_with_its_throttled_share() -> None:
    past = metric_ring(cpu_cores=0.15, throttled_ratio=0.99)
    chart = draw(entry("a", limits=LIMITED, past=past, throttling=Throttling("high", 99.2, 812.0)))["CPU"]
    assert (chart.top, chart.limit, chart.limit_text, chart.top_text) == (0.2, 0.2, "limit 0.20", "0.20")
    assert (chart.now_text, chart.now_tone) == ("0.20 · throttled 99 %, 812 CPU-ms/s", "high")
    (lane,) = chart.lanes
    assert (lane.label, lane.name, lane.watch_share) == ("thr", "throttled", 0.0)
    assert lane.shares[-1] == pytest.approx(0.99)
    assert len(lane.shares) == len(chart.lines[0].points) == 60
    assert (chart.span_text, chart.revision, chart.empty) == ("1 min", 7, "")


def test_a_peak_over_the_limit_is_not_cut() -> None:
    assert draw(entry("a", limits=LIMITED, past=metric_ring(cpu_cores=0.25)))["CPU"].top == 0.25


def test_a_container_that_is_not_throttled_has_no_lane() -> None:
    assert draw(entry("a", limits=LIMITED, past=metric_ring(cpu_cores=0.1, throttled_ratio=0.0)))["CPU"].lanes == ()
    assert draw(entry("a", past=metric_ring(cpu_cores=0.1, throttled_ratio=0.5)))["CPU"].lanes == ()


@pytest.mark.parametrize(
    ("title", "metric"), [("CPU", "cpu_some_percent"), ("MEMORY", "memory_some_percent"), ("DISK", "io_some_percent")]
)
def test_pressure_is_a_lane_and_in_words_from_ten_percent_on(title: str, metric: str) -> None:
    figures = {"cpu_cores": 0.1, "throttled_ratio": 0.2, "block_read_bytes_per_s": 5.0, metric: 34.0}
    past = metric_ring(60, **figures)
    chart = draw(entry("a", limits=LIMITED, past=past, rated={metric: 34.0}))[title]
    assert chart.lanes[-1].label == "psi" and chart.lanes[-1].shares[-1] == pytest.approx(0.34)
    assert [lane.label for lane in chart.lanes] == (["thr", "psi"] if title == "CPU" else ["psi"])
    assert chart.now_text.endswith(" · pressure 34 %") and chart.now_tone == "watch"
    worse = draw(entry("a", limits=LIMITED, past=past, rated={metric: 41.0}))[title]
    assert worse.now_tone == "high"
    calm = draw(entry("a", past=metric_ring(60, **{metric: 0.0}), rated={metric: 9.9}))[title]
    assert "pressure" not in calm.now_text and calm.now_tone == "normal"
    assert [lane.label for lane in calm.lanes] == ["psi"]
    gone = draw(entry("a", past=past, rated={metric: 34.0}, stale=True))[title]
    assert "pressure" not in gone.now_text and "psi" in [lane.label for lane in gone.lanes]


def test_pressure_never_lowers_the_tone() -> None:
    found = entry("a", past=metric_ring(), rated={"memory_some_percent": 12.0}, memory=MemoryRisk("imminent"))
    assert draw(found)["MEMORY"].now_tone == "critical"
    assert draw(entry("a", rated={"io_some_percent": 12.0}))["DISK"].now_text == "pressure 12 %"
    assert (
        draw(entry("a"))["CPU"].lanes
        == draw(entry("a", past=metric_ring(cpu_some_percent=math.nan)))["CPU"].lanes
        == ()
    )


@pytest.mark.parametrize(("peak", "top"), [(0.1, 1.0), (1.3, 2.0), (2.5, 5.0), (9.0, 10.0), (9.5, 20.0)])
def test_without_a_limit_the_scale_is_a_round_number(peak: float, top: float) -> None:
    chart = draw(entry("a", past=metric_ring(cpu_cores=peak)))["CPU"]
    assert (chart.top, chart.limit, chart.limit_text) == (top, None, "no limit")


def test_two_views_of_the_same_data_are_equal_despite_gaps() -> None:
    gappy = MetricRing(100)
    for second in range(30):
        gappy.append(NOW - 40 + second, [float("nan") if second % 7 == 0 else 0.1] * len(KEPT_NAMES))
    assert draw(entry("a", limits=LIMITED, past=gappy)) == draw(entry("a", limits=LIMITED, past=gappy))


def test_memory_text_has_the_risk_and_the_time_left() -> None:
    past = metric_ring(memory_used_bytes=41.0 * MIB)
    chart = draw(entry("a", limits=LIMITED, past=past, memory=MemoryRisk("high", 250.0)))["MEMORY"]
    assert (chart.now_text, chart.now_tone) == ("41M · 8 % · OOM high, ~4 min left", "high")
    loose = draw(entry("a", past=past))["MEMORY"]
    assert (loose.now_text, loose.top, loose.limit_text) == ("41M", 48 * MIB, "no limit")


def test_traffic_has_a_line_for_each_direction() -> None:
    past = metric_ring(net_rx_bytes_per_s=1.5e6, net_tx_bytes_per_s=2e3)
    rated = {"net_rx_bytes_per_s": 1.5e6, "net_tx_bytes_per_s": 2e3}
    chart = draw(entry("a", past=past, rated=rated))["NETWORK"]
    assert [line.name for line in chart.lines] == ["in", "out"]
    assert (chart.top_text, chart.now_text) == ("2 MB/s", "in 1.5M · out 2k")


@pytest.mark.parametrize(
    ("fields", "about", "title", "reason"),
    [
        ({}, {"cgroup_version": 1}, "DISK", NO_BLOCK_IO_V1),
        ({}, {}, "DISK", "n/a: the engine gives no block I/O for this container"),
        ({"about": {"network_mode": "host"}}, {}, "NETWORK", "n/a: it shares the host's network"),
        ({"about": {"network_mode": "container:x"}}, {}, "NETWORK", "n/a: it shares another container's network"),
        ({"about": {"network_mode": "none"}}, {}, "NETWORK", "n/a: it has no network"),
        ({"about": {"network_mode": "bridge"}}, {}, "NETWORK", NO_FIGURES),
        ({"about": {"state": "exited"}}, {}, "CPU", NOT_RUNNING),
        ({"stale": True}, {"cgroup_version": 1}, "DISK", STALE),
        ({}, {}, "MEMORY", NO_FIGURES),
    ],
)
def test_an_empty_chart_says_why(fields: dict[str, Any], about: dict[str, Any], title: str, reason: str) -> None:
    chart = draw(entry("a", **fields), engine(**about))[title]
    assert (chart.empty, chart.lines) == (reason, ())


def test_kills_restarts_and_changed_limits_are_marked_at_their_time() -> None:
    happened = (
        event("a", "start", 90),
        event("a", "start", 45),
        event("a", "oom", 30.5),
        event("a", "oom", 30),
        event("b", "oom", 20),
        event("a", "update", 15),
    )
    chart = draw(entry("a", past=metric_ring(cpu_cores=0.1)), events=happened)["CPU"]
    found = [(round(mark.position, 2), mark.sign, mark.text) for mark in chart.marks]
    assert found == [(0.25, "↻", "started"), (0.49, "✖", "OOM kill"), (0.75, "Δ", "limits changed")]
    assert draw(entry("a"), events=happened)["MEMORY"].marks == chart.marks
    assert draw(entry("a"), events=happened)["DISK"].marks == ()


def test_a_gap_stays_a_gap() -> None:
    past = metric_ring(cpu_cores=lambda age: math.nan if 20 <= age <= 40 else 0.5)
    points = draw(entry("a", past=past))["CPU"].lines[0].points
    assert sum(map(math.isnan, points)) >= 15


def test_fifteen_minutes_come_in_the_points_asked_for() -> None:
    chart = draw(entry("a", past=metric_ring(900, cpu_cores=0.5)), span=900.0, points=100)["CPU"]
    assert len(chart.lines[0].points) == 100
    assert chart.span_text == "15 min"


def with_limits(*changes: tuple[float, float | None, int | None]) -> Entry:
    """A container with limits as (seconds ago, CPU cores, memory bytes)."""
    found = entry("a", limits=LIMITED, past=metric_ring(cpu_cores=0.1))
    return replace(found, limits_history=tuple(LimitsSince(NOW - ago, cores, size) for ago, cores, size in changes))


def test_a_limit_that_changed_is_a_step_where_it_changed() -> None:
    drawn = draw(with_limits((300, 0.1, 256 * MIB), (30, 0.2, 256 * MIB), (15, None, 512 * MIB)))
    assert [limit for _, limit in drawn["CPU"].limit_steps] == [0.1, 0.2, None]
    assert (drawn["CPU"].limit_text, drawn["MEMORY"].limit_text) == ("limit 0.20 → none", "limit 256M → 512M")
    assert [place for place, _ in drawn["CPU"].limit_steps] == pytest.approx([0.0, 0.5, 0.75], abs=1.5 / 60)
    assert [limit for _, limit in drawn["MEMORY"].limit_steps] == [256 * MIB, 512 * MIB]


def test_a_limit_that_held_the_whole_time_has_no_steps() -> None:
    assert draw(with_limits((300, 0.1, None), (100, 0.2, None)))["CPU"].limit_steps == ()
    assert draw(with_limits((20, 0.2, 1), (10, 0.2, 2)))["CPU"].limit_steps == ()
    assert draw(with_limits())["CPU"].limit_steps == ()


def test_the_first_known_limit_also_counts_for_the_time_before_it() -> None:
    assert draw(with_limits((30, 0.1, None), (15, 0.2, None)))["CPU"].limit_steps[0] == (0.0, 0.1)
