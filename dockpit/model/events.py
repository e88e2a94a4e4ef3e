"""Events of an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """One engine event. `at_ns` is the engine's timeNano; `detail` is split off `action` (exec command, health)."""

    at_ns: int
    type: str
    action: str
    actor_id: str
    detail: str = ""
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> float:
        """Seconds since the epoch."""
        return self.at_ns / 1e9

    @property
    def key(self) -> tuple[int, str, str, str]:
        """Identity of the event: equal for two deliveries of one event."""
        return (self.at_ns, self.type, f"{self.action}:{self.detail}", self.actor_id)
