"""Files of the kernel that consist of "key value" lines: read as a table, or quickly by their known layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

MAX_DIGITS = 20
"""Digits of the greatest counter of 64 bits."""
MAX_LAYOUTS = 4
"""How many layouts of one file are remembered."""

_Layout = tuple[re.Pattern[bytes], Callable[[Sequence[int | None]], tuple[int | None, ...]]]


def whole_number(text: bytes) -> int | None:
    """A whole number that is not negative, None for anything else."""
    return int(text) if _is_number(text) else None


def _is_number(text: bytes) -> bool:
    return text.isdigit() and len(text) <= MAX_DIGITS


def key_values(data: bytes) -> dict[bytes, bytes]:
    """The values of all lines by key."""
    words = data.split()
    return dict(zip(words[::2], words[1::2], strict=False))


def number_at(found: Mapping[bytes, bytes], key: bytes, unit: int = 1) -> int | None:
    """The number that a table has for `key`, times `unit`; None without one."""
    text = found.get(key)
    return int(text) * unit if text is not None and _is_number(text) else None


def sum_known(*parts: int | None) -> int | None:
    """The sum of the parts that are known, None where none is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def sum_at(found: Mapping[bytes, bytes], *keys: bytes) -> int | None:
    """The sum of the numbers that a table has for `keys`, None where it has none."""
    return sum_known(*(number_at(found, key) for key in keys))


class KeyedNumbers:
    """Reads the numbers of two or more keys from a file of "key value" lines; None for a key that is not there.

    The kernel always writes the lines of a file in the same order. A file whose layout is not known is read as a table,
    and its layout is remembered as a regular expression of all its keys that captures the wanted numbers. One match of
    that reads the file from then on.
    """

    def __init__(self, *keys: bytes) -> None:
        self._keys = keys
        self._layouts: list[_Layout] = []
        """Each with the function that puts the captured numbers, which None follows, into the order of the keys."""

    def __call__(self, data: bytes) -> tuple[int | None, ...]:
        """The numbers in the order of the keys, None for one that is not whole or is negative."""
        for pattern, in_order_of_keys in self._layouts:
            if found := pattern.match(data):
                return in_order_of_keys((*map(int, found.groups()), None))
        values = key_values(data)
        if len(self._layouts) < MAX_LAYOUTS and all(map(_is_number, values.values())):
            self._learn_layout(data, tuple(values))
        return tuple(number_at(values, key) for key in self._keys)

    def _learn_layout(self, data: bytes, all_keys: Sequence[bytes]) -> None:
        """Remember the layout of `data`, whose keys are `all_keys`, unless it has lines of any other form."""
        captured = [key for key in all_keys if key in self._keys]
        lines = (re.escape(key) + (rb" (\d{1,20}+)\n" if key in captured else rb" \d++\n") for key in all_keys)
        pattern = re.compile(b"".join(lines) + rb"\Z")
        if pattern.match(data):
            none = len(captured)
            places = (captured.index(key) if key in captured else none for key in self._keys)
            self._layouts.append((pattern, itemgetter(*places)))
