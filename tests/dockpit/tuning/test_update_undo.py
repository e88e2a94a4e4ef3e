"""The undo of an update."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.limit_request import LimitContext
from dockpit.tuning.update_undo import undo_body

MIB = 1 << 20
ENGINE = EngineInfo(cpus=2, cgroup_version=2, kernel="6.12.1")
WEB = Container("ab" * 32, "web", state="running")


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
def test_the_undo_avoids_every_value_that_means_unchanged(
    body: dict[str, Any], limits: Limits, expected: dict[str, Any]
) -> None:
    assert undo_body(body, LimitContext(replace(WEB, limits=limits), ENGINE)) == expected


def test_on_cgroup_v1_the_defaults_are_those_of_v1() -> None:
    found = undo_body({"BlkioWeight": 1, "MemoryReservation": 1}, LimitContext(WEB, replace(ENGINE, cgroup_version=1)))
    assert found == {"BlkioWeight": 500, "MemoryReservation": -1}


def test_nothing_is_invented_about_an_unknown_host() -> None:
    assert undo_body({"NanoCpus": 1, "CpuQuota": 1, "CpusetCpus": "0"}, LimitContext(WEB, EngineInfo())) == {}
