"""What dockpit costs, read from a /proc made for it, and of this very process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockpit.process.overhead import (
    ENGINE_SECONDS,
    FIND_SECONDS,
    WINDOW_SECONDS,
    CounterRate,
    CpuTimeTotal,
    OverheadReader,
)

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def process(proc: Path, pid: int, name: str, cpu_seconds: float, *, children: str = "", pages: int = 10) -> None:
    """A process that used so much CPU, a third of it in the kernel."""
    ticks = round(cpu_seconds * TICKS)
    folder = proc / str(pid)
    (folder / "task" / str(pid)).mkdir(parents=True, exist_ok=True)
    (folder / "comm").write_text(f"{name}\n")
    (folder / "statm").write_text(f"900 {pages} 3 1 0 5 0\n")
    (folder / "task" / str(pid) / "children").write_text(children)
    fields = ["S", "1", *["0"] * 9, str(ticks - ticks // 3), str(ticks // 3), *["0"] * 6, str(1000 + pid), "0"]
    (folder / "stat").write_text(f"{pid} ({name} x) y) {' '.join(fields)}\n")


def test_a_counter_is_judged_by_its_last_seconds() -> None:
    span = CounterRate()
    assert span.per_second is None
    for second in range(20):
        span.note(second, 0.0 if second < 10 else 100.0 * (second - 10))
    assert span.per_second == 100.0
    span.note(19.0 + WINDOW_SECONDS, 900.0)
    assert span.per_second == 0.0


def test_two_looks_at_one_moment_are_no_rate() -> None:
    span = CounterRate()
    span.note(1.0, 1.0)
    span.note(1.0, 2.0)
    assert span.per_second is None


def test_a_process_counts_from_the_second_look_at_it() -> None:
    spent = CpuTimeTotal()
    spent.note(0.0, {(1, 5): 100.0})
    spent.note(1.0, {(1, 5): 100.5, (2, 6): 1000.0})
    assert spent.percent == pytest.approx(50.0)
    spent.note(2.0, {(1, 7): 3.0, (2, 6): 1000.5})
    assert spent.percent == pytest.approx(50.0), "an id that is used again is another process"


def test_the_tree_and_the_engine_are_told_apart(tmp_path: Path) -> None:
    process(tmp_path, 7, "dockpit", 1.0, children="8 ")
    process(tmp_path, 8, "ssh", 2.0)
    process(tmp_path, 20, "dockerd", 100.0)
    process(tmp_path, 21, "containerd-shim", 5.0)
    process(tmp_path, 22, "postgres", 5.0)
    source = OverheadReader(7, own=tmp_path, machine=tmp_path)
    first = source.read(0.0, 1000, local=True)
    assert (first.cpu_percent, first.written_bytes_per_s, first.engine_cpu_percent) == (None, None, None)
    assert first.memory_bytes == 20 * PAGE
    process(tmp_path, 7, "dockpit", 1.1, children="8 ")
    process(tmp_path, 8, "ssh", 2.1)
    process(tmp_path, 20, "dockerd", 100.2)
    process(tmp_path, 21, "containerd-shim", 5.1)
    process(tmp_path, 22, "postgres", 9.0)
    costs = source.read(ENGINE_SECONDS, 3000, local=True)
    assert costs.cpu_percent == pytest.approx(20 / ENGINE_SECONDS)
    assert costs.engine_cpu_percent == pytest.approx(30 / ENGINE_SECONDS)
    assert costs.written_bytes_per_s == 2000 / ENGINE_SECONDS


def test_an_engine_elsewhere_and_a_terminal_that_is_not_counted_are_left_out(tmp_path: Path) -> None:
    process(tmp_path, 7, "dockpit", 1.0)
    process(tmp_path, 20, "dockerd", 1.0)
    source = OverheadReader(7, own=tmp_path, machine=tmp_path)
    for second in range(5):
        costs = source.read(second, None, local=False)
    assert (costs.written_bytes_per_s, costs.engine_cpu_percent) == (None, None)


def test_the_engine_is_looked_for_again_now_and_then(tmp_path: Path) -> None:
    process(tmp_path, 7, "dockpit", 1.0)
    source = OverheadReader(7, own=tmp_path, machine=tmp_path)
    assert source.read(0.0, None, local=True).engine_cpu_percent is None
    process(tmp_path, 20, "dockerd", 1.0)
    assert source.read(FIND_SECONDS - 1, None, local=True).engine_cpu_percent is None
    source.read(FIND_SECONDS, None, local=True)
    process(tmp_path, 20, "dockerd", 2.0)
    assert source.read(FIND_SECONDS + ENGINE_SECONDS, None, local=True).engine_cpu_percent is not None


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    source = OverheadReader(7, own=tmp_path / "none", machine=tmp_path / "none")
    assert source.read(0.0, None, local=True).memory_bytes is None
    (tmp_path / "8" / "stat").mkdir(parents=True)
    assert OverheadReader(8, own=tmp_path, machine=tmp_path).read(0.0, None, local=True).memory_bytes is None


def test_this_process_has_costs() -> None:
    source = OverheadReader()
    source.read(0.0, 0, local=False)
    costs = source.read(1.0, 0, local=False)
    assert costs.cpu_percent is not None and costs.cpu_percent >= 0
    assert costs.memory_bytes is not None and costs.memory_bytes > 10_000_000
