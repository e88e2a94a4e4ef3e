"""Counts the OOM kills of one container, from the engine's events and the kernel's own count."""

from __future__ import annotations

from collections import deque

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.thresholds import Thresholds
from dockpit.signals.oom_kills import count_kills

MAX_EVENTS = 256
"""Number of `oom` events remembered; the oldest are dropped."""


class OomKillCounter:
    """OOM kills of all runs that were seen; the kernel's count is of the current run only."""

    __slots__ = ("_event_times", "_kernel_count", "_kernel_count_grew_at")

    def __init__(self) -> None:
        self._event_times: deque[float] = deque(maxlen=MAX_EVENTS)
        self._kernel_count: int | None = None
        self._kernel_count_grew_at = 0.0

    def add_event(self, at: float) -> None:
        """Record an `oom` event of the engine, `at` in epoch seconds."""
        self._event_times.append(at)

    def add_sample(self, sample: Sample) -> None:
        """Record the kernel's count; its growth dates a kill even where no event came."""
        count, before = sample.oom_kills, self._kernel_count
        if count is not None:
            self._kernel_count = count
            if before is not None and count > before:
                self._kernel_count_grew_at = sample.at

    def start_run(self) -> None:
        """Forget the kernel's count: a new run counts from 0."""
        self._kernel_count, self._kernel_count_grew_at = None, 0.0

    def count(self, container: Container, thresholds: Thresholds) -> int:
        """OOM kills: events before this run plus the kernel's count of it, or the number of all events if greater.

        Events are debounced. At least 1 where the engine's inspect says that the container was OOM-killed.
        """
        if not self._event_times and not self._kernel_count:
            return int(container.oom_killed)
        debounce, started = thresholds.oom_debounce_seconds, container.started_at
        total = count_kills(list(self._event_times), debounce)
        if self._kernel_count is not None:
            earlier = count_kills([at for at in self._event_times if at < started], debounce)
            total = earlier + self._kills_of_this_run(self._kernel_count, total, container)
        return max(total, int(container.oom_killed))

    def _kills_of_this_run(self, kernel_count: int, event_kills: int, container: Container) -> int:
        """The kernel's count while the container runs; the last kill of an ended run may be in its events only."""
        if container.live:
            return kernel_count
        events_since_start = sum(at >= container.started_at for at in self._event_times)
        return max(kernel_count, min(event_kills, events_since_start))

    @property
    def last_kill_at(self) -> float:
        """Epoch seconds of the newest kill, 0 where none was seen to happen."""
        return max(self._event_times[-1] if self._event_times else 0.0, self._kernel_count_grew_at)
