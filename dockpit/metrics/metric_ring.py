"""The history of one container: a ring of its figures, all on one time line, and windows to read it through.

Only monitor/ appends to a MetricRing. Everybody else reads through a Window, which shows the ring as it was when the
window was taken, however much is appended afterwards.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from dockpit.metrics.figures_and_columns import KEPT
from dockpit.metrics.row_ring import NAN, RowRing

KEPT_NAMES = tuple(figure.name for figure in KEPT)
"""The figures that a container's ring may keep, in this order."""

_Picker = Callable[[Sequence[float]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which of the figures in an appended row are stored, and how they are picked out of it."""

    positions: Mapping[str, int]
    """Every figure -> its position in an appended row."""
    places: Mapping[str, int]
    """Stored figure -> its place in a stored row."""
    pick_stored: _Picker
    pick_others: _Picker
    no_others: Sequence[float]
    """Result of `pick_others` for a row without new figures.

    Tuples compare items by identity first, so rows whose gaps are the object NAN are equal to this, although NaN is not
    equal to itself.
    """


@lru_cache(maxsize=256)
def _columns(names: tuple[str, ...], stored: tuple[int, ...]) -> _Columns:
    """The columns of rows whose figures are `names` and of which those at the positions `stored` are stored."""
    others = tuple(index for index in range(len(names)) if index not in stored)
    pick_others = _picker(others)
    return _Columns(
        positions={name: index for index, name in enumerate(names)},
        places={names[index]: place for place, index in enumerate(stored)},
        pick_stored=_picker(stored),
        pick_others=pick_others,
        no_others=pick_others([NAN] * len(names)),
    )


def _picker(positions: Sequence[int]) -> _Picker:
    """A function that takes the figures at `positions` out of a row."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda row: tuple(row[position] for position in positions)


class MetricRing:
    """A ring of rows of the figures `names`; a figure takes no room before it comes for the first time.

    `capacity` and `span_seconds` are those of RowRing.
    """

    __slots__ = ("_columns", "_names", "rows")

    def __init__(self, capacity: int, names: Sequence[str] = KEPT_NAMES, span_seconds: float = 0.0) -> None:
        self._names = tuple(names)
        self._columns = _columns(self._names, ())
        self.rows = RowRing(capacity, span_seconds)
        """The stored rows: a column for each figure that ever came."""

    @property
    def last_at(self) -> float:
        """The time of the newest row, minus infinity while there is none."""
        return self.rows.last_at

    def append(self, at: float, row: Sequence[float]) -> None:
        """Add one row; `row` follows the order of the names, NaN where there is no figure. No time falls here."""
        columns = self._columns
        if columns.pick_others(row) != columns.no_others:
            columns = self._add_columns(row)
        self.rows.append(at, array("f", columns.pick_stored(row)))

    def _add_columns(self, row: Sequence[float]) -> _Columns:
        """Store the figures of `row` that come for the first time too; they are gaps in the rows before."""
        old, positions = self._columns.places, self._columns.positions
        stored = [name for name, index in positions.items() if name in old or not math.isnan(row[index])]
        if len(stored) > len(old):
            self.rows.rearrange([old.get(name) for name in stored])
            self._columns = _columns(self._names, tuple(positions[name] for name in stored))
        return self._columns

    def append_gap(self, at: float = -math.inf) -> None:
        """Add a row of gaps, by default right behind the last row, unless the ring is empty or ends with one."""
        if self.rows.appended and not all(map(math.isnan, self.rows.row(self.rows.appended - 1))):
            self.append(at, [NAN] * len(self._names))

    def window(self) -> Window:
        """A view of the rows appended so far, without later ones."""
        return Window(self, self.rows.appended)

    def empty_copy(self) -> MetricRing:
        """A ring without rows for the same figures, as small as this one was at first."""
        return MetricRing(self.rows.first_capacity, self._names, self.rows.span_seconds)

    def copy(self) -> MetricRing:
        """An independent ring with the same rows."""
        twin = self.empty_copy()
        twin.rows, twin._columns = self.rows.copy(), self._columns
        return twin

    def has(self, name: str) -> bool:
        """Whether the figure `name` ever came."""
        return name in self._columns.places

    def column(self, name: str, start: int, end: int) -> array[float]:
        """The figures of rows start..end-1, which must be in the ring; gaps for a figure that never came.

        Raises KeyError for a name that is none of the ring's.
        """
        place = self._columns.places.get(name)
        if place is not None:
            return self.rows.column(place, start, end)
        if name not in self._columns.positions:
            raise KeyError(name)
        return array("f", [NAN]) * (end - start)


class Window:
    """The rows of a MetricRing before row `end`; rows that were written over since are not in it."""

    __slots__ = ("_ring", "end")

    def __init__(self, ring: MetricRing, end: int) -> None:
        self._ring = ring
        self.end = end

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def start(self) -> int:
        """The number of the oldest row that is still there."""
        return min(self.end, self._ring.rows.oldest)

    def copy(self) -> Window:
        """A window of the same rows in a ring of its own, where nothing writes over them."""
        return Window(self._ring.copy(), self.end)

    def has(self, name: str) -> bool:
        """Whether the figure `name` ever came; without it all its values are gaps."""
        return self._ring.has(name)

    def first_row_at(self, at: float) -> int:
        """The number of the first row whose time is `at` or later, `end` where there is none."""
        return self._ring.rows.first_row_at(at, self.start, self.end)

    def rows(self, name: str, at: float) -> tuple[array[float], array[float]]:
        """The times and the figures `name` of all rows from `at` on, oldest first."""
        start = self.first_row_at(at)
        return self._ring.rows.times(start, self.end), self._ring.column(name, start, self.end)

    def times(self, at: float = -math.inf) -> array[float]:
        """The times of all rows from `at` on, oldest first."""
        return self._ring.rows.times(self.first_row_at(at), self.end)

    def values(self, name: str, at: float = -math.inf) -> array[float]:
        """The figures `name` of all rows from `at` on, oldest first; NaN is a gap."""
        return self._ring.column(name, self.first_row_at(at), self.end)

    def last(self, name: str) -> float:
        """The newest figure; NaN for a gap, and where the row was written over or there is none."""
        newest = self.end - 1
        return self._ring.column(name, newest, self.end)[0] if self._ring.rows.has_row(newest) else NAN
