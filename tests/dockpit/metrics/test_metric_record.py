"""Records: the keys that scripts rely on, and nulls where nothing is known."""

from __future__ import annotations

import json
from dataclasses import replace

from dockpit.metrics.figures_and_columns import FIGURES
from dockpit.metrics.metric_record import metric_record, timestamp
from dockpit.model.container_limits import Limits
from dockpit.model.verdicts import MemoryRisk, Throttling
from tests.builders import MIB, NOW, entry

LIMITED = entry(
    "web-1",
    about={"project": "shop", "service": "web", "image": "shop/web:1", "health": "healthy", "restarts": 2},
    limits=Limits(nano_cpus=200_000_000, memory_bytes=64 * MIB, pids_limit=100),
    sampled={
        "at": NOW + 0.25,
        "memory_used_bytes": 32 * MIB,
        "memory_unreclaimable_bytes": 30 * MIB,
        "memory_peak_bytes": 40 * MIB,
        "memory_limit_bytes": 64 * MIB,
    },
    rated={"cpu_cores": 0.1234567, "net_rx_bytes_per_s": 10.04, "net_tx_bytes_per_s": 0.0},
    throttling=Throttling("high", 98.765, 812.345),
    memory=MemoryRisk("watch", eta_seconds=61.23, kills=1),
)


def test_every_record_has_the_declared_keys_in_their_order() -> None:
    keys = ["at", *(figure.json for figure in FIGURES if figure.json)]
    assert list(metric_record(LIMITED, NOW)) == keys
    assert list(metric_record(entry(about={"state": "exited"}), NOW)) == keys


def test_a_container_with_everything() -> None:
    found = metric_record(LIMITED, NOW + 99)
    assert {key: value for key, value in found.items() if value is not None} == {
        "at": "2023-11-14T22:13:20.250Z",
        "id": LIMITED.container.id,
        "name": "web-1",
        "project": "shop",
        "service": "web",
        "image": "shop/web:1",
        "state": "running",
        "health": "healthy",
        "cpu_cores": 0.1235,
        "cpu_limit_cores": 0.2,
        "cpu_of_limit_percent": 61.73,
        "throttled_percent": 98.77,
        "throttled_ms_per_s": 812.35,
        "memory_used_bytes": 32 * MIB,
        "memory_unreclaimable_bytes": 30 * MIB,
        "memory_limit_bytes": 64 * MIB,
        "memory_of_limit_percent": 50.0,
        "memory_peak_bytes": 40 * MIB,
        "oom_kills": 1,
        "oom_risk": "watch",
        "oom_eta_seconds": 61.2,
        "net_rx_bytes_per_s": 10.0,
        "net_tx_bytes_per_s": 0.0,
        "pids": 7,
        "pids_limit": 100,
        "restarts": 2,
        "uptime_s": 3600.2,
        "source": "engine",
    }


def test_figures_that_only_the_kernel_has() -> None:
    rated = {
        "cpu_user_percent": 15.0, "cpu_system_percent": 5.0, "cpu_some_percent": 83.333, "memory_some_percent": 1.0,
        "memory_full_percent": 0.5, "io_some_percent": 2.0, "io_full_percent": 0.0, "refaults_per_s": 12.34,
        "major_faults_per_s": 0.0,
    }  # fmt: skip
    sampled = {"anon_bytes": MIB, "file_bytes": 2 * MIB, "kernel_bytes": 3, "shmem_bytes": 4, "swap_bytes": 5}
    measured = entry(rated=rated, sampled=sampled | {"source": "kernel"})
    found = metric_record(replace(measured, differences=("CPUs: 0.20 configured, no limit in force",)), NOW)
    assert (found["cpu_user_percent"], found["cpu_system_percent"]) == (15.0, 5.0)
    assert (found["cpu_pressure_some_percent"], found["memory_pressure_full_percent"]) == (83.33, 0.5)
    assert (found["io_pressure_some_percent"], found["io_pressure_full_percent"]) == (2.0, 0.0)
    sizes = [found[f"memory_{part}_bytes"] for part in ("anon", "file", "kernel", "shmem", "swap")]
    assert sizes == [MIB, 2 * MIB, 3, 4, 5]
    assert (found["refaults_per_s"], found["major_faults_per_s"], found["source"]) == (12.3, 0.0, "kernel")
    assert found["limits_differ"] == "CPUs: 0.20 configured, no limit in force"


def test_without_limits_there_is_no_share_of_them() -> None:
    found = metric_record(entry(throttling=Throttling("ok", 0.0, 0.0)), NOW)
    shares = ("cpu_limit_cores", "cpu_of_limit_percent", "memory_limit_bytes", "memory_of_limit_percent", "pids_limit")
    assert [found[key] for key in (*shares, "throttled_percent", "project", "service")] == [None] * 8
    assert found["cpu_cores"] == 0.2


def test_a_container_that_is_down_has_no_figures_but_its_kills() -> None:
    down = entry(about={"state": "exited"}, memory=MemoryRisk("high", 30.0, kills=3))
    found = metric_record(down, NOW)
    assert found["at"] == "2023-11-14T22:13:20.000Z"
    assert (found["state"], found["oom_kills"], found["oom_risk"]) == ("exited", 3, "none")
    assert [found[key] for key in ("cpu_cores", "memory_used_bytes", "pids", "uptime_s", "oom_eta_seconds")] == [
        None
    ] * 5


def test_stale_figures_are_null() -> None:
    found = metric_record(entry(stale=True), NOW)
    assert (found["cpu_cores"], found["memory_used_bytes"], found["state"]) == (None, None, "running")


def test_nan_and_infinity_are_null() -> None:
    odd = entry(
        rated={"cpu_cores": float("nan"), "net_rx_bytes_per_s": float("inf")}, memory=MemoryRisk("watch", float("inf"))
    )
    found = metric_record(odd, NOW)
    assert (found["cpu_cores"], found["net_rx_bytes_per_s"], found["oom_eta_seconds"]) == (None, None, None)
    json.dumps(found, allow_nan=False)


def test_timestamps_have_milliseconds_even_on_the_second() -> None:
    assert timestamp(0.0) == "1970-01-01T00:00:00.000Z"
