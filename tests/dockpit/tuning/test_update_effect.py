from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.limit_rules import Context
from dockpit.tuning.update_effect import applied, describe, discards_weight, undoing, verify

MIB = 1 << 20
ENGINE = EngineInfo(cpus=2, cgroup_version=2, kernel="6.12.1")
WEB = Container("ab" * 32, "web", state="running")


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
    assert discards_weight(engine) is expected


def test_what_is_not_in_the_body_stays() -> None:
    before = Limits(nano_cpus=5, memory_bytes=6, cpuset_cpus="0", restart_policy="always")
    assert applied(before, {"PidsLimit": 9, "Unknown": 1}, ENGINE) == replace(before, pids_limit=9)


def test_an_engine_without_swap_accounting_stores_minus_one() -> None:
    found = applied(Limits(), {"Memory": 64 * MIB, "MemorySwap": 64 * MIB}, replace(ENGINE, swap_limit=False))
    assert (found.memory_bytes, found.memory_swap_bytes) == (64 * MIB, -1)


def test_a_weight_that_is_discarded_is_not_expected() -> None:
    v1 = replace(ENGINE, cgroup_version=1)
    assert applied(Limits(), {"BlkioWeight": 300}, v1) == Limits()
    assert applied(Limits(), {"BlkioWeight": 300}, ENGINE).blkio_weight == 300


@pytest.mark.parametrize(
    ("body", "limits", "expected"),
    [
        ({"NanoCpus": 1}, Limits(), {"NanoCpus": 2_000_000_000}),
        ({"NanoCpus": 1}, Limits(nano_cpus=7), {"NanoCpus": 7}),
        ({"CpuQuota": 1}, Limits(cpu_quota_us=-1), {"CpuQuota": 200_000}),
        ({"CpuQuota": 1}, Limits(cpu_period_us=50_000), {"CpuQuota": 100_000}),
        ({"CpuQuota": 1}, Limits(cpu_quota_us=9000), {"CpuQuota": 9000}),
        ({"CpuShares": 1}, Limits(), {"CpuShares": 1024}),
        ({"CpuShares": 1}, Limits(cpu_shares=5), {"CpuShares": 5}),
        ({"CpusetCpus": "0"}, Limits(), {"CpusetCpus": "0-1"}),
        ({"CpusetCpus": "0"}, Limits(cpuset_cpus="1"), {"CpusetCpus": "1"}),
        ({"CpusetMems": "0"}, Limits(), {}),
        ({"CpusetMems": "0"}, Limits(cpuset_mems="0-1"), {"CpusetMems": "0-1"}),
        (
            {"Memory": 1, "MemorySwap": 1},
            Limits(),
            {"Memory": UNLIMITED_BYTES, "MemorySwap": UNLIMITED_BYTES},
        ),
        (
            {"Memory": 1, "MemorySwap": 1},
            Limits(memory_bytes=64 * MIB, memory_swap_bytes=96 * MIB),
            {"Memory": 64 * MIB, "MemorySwap": 96 * MIB},
        ),
        (
            {"Memory": 1, "MemorySwap": 1},
            Limits(memory_bytes=64 * MIB, memory_swap_bytes=-1),
            {"Memory": 64 * MIB, "MemorySwap": UNLIMITED_BYTES},
        ),
        (
            {"Memory": 1, "MemorySwap": 1},
            Limits(memory_bytes=64 * MIB),
            {"Memory": 64 * MIB, "MemorySwap": 128 * MIB},
        ),
        ({"MemoryReservation": 1}, Limits(), {"MemoryReservation": 6 * MIB}),
        ({"MemoryReservation": 1}, Limits(memory_reservation_bytes=8 * MIB), {"MemoryReservation": 8 * MIB}),
        ({"PidsLimit": 1}, Limits(), {"PidsLimit": -1}),
        ({"PidsLimit": 1}, Limits(pids_limit=8), {"PidsLimit": 8}),
        ({"BlkioWeight": 1}, Limits(), {"BlkioWeight": 20}),
        ({"BlkioWeight": 1}, Limits(blkio_weight=400), {"BlkioWeight": 400}),
        (
            {"RestartPolicy": {}},
            Limits(restart_policy="on-failure", restart_max_retries=2),
            {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2}},
        ),
    ],
)
def test_the_way_back_avoids_every_value_that_means_unchanged(
    body: dict[str, Any], limits: Limits, expected: dict[str, Any]
) -> None:
    assert undoing(body, Context(replace(WEB, limits=limits), ENGINE)) == expected


def test_on_v1_the_defaults_are_those_of_v1() -> None:
    found = undoing({"BlkioWeight": 1, "MemoryReservation": 1}, Context(WEB, replace(ENGINE, cgroup_version=1)))
    assert found == {"BlkioWeight": 500, "MemoryReservation": -1}


def test_nothing_is_made_up_about_a_host_that_does_not_tell() -> None:
    assert undoing({"NanoCpus": 1, "CpuQuota": 1, "CpusetCpus": "0"}, Context(WEB, EngineInfo())) == {}


@pytest.mark.parametrize(
    ("name", "limits", "text"),
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
def test_limits_read_as_they_are_typed(name: str, limits: Limits, text: str) -> None:
    assert describe(name, limits, ENGINE) == text


def test_what_is_in_force_is_compared_with_what_was_asked() -> None:
    asked = Limits(nano_cpus=1_500_000_000, memory_bytes=512 * MIB, memory_swap_bytes=512 * MIB, pids_limit=-1)
    got = Limits(nano_cpus=500_000_000, memory_bytes=512 * MIB, memory_swap_bytes=512 * MIB)
    assert verify(asked, got) == ("CPUs is 0.5, not 1.5",)
    assert verify(asked, asked) == ()
