"""The configuration as frozen values: Config and its tables, and LoadedConfig with the origin of each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dockpit.metrics.compiled_columns import DEFAULT_COLUMNS
from dockpit.metrics.sorting import TROUBLE
from dockpit.model.thresholds import Thresholds

if TYPE_CHECKING:
    from dockpit.model.plans import Plan

SourceChoice = Literal["auto", "kernel", "engine"]
"""Source of the samples; auto is the kernel for every container it shows, else the engine."""

HISTORY_MINUTES = 15.0
"""Minutes of history that are kept of each container, unless set otherwise."""
NETSHOOT_IMAGE = "nicolaka/netshoot"


@dataclass(frozen=True, slots=True)
class CustomRecipe:
    """A netshoot recipe from the configuration file; `command` is a list of words."""

    name: str
    command: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class NetshootSettings:
    """The [netshoot] table: the image of debug containers, and the user's recipes."""

    image: str = NETSHOOT_IMAGE
    recipes: tuple[CustomRecipe, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmSettings:
    """The [confirm] table: the kinds of plans that need a confirmation."""

    update: bool = True
    stop: bool = True
    restart: bool = True
    pause: bool = True
    kill: bool = True
    remove: bool = True

    def asks(self, plan: Plan) -> bool:
        """Whether `plan` needs a confirmation: always if it could kill processes, never if it is safe."""
        return plan.danger == "kill" or (plan.danger == "confirm" and getattr(self, plan.kind, True))


@dataclass(frozen=True, slots=True)
class Config:
    """All settings; fields are named as the keys of the file, and each table is a dataclass of its own."""

    interval_seconds: float = 1.0
    source: SourceChoice = "auto"
    calm: bool = False
    history_minutes: float = HISTORY_MINUTES
    read_only: bool = False
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    """Column ids in order; `default=True` in metrics/figures_and_columns.py says which are shown by default."""
    sort: str = TROUBLE
    """A column id with asc or desc, or "trouble"."""
    group: bool = True
    theme: str = "dark"
    ascii: bool = False
    color: bool = True
    bell: bool = False
    log_file: str = ""
    thresholds: Thresholds = field(default_factory=Thresholds)
    netshoot: NetshootSettings = field(default_factory=NetshootSettings)
    confirm: ConfirmSettings = field(default_factory=ConfirmSettings)
    keys: Mapping[str, str] = field(default_factory=dict)
    """Name of a binding -> its keys, separated by commas."""

    @property
    def sort_by(self) -> str:
        """The id of the metric by which the table is sorted, or "trouble"."""
        return self.sort.partition(" ")[0]

    @property
    def descending(self) -> bool:
        """Whether the largest value comes first."""
        return self.sort.partition(" ")[2] != "asc"


def value_of(config: Config, key: str) -> object:
    """The value of a dotted key."""
    found: object = config
    for part in key.split("."):
        found = getattr(found, part)
    return found


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A configuration with the problems found while loading it and the origin of each value."""

    config: Config = field(default_factory=Config)
    problems: tuple[str, ...] = ()
    """One sentence for each mistake in the file or the environment."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Dotted key -> origin: "default", "--interval", "DOCKPIT_INTERVAL" or "…/config.toml line 7"."""
    path: Path | None = None
    """The configuration file, which need not exist; changed settings are saved there."""
