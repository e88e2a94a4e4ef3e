"""What the user has chosen to look at; it outlives screens and is what the configuration remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

SPANS = (60.0, 120.0, 300.0, 600.0, 900.0)
"""How far back the charts can go, in seconds."""

SHORTEST_FRAME_SECONDS = 0.2
CALM_FRAME_SECONDS = 2.0


@dataclass(slots=True)
class ViewState:
    """The choices behind the overview and the charts."""

    tz: tzinfo
    sort: str = "trouble"
    descending: bool = True
    filter: str = ""
    grouped: bool = True
    folded: set[str] = field(default_factory=set)
    columns: tuple[str, ...] = ()
    span: int = 2
    detail: bool = True
    ascii: bool = False
    interval: float = 1.0
    calm: bool = False

    @property
    def frame_seconds(self) -> float:
        """How often the screen is drawn: as often as what is in focus is read, but five times a second at most."""
        if self.calm:
            return CALM_FRAME_SECONDS
        return max(SHORTEST_FRAME_SECONDS, min(1.0, self.interval))

    @property
    def span_seconds(self) -> float:
        """How far back the charts go."""
        return SPANS[self.span]

    def change_span(self, step: int) -> None:
        """Look further back, or less far."""
        self.span = max(0, min(len(SPANS) - 1, self.span + step))
