"""Units of the docker command line: sizes, CPUs and CPU lists, parsed as docker does and formatted exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.model.errors import LimitError

NANO = 1_000_000_000
"""NanoCpus of one CPU."""
MAX_CPU = 8192
"""Largest number that the engine accepts in a CPU or memory-node list."""

_UNLIMITED_WORDS = frozenset({"-1", "none", "unlimited", "max"})
_SIZE = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+) ?(?:([kmgtp])(?:i?b)?|b)?")
_DECIMAL = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_POWERS_OF_1024 = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_MAX_CHARS = 40


def means_unlimited(text: str) -> bool:
    """Whether `text` asks for no limit: none, unlimited, max or -1."""
    return text.strip().lower() in _UNLIMITED_WORDS


def quoted(text: str) -> str:
    """`text` in quotes, cut to 40 characters, with control characters escaped."""
    return repr(text if len(text) <= _MAX_CHARS else f"{text[:_MAX_CHARS]}…")


def parse_size(text: str, field: str = "") -> int:
    """`512m`, `1.5g`, `64MiB`, `1024` -> bytes, in powers of 1024. Raises LimitError for `field`."""
    match = _SIZE.fullmatch(text.strip().lower()) if len(text) <= _MAX_CHARS else None
    if match is None:
        raise LimitError(f"{quoted(text)} is not a size: write it like 512m or 1.5g", field)
    size = int(Fraction(match[1]) * 1024 ** _POWERS_OF_1024[match[2] or ""])
    if size > UNLIMITED_BYTES:
        raise LimitError(f"{quoted(text)} is more than any machine has: write none for no limit", field)
    return size


def format_size(size_bytes: int) -> str:
    """Bytes in the largest of docker's units that is exact: `512m`, `1536m`, `1g`, `1000`."""
    for unit in "gmk":
        power = 1024 ** _POWERS_OF_1024[unit]
        if size_bytes and size_bytes % power == 0:
            return f"{size_bytes // power}{unit}"
    return str(size_bytes)


def readable_size(size_bytes: float) -> str:
    """Bytes rounded for a sentence, always with one decimal and at most in GiB: `60.5 MiB`, `60.0 MiB`.

    formatting.bytes_long, for figures on a screen, drops the decimal of whole numbers and goes beyond GiB.
    """
    for unit, power in (("GiB", 3), ("MiB", 2), ("KiB", 1)):
        if size_bytes >= 1024**power:
            return f"{size_bytes / 1024**power:.1f} {unit}"
    return f"{size_bytes:.0f} B"


def parse_cpus(text: str, field: str = "cpus") -> int:
    """`1.5`, `.2` -> NanoCpus, billionths of a CPU. Raises LimitError for `field`."""
    number = text.strip()
    if len(number) > _MAX_CHARS or not _DECIMAL.fullmatch(number):
        raise LimitError(f"{quoted(text)} is not a number of CPUs: write it like 1.5, or none", field)
    nano = Fraction(number) * NANO
    if nano.denominator != 1:
        raise LimitError(f"{quoted(text)} is too precise: nine decimals at most", field)
    return int(nano)


def format_cpus(nano_cpus: int) -> str:
    """NanoCpus -> `1.5`, `0.2`, `2`."""
    return f"{(Decimal(nano_cpus) / NANO).normalize():f}"


def parse_cpuset(text: str, field: str = "cpuset_cpus") -> tuple[int, ...]:
    """`0-3,5` -> the numbers, ascending, without duplicates. Raises LimitError for `field`."""
    numbers: set[int] = set()
    for part in text.strip().split(","):
        match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", part.strip())
        if match is None:
            raise LimitError(f"{quoted(text)} is not a list of numbers: write it like 0-3,5", field)
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise LimitError(f"{quoted(part)} runs backwards: write it like 0-3", field)
        if last > MAX_CPU:
            raise LimitError(f"{last} is out of range: {MAX_CPU} is the greatest number there is", field)
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))


def format_cpuset(numbers: Iterable[int]) -> str:
    """Numbers -> the shortest list: `0-3,5`; "" for none."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def parse_count(text: str, field: str) -> int:
    """A whole number, possibly negative. Raises LimitError for `field`."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
        raise LimitError(f"{quoted(text)} is not a whole number", field)
    return int(text)
