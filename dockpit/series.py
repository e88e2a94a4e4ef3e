"""History in arrays: a ring of numbers per metric, all metrics of one container side by side on one time line.

NaN is a gap. A `Tape` is written by the history alone; everybody else reads through a `Window`, which sees the tape
as it was when the window was taken, however much is written after it.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence

NAN = math.nan

METRICS = (
    "cpu_cores",
    "throttled_ratio",
    "throttled_ms_per_s",
    "memory_used_bytes",
    "memory_unreclaimable_bytes",
    "net_rx_bytes_per_s",
    "net_tx_bytes_per_s",
    "block_read_bytes_per_s",
    "block_write_bytes_per_s",
    "pids",
)
"""The figures that every tape keeps, in this order."""


class Tape:
    """A ring of `capacity` rows of (time, metrics…); 8 bytes for the time, 4 for each figure."""

    __slots__ = ("_columns", "_names", "_times", "capacity", "written")

    def __init__(self, capacity: int, names: Sequence[str] = METRICS) -> None:
        self.capacity = capacity
        self.written = 0
        self._times = array("d")
        self._names = {name: index for index, name in enumerate(names)}
        self._columns = [array("f") for _ in names]

    def append(self, at: float, row: Sequence[float]) -> None:
        """Add one row; `row` follows the order of the names, NaN where there is no figure. No time falls here."""
        at = max(at, self.last_at)
        if self.written < self.capacity:
            self._times.append(at)
            for column, value in zip(self._columns, row, strict=True):
                column.append(value)
        else:
            index = self.written % self.capacity
            self._times[index] = at
            for column, value in zip(self._columns, row, strict=True):
                column[index] = value
        self.written += 1

    @property
    def last_at(self) -> float:
        """The time of the newest row, minus infinity while there is none."""
        return self._times[(self.written - 1) % self.capacity] if self.written else -math.inf

    def gap(self, at: float = -math.inf) -> None:
        """Add a row of gaps, by default right behind the last row, unless the tape is empty or ends with one."""
        if self.written == 0 or self._is_gap(self.written - 1):
            return
        self.append(at, [NAN] * len(self._columns))

    def _is_gap(self, sequence: int) -> bool:
        index = sequence % self.capacity
        return all(math.isnan(column[index]) for column in self._columns)

    def window(self) -> Window:
        """What has been written so far, for good."""
        return Window(self, self.written)

    def copy(self) -> Tape:
        """An independent tape with the same rows."""
        twin = Tape(self.capacity, list(self._names))
        twin.written = self.written
        twin._times = self._times[:]
        twin._columns = [column[:] for column in self._columns]
        return twin

    def time_at(self, sequence: int) -> float:
        """The time of row `sequence`, NaN if it has been written over."""
        return self._times[sequence % self.capacity] if self.holds(sequence) else NAN

    def value_at(self, name: str, sequence: int) -> float:
        """The figure `name` of row `sequence`, NaN if it is a gap or has been written over."""
        return self._columns[self._names[name]][sequence % self.capacity] if self.holds(sequence) else NAN

    def holds(self, sequence: int) -> bool:
        """Whether row `sequence` is still on the tape."""
        return max(0, self.written - self.capacity) <= sequence < self.written

    def column(self, name: str, start: int, end: int) -> array[float]:
        """The figures of rows start..end-1, which must be on the tape."""
        return self._cut(self._columns[self._names[name]], start, end)

    def times(self, start: int, end: int) -> array[float]:
        """The times of rows start..end-1, which must be on the tape."""
        return self._cut(self._times, start, end)

    def _cut(self, ring: array[float], start: int, end: int) -> array[float]:
        if start >= end:
            return ring[:0]
        first, last = start % self.capacity, (end - 1) % self.capacity
        return ring[first : last + 1] if first <= last else ring[first:] + ring[: last + 1]


class Window:
    """A tape up to one moment; rows written later are not seen, rows written over are gone."""

    __slots__ = ("_tape", "end")

    def __init__(self, tape: Tape, end: int) -> None:
        self._tape = tape
        self.end = end

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def start(self) -> int:
        """The oldest row that is still there."""
        return min(self.end, max(0, self._tape.written - self._tape.capacity))

    def keep(self) -> Window:
        """The same rows, safe from whatever is written from now on."""
        return Window(self._tape.copy(), self.end)

    def since(self, at: float) -> int:
        """The first row whose time is `at` or later, by bisection; times on a tape never fall."""
        low, high = self.start, self.end
        while low < high:
            middle = (low + high) // 2
            if self._tape.time_at(middle) < at:
                low = middle + 1
            else:
                high = middle
        return low

    def times(self, at: float = -math.inf) -> array[float]:
        """The times of all rows from `at` on, oldest first."""
        return self._tape.times(self.since(at), self.end)

    def values(self, name: str, at: float = -math.inf) -> array[float]:
        """The figures `name` of all rows from `at` on, oldest first; NaN is a gap."""
        return self._tape.column(name, self.since(at), self.end)

    def last(self, name: str) -> float:
        """The newest figure, NaN when there is none."""
        return self._tape.value_at(name, self.end - 1) if self.end else NAN


def resample(
    times: Sequence[float], values: Sequence[float], end: float, span: float, points: int
) -> tuple[float, ...]:
    """Spread rows over `points` equal slots of the `span` seconds that end at `end`.

    A slot holds the greatest of its rows, so that a spike never vanishes. A slot without a row repeats the one before
    for at most three slots or five seconds (a slow series is not a gap), unless that one ended with a gap.
    """
    slots = [NAN] * points
    width = span / points
    first = end - span
    for at, value in zip(times, values, strict=True):
        index = int((at - first) / width)
        if index == points and at <= end + width:
            index = points - 1
        if 0 <= index < points and (math.isnan(slots[index]) or value > slots[index]):
            slots[index] = value
    reach = max(3, math.ceil(5.0 / width))
    return tuple(_bridge(slots, times, values, first, width, reach))


def _bridge(
    slots: list[float], times: Sequence[float], values: Sequence[float], first: float, width: float, reach: int
) -> Iterator[float]:
    ends_with_gap = {int((at - first) / width): math.isnan(value) for at, value in zip(times, values, strict=True)}
    held, age = NAN, 0
    for index, value in enumerate(slots):
        age = age + 1 if math.isnan(value) else 0
        if not math.isnan(value):
            held = value
        yield held if age < reach and not (math.isnan(value) and ends_with_gap.get(index, False)) else NAN
        if ends_with_gap.get(index, False):
            held = NAN
