"""The limits of one container over time: which were in force since when, and which differ from the configured ones."""

from __future__ import annotations

from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import LimitsSince, cpu_limit
from dockpit.model.container import Container
from dockpit.signals.limit_differences import limit_differences

MAX_LIMIT_CHANGES = 64
"""Number of changes of a container's limits remembered; the oldest are dropped."""
CONFIRMING_READINGS = 2
"""Consecutive readings that must differ before it is reported: a change takes a moment to reach kernel and engine."""


class LimitHistory:
    """Limits in force of one container."""

    __slots__ = ("_changes", "_differing_readings", "_read_at")

    def __init__(self) -> None:
        self._changes: tuple[LimitsSince, ...] = ()
        self._read_at = 0.0
        self._differing_readings = 0

    def clear_changes(self) -> None:
        """Forget which limits held since when: the times are of a clock that was set back."""
        self._changes = ()

    def reset_differences(self) -> None:
        """Count differing readings anew: other limits are configured now."""
        self._read_at, self._differing_readings = 0.0, 0

    def add_sample(self, sample: Sample, container: Container, memory_total_bytes: int) -> None:
        """Count consecutive readings in which the limits in force differ from the configured ones."""
        in_force = sample.in_force
        if in_force is None or in_force.read_at == self._read_at:
            return
        self._read_at = in_force.read_at
        differ = limit_differences(container.limits, in_force, memory_total_bytes)
        self._differing_readings = self._differing_readings + 1 if differ else 0

    def confirmed_differences(
        self, sample: Sample | None, container: Container, memory_total_bytes: int
    ) -> tuple[str, ...]:
        """A sentence for each limit in force that differs from the configured one, once enough readings agree."""
        if sample is None or sample.in_force is None or self._differing_readings < CONFIRMING_READINGS:
            return ()
        return limit_differences(container.limits, sample.in_force, memory_total_bytes)

    def record(
        self, at: float, sample: Sample | None, container: Container, memory_bytes: int | None
    ) -> tuple[LimitsSince, ...]:
        """Record the limits in force at `at` if they changed; all that were in force since when, oldest first."""
        known = self._changes
        if sample is None:
            return known
        cores = cpu_limit(sample, container)
        if not known or known[-1][1:] != (cores, memory_bytes):
            self._changes = known = (*known[1 - MAX_LIMIT_CHANGES :], LimitsSince(at, cores, memory_bytes))
        return known
