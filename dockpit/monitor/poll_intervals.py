"""How often each container is read, by what the user looks at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attention:
    """What the user looks at: `focus` are read at the fast pace, all but `seen` at the calm one; None is everything."""

    focus: frozenset[str] = frozenset()
    seen: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class PollIntervals:
    """How often is read, in seconds: all containers, those in focus, and in `--calm` those out of sight."""

    all: float = 1.0
    focus: float = 1.0
    hidden: float = 1.0

    @classmethod
    def of(cls, interval: float, calm: bool) -> PollIntervals:
        """The paces of an interval: below a second it is for the container in focus only."""
        usual = max(1.0, interval)
        return cls(usual, min(interval, usual), 5 * usual if calm else usual)

    def seconds(self, container_id: str, attention: Attention) -> float:
        """How often this container is read."""
        if container_id in attention.focus:
            return self.focus
        return self.all if attention.seen is None or container_id in attention.seen else self.hidden
