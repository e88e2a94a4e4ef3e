"""The table of one container's limits: configured, in force, used."""

from __future__ import annotations

from datetime import UTC

import pytest

from dockpit.metrics.snapshot import Entry
from dockpit.model.container_limits import UNLIMITED_BYTES, EnforcedLimits, Limits
from dockpit.model.verdicts import MemoryRisk, Throttling
from dockpit.model.view_models import Cell, TableView
from dockpit.views.limits_table import limits_table
from dockpit.views.view_context import ViewContext
from tests.builders import MIB, NOW, alert, entry, metric_ring

LIMITED = Limits(nano_cpus=200_000_000, memory_bytes=512 * MIB, pids_limit=100)


def show(found: Entry) -> TableView:
    return limits_table(found, ViewContext(NOW, NOW, UTC))


def limit(view: TableView, title: str) -> list[Cell]:
    return list(next(row for row in view.rows if row.key == title).cells[1:])


def texts(view: TableView, title: str) -> list[str]:
    return [found.text for found in limit(view, title)]


def test_a_limit_has_what_is_in_force_used_and_peak() -> None:
    past = metric_ring(99, cpu_cores=lambda age: 0.2 if age == 50 else 0.1, memory_used_bytes=40.0 * MIB, pids=7)
    sampled = {
        "memory_limit_bytes": 256 * MIB, "memory_peak_bytes": 90 * MIB, "pids_limit": 100,
        "in_force": EnforcedLimits(cpu_cores=0.2, memory_bytes=256 * MIB, pids=100),
    }  # fmt: skip
    view = show(entry("a", limits=LIMITED, past=past, sampled=sampled))
    assert texts(view, "CPUs") == ["0.20", "0.20", "0.20", "0.10", "0.20"]
    assert texts(view, "memory") == ["512M", "256M", "41M", "40M", "90M"]
    assert texts(view, "pids") == ["100", "100", "7", "7", "7"]
    assert limit(view, "memory")[1].tone == "watch"
    assert limit(view, "CPUs")[1].tone == "normal"


def test_usage_that_is_trouble_has_a_tone() -> None:
    found = entry(
        "a",
        limits=LIMITED,
        throttling=Throttling("high", 99.0),
        memory=MemoryRisk("imminent"),
        alerts=(alert("a", "pids", "watch"),),
    )
    view = show(found)
    assert [limit(view, title)[2].tone for title in ("CPUs", "memory", "pids")] == ["high", "critical", "watch"]


def test_unset_and_unknown_limits_are_written_as_such() -> None:
    view = show(entry("a", about={"state": "exited"}))
    assert texts(view, "CPUs") == ["no limit", "–", "–", "–", "–"]
    assert texts(view, "CPU shares")[0] == texts(view, "block I/O weight")[0] == "default"
    assert texts(view, "CPUs allowed")[0] == texts(view, "memory nodes")[0] == "all"
    assert texts(view, "memory + swap")[0] == texts(view, "reservation")[0] == "no limit"
    assert texts(view, "restart policy")[:3] == ["no", "–", "0 restarts"]


@pytest.mark.parametrize(
    ("limits", "title", "text"),
    [
        (Limits(memory_bytes=MIB, memory_swap_bytes=2 * MIB), "memory + swap", "2M"),
        (Limits(memory_bytes=MIB), "memory + swap", "default"),
        (Limits(memory_bytes=MIB, memory_swap_bytes=-1), "memory + swap", "no limit"),
        (Limits(memory_bytes=MIB, memory_swap_bytes=UNLIMITED_BYTES), "memory + swap", "no limit"),
        (Limits(memory_reservation_bytes=MIB), "reservation", "1M"),
        (Limits(memory_reservation_bytes=UNLIMITED_BYTES), "reservation", "no limit"),
        (Limits(cpu_shares=512), "CPU shares", "512"),
        (Limits(cpuset_cpus="0-3"), "CPUs allowed", "0-3"),
        (Limits(blkio_weight=300), "block I/O weight", "300"),
        (Limits(restart_policy="on-failure", restart_max_retries=5), "restart policy", "on-failure:5"),
    ],
)
def test_settings_are_shown_as_docker_interprets_them(limits: Limits, title: str, text: str) -> None:
    assert texts(show(entry("a", limits=limits)), title)[0] == text


def test_memory_and_swap_in_use_are_added() -> None:
    view = show(entry("a", limits=LIMITED, sampled={"swap_bytes": 9 * MIB}))
    assert texts(view, "memory + swap")[2] == "50M"
