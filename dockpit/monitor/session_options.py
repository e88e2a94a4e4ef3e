"""How a session watches its engine, as the configuration and the command line ask for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from dockpit.config.defaults import HISTORY_MINUTES, Config, SourceChoice
from dockpit.model.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options of one session; the defaults are those of Config."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    history_minutes: float = HISTORY_MINUTES
    """Length of the past that is kept of each container."""
    read_only: bool = False
    """Whether every plan is refused."""
    source: SourceChoice = "auto"
    interval_seconds: float = 1.0
    """Seconds between two samples of a container; below 1 for containers in focus only."""
    calm: bool = False
    """Whether containers out of sight are read less often."""
    interactive: bool = True
    """Whether a user presses keys, which are answered before samples are taken in."""

    @classmethod
    def from_config(
        cls, config: Config, *, history_minutes: float | None = None, interactive: bool = True
    ) -> SessionOptions:
        """The options that `config` sets; `history_minutes` replaces its own."""
        return cls(
            thresholds=config.thresholds,
            history_minutes=history_minutes or config.history_minutes,
            read_only=config.read_only,
            source=config.source,
            interval_seconds=config.interval_seconds,
            calm=config.calm,
            interactive=interactive,
        )
