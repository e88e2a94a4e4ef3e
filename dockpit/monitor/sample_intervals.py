"""Seconds between two reads of each container, by what the user looks at."""

from __future__ import annotations

from dataclasses import dataclass

MIN_USUAL_SECONDS = 1.0
"""Minimum interval of containers that are not in focus."""
CALM_FACTOR = 5
"""Factor between the usual interval and that of containers out of sight with `--calm`."""


@dataclass(frozen=True, slots=True)
class Attention:
    """Full ids of the containers that the user looks at."""

    focus: frozenset[str] = frozenset()
    """Containers in focus: those of the open container screen, or named on the command line."""
    visible: frozenset[str] | None = None
    """Containers on screen, None for all."""


@dataclass(frozen=True, slots=True)
class SampleIntervals:
    """Seconds between two reads of a container."""

    all: float = 1.0
    """Containers on screen and not in focus."""
    focus: float = 1.0
    """Containers in focus."""
    hidden: float = 1.0
    """Containers out of sight."""

    @classmethod
    def of(cls, interval_seconds: float, calm: bool) -> SampleIntervals:
        """Intervals from the settings; an interval below a second is for the focus only, `calm` for what is hidden."""
        usual = max(MIN_USUAL_SECONDS, interval_seconds)
        return cls(usual, min(interval_seconds, usual), CALM_FACTOR * usual if calm else usual)

    def seconds(self, container_id: str, attention: Attention) -> float:
        """The interval of one container."""
        if container_id in attention.focus:
            return self.focus
        return self.all if attention.visible is None or container_id in attention.visible else self.hidden
