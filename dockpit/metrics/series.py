"""History in arrays: a ring of numbers per metric, all metrics of one container side by side on one time line.

NaN is a gap. A `Tape` is written by the history alone; everybody else reads through a `Window`, which sees the tape
as it was when the window was taken, however much is written after it.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from operator import itemgetter

from dockpit.metrics.figures import KEPT

NAN = math.nan

MOST_GROWTH = 16
"""How many times its first capacity a tape may grow to."""

KEPT_NAMES = tuple(figure.name for figure in KEPT)
"""The figures that a container's ring may keep, in this order."""

_Pick = Callable[[Sequence[float]], Sequence[float]]


class MetricRing:
    """A ring of `capacity` rows of (time, metrics…); 8 bytes for the time, 4 for each figure that ever came.

    With `seconds`, a full tape whose oldest row is younger than that grows instead of writing over it, up to
    MOST_GROWTH times its first capacity.
    """

    __slots__ = (
        "_base", "_data", "_most", "_names", "_nothing", "_places", "_seen", "_times", "_unseen", "_width", "capacity",
        "last_at", "seconds", "written",
    )  # fmt: skip

    def __init__(self, capacity: int, names: Sequence[str] = KEPT_NAMES, seconds: float = 0.0) -> None:
        self.capacity = capacity
        self.seconds = seconds
        self.written = 0
        self.last_at = -math.inf
        """The time of the newest row, minus infinity while there is none."""
        self._most = capacity * MOST_GROWTH
        self._base = 0
        self._names = {name: index for index, name in enumerate(names)}
        self._times = array("d")
        self._data = array("f")
        self._keep([])

    def _keep(self, kept: Sequence[int]) -> None:
        """From now on a row of the data holds the figures `kept`, by their place among the names."""
        rest = [index for index in self._names.values() if index not in kept]
        self._places = {name: kept.index(index) for name, index in self._names.items() if index in kept}
        self._width = len(kept)
        self._seen, self._unseen = _pick(kept), _pick(rest)
        self._nothing = self._unseen([NAN] * len(self._names))
        """Equal to what nothing new looks like where its gaps are this very NAN: one comparison tells in nearly all."""

    def append(self, at: float, row: Sequence[float]) -> None:
        """Add one row; `row` follows the order of the names, NaN where there is no figure. No time falls here."""
        at = self.last_at = max(at, self.last_at)
        if self._unseen(row) != self._nothing:
            self._widen(row)
        values = array("f", self._seen(row))
        index = (self.written - self._base) % self.capacity
        full = len(self._times) == self.capacity
        if full and at - self._times[index] < self.seconds and self.capacity < self._most:
            self._lengthen()
            full = False
        if full:
            self._times[index] = at
            self._data[index * self._width : (index + 1) * self._width] = values
        else:
            self._times.append(at)
            self._data.extend(values)
        self.written += 1

    def _widen(self, row: Sequence[float]) -> None:
        """Make room for the figures of `row` that come for the first time; they are gaps in the rows before."""
        before, old, places = self._width, self._data, self._places
        fresh = [index for name, index in self._names.items() if name in places or not math.isnan(row[index])]
        if len(fresh) == before:
            return
        self._keep(fresh)
        self._data = array("f", [NAN]) * (len(self._times) * self._width)
        for name, place in places.items():
            self._data[self._places[name] :: self._width] = old[place::before]

    def _lengthen(self) -> None:
        """Double the capacity of a full tape; its rows keep their numbers."""
        start = self.oldest
        self._data = self._cut(self._data, start, self.written, self._width)
        self._times = self._cut(self._times, start, self.written)
        self._base = start
        self.capacity = min(2 * self.capacity, self._most)

    def gap(self, at: float = -math.inf) -> None:
        """Add a row of gaps, by default right behind the last row, unless the tape is empty or ends with one."""
        if self.written == 0 or self._is_gap(self.written - 1):
            return
        self.append(at, [NAN] * len(self._names))

    def _is_gap(self, sequence: int) -> bool:
        return all(map(math.isnan, self._cut(self._data, sequence, sequence + 1, self._width)))

    def window(self) -> Window:
        """What has been written so far, for good."""
        return Window(self, self.written)

    def anew(self) -> MetricRing:
        """An empty tape of the same names that keeps as much."""
        return MetricRing(self._most // MOST_GROWTH, list(self._names), self.seconds)

    def copy(self) -> MetricRing:
        """An independent tape with the same rows."""
        twin = self.anew()
        twin.capacity, twin.written, twin.last_at = self.capacity, self.written, self.last_at
        twin._base, twin._times, twin._data = self._base, self._times[:], self._data[:]
        twin._keep([self._names[name] for name in self._places])
        return twin

    @property
    def oldest(self) -> int:
        """The oldest row that is still on the tape, or the first to come."""
        return max(self._base, self.written - self.capacity)

    def has(self, name: str) -> bool:
        """Whether the figure `name` ever came."""
        return name in self._places

    def time_at(self, sequence: int) -> float:
        """The time of row `sequence`, NaN if it has been written over."""
        return self._times[(sequence - self._base) % self.capacity] if self.holds(sequence) else NAN

    def value_at(self, name: str, sequence: int) -> float:
        """The figure `name` of row `sequence`, NaN if it is a gap or has been written over."""
        return self.column(name, sequence, sequence + 1)[0] if self.holds(sequence) else NAN

    def holds(self, sequence: int) -> bool:
        """Whether row `sequence` is still on the tape."""
        return self.oldest <= sequence < self.written

    def since(self, at: float, start: int, end: int) -> int:
        """The first of the rows start..end-1, which must be on the tape, whose time is `at` or later; else `end`."""
        turn = start + self.capacity - (start - self._base) % self.capacity
        for low, high in ((start, min(end, turn)), (turn, end)):
            if low < high and self.time_at(high - 1) >= at:
                first = (low - self._base) % self.capacity
                return low + bisect_left(self._times, at, first, first + high - low) - first
        return end

    def column(self, name: str, start: int, end: int) -> array[float]:
        """The figures of rows start..end-1, which must be on the tape; gaps for a figure that never came."""
        if name in self._places:
            return self._cut(self._data, start, end, self._width, self._places[name])
        if name not in self._names:
            raise KeyError(name)
        return array("f", [NAN]) * (end - start)

    def times(self, start: int, end: int) -> array[float]:
        """The times of rows start..end-1, which must be on the tape."""
        return self._cut(self._times, start, end)

    def _cut(self, ring: array[float], start: int, end: int, width: int = 1, place: int | None = None) -> array[float]:
        """Rows start..end-1 of a ring whose rows are `width` figures wide: all of each, or the one at `place`."""
        if start >= end:
            return ring[:0]
        step = 1 if place is None else width
        first = (start - self._base) % self.capacity * width + (place or 0)
        last = ((end - 1 - self._base) % self.capacity + 1) * width
        return ring[first:last:step] if first < last else ring[first::step] + ring[place or 0 : last : step]


def _pick(places: Sequence[int]) -> _Pick:
    """What takes the figures at `places` out of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


class Window:
    """A tape up to one moment; rows written later are not seen, rows written over are gone."""

    __slots__ = ("_tape", "end")

    def __init__(self, tape: MetricRing, end: int) -> None:
        self._tape = tape
        self.end = end

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def start(self) -> int:
        """The oldest row that is still there."""
        return min(self.end, self._tape.oldest)

    def keep(self) -> Window:
        """The same rows, safe from whatever is written from now on."""
        return Window(self._tape.copy(), self.end)

    def has(self, name: str) -> bool:
        """Whether the figure `name` ever came; without it all its values are gaps."""
        return self._tape.has(name)

    def since(self, at: float) -> int:
        """The first row whose time is `at` or later; times on a tape never fall."""
        return self._tape.since(at, self.start, self.end)

    def rows(self, name: str, at: float) -> tuple[array[float], array[float]]:
        """The times and the figures `name` of all rows from `at` on, oldest first."""
        start = self.since(at)
        return self._tape.times(start, self.end), self._tape.column(name, start, self.end)

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
    ended: set[int] = set()
    for at, value in zip(times, values, strict=True):
        index = int((at - first) / width)
        if value != value:
            ended.add(index)
            continue
        if ended:
            ended.discard(index)
        if index == points and at <= end + width:
            index = points - 1
        if 0 <= index < points and not slots[index] >= value:
            slots[index] = value
    if NAN in slots:  # the very object: no NaN of the rows is put in
        _bridge(slots, ended, reach=max(3, math.ceil(5.0 / width)))
    return tuple(slots)


def _bridge(slots: list[float], ended: set[int], reach: int) -> None:
    """Fill slots without a row from the one before, `reach` in a row at most; `ended` are those that end with a gap."""
    held, age = NAN, 0
    for index, value in enumerate(slots):
        if value == value:
            held, age = value, 0
        else:
            age += 1
            if age < reach and index not in ended:
                slots[index] = held
        if index in ended:
            held = NAN
