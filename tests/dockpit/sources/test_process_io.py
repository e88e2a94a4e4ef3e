"""Block I/O summed over processes: it never falls, counts nothing twice, and is n/a rather than incomplete."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockpit.sources.open_files import DescriptorBudget
from dockpit.sources.process_io import MAX_OPEN_PROCESSES, MAX_PROCESSES, ProcessIo


class Processes:
    """A cgroup.procs_file file and the /proc/<pid>/io of those in it."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self.procs_file = folder / "cgroup" / "cgroup.procs_file"
        self.procs_file.parent.mkdir()
        self.set({})

    def set(self, processes: dict[int, tuple[int, int]], procs_file: Path | None = None) -> None:
        (procs_file or self.procs_file).write_text("".join(f"{pid}\n" for pid in processes))
        for pid, (read, written) in processes.items():
            folder = self.proc / str(pid)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "io").write_text(f"rchar: 1\nread_bytes: {read}\nwrite_bytes: {written}\n")

    def end(self, pid: int) -> None:
        (self.proc / str(pid) / "io").unlink()

    def process_io(self) -> ProcessIo:
        found = ProcessIo.open(self.procs_file, self.proc, DescriptorBudget(0))
        assert found is not None
        return found


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def test_the_io_of_all_processes_is_summed_and_a_new_process_counts_completely(processes: Processes) -> None:
    processes.set({7: (100, 10), 8: (1, 2)})
    found = processes.process_io()
    assert found.read(1) == (101, 12)
    processes.set({7: (150, 10), 8: (1, 2), 9: (1000, 0)})
    assert found.read(2) == (1151, 12)


def test_the_sum_never_falls_when_a_process_ends(processes: Processes) -> None:
    processes.set({7: (100, 10), 8: (50, 50)})
    found = processes.process_io()
    processes.set({7: (100, 10)})
    assert found.read(1) == (150, 60)
    processes.set({7: (130, 11)})
    assert found.read(2) == (180, 61)


def test_a_childs_io_is_not_counted_again_when_its_parent_has_waited_for_it(processes: Processes) -> None:
    processes.set({7: (0, 0), 8: (0, 20_000)})
    found = processes.process_io()
    processes.set({7: (0, 21_000)})
    assert found.read(1) == (0, 21_000), "20,000 are the child's, which the kernel added to its parent's"


def test_a_process_that_ends_after_it_was_listed_is_skipped(processes: Processes) -> None:
    processes.set({7: (100, 10), 8: (50, 50)})
    processes.end(8)
    assert processes.process_io().read(1) == (100, 10)


def test_a_process_that_ends_while_it_is_read_is_skipped(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object) -> bytes:
        raise ProcessLookupError(3, "No such process")

    processes.set({7: (100, 10)})
    found = processes.process_io()
    monkeypatch.setattr(os, "pread", ended)
    assert found.read(1) is None


def test_an_idle_container_is_not_read(processes: Processes) -> None:
    processes.set({7: (100, 10)})
    found = processes.process_io()
    assert found.read(5) == (100, 10)
    processes.set({7: (999, 99)})
    assert found.read(5) == (100, 10)
    assert found.read(6) == (999, 99)
    processes.set({7: (1000, 99)})
    assert found.read(None) == (1000, 99), "without CPU time it is not known to be idle"


def test_too_many_processes_are_na_and_the_sum_goes_on_when_they_are_fewer(processes: Processes) -> None:
    few = dict.fromkeys(range(100, 100 + MAX_PROCESSES), (10, 1))
    processes.set(few)
    found = processes.process_io()
    assert found.read(1) == (10 * MAX_PROCESSES, MAX_PROCESSES)
    processes.set({**few, 7: (1, 1)})
    assert found.read(2) is None
    processes.set(dict.fromkeys(few, (11, 1)))
    assert found.read(3) == (11 * MAX_PROCESSES, MAX_PROCESSES)


def test_processes_in_child_cgroups_count_too(processes: Processes) -> None:
    below = processes.procs_file.parent / "init.scope" / "deeper" / "cgroup.procs_file"
    below.parent.mkdir(parents=True)
    processes.set({7: (100, 10)}, below)
    assert processes.process_io().read(1) == (100, 10)


def test_without_a_process_there_is_no_figure(processes: Processes) -> None:
    assert ProcessIo.open(processes.procs_file, processes.proc, DescriptorBudget(0)) is None


def test_a_process_that_may_not_be_read_makes_the_sum_na(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    processes.set({7: (100, 10), 8: (50, 50)})
    open_file = os.open

    def refuse(path: str, flags: int) -> int:
        if Path(path).parent.name == "8":
            raise PermissionError(13, "Permission denied")
        return open_file(path, flags)

    found = processes.process_io()
    monkeypatch.setattr(os, "open", refuse)
    assert found.read(1) is None
    assert ProcessIo.open(processes.procs_file, processes.proc, DescriptorBudget(0)) is None


def test_the_sum_stays_when_the_process_list_is_gone(processes: Processes) -> None:
    processes.set({7: (100, 10)})
    found = processes.process_io()
    processes.procs_file.unlink()
    assert found.read(1) == (100, 10)


def test_few_processes_stay_open_until_they_or_the_container_end(processes: Processes) -> None:
    descriptors = DescriptorBudget(100)
    processes.set({pid: (pid, 0) for pid in range(7, 7 + MAX_OPEN_PROCESSES + 2)})
    found = ProcessIo.open(processes.procs_file, processes.proc, descriptors)
    assert found is not None and descriptors.open == MAX_OPEN_PROCESSES
    processes.set({8: (8, 5)})
    assert found.read(1) == (sum(range(7, 7 + MAX_OPEN_PROCESSES + 2)), 5)
    assert descriptors.open == 1
    processes.set({8: (80, 50)})
    assert found.read(2) == (sum(range(7, 7 + MAX_OPEN_PROCESSES + 2)) + 72, 50)
    found.close()
    assert descriptors.open == 0


def test_a_pid_may_be_reused_by_another_process(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptors, pread = DescriptorBudget(100), os.pread
    processes.set({7: (100, 0)})
    found = ProcessIo.open(processes.procs_file, processes.proc, descriptors)
    assert found is not None
    ended = found._open_processes[b"7"]._fd

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


def test_a_process_list_of_v2_stays_open(processes: Processes) -> None:
    descriptors = DescriptorBudget(100)
    processes.set({7: (100, 0)})
    found = ProcessIo.open(processes.procs_file, processes.proc, descriptors, unified=True)
    assert found is not None and descriptors.open == 2
    processes.set({7: (100, 0), 8: (1, 1)})
    assert found.read(1) == (101, 1)
    found.close()
    assert descriptors.open == 0
    processes.procs_file.unlink()
    assert ProcessIo.open(processes.procs_file, processes.proc, descriptors, unified=True) is None


def test_processes_with_other_pids_in_that_proc_are_na(processes: Processes) -> None:
    processes.set({10: (100, 7)})
    own = processes.proc / "self"
    own.symlink_to(str(os.getpid()))
    assert ProcessIo.open(processes.procs_file, processes.proc, DescriptorBudget(0)) is not None
    own.unlink()
    own.symlink_to(str(os.getpid() + 1))
    assert ProcessIo.open(processes.procs_file, processes.proc, DescriptorBudget(0)) is None
