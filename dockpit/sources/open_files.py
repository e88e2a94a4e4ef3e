"""Kernel files that are read again and again: kept open while descriptors last, otherwise opened for each read."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

READ_BYTES = 16_384
"""Bytes asked for in one read; nearly all kernel files are shorter."""
COMPLETE_BELOW_BYTES = 3_072
"""A shorter read was complete; files of many lines (net/dev) arrive a page of whole lines per read."""
RESERVED_DESCRIPTORS = 256
"""Descriptors left free for sockets, pipes and everything else in this process."""


class DescriptorBudget:
    """Counts the files kept open; by default at most the hard limit of RLIMIT_NOFILE less RESERVED_DESCRIPTORS."""

    def __init__(self, max_open: int | None = None) -> None:
        self.max_open = _raise_open_files_limit() - RESERVED_DESCRIPTORS if max_open is None else max_open
        self.open = 0

    def take(self) -> bool:
        """Count one more open file, unless the budget is used up; whether it was counted."""
        if self.open >= self.max_open:
            return False
        self.open += 1
        return True

    def give_back(self) -> None:
        """Count one open file less."""
        self.open -= 1


def _raise_open_files_limit() -> int:
    """Raise the soft limit of open files to the hard one; the soft limit now in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 1 << 20 if hard == resource.RLIM_INFINITY else hard
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


class KernelFile(Generic[T]):
    """One file and the value parsed from it last; unchanged content is not parsed again."""

    __slots__ = ("_content", "_descriptors", "_fd", "_parse", "_path", "_value")

    def __init__(self, path: Path | str, parse: Callable[[bytes], T], descriptors: DescriptorBudget) -> None:
        self._path = os.fspath(path)
        self._parse = parse
        self._descriptors = descriptors
        self._content = b""
        self._value: T | None = None
        self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        if not descriptors.take():
            os.close(self._fd)
            self._fd = -1

    def read(self) -> T:
        """Read the file and parse it. Raises OSError: ENODEV and ENOENT for a cgroup that is gone."""
        if self._fd < 0:
            content = self._open_and_read()
        else:
            content = os.pread(self._fd, READ_BYTES, 0)
            if len(content) >= COMPLETE_BELOW_BYTES:
                content = _read_to_end(self._fd, content)
        if content != self._content or self._value is None:
            self._value = self._parse(content)
            self._content = content
        return self._value

    def last_value(self) -> T | None:
        """The value of the last read, None before the first."""
        return self._value

    def _open_and_read(self) -> bytes:
        fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            content = os.pread(fd, READ_BYTES, 0)
            return _read_to_end(fd, content) if len(content) >= COMPLETE_BELOW_BYTES else content
        finally:
            os.close(fd)

    def close(self) -> None:
        """Close the file and give its descriptor back; it must not be read afterwards."""
        if self._fd >= 0:
            os.close(self._fd)
            self._descriptors.give_back()
            self._fd = -1


def _read_to_end(fd: int, beginning: bytes) -> bytes:
    """The whole content of a file, of which `beginning` was read already."""
    parts, size = [beginning], len(beginning)
    while more := os.pread(fd, READ_BYTES, size):
        parts.append(more)
        size += len(more)
    return b"".join(parts)


class EveryNth(Generic[T]):
    """A file with a slowly changing value: every `every`th read() reads it, the others repeat its last value."""

    __slots__ = ("_every", "_file", "_reads", "_value")

    def __init__(self, file: KernelFile[T], every: int) -> None:
        self._file = file
        self._every = every
        self._reads = 0
        self._value: T | None = None

    def read(self) -> T:
        """The file's value, or its last one. Raises OSError."""
        if self._value is None or self._reads % self._every == 0:
            self._value = self._file.read()
        self._reads += 1
        return self._value


def open_optional(
    path: Path | str | None, parse: Callable[[bytes], T], descriptors: DescriptorBudget
) -> KernelFile[T] | None:
    """The opened file; None where this host does not have it or it cannot be read."""
    if path is None:
        return None
    try:
        file = KernelFile(path, parse, descriptors)
    except OSError:
        return None
    try:
        file.read()
    except OSError:
        file.close()
        return None
    return file


def read_optional(file: KernelFile[T] | EveryNth[T] | None) -> T | None:
    """The value of a file that this host may not have; None without it or when it can no longer be read."""
    if file is None:
        return None
    try:
        return file.read()
    except OSError:
        return None


def cached(file: KernelFile[T] | None) -> T | None:
    """The last value of a file that this host may not have, without reading it."""
    return None if file is None else file.last_value()
