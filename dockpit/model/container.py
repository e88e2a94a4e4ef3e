"""A container as the engine describes it, its row in a listing, its processes and its output.

Values are frozen and units are in the names. None always means that the host cannot say: n/a, never 0.
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
    """Seconds that `docker stop` waits before it kills; None for the engine's default."""
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
    """A container's row in a listing: enough to see whether it must be inspected again, and to show it meanwhile."""

    id: str
    names: tuple[str, ...] = ()
    state: State | None = None
    """None for a state that dockpit does not know."""
    health: Health = "none"
    image: str = ""
    created_at: float = 0.0
    exit_code: int = 0
    """Of one that exited; 0 while that is not known."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def tells_of(self, container: Container) -> bool:
        """Whether `container` has the same state, name and health as this row."""
        return self.state == container.state and container.name in self.names and self.health == container.health

    def without_inspect(self, error: str) -> Container:
        """The container as far as the listing knows it; `error` is why its inspect gives nothing."""
        return Container(
            id=self.id,
            name=self.names[0] if self.names else self.id[:12],
            image=self.image,
            project=self.labels.get("com.docker.compose.project", ""),
            service=self.labels.get("com.docker.compose.service", ""),
            state=self.state or "created",
            health=self.health,
            created_at=self.created_at,
            exit_code=self.exit_code,
            error=error,
            labels=self.labels,
        )


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a container's output, raw and hostile; `at` is the engine's timestamp in epoch seconds, or 0."""

    stream: Literal["stdout", "stderr", "note"]
    text: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a container, from the engine's top and, on a local engine, psutil."""

    pid: int
    user: str
    command: str
    ppid: int | None = None
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    threads: int | None = None
    state: str = ""
    started_at: float = 0.0
