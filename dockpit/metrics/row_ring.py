"""A ring of timed rows in two arrays, the newest writing over the oldest.

    row number   0 ... oldest ............ appended - 1 | appended
                 gone  in the ring                      | the next one to come
    position     (row number - base) % capacity

A row keeps its number for good: numbers count all rows that were ever appended.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Sequence

NAN = math.nan
"""A gap: a value that is not known. Always this very object, so that gaps of a row can be told by identity."""

MAX_GROWTH = 16
"""How many times its first capacity a ring may grow to."""


class RowRing:
    """The newest rows: a time of 8 bytes, which never falls, and `width` values of 4 bytes each.

    With `span_seconds`, a full ring whose oldest row is younger than that grows instead of writing over it, up to
    MAX_GROWTH times its first capacity.
    """

    __slots__ = (
        "_base", "_times", "_values", "appended", "capacity", "first_capacity", "last_at", "span_seconds", "width",
    )  # fmt: skip

    def __init__(self, capacity: int, span_seconds: float = 0.0) -> None:
        self.first_capacity = self.capacity = capacity
        self.span_seconds = span_seconds
        self.width = 0
        self.appended = 0
        """The number of rows ever appended, which is the number of the next one."""
        self.last_at = -math.inf
        """The time of the newest row, minus infinity while there is none."""
        self._base = 0
        self._times = array("d")
        self._values = array("f")

    @property
    def oldest(self) -> int:
        """The number of the oldest row in the ring, or of the first to come."""
        return max(self._base, self.appended - self.capacity)

    def append(self, at: float, values: array[float]) -> None:
        """Add one row of `width` values; a time before the newest row's is taken for that row's."""
        if at < self.last_at:
            at = self.last_at
        self.last_at = at
        if len(self._times) == self.capacity:
            self._append_to_full(at, values)
        else:
            self._times.append(at)
            self._values.extend(values)
        self.appended += 1

    def _append_to_full(self, at: float, values: array[float]) -> None:
        position = (self.appended - self._base) % self.capacity
        if at - self._times[position] < self.span_seconds and self.capacity < self.first_capacity * MAX_GROWTH:
            self._grow(position)
            self._times.append(at)
            self._values.extend(values)
        else:
            self._times[position] = at
            self._values[position * self.width : (position + 1) * self.width] = values

    def _grow(self, oldest: int) -> None:
        """Double the capacity of a full ring whose oldest row is at position `oldest`."""
        self._base = self.oldest
        self._times = self._times[oldest:] + self._times[:oldest]
        self._values = self._values[oldest * self.width :] + self._values[: oldest * self.width]
        self.capacity = min(2 * self.capacity, self.first_capacity * MAX_GROWTH)

    def rearrange(self, columns: Sequence[int | None]) -> None:
        """Make the rows consist of `columns`: each an old column by its place, or None for one of gaps."""
        old, old_width = self._values, self.width
        self.width = len(columns)
        self._values = array("f", [NAN]) * (len(self._times) * self.width)
        for place, old_place in enumerate(columns):
            if old_place is not None:
                self._values[place :: self.width] = old[old_place::old_width]

    def copy(self) -> RowRing:
        """An independent ring with the same rows."""
        twin = RowRing(self.first_capacity, self.span_seconds)
        twin.capacity, twin.width, twin.appended, twin.last_at = self.capacity, self.width, self.appended, self.last_at
        twin._base, twin._times, twin._values = self._base, self._times[:], self._values[:]
        return twin

    def has_row(self, number: int) -> bool:
        """Whether row `number` is in the ring."""
        return self.oldest <= number < self.appended

    def row(self, number: int) -> array[float]:
        """The values of row `number`, which must be in the ring."""
        position = (number - self._base) % self.capacity
        return self._values[position * self.width : (position + 1) * self.width]

    def first_row_at(self, at: float, start: int, end: int) -> int:
        """The first of the rows start..end-1, which must be in the ring, whose time is `at` or later; else `end`."""
        wrap = start + self.capacity - (start - self._base) % self.capacity
        for low, high in ((start, min(end, wrap)), (wrap, end)):
            if low < high and self._times[(high - 1 - self._base) % self.capacity] >= at:
                position = (low - self._base) % self.capacity
                return low + bisect_left(self._times, at, position, position + high - low) - position
        return end

    def times(self, start: int, end: int) -> array[float]:
        """The times of rows start..end-1, which must be in the ring."""
        return self._slice(self._times, start, end, 1, 0)

    def column(self, place: int, start: int, end: int) -> array[float]:
        """The values at `place` of rows start..end-1, which must be in the ring."""
        return self._slice(self._values, start, end, self.width, place)

    def _slice(self, ring: array[float], start: int, end: int, width: int, place: int) -> array[float]:
        """The items at `place` of rows start..end-1 of `ring`, whose rows are `width` items wide."""
        if start >= end:
            return ring[:0]
        first = (start - self._base) % self.capacity * width + place
        last = ((end - 1 - self._base) % self.capacity + 1) * width
        return ring[first:last:width] if first < last else ring[first::width] + ring[place:last:width]
