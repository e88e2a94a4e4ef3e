"""The Compose lines of each limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES, Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.compose_lines import compose_lines
from dockpit.tuning.update_effect import limits_after_update

ENGINE = EngineInfo(cpus=2)
WEB = Container("ab" * 32, "shop-web-1", service="web")


def lines(body: dict[str, Any], limits: Limits | None = None, container: Container = WEB) -> list[str]:
    expected = limits_after_update(limits or Limits(), body, ENGINE)
    return compose_lines(body, container, expected, ENGINE).splitlines()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"NanoCpus": 1_500_000_000}, ["cpus: 1.5"]),
        ({"NanoCpus": 2_000_000_000}, ["# no cpus: line, for no limit"]),
        ({"CpuQuota": 30_000}, ["cpu_quota: 30000"]),
        ({"CpuShares": 512}, ["cpu_shares: 512"]),
        ({"CpusetCpus": "0-1"}, ['cpuset: "0-1"']),
        ({"CpusetMems": "0"}, ["# memory nodes cannot be set in a Compose file"]),
        ({"Memory": 512 << 20, "MemorySwap": 1 << 30}, ["mem_limit: 512m", "memswap_limit: 1g"]),
        ({"Memory": 512 << 20, "MemorySwap": UNLIMITED_BYTES}, ["mem_limit: 512m", "memswap_limit: -1"]),
        (
            {"Memory": UNLIMITED_BYTES, "MemorySwap": UNLIMITED_BYTES},
            ["# no mem_limit: and no memswap_limit: line, for no limit"],
        ),
        ({"MemoryReservation": 64 << 20}, ["mem_reservation: 64m"]),
        ({"MemoryReservation": -1}, ["# no mem_reservation: line, for none"]),
        ({"PidsLimit": 100}, ["pids_limit: 100"]),
        ({"PidsLimit": -1}, ["pids_limit: -1"]),
        ({"BlkioWeight": 300}, ["blkio_config:", "  weight: 300"]),
        ({"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}, ['restart: "no"']),
        ({"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}}, ['restart: "on-failure:3"']),
    ],
)
def test_every_limit_has_its_line(body: dict[str, Any], expected: list[str]) -> None:
    found = lines(body)
    assert found[1:3] == ["services:", "  web:"]
    assert found[3:] == [f"    {line}" for line in expected]


def test_a_quota_goes_with_its_period() -> None:
    assert lines({"CpuQuota": 25_000}, Limits(cpu_quota_us=10_000, cpu_period_us=50_000))[3:] == [
        "    cpu_quota: 25000",
        "    cpu_period: 50000",
    ]


@pytest.mark.parametrize(
    ("service", "key"), [("", "shop-web-1"), ("no", '"no"'), ("1", '"1"'), ("a: b\n\x1b", '"a: b\\n\\u001b"')]
)
def test_a_service_is_one_yaml_key_whatever_it_is_called(service: str, key: str) -> None:
    assert lines({"PidsLimit": 5}, container=replace(WEB, service=service))[2] == f"  {key}:"
