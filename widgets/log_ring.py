"""The last lines of a log and which of them a filter lets through; lines are numbered from 0."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Sequence

from dockpit.model.container import LogLine
from widgets.log_text import Expression, cleaned, kept


class LogRing:
    """At most `capacity` lines; adding some costs their number, whatever came before."""

    def __init__(self, capacity: int) -> None:
        self._lines: deque[LogLine] = deque(maxlen=capacity)
        self._received = 0
        self._filter: Expression | None = None
        self._found: deque[int] = deque()
        self.longest = 0
        """Characters of the longest line since the last clear()."""

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def dropped(self) -> int:
        """How many lines came and are no longer kept: the number of the oldest one kept."""
        return self._received - len(self._lines)

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the lines that the filter lets through, rising."""
        return range(self.dropped, self._received) if self._filter is None else self._found

    def line(self, number: int) -> LogLine:
        """The line with that number; it must still be kept."""
        return self._lines[number - self.dropped]

    def row(self, number: int) -> int:
        """The place in `numbers` of line `number`, or of the first one after it."""
        return bisect_left(self.numbers, number)

    def append(self, lines: Sequence[LogLine]) -> int:
        """Add `lines`, oldest first; return how many went out of `numbers` at the front."""
        fresh = [kept(line) for line in lines[-(self._lines.maxlen or 1) :]]
        before, shown = self.dropped, len(self.numbers)
        self._lines.extend(fresh)
        self._received += len(lines)
        self.longest = max([self.longest, *(len(line.text) for line in fresh)])
        if self._filter is None:
            return min(self.dropped - before, shown)
        return self._find(fresh)

    def clear(self) -> None:
        """Forget every line and number from 0 again."""
        self._lines.clear()
        self._found.clear()
        self._received = self.longest = 0

    def filter(self, pattern: str) -> None:
        """Let through the lines in which the expression is found, all for ""; ValueError says why one is refused."""
        self._filter = Expression(pattern) if pattern else None
        self._found = deque()
        self._find(self._lines)

    def _find(self, fresh: Collection[LogLine]) -> int:
        """Bring what was found up to date with the newest lines; how many went at the front."""
        gone = 0
        while self._found and self._found[0] < self.dropped:
            self._found.popleft()
            gone += 1
        if self._filter is not None:
            numbered = enumerate(fresh, self._received - len(fresh))
            self._found.extend(number for number, line in numbered if self._filter.matches(cleaned(line.text)))
        return gone
