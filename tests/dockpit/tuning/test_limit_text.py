"""Limits as text."""

from __future__ import annotations

import pytest

from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.limit_text import format_limit

MIB = 1 << 20
ENGINE = EngineInfo(cpus=2, cgroup_version=2, kernel="6.12.1")


@pytest.mark.parametrize(
    ("field", "limits", "text"),
    [
        ("cpus", Limits(), "none"),
        ("cpus", Limits(nano_cpus=1_500_000_000), "1.5"),
        ("cpus", Limits(nano_cpus=2_000_000_000), "2 (all)"),
        ("cpus", Limits(cpu_quota_us=25_000, cpu_period_us=50_000), "0.5"),
        ("cpus", Limits(cpu_quota_us=-1), "none"),
        ("cpus", Limits(nano_cpus=10**9, cpu_quota_us=-1), "1 until the next start"),
        ("memory_swap", Limits(memory_bytes=64 * MIB, memory_swap_bytes=-1), "unlimited"),
        ("memory_swap", Limits(memory_bytes=64 * MIB), "default"),
        ("memory_swap", Limits(memory_swap_bytes=64 * MIB), "none"),
        ("memory", Limits(memory_bytes=UNLIMITED_BYTES), "none"),
        ("memory_swap", Limits(memory_bytes=64 * MIB, memory_swap_bytes=UNLIMITED_BYTES), "unlimited"),
        ("memory_reservation", Limits(memory_reservation_bytes=-1), "none"),
        ("memory_reservation", Limits(memory_reservation_bytes=UNLIMITED_BYTES), "none"),
        ("memory_reservation", Limits(memory_reservation_bytes=8 * MIB), "8m"),
        ("pids_limit", Limits(pids_limit=-1), "none"),
        ("blkio_weight", Limits(), "default"),
        ("cpuset_mems", Limits(), "all"),
        ("restart", Limits(restart_policy="on-failure", restart_max_retries=3), "on-failure:3"),
    ],
)
def test_limits_are_formatted_as_they_are_typed(field: str, limits: Limits, text: str) -> None:
    assert format_limit(field, limits, ENGINE) == text
