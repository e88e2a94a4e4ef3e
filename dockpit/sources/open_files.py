"""Files of the kernel that are read again and again: kept open while there are descriptors, then opened per read."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

CHUNK = 16_384
"""What one read asks for; the kernel's files are shorter, nearly always."""
SHORT = 3_072
"""What is shorter was all of it: files of many lines (net/dev) come a page of whole lines at a time."""
KEPT_FREE = 256
"""Descriptors that are left for sockets, pipes and everybody else."""


class DescriptorBudget:
    """How many files may be kept open: as many as the hard limit of RLIMIT_NOFILE allows, less KEPT_FREE."""

    def __init__(self, most: int | None = None) -> None:
        self.most = _raise_limit() - KEPT_FREE if most is None else most
        self.open = 0

    def take(self) -> bool:
        """Whether one more may be kept open; then it counts."""
        if self.open >= self.most:
            return False
        self.open += 1
        return True

    def give_back(self) -> None:
        """One less is open."""
        self.open -= 1


def _raise_limit() -> int:
    """Raise the soft limit of open files to the hard one; how many may be open now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 1 << 20 if hard == resource.RLIM_INFINITY else hard
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


class KernelFile(Generic[T]):
    """One file and what it said last; a text that is the same again is not parsed again."""

    __slots__ = ("_descriptors", "_fd", "_parse", "_path", "_raw", "_value")

    def __init__(self, path: Path | str, parse: Callable[[bytes], T], descriptors: DescriptorBudget) -> None:
        self._path = os.fspath(path)
        self._parse = parse
        self._descriptors = descriptors
        self._raw = b""
        self._value: T | None = None
        self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        if not descriptors.take():
            os.close(self._fd)
            self._fd = -1

    def read(self) -> T:
        """What the file says now. Raises OSError: ENODEV and ENOENT for a cgroup that is gone."""
        if self._fd < 0:
            raw = self._opened()
        else:
            raw = os.pread(self._fd, CHUNK, 0)
            if len(raw) >= SHORT:
                raw = _whole(self._fd, raw)
        if raw != self._raw or self._value is None:
            self._value = self._parse(raw)
            self._raw = raw
        return self._value

    def last(self) -> T | None:
        """What it said when it was last read, None before."""
        return self._value

    def _opened(self) -> bytes:
        fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            raw = os.pread(fd, CHUNK, 0)
            return _whole(fd, raw) if len(raw) >= SHORT else raw
        finally:
            os.close(fd)

    def close(self) -> None:
        """Give the descriptor back; it may be read no more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._descriptors.give_back()
            self._fd = -1


class EveryNth(Generic[T]):
    """A file whose figure moves slowly: it is read every `every`th time, and says what it said in between."""

    __slots__ = ("_every", "_file", "_turn", "_value")

    def __init__(self, file: KernelFile[T], every: int) -> None:
        self._file = file
        self._every = every
        self._turn = 0
        self._value: T | None = None

    def read(self) -> T:
        """What the file says, or said. Raises OSError."""
        if self._value is None or self._turn % self._every == 0:
            self._value = self._file.read()
        self._turn += 1
        return self._value


def read_optional(file: KernelFile[T] | EveryNth[T] | None) -> T | None:
    """What an optional file says; None where the host has none, or no longer."""
    if file is None:
        return None
    try:
        return file.read()
    except OSError:
        return None


def cached(file: KernelFile[T] | None) -> T | None:
    """What an optional file said when it was last read."""
    return None if file is None else file.last()


def _whole(fd: int, raw: bytes) -> bytes:
    """A file that `raw` is the beginning of, to its end."""
    parts, size = [raw], len(raw)
    while more := os.pread(fd, CHUNK, size):
        parts.append(more)
        size += len(more)
    return b"".join(parts)


def open_optional(
    path: Path | str | None, parse: Callable[[bytes], T], descriptors: DescriptorBudget
) -> KernelFile[T] | None:
    """The file if it is there and can be read, else None: this host does not say."""
    if path is None:
        return None
    try:
        found = KernelFile(path, parse, descriptors)
    except OSError:
        return None
    try:
        found.read()
    except OSError:
        found.close()
        return None
    return found
