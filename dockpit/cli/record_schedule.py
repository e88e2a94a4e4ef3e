"""When each container's next record is due in `dockpit stats --json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dockpit.metrics.snapshot import Entry, Snapshot

FIRST_RATE_SECONDS = 6.0
"""Maximum wait of a container's first record for a second sample, without which there is no rate."""
EARLY_SECONDS = 0.5
"""Tolerance by which a sample may come before it is due: samples come when the engine collects them."""


class RecordSchedule:
    """Decides which containers are printed: one record per sample, at most one every `interval` seconds.

    A live container is due with a new sample, a container without samples by the clock, and one that stopped once more.
    """

    def __init__(self, interval: float, samples: int | None) -> None:
        """`samples` is the number of records to print for each container, None for no end."""
        self._interval = interval
        self._samples = samples
        self._min_gap = interval - min(EARLY_SECONDS, interval / 2)
        self._first_seen_at: dict[str, float] = {}
        self._last_sample_at: dict[str, float] = {}
        self._printed_at: dict[str, float] = {}
        self._counts: Counter[str] = Counter()
        self._live: set[str] = set()

    def due(self, entries: Iterable[Entry], snapshot: Snapshot, now: float) -> list[Entry]:
        """The entries to print at `now` seconds, counted as printed.

        `entries` are the chosen containers of `snapshot`; those that left `entries` since the last call because they
        stopped are taken from `snapshot`.
        """
        present = {entry.container.id: entry for entry in entries}
        stopped = [snapshot.entries[one] for one in self._live - set(present) if one in snapshot.entries]
        self._live = {key for key, entry in present.items() if entry.container.live}
        due = [entry for entry in present.values() if self._is_due(entry, now)]
        due += [entry for entry in stopped if not self._is_complete(entry.container.id)]
        for entry in due:
            self._count(entry, now)
        return due

    def _is_complete(self, container_id: str) -> bool:
        return self._samples is not None and self._counts[container_id] >= self._samples

    def _is_due(self, entry: Entry, now: float) -> bool:
        key = entry.container.id
        waited_seconds = now - self._first_seen_at.setdefault(key, now)
        if self._is_complete(key):
            return False
        if entry.container.live and not entry.stale:
            if entry.sample is None or (entry.rates is None and key not in self._last_sample_at):
                return entry.sample is not None and waited_seconds > FIRST_RATE_SECONDS
            return key not in self._last_sample_at or entry.sample.at - self._last_sample_at[key] >= self._min_gap
        return key not in self._printed_at or now - self._printed_at[key] >= self._interval

    def _count(self, entry: Entry, now: float) -> None:
        key = entry.container.id
        self._counts[key] += 1
        self._printed_at[key] = now
        if entry.sample is not None and entry.container.live:
            self._last_sample_at[key] = entry.sample.at
        else:
            self._last_sample_at.pop(key, None)

    def all_printed_once(self, ids: Iterable[str]) -> bool:
        """Whether each of the containers was printed at least once."""
        return all(self._counts[one] for one in ids)

    def all_complete(self, ids: Iterable[str]) -> bool:
        """Whether each of the containers was printed `samples` times."""
        return self._samples is not None and all(self._is_complete(one) for one in ids)
