"""Block I/O summed over processes: it never falls, counts nothing twice, and is n/a rather than a part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockpit.sources.open_files import DescriptorBudget
from dockpit.sources.process_io import KEPT_PROCESSES, MOST_PROCESSES, ProcessIo


class Processes:
    """A cgroup.procs file and the /proc/<pid>/io of those in it."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self.procs = folder / "cgroup" / "cgroup.procs"
        self.procs.parent.mkdir()
        self.set({})

    def set(self, processes: dict[int, tuple[int, int]], procs: Path | None = None) -> None:
        (procs or self.procs).write_text("".join(f"{pid}\n" for pid in processes))
        for pid, (read, written) in processes.items():
            folder = self.proc / str(pid)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "io").write_text(f"rchar: 1\nread_bytes: {read}\nwrite_bytes: {written}\n")

    def end(self, pid: int) -> None:
        (self.proc / str(pid) / "io").unlink()

    def traffic(self) -> ProcessIo:
        found = ProcessIo.of(self.procs, self.proc, DescriptorBudget(0))
        assert found is not None
        return found


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def test_all_that_the_processes_did_is_added_up_and_a_new_one_counts_whole(processes: Processes) -> None:
    processes.set({7: (100, 10), 8: (1, 2)})
    found = processes.traffic()
    assert found.read(1) == (101, 12)
    processes.set({7: (150, 10), 8: (1, 2), 9: (1000, 0)})
    assert found.read(2) == (1151, 12)


def test_the_sum_never_falls_when_a_process_ends(processes: Processes) -> None:
    processes.set({7: (100, 10), 8: (50, 50)})
    found = processes.traffic()
    processes.set({7: (100, 10)})
    assert found.read(1) == (150, 60)
    processes.set({7: (130, 11)})
    assert found.read(2) == (180, 61)


def test_what_a_child_did_is_not_counted_again_when_its_parent_has_waited_for_it(processes: Processes) -> None:
    processes.set({7: (0, 0), 8: (0, 20_000)})
    found = processes.traffic()
    processes.set({7: (0, 21_000)})
    assert found.read(1) == (0, 21_000), "20,000 are the child's, which the kernel adds to its parent's"


def test_a_process_that_ends_between_the_list_and_the_look_is_passed_over(processes: Processes) -> None:
    processes.set({7: (100, 10), 8: (50, 50)})
    processes.end(8)
    assert processes.traffic().read(1) == (100, 10)


def test_a_process_that_ends_while_it_is_looked_at_is_passed_over(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> bytes:
        raise ProcessLookupError(3, "No such process")

    processes.set({7: (100, 10)})
    found = processes.traffic()
    monkeypatch.setattr(os, "pread", ended)
    assert found.read(1) is None


def test_an_idle_container_is_not_looked_at(processes: Processes) -> None:
    processes.set({7: (100, 10)})
    found = processes.traffic()
    assert found.read(5) == (100, 10)
    processes.set({7: (999, 99)})
    assert found.read(5) == (100, 10)
    assert found.read(6) == (999, 99)
    processes.set({7: (1000, 99)})
    assert found.read(None) == (1000, 99), "without its CPU time nobody knows that it was idle"


def test_too_many_processes_are_not_looked_at_and_the_sum_goes_on_when_they_are_fewer(processes: Processes) -> None:
    few = dict.fromkeys(range(100, 100 + MOST_PROCESSES), (10, 1))
    processes.set(few)
    found = processes.traffic()
    assert found.read(1) == (10 * MOST_PROCESSES, MOST_PROCESSES)
    processes.set({**few, 7: (1, 1)})
    assert found.read(2) is None
    processes.set(dict.fromkeys(few, (11, 1)))
    assert found.read(3) == (11 * MOST_PROCESSES, MOST_PROCESSES)


def test_processes_further_down_count_too(processes: Processes) -> None:
    below = processes.procs.parent / "init.scope" / "deeper" / "cgroup.procs"
    below.parent.mkdir(parents=True)
    processes.set({7: (100, 10)}, below)
    assert processes.traffic().read(1) == (100, 10)


def test_no_process_at_all_is_no_figure(processes: Processes) -> None:
    assert ProcessIo.of(processes.procs, processes.proc, DescriptorBudget(0)) is None


def test_a_process_that_may_not_be_looked_at_makes_it_na(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    processes.set({7: (100, 10), 8: (50, 50)})
    open_file = os.open

    def refuse(path: str, flags: int) -> int:
        if Path(path).parent.name == "8":
            raise PermissionError(13, "Permission denied")
        return open_file(path, flags)

    found = processes.traffic()
    monkeypatch.setattr(os, "open", refuse)
    assert found.read(1) is None
    assert ProcessIo.of(processes.procs, processes.proc, DescriptorBudget(0)) is None


def test_the_list_that_goes_away_leaves_the_sum(processes: Processes) -> None:
    processes.set({7: (100, 10)})
    found = processes.traffic()
    processes.procs.unlink()
    assert found.read(1) == (100, 10)


def test_few_processes_stay_open_and_all_are_closed_when_they_end_or_the_container_does(processes: Processes) -> None:
    descriptors = DescriptorBudget(100)
    processes.set({pid: (pid, 0) for pid in range(7, 7 + KEPT_PROCESSES + 2)})
    found = ProcessIo.of(processes.procs, processes.proc, descriptors)
    assert found is not None and descriptors.open == KEPT_PROCESSES
    processes.set({8: (8, 5)})
    assert found.read(1) == (sum(range(7, 7 + KEPT_PROCESSES + 2)), 5)
    assert descriptors.open == 1
    processes.set({8: (80, 50)})
    assert found.read(2) == (sum(range(7, 7 + KEPT_PROCESSES + 2)) + 72, 50)
    found.close()
    assert descriptors.open == 0


def test_the_number_of_a_process_that_ended_may_be_another_ones(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    descriptors, pread = DescriptorBudget(100), os.pread
    processes.set({7: (100, 0)})
    found = ProcessIo.of(processes.procs, processes.proc, descriptors)
    assert found is not None
    ended = found._kept[b"7"]._fd

    def read(fd: int, size: int, at: int) -> bytes:
        if fd == ended:
            monkeypatch.setattr(os, "pread", pread)
            raise ProcessLookupError(3, "No such process")
        return pread(fd, size, at)

    monkeypatch.setattr(os, "pread", read)
    processes.set({7: (130, 0)})
    assert found.read(1) == (130, 0)
    found.close()
    assert descriptors.open == 0


def test_a_list_of_v2_stays_open(processes: Processes) -> None:
    descriptors = DescriptorBudget(100)
    processes.set({7: (100, 0)})
    found = ProcessIo.of(processes.procs, processes.proc, descriptors, unified=True)
    assert found is not None and descriptors.open == 2
    processes.set({7: (100, 0), 8: (1, 1)})
    assert found.read(1) == (101, 1)
    found.close()
    assert descriptors.open == 0
    processes.procs.unlink()
    assert ProcessIo.of(processes.procs, processes.proc, descriptors, unified=True) is None


def test_processes_that_have_other_numbers_in_that_proc_are_na(processes: Processes) -> None:
    processes.set({10: (100, 7)})
    own = processes.proc / "self"
    own.symlink_to(str(os.getpid()))
    assert ProcessIo.of(processes.procs, processes.proc, DescriptorBudget(0)) is not None
    own.unlink()
    own.symlink_to(str(os.getpid() + 1))
    assert ProcessIo.of(processes.procs, processes.proc, DescriptorBudget(0)) is None
