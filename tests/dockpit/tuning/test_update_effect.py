"""The limits after an update, expected and actual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.update_effect import discards_blkio_weight, limit_mismatches, limits_after_update

MIB = 1 << 20
ENGINE = EngineInfo(cpus=2, cgroup_version=2, kernel="6.12.1")


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        (EngineInfo(cgroup_version=1, kernel="6.18.0"), True),
        (EngineInfo(cgroup_version=1, kernel="4.19.0"), False),
        (EngineInfo(cgroup_version=2, kernel="6.18.0"), False),
        (EngineInfo(cgroup_version=1, kernel=""), False),
    ],
)
def test_block_weight_is_discarded_on_v1_since_linux_5(engine: EngineInfo, expected: bool) -> None:
    assert discards_blkio_weight(engine) is expected


def test_limits_outside_the_body_stay() -> None:
    before = Limits(nano_cpus=5, memory_bytes=6, cpuset_cpus="0", restart_policy="always")
    assert limits_after_update(before, {"PidsLimit": 9, "Unknown": 1}, ENGINE) == replace(before, pids_limit=9)


def test_an_engine_without_swap_accounting_stores_minus_one() -> None:
    found = limits_after_update(
        Limits(), {"Memory": 64 * MIB, "MemorySwap": 64 * MIB}, replace(ENGINE, swap_limit=False)
    )
    assert (found.memory_bytes, found.memory_swap_bytes) == (64 * MIB, -1)


def test_a_discarded_weight_is_not_expected() -> None:
    v1 = replace(ENGINE, cgroup_version=1)
    assert limits_after_update(Limits(), {"BlkioWeight": 300}, v1) == Limits()
    assert limits_after_update(Limits(), {"BlkioWeight": 300}, ENGINE).blkio_weight == 300


def test_actual_limits_are_compared_with_expected_ones() -> None:
    expected = Limits(nano_cpus=1_500_000_000, memory_bytes=512 * MIB, memory_swap_bytes=512 * MIB, pids_limit=-1)
    actual = Limits(nano_cpus=500_000_000, memory_bytes=512 * MIB, memory_swap_bytes=512 * MIB)
    assert limit_mismatches(expected, actual) == ("CPUs is 0.5, not 1.5",)
    assert limit_mismatches(expected, expected) == ()
