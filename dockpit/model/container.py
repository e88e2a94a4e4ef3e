"""The words dockpit thinks in: frozen values without behaviour beyond simple questions.

Units are in the names. `None` always means that the host cannot say; it is shown as n/a and never as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from dockpit.model.container_limits import Limits

State = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]
Health = Literal["none", "starting", "healthy", "unhealthy"]

STATES: tuple[State, ...] = ("running", "paused", "restarting", "created", "removing", "exited", "dead")
"""The states in the order in which the table sorts them."""
HEALTHS: tuple[Health, ...] = get_args(Health)
"""The verdicts of a health check, the worst last."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container as inspect describes it. Times are seconds since the epoch on the engine's clock, 0 for never."""

    id: str
    name: str
    image: str = ""
    image_id: str = ""
    command: str = ""
    project: str = ""
    service: str = ""
    state: State = "created"
    health: Health = "none"
    created_at: float = 0.0
    started_at: float = 0.0
    finished_at: float = 0.0
    exit_code: int = 0
    error: str = ""
    oom_killed: bool = False
    restarts: int = 0
    pid: int = 0
    limits: Limits = field(default_factory=Limits)
    network_mode: str = ""
    pid_mode: str = ""
    auto_remove: bool = False
    stop_seconds: int | None = None
    """How long `docker stop` waits for it; None for the engine's default."""
    tty: bool = False
    ports: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def short_id(self) -> str:
        """The first 12 hex digits, as docker prints them."""
        return self.id[:12]

    @property
    def live(self) -> bool:
        """Whether it has processes: running or paused."""
        return self.state in ("running", "paused")


@dataclass(frozen=True, slots=True)
class ListedContainer:
    """A container as a listing has it: enough to see whether it must be inspected anew."""

    id: str
    names: tuple[str, ...] = ()
    state: State | None = None
    """None for a word that is none of ours."""
    health: Health = "none"

    def tells_of(self, container: Container) -> bool:
        """Whether that is the container as it is known."""
        return self.state == container.state and container.name in self.names and self.health == container.health


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line a container printed; `at` is the engine's timestamp or 0; text is raw and hostile."""

    stream: Literal["stdout", "stderr", "note"]
    text: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a container, from the engine's top and, when local, psutil."""

    pid: int
    user: str
    command: str
    ppid: int | None = None
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    threads: int | None = None
    state: str = ""
    started_at: float = 0.0
