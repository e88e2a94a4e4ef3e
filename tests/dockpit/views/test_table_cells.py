"""Cells: quiet when all is well, a tone and a word when it is not."""

from __future__ import annotations

import math
from datetime import UTC
from typing import Any

import pytest

from dockpit.metrics.compiled_columns import COLUMN_FIGURES
from dockpit.metrics.snapshot import Entry
from dockpit.model.container_limits import Limits
from dockpit.model.verdicts import MemoryRisk, Throttling
from dockpit.model.view_models import Cell
from dockpit.views.column_fitting import columns
from dockpit.views.table_cells import CELLS, ended_text, row
from dockpit.views.view_context import ViewContext
from tests.builders import MIB, NOW, alert, container, entry, metric_ring

LIMITED = Limits(nano_cpus=1_000_000_000, memory_bytes=512 * MIB)
SCENE = ViewContext(NOW, NOW, UTC)


def cell(column: str, **fields: Any) -> Cell:
    return CELLS[column](entry("a", **fields), SCENE)


def words(found: Cell) -> tuple[str, str]:
    return found.text, found.tone


def test_every_figure_of_the_catalogue_has_a_cell() -> None:
    assert set(CELLS) == set(COLUMN_FIGURES) - {"name"}


@pytest.mark.parametrize(
    ("throttling", "limits", "text", "tone"),
    [
        (Throttling("high", 99.2, 812.0), LIMITED, "99 % high", "high"),
        (Throttling("watch", 12.0, 40.0), LIMITED, "12 % watch", "watch"),
        (Throttling("critical", 100.0, 900.0), LIMITED, "100 % high", "critical"),
        (Throttling("high", 100.0, above="/shop.slice"), LIMITED, "100 %↑high", "high"),
        (Throttling("ok", 3.0, 2.0), LIMITED, "3 %", "normal"),
        (Throttling("ok", 0.0, 0.0), LIMITED, "0 %", "dim"),
        (Throttling("ok", None), LIMITED, "–", "dim"),
        (Throttling("ok", 0.0), Limits(), "–", "dim"),
    ],
)
def test_throttling_is_a_figure_with_a_word(throttling: Throttling, limits: Limits, text: str, tone: str) -> None:
    found = cell("throttled", throttling=throttling, limits=limits)
    assert words(found) == (text, tone)
    assert len(found.text) <= COLUMN_FIGURES["throttled"].column.width


def test_a_paused_container_says_so() -> None:
    assert words(cell("throttled", about={"state": "paused"})) == ("paused", "info")
    assert words(cell("state", about={"state": "paused"})) == ("◐", "info")


OOM = (alert("a", "oom", "critical"),)


@pytest.mark.parametrize(
    ("memory", "alerts", "text", "tone"),
    [
        (MemoryRisk(), (), "–", "dim"),
        (MemoryRisk(cache_heavy=True), (), "cache", "dim"),
        (MemoryRisk("watch"), (), "watch", "watch"),
        (MemoryRisk("watch", 1300.0), (), "~21 min", "watch"),
        (MemoryRisk("high", 250.0), (), "~4 min", "high"),
        (MemoryRisk("high", 57.0), (), "~50 s", "high"),
        (MemoryRisk("high", 3.0), (), "~3 s", "high"),
        (MemoryRisk("high"), (), "high", "high"),
        (MemoryRisk("imminent", 8.0), (), "imminent", "critical"),
        (MemoryRisk("high", 250.0, kills=2), OOM, "~4 min", "high"),
        (MemoryRisk("watch", kills=2, last_kill_at=NOW), OOM, "2 kills", "critical"),
        (MemoryRisk(kills=1), OOM, "1 kill", "watch"),
        (MemoryRisk(kills=1), (), "1 kill", "normal"),
        (MemoryRisk(kills=100), (), "99+kills", "normal"),
    ],
)
def test_the_oom_risk_is_a_word_or_the_time_left(memory: MemoryRisk, alerts: Any, text: str, tone: str) -> None:
    found = cell("oom", memory=memory, alerts=alerts)
    assert words(found) == (text, tone)
    assert len(found.text) <= COLUMN_FIGURES["oom"].column.width


def test_figures_that_stopped_coming_are_dashes() -> None:
    old = {"stale": True, "limits": LIMITED, "memory": MemoryRisk("high", 60.0)}
    for column in ("cpu", "cpu_limit", "throttled", "memory", "memory_limit", "oom", "net", "disk", "pids"):
        assert words(cell(column, **old))[0] == "–", column
    assert cell("cpu_limit", **old).bar is None


def test_shares_are_bars_and_no_limit_is_said() -> None:
    found = cell("memory_limit", limits=LIMITED, sampled={"memory_used_bytes": 256 * MIB})
    assert (found.text, found.bar, found.tone) == ("50%", 0.5, "normal")
    assert words(cell("memory_limit")) == ("no limit", "dim")
    over = cell("cpu_limit", limits=LIMITED, rated={"cpu_cores": 1.3})
    assert (over.text, over.bar) == ("130%", 1.0)


def test_a_full_cache_is_no_trouble_and_unreclaimable_memory_is() -> None:
    full = {"limits": LIMITED, "sampled": {"memory_used_bytes": 510 * MIB}}
    assert cell("memory_limit", **full, memory=MemoryRisk(cache_heavy=True)).tone == "normal"
    assert cell("memory_limit", **full, memory=MemoryRisk("imminent")).tone == "critical"


def test_sparklines_are_on_the_scale_of_the_limit() -> None:
    past = metric_ring(cpu_cores=0.5, memory_used_bytes=128.0 * MIB)
    assert set(cell("cpu_spark", limits=LIMITED, past=past).spark) == {0.5}
    assert set(cell("memory_spark", limits=LIMITED, past=past).spark) == {0.25}


def test_without_a_limit_sparklines_are_on_the_scale_of_the_peak() -> None:
    past = metric_ring(cpu_cores=lambda age: 4.0 if age > 30 else 2.0, memory_used_bytes=128.0 * MIB)
    assert {max(cell("cpu_spark", past=past).spark), cell("cpu_spark", past=past).spark[-1]} == {1.0, 0.5}
    assert set(cell("cpu_spark", past=metric_ring(cpu_cores=0.25)).spark) == {0.25}


def test_memory_without_a_limit_never_looks_full() -> None:
    steady = cell("memory_spark", past=metric_ring(memory_used_bytes=128.0 * MIB)).spark
    assert {int(share * 8) for share in steady} == {3}
    idle = cell("memory_spark", past=metric_ring(memory_used_bytes=312.0 * 1024)).spark
    assert {int(share * 8) for share in idle} == {0}


def test_a_gap_in_a_sparkline_stays_a_gap() -> None:
    past = metric_ring(60, cpu_cores=lambda age: math.nan if 20 <= age <= 40 else 0.5)
    spark = cell("cpu_spark", past=past).spark
    assert any(map(math.isnan, spark))
    assert spark[-1] == 0.5
    assert cell("memory_spark", past=past).spark == ()


@pytest.mark.parametrize(
    ("fields", "sign", "tone"),
    [
        ({}, "●", "good"),
        ({"alerts": (alert("a"),)}, "●", "high"),
        ({"about": {"health": "unhealthy"}}, "!", "high"),
        ({"alerts": (alert("a", "restart-loop"),)}, "↻", "high"),
        ({"alerts": (alert("a", "pids", "watch"),)}, "!", "watch"),
        ({"about": {"state": "exited"}}, "○", "dim"),
        ({"about": {"state": "dead"}}, "✖", "dim"),
    ],
)
def test_the_state_is_a_sign(fields: dict[str, Any], sign: str, tone: str) -> None:
    assert words(cell("state", **fields)) == (sign, tone)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"state": "exited", "finished_at": NOW - 3 * 3600}, "exited 0, 3 h ago"),
        ({"state": "exited", "exit_code": 137, "oom_killed": True, "finished_at": NOW - 60},
         "exited 137, OOM-killed, 1 min ago"),
        ({"state": "restarting", "exit_code": 1, "finished_at": NOW - 5}, "restarting, exited 1, 5 s ago"),
        ({"state": "dead", "exit_code": 1}, "dead, exited 1"),
        ({"state": "created"}, "created, not started"),
        ({"state": "created", "error": "no such file"}, "created, could not start: no such file"),
        ({"state": "removing"}, "removing"),
    ],
)  # fmt: skip
def test_what_became_of_a_container_is_a_sentence(fields: dict[str, Any], text: str) -> None:
    assert ended_text(container("a", **fields), NOW) == text


@pytest.mark.parametrize(
    ("column", "fields", "text"),
    [
        ("net", {"rated": {"net_rx_bytes_per_s": 1.2e6, "net_tx_bytes_per_s": 340e3}}, "1.2M/340k"),
        ("disk", {}, "–"),
        ("pids", {}, "7"),
        ("restarts", {"about": {"restarts": 12}, "alerts": (alert("a", "restart-loop"),)}, "12 ↻"),
        ("health", {"about": {"health": "healthy"}}, "healthy"),
        ("health", {}, "–"),
        ("uptime", {}, "1 h"),
        ("uptime", {"about": {"started_at": 0.0}}, "–"),
        ("image", {"about": {"image": "nginx:1.27"}}, "nginx:1.27"),
        ("image", {}, "–"),
        ("ports", {"about": {"ports": ("0.0.0.0:80->80/tcp", "443/tcp")}}, "0.0.0.0:80->80/tcp, 443/tcp"),
        ("throttled_ms", {"limits": LIMITED, "throttling": Throttling("high", 99.0, 812.0)}, "812 CPU-ms/s"),
        ("cpu_limit_cores", {"limits": LIMITED}, "1.00"),
        ("memory_limit_bytes", {"limits": LIMITED}, "512M"),
        ("unreclaimable", {"sampled": {"memory_unreclaimable_bytes": 3 * MIB}}, "3M"),
    ],
)
def test_the_other_figures(column: str, fields: dict[str, Any], text: str) -> None:
    assert cell(column, **fields).text == text


def test_an_end_is_as_loud_as_it_is_fresh() -> None:
    def tone(found: Entry) -> str:
        return row(found, columns(("cpu",), 0), SCENE, "a", 0, True).tone

    assert tone(entry("a", about={"state": "exited"})) == "dim"
    assert tone(entry("a", about={"state": "exited", "exit_code": 1})) == "normal"
    killed = {"state": "exited", "exit_code": 137, "oom_killed": True}
    assert tone(entry("a", about=killed)) == "normal"
    assert tone(entry("a", about=killed, alerts=OOM)) == "high"
    assert tone(entry("a", about={"state": "restarting", "exit_code": 1})) == "high"
