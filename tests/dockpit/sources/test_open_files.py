"""Kernel files: kept open within the budget, read to their end however long, and closed."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from dockpit.sources import kernel_parsers
from dockpit.sources.open_files import (
    READ_BYTES,
    RESERVED_DESCRIPTORS,
    DescriptorBudget,
    EveryNth,
    KernelFile,
    open_optional,
)


class Parser:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, data: bytes) -> bytes:
        self.calls += 1
        return data


def open_files() -> set[str]:
    return {found.name for found in Path("/proc/self/fd").iterdir()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "file"
    found.write_bytes(b"1\n")
    return found


def test_a_file_is_kept_open_and_each_read_starts_at_its_beginning(path: Path) -> None:
    budget = DescriptorBudget(1)
    file = KernelFile(path, bytes, budget)
    kept = path.stat().st_ino
    assert file.read() == b"1\n" and budget.open == 1
    path.write_bytes(b"2\n")
    assert file.read() == b"2\n"
    path.rename(path.with_name("moved"))
    path.write_bytes(b"3\n")
    assert path.stat().st_ino != kept and file.read() == b"2\n", "the opened file, not whatever has its name now"
    file.close()


def test_unchanged_content_is_not_parsed_again(path: Path) -> None:
    parse = Parser()
    file = KernelFile(path, parse, DescriptorBudget(1))
    first = file.read()
    assert file.read() is first and parse.calls == 1
    path.write_bytes(b"2\n")
    assert file.read() == b"2\n" and parse.calls == 2
    path.write_bytes(b"")
    assert file.read() == b"" and parse.calls == 3
    file.close()


def test_beyond_the_budget_a_file_is_opened_for_each_read(path: Path) -> None:
    budget = DescriptorBudget(1)
    kept = KernelFile(path, bytes, budget)
    before = open_files()
    file = KernelFile(path, bytes, budget)
    assert open_files() == before and budget.open == 1
    assert file.read() == b"1\n" and open_files() == before
    path.unlink()
    assert kept.read() == b"1\n"
    with pytest.raises(FileNotFoundError):
        file.read()
    file.close()
    assert budget.open == 1, "it had no descriptor to give back"
    kept.close()


def test_closing_gives_the_descriptor_back_once(path: Path) -> None:
    budget = DescriptorBudget(1)
    before = open_files()
    file = KernelFile(path, bytes, budget)
    file.close()
    file.close()
    assert budget.open == 0 and open_files() == before
    assert budget.take() and not budget.take()


@pytest.mark.parametrize("max_open", [0, 1])
@pytest.mark.parametrize("size", [READ_BYTES - 1, READ_BYTES, READ_BYTES + 1, 3 * READ_BYTES + 7])
def test_a_file_longer_than_one_read_is_read_to_its_end(path: Path, size: int, max_open: int) -> None:
    path.write_bytes(b"x" * size)
    file = KernelFile(path, len, DescriptorBudget(max_open))
    assert file.read() == size
    file.close()


@pytest.mark.parametrize("max_open", [0, 1])
def test_a_file_that_arrives_in_pages_of_whole_lines_is_read_to_its_end(
    path: Path, monkeypatch: pytest.MonkeyPatch, max_open: int
) -> None:
    """As /proc/<pid>/net/dev does: 4,013 of 10,163 bytes at the first read, measured with 80 interfaces."""
    line = b"x" * 120 + b"\n"
    path.write_bytes(line * 80)
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, at: pread(fd, min(size, 4096 // len(line) * len(line)), at))
    file = KernelFile(path, bytes.splitlines, DescriptorBudget(max_open))
    assert len(file.read()) == 80
    file.close()


def test_a_missing_or_unreadable_optional_file_is_none(path: Path, tmp_path: Path) -> None:
    budget = DescriptorBudget(9)
    before = open_files()
    assert open_optional(None, bytes, budget) is None
    assert open_optional(tmp_path / "none", bytes, budget) is None
    assert open_optional(tmp_path, bytes, budget) is None, "opening it works, reading it fails, as without PSI"
    assert budget.open == 0 and open_files() == before
    found = open_optional(path, bytes, budget)
    assert found is not None and found.read() == b"1\n"
    found.close()


@pytest.mark.parametrize(
    ("hard", "asked"), [(4096, (4096, 4096)), (resource.RLIM_INFINITY, (1 << 20, resource.RLIM_INFINITY))]
)
def test_the_soft_limit_is_raised_to_the_hard_one(
    monkeypatch: pytest.MonkeyPatch, hard: int, asked: tuple[int, int]
) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    assert DescriptorBudget().max_open == asked[0] - RESERVED_DESCRIPTORS
    assert set_to == [asked]


def test_a_soft_limit_that_may_not_be_raised_stays_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not max_open to raise maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert DescriptorBudget().max_open == 1024 - RESERVED_DESCRIPTORS
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert not DescriptorBudget().take(), "nothing left: every file is opened for each read"


def test_every_nth_read_reads_the_file_and_the_others_repeat_its_value(tmp_path: Path) -> None:
    path = tmp_path / "memory.peak"
    path.write_text("1")
    file = KernelFile(path, kernel_parsers.number, DescriptorBudget(9))
    every_third = EveryNth(file, 3)
    values = []
    for number in range(7):
        path.write_text(str(number))
        values.append(every_third.read())
    file.close()
    assert values == [0, 0, 0, 3, 3, 3, 6]
