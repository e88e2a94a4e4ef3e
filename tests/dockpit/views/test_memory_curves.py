"""The curves of the memory chart: its parts stacked, gaps, and what is drawn where parts are unknown."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dockpit.model.verdicts import MemoryRisk
from tests.builders import MIB, entry, metric_ring
from tests.dockpit.views.drawn_charts import LIMITED, draw


def test_memory_without_a_breakdown_has_unreclaimable_memory_as_its_second_line() -> None:
    past = metric_ring(memory_used_bytes=400.0 * MIB, memory_unreclaimable_bytes=100.0 * MIB)
    chart = draw(entry("a", limits=LIMITED, past=past, memory=MemoryRisk(cache_heavy=True)))["MEMORY"]
    assert [line.name for line in chart.lines] == ["used", "unreclaimable"]
    assert (chart.top, chart.limit, chart.limit_text) == (512 * MIB, 512 * MIB, "limit 512M")
    assert chart.now_text == "41M · 8 % · cache, harmless"


def test_memory_parts_are_stacked_with_the_cache_on_top() -> None:
    past = metric_ring(
        memory_used_bytes=300.0 * MIB,
        anon_bytes=lambda age: (200.0 - age) * MIB,
        file_bytes=lambda age: (150.0 + age) * MIB,
        kernel_bytes=10.0 * MIB,
        shmem_bytes=50.0 * MIB,
    )
    chart = draw(entry("a", limits=LIMITED, past=past))["MEMORY"]
    assert [(line.name, line.stacked) for line in chart.lines] == [
        (name, True) for name in ("anon", "shmem", "kernel", "cache")
    ]
    assert {line.tone for line in chart.lines}.isdisjoint({"watch", "high", "critical"})
    assert [line.points[-1] / MIB for line in chart.lines] == [200, 50, 10, 100]
    assert {round(sum(points) / MIB) for points in zip(*(line.points for line in chart.lines), strict=True)} == {360}
    assert (chart.top, chart.limit) == (512 * MIB, 512 * MIB)


def test_a_stack_is_never_higher_than_the_memory_was() -> None:
    past = metric_ring(
        60,
        anon_bytes=lambda age: (400.0 if age % 2 else 100.0) * MIB,
        file_bytes=lambda age: (100.0 if age % 2 else 400.0) * MIB,
        shmem_bytes=0.0,
    )
    chart = draw(entry("a", limits=LIMITED, past=past), points=20)["MEMORY"]
    assert [line.name for line in chart.lines] == ["anon", "cache"]
    assert chart.top == 512 * MIB
    assert {sum(points) for points in zip(*(line.points for line in chart.lines), strict=True)} == {500.0 * MIB}


def test_used_memory_is_drawn_for_the_time_without_a_breakdown() -> None:
    def part(age: float) -> float:
        return math.nan if age > 30 else 10.0 * MIB

    past = metric_ring(memory_used_bytes=600.0 * MIB, anon_bytes=part, file_bytes=part, shmem_bytes=20.0 * MIB)
    chart = draw(entry("a", limits=LIMITED, past=past))["MEMORY"]
    assert [(line.name, line.stacked) for line in chart.lines] == [("anon", True), ("shmem", True), ("used", False)]
    assert math.isnan(chart.lines[0].points[5]) and math.isnan(chart.lines[-1].points[-1])
    assert chart.top == 600 * MIB


@pytest.mark.parametrize("missing", ["anon_bytes", "file_bytes", "shmem_bytes"])
def test_memory_with_an_unknown_part_is_drawn_as_used(missing: str) -> None:
    known: dict[str, Any] = {"anon_bytes": 1.0, "file_bytes": 1.0, "shmem_bytes": 1.0, "memory_used_bytes": 5.0}
    chart = draw(entry("a", past=metric_ring(**{**known, missing: math.nan})))["MEMORY"]
    assert [line.name for line in chart.lines] == ["used"]


def test_a_missing_part_is_a_gap_in_all_and_less_file_than_shmem_is_no_cache() -> None:
    past = metric_ring(
        anon_bytes=5.0 * MIB,
        file_bytes=lambda age: math.nan if 20 <= age <= 40 else 3.0 * MIB,
        shmem_bytes=lambda age: 3.0 * MIB if age > 5 else 4.0 * MIB,
    )
    chart = draw(entry("a", past=past))["MEMORY"]
    assert [line.name for line in chart.lines] == ["anon", "shmem"]
    assert all(sum(map(math.isnan, line.points)) >= 15 for line in chart.lines)
    assert [line.points[-1] / MIB for line in chart.lines] == [5, 4]
