"""Plans: intended actions on one container, and their outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dockpit.model.container_limits import Limits

Danger = Literal["safe", "confirm", "kill"]
"""Whether a plan is carried out at once, after a question, or after the container's name was typed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a plan changes, in the units that a user types."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Plan:
    """An intended action on one container: its changes, the equivalent docker command, and its undo."""

    kind: Literal["update", "start", "stop", "restart", "pause", "unpause", "kill", "remove"]
    container_id: str
    container_name: str
    engine_id: str
    summary: str
    command: str
    danger: Danger = "confirm"
    changes: tuple[Change, ...] = ()
    body: Mapping[str, object] = field(default_factory=dict)
    """The JSON body of POST /containers/{id}/update, or the query of another action."""
    undo_body: Mapping[str, object] | None = None
    warnings: tuple[str, ...] = ()
    """Sentences the user must read before confirming."""
    compose: str = ""
    expected: Limits | None = None
    before: Limits | None = None
    undoes: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a plan: `text` is a sentence, `undo` the plan that reverts it, if there is one."""

    ok: bool
    text: str
    plan: Plan | None = None
    undo: Plan | None = None
    at: float = 0.0
    warnings: tuple[str, ...] = ()
    in_force: Limits | None = None
