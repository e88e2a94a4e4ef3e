"""The machine's own figures: rates from two reads, n/a where the machine does not have the counters."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from dockpit.model.container import Process
from dockpit.sources.host_reader import HostReader, PhysicalDevices
from dockpit.sources.process_details import ProcessDetails


def pressure(folder: Path, microseconds: int) -> Path:
    for name in ("cpu", "memory", "io"):
        (folder / name).write_text(f"some avg10=0.00 avg60=0.00 avg300=0.00 total={microseconds}\nfull total=0\n")
    return folder


def test_the_first_read_has_no_rates_and_the_second_has(tmp_path: Path) -> None:
    source = HostReader(pressure(tmp_path, 1_000_000))
    first = source.read(100.0, 10.0)
    assert first.cpu_percent is None and first.memory_total_bytes
    pressure(tmp_path, 1_500_000)
    second = source.read(101.0, 11.0)
    assert second.cpu_some_percent == pytest.approx(50.0)
    assert second.net_rx_bytes_per_s is not None and second.net_rx_bytes_per_s >= 0


def test_without_psi_there_is_no_pressure(tmp_path: Path) -> None:
    source = HostReader(tmp_path / "none")
    source.read(100.0, 10.0)
    assert source.read(101.0, 11.0).cpu_some_percent is None


def test_counters_that_fall_give_no_rate(tmp_path: Path) -> None:
    source = HostReader(pressure(tmp_path, 900))
    source.read(100.0, 10.0)
    pressure(tmp_path, 5)
    assert source.read(101.0, 11.0).memory_some_percent is None


def test_cpu_is_the_share_of_ticks_that_were_not_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = psutil.cpu_times()
    zero = dict.fromkeys(times._fields, 0.0)
    steps = iter([type(times)(**zero), type(times)(**{**zero, "user": 30.0, "idle": 60.0, "iowait": 10.0})])
    monkeypatch.setattr(psutil, "cpu_times", lambda: next(steps))
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: None)
    source = HostReader(tmp_path)
    source.read(100.0, 10.0)
    host = source.read(101.0, 11.0)
    assert host.cpu_percent == pytest.approx(30.0)
    assert host.disk_read_bytes_per_s is None


def test_a_process_gets_its_details_and_one_that_has_ended_stays_as_it_is() -> None:
    source = ProcessDetails()
    listed = (Process(os.getpid(), "root", "python"), Process(2**22 + 7, "root", "gone"))
    first, gone = source.enrich(listed, 1.0)
    assert first.memory_bytes and first.threads and first.cpu_percent is None
    assert gone.memory_bytes is None
    (again,) = source.enrich(listed[:1], 2.0)
    assert again.cpu_percent is not None and again.cpu_percent >= 0


def test_traffic_through_several_devices_counts_once(tmp_path: Path) -> None:
    disks = {"sda": 10, "sda1": 10, "dm-0": 10, "loop0": 1}
    (tmp_path / "sda" / "device").mkdir(parents=True)
    (tmp_path / "dm-0").mkdir()
    assert PhysicalDevices(tmp_path).select(disks) == [10]
    cards = {"eth0": 5, "lo": 9, "docker0": 5, "veth12": 5, "br-ab": 5}
    assert PhysicalDevices(tmp_path).select(cards) == [5]
    assert PhysicalDevices(tmp_path).select({}) == []


def test_a_device_is_checked_once_and_again_after_it_was_gone(tmp_path: Path) -> None:
    known = PhysicalDevices(tmp_path)
    assert known.select({"eth0": 1, "nvme": 7}) == [1, 7]
    (tmp_path / "nvme" / "device").mkdir(parents=True)
    assert known.select({"eth0": 1, "nvme": 7}) == [1, 7]
    assert known.select({"eth0": 1}) == [1]
    assert known.select({"eth0": 1, "nvme": 7}) == [7]


def test_a_machine_without_disk_and_network_counters_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hidden(**_: bool) -> None:
        raise NotImplementedError("/proc/diskstats is not there")

    monkeypatch.setattr(psutil, "disk_io_counters", hidden)
    monkeypatch.setattr(psutil, "net_io_counters", hidden)
    source = HostReader(tmp_path)
    source.read(100.0, 10.0)
    assert source.read(101.0, 11.0).disk_read_bytes_per_s is None
