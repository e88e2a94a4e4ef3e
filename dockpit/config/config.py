"""What the user has set: one frozen Config, made of flags, environment, one TOML file and defaults, in that order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dockpit.metrics.sorting import TROUBLE
from dockpit.metrics.table_figures import DEFAULT_COLUMNS
from dockpit.model.thresholds import Thresholds

if TYPE_CHECKING:
    from dockpit.model.plans import Plan

SourceChoice = Literal["auto", "kernel", "engine"]
"""Where figures may come from; auto is the kernel wherever it shows the container."""

NETSHOOT_IMAGE = "nicolaka/netshoot"


@dataclass(frozen=True, slots=True)
class OwnRecipe:
    """A netshoot recipe of the user's own: a command as its words, and what it is for."""

    name: str
    command: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Netshoot:
    """The debug container: its image, and recipes of one's own."""

    image: str = NETSHOOT_IMAGE
    recipes: tuple[OwnRecipe, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirm:
    """Which kinds of plans are shown and asked about before they are carried out."""

    update: bool = True
    stop: bool = True
    restart: bool = True
    pause: bool = True
    kill: bool = True
    remove: bool = True

    def asks(self, plan: Plan) -> bool:
        """Whether `plan` needs a yes: one that could kill always does, a safe one never."""
        return plan.danger == "kill" or (plan.danger == "confirm" and getattr(self, plan.kind, True))


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set; the names are the keys of the file, its tables are dataclasses of their own."""

    interval_seconds: float = 1.0
    source: SourceChoice = "auto"
    calm: bool = False
    history_minutes: float = 15.0
    read_only: bool = False
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    sort: str = TROUBLE
    """A figure's id and asc or desc, or "trouble"."""
    group: bool = True
    theme: str = "dark"
    ascii: bool = False
    color: bool = True
    bell: bool = False
    log_file: str = ""
    thresholds: Thresholds = field(default_factory=Thresholds)
    netshoot: Netshoot = field(default_factory=Netshoot)
    confirm: Confirm = field(default_factory=Confirm)
    keys: Mapping[str, str] = field(default_factory=dict)
    """Names of bindings -> their keys, several with commas between them."""

    @property
    def sort_by(self) -> str:
        """The figure that the table is sorted by."""
        return self.sort.partition(" ")[0]

    @property
    def descending(self) -> bool:
        """Whether the greatest comes first."""
        return self.sort.partition(" ")[2] != "asc"


def value_of(config: Config, key: str) -> object:
    """The value of a dotted key."""
    found: object = config
    for part in key.split("."):
        found = getattr(found, part)
    return found


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, what was wrong with it, and where each value came from."""

    config: Config = field(default_factory=Config)
    problems: tuple[str, ...] = ()
    """A sentence for each mistake."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Dotted key -> "default", "--interval", "DOCKPIT_INTERVAL" or "…/config.toml line 7"."""
    path: Path | None = None
    """The file that was read, or would be: where choices are kept."""
