"""Ring buffer of log lines with a filter; lines are numbered from 0."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Sequence

from dockpit.model.container import LogLine
from widgets.logs.line_pattern import LinePattern
from widgets.logs.log_text import plain_log_text, shorten_line


class LogBuffer:
    """The last `capacity` lines of a log; appending n lines costs O(n), however many are kept."""

    def __init__(self, capacity: int) -> None:
        self._lines: deque[LogLine] = deque(maxlen=capacity)
        self._received = 0
        self._filter: LinePattern | None = None
        self._matching: deque[int] = deque()
        self.longest = 0
        """Characters of the longest line since the last clear()."""

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def dropped(self) -> int:
        """Count of received lines that are no longer kept: the number of the oldest kept line."""
        return self._received - len(self._lines)

    @property
    def numbers(self) -> Sequence[int]:
        """Numbers of the kept lines that match the filter, ascending."""
        return range(self.dropped, self._received) if self._filter is None else self._matching

    def line(self, number: int) -> LogLine:
        """Return the line with that number, which must still be kept."""
        return self._lines[number - self.dropped]

    def row(self, number: int) -> int:
        """Return the index in `numbers` of line `number`, or of the first line after it."""
        return bisect_left(self.numbers, number)

    def append(self, lines: Sequence[LogLine]) -> int:
        """Add `lines`, oldest first; return how many entries `numbers` lost at its front."""
        added = [shorten_line(line) for line in lines[-(self._lines.maxlen or 1) :]]
        old_dropped, old_shown = self.dropped, len(self.numbers)
        self._lines.extend(added)
        self._received += len(lines)
        self.longest = max([self.longest, *(len(line.text) for line in added)])
        if self._filter is None:
            return min(self.dropped - old_dropped, old_shown)
        return self._update_matching(added)

    def clear(self) -> None:
        """Remove all lines and restart the numbers at 0."""
        self._lines.clear()
        self._matching.clear()
        self._received = self.longest = 0

    def filter(self, pattern: str) -> None:
        """Show only lines that match the regular expression, all for ""; raise ValueError for a refused one."""
        self._filter = LinePattern(pattern) if pattern else None
        self._matching = deque()
        self._update_matching(self._lines)

    def _update_matching(self, added: Collection[LogLine]) -> int:
        """Remove dropped lines from the matching ones and add those of `added`; return how many were removed."""
        removed = 0
        while self._matching and self._matching[0] < self.dropped:
            self._matching.popleft()
            removed += 1
        if self._filter is not None:
            numbered = enumerate(added, self._received - len(added))
            matches = self._filter.matches
            self._matching.extend(number for number, line in numbered if matches(plain_log_text(line.text)))
        return removed
