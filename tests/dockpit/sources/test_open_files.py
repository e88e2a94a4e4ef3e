"""Files that are read again and again: kept open while they may be, whole however long, and given back."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from dockpit.sources import kernel_parsers
from dockpit.sources.open_files import CHUNK, KEPT_FREE, DescriptorBudget, EveryNth, KernelFile, open_optional


class Parser:
    """Counts how often it is asked."""

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


def test_a_file_is_kept_open_and_read_from_its_beginning_each_time(path: Path) -> None:
    room = DescriptorBudget(1)
    file = KernelFile(path, bytes, room)
    kept = path.stat().st_ino
    assert file.read() == b"1\n" and room.open == 1
    path.write_bytes(b"2\n")
    assert file.read() == b"2\n"
    path.rename(path.with_name("moved"))
    path.write_bytes(b"3\n")
    assert path.stat().st_ino != kept and file.read() == b"2\n", "the file that was opened, not its name"
    file.close()


def test_a_text_that_is_the_same_is_not_parsed_again(path: Path) -> None:
    parse = Parser()
    file = KernelFile(path, parse, DescriptorBudget(1))
    first = file.read()
    assert file.read() is first and parse.calls == 1
    path.write_bytes(b"2\n")
    assert file.read() == b"2\n" and parse.calls == 2
    path.write_bytes(b"")
    assert file.read() == b"" and parse.calls == 3
    file.close()


def test_past_the_allowance_a_file_is_opened_for_each_read(path: Path) -> None:
    room = DescriptorBudget(1)
    kept = KernelFile(path, bytes, room)
    before = open_files()
    file = KernelFile(path, bytes, room)
    assert open_files() == before and room.open == 1
    assert file.read() == b"1\n" and open_files() == before
    path.unlink()
    assert kept.read() == b"1\n"
    with pytest.raises(FileNotFoundError):
        file.read()
    file.close()
    assert room.open == 1, "it had none to give back"
    kept.close()


def test_closing_gives_the_descriptor_back_once(path: Path) -> None:
    room = DescriptorBudget(1)
    before = open_files()
    file = KernelFile(path, bytes, room)
    file.close()
    file.close()
    assert room.open == 0 and open_files() == before
    assert room.take() and not room.take()


@pytest.mark.parametrize("allowed", [0, 1])
@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_file_longer_than_a_chunk_is_read_whole(path: Path, size: int, allowed: int) -> None:
    path.write_bytes(b"x" * size)
    file = KernelFile(path, len, DescriptorBudget(allowed))
    assert file.read() == size
    file.close()


@pytest.mark.parametrize("allowed", [0, 1])
def test_a_file_that_comes_a_page_of_whole_lines_at_a_time_is_read_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    """As /proc/<pid>/net/dev does: 4,013 of 10,163 bytes at the first read, measured with 80 interfaces."""
    line = b"x" * 120 + b"\n"
    path.write_bytes(line * 80)
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, at: pread(fd, min(size, 4096 // len(line) * len(line)), at))
    file = KernelFile(path, bytes.splitlines, DescriptorBudget(allowed))
    assert len(file.read()) == 80
    file.close()


def test_a_file_that_is_not_there_or_not_to_be_read_is_none(path: Path, tmp_path: Path) -> None:
    room = DescriptorBudget(9)
    before = open_files()
    assert open_optional(None, bytes, room) is None
    assert open_optional(tmp_path / "none", bytes, room) is None
    assert open_optional(tmp_path, bytes, room) is None, "it opens, but reading it fails, as without PSI"
    assert room.open == 0 and open_files() == before
    found = open_optional(path, bytes, room)
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
    assert DescriptorBudget().most == asked[0] - KEPT_FREE
    assert set_to == [asked]


def test_where_it_may_not_be_raised_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert DescriptorBudget().most == 1024 - KEPT_FREE
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert not DescriptorBudget().take(), "none to spare: every file is opened for each read"


def test_what_moves_slowly_is_read_every_so_many_times(tmp_path: Path) -> None:
    path = tmp_path / "memory.peak"
    path.write_text("1")
    file = KernelFile(path, kernel_parsers.number, DescriptorBudget(9))
    seldom = EveryNth(file, 3)
    said = []
    for number in range(7):
        path.write_text(str(number))
        said.append(seldom.read())
    file.close()
    assert said == [0, 0, 0, 3, 3, 3, 6]
