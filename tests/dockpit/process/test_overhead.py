"""Overhead read from a simulated /proc, and from the real one of the test process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockpit.process.overhead import (
    ENGINE_READ_SECONDS,
    ENGINE_SEARCH_SECONDS,
    WINDOW_SECONDS,
    CounterRate,
    CpuTimeTotal,
    OverheadReader,
)

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def process(proc: Path, pid: int, name: str, cpu_seconds: float, *, children: str = "", pages: int = 10) -> None:
    """Write the files of a process that used `cpu_seconds`, a third of them in the kernel."""
    ticks = round(cpu_seconds * TICKS_PER_SECOND)
    folder = proc / str(pid)
    (folder / "task" / str(pid)).mkdir(parents=True, exist_ok=True)
    (folder / "comm").write_text(f"{name}\n")
    (folder / "statm").write_text(f"900 {pages} 3 1 0 5 0\n")
    (folder / "task" / str(pid) / "children").write_text(children)
    fields = ["S", "1", *["0"] * 9, str(ticks - ticks // 3), str(ticks // 3), *["0"] * 6, str(1000 + pid), "0"]
    (folder / "stat").write_text(f"{pid} ({name} x) y) {' '.join(fields)}\n")


def test_a_rate_is_taken_over_the_window_only() -> None:
    rate = CounterRate()
    assert rate.per_second is None
    for second in range(20):
        rate.add(second, 0.0 if second < 10 else 100.0 * (second - 10))
    assert rate.per_second == 100.0
    rate.add(19.0 + WINDOW_SECONDS, 900.0)
    assert rate.per_second == 0.0


def test_two_readings_at_the_same_time_give_no_rate() -> None:
    rate = CounterRate()
    rate.add(1.0, 1.0)
    rate.add(1.0, 2.0)
    assert rate.per_second is None


def test_a_process_counts_from_its_second_reading() -> None:
    total = CpuTimeTotal()
    total.add(0.0, {(1, 5): 100.0})
    total.add(1.0, {(1, 5): 100.5, (2, 6): 1000.0})
    assert total.percent == pytest.approx(50.0)
    total.add(2.0, {(1, 7): 3.0, (2, 6): 1000.5})
    assert total.percent == pytest.approx(50.0), "an id that is used again is another process"


def test_the_own_process_tree_and_the_engine_are_counted_separately(tmp_path: Path) -> None:
    process(tmp_path, 7, "dockpit", 1.0, children="8 ")
    process(tmp_path, 8, "ssh", 2.0)
    process(tmp_path, 20, "dockerd", 100.0)
    process(tmp_path, 21, "containerd-shim", 5.0)
    process(tmp_path, 22, "postgres", 5.0)
    reader = OverheadReader(7, own_proc=tmp_path, machine_proc=tmp_path)
    first = reader.read(0.0, 1000, local=True)
    assert (first.cpu_percent, first.written_bytes_per_s, first.engine_cpu_percent) == (None, None, None)
    assert first.memory_bytes == 20 * PAGE_BYTES
    process(tmp_path, 7, "dockpit", 1.1, children="8 ")
    process(tmp_path, 8, "ssh", 2.1)
    process(tmp_path, 20, "dockerd", 100.2)
    process(tmp_path, 21, "containerd-shim", 5.1)
    process(tmp_path, 22, "postgres", 9.0)
    overhead = reader.read(ENGINE_READ_SECONDS, 3000, local=True)
    assert overhead.cpu_percent == pytest.approx(20 / ENGINE_READ_SECONDS)
    assert overhead.engine_cpu_percent == pytest.approx(30 / ENGINE_READ_SECONDS)
    assert overhead.written_bytes_per_s == 2000 / ENGINE_READ_SECONDS


def test_a_remote_engine_and_an_uncounted_terminal_give_none(tmp_path: Path) -> None:
    process(tmp_path, 7, "dockpit", 1.0)
    process(tmp_path, 20, "dockerd", 1.0)
    reader = OverheadReader(7, own_proc=tmp_path, machine_proc=tmp_path)
    for second in range(5):
        overhead = reader.read(second, None, local=False)
    assert (overhead.written_bytes_per_s, overhead.engine_cpu_percent) == (None, None)


def test_the_engine_is_searched_for_periodically(tmp_path: Path) -> None:
    process(tmp_path, 7, "dockpit", 1.0)
    reader = OverheadReader(7, own_proc=tmp_path, machine_proc=tmp_path)
    assert reader.read(0.0, None, local=True).engine_cpu_percent is None
    process(tmp_path, 20, "dockerd", 1.0)
    assert reader.read(ENGINE_SEARCH_SECONDS - 1, None, local=True).engine_cpu_percent is None
    reader.read(ENGINE_SEARCH_SECONDS, None, local=True)
    process(tmp_path, 20, "dockerd", 2.0)
    assert reader.read(ENGINE_SEARCH_SECONDS + ENGINE_READ_SECONDS, None, local=True).engine_cpu_percent is not None


def test_unreadable_files_give_none(tmp_path: Path) -> None:
    reader = OverheadReader(7, own_proc=tmp_path / "none", machine_proc=tmp_path / "none")
    assert reader.read(0.0, None, local=True).memory_bytes is None
    (tmp_path / "8" / "stat").mkdir(parents=True)
    assert OverheadReader(8, own_proc=tmp_path, machine_proc=tmp_path).read(0.0, None, local=True).memory_bytes is None


def test_the_real_process_has_overhead() -> None:
    reader = OverheadReader()
    reader.read(0.0, 0, local=False)
    overhead = reader.read(1.0, 0, local=False)
    assert overhead.cpu_percent is not None and overhead.cpu_percent >= 0
    assert overhead.memory_bytes is not None and overhead.memory_bytes > 10_000_000
