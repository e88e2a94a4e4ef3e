"""What the command line asked for, once flags, environment and file are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockpit.config.config import Config, Loaded
from dockpit.config.loader import load
from dockpit.model.errors import UsageError

FLAGS: Mapping[str, str] = {
    "interval": "interval_seconds",
    "source": "source",
    "calm": "calm",
    "read_only": "read_only",
    "ascii": "ascii",
    "theme": "theme",
    "sort": "sort",
    "bell": "bell",
    "log": "log_file",
}
"""Options of the command line -> the settings that they overrule."""


@dataclass(frozen=True, slots=True)
class Options:
    """Which engine, which view; all that can also be set in the file is in `config`, flags applied."""

    context: str | None = None
    host: str | None = None
    demo: str | None = None
    """The scenario of a simulated engine, None for a real one."""
    seed: int = 1
    filter: str = ""
    loaded: Loaded = field(default_factory=Loaded)

    @property
    def config(self) -> Config:
        """The settings in force."""
        return self.loaded.config

    @property
    def read_only(self) -> bool:
        """Whether every action is refused."""
        return self.config.read_only


def options_from(given: Mapping[str, Any], environ: Mapping[str, str]) -> Options:
    """The options in force; `given` has what was on the command line. Raises UsageError."""
    demo, host, context = given.get("demo"), given.get("host"), given.get("context")
    if demo is not None and (host or context):
        raise UsageError("--demo brings an engine of its own: leave out --host and --context")
    flags = {setting: given.get(option) for option, setting in FLAGS.items()}
    path: Path | None = given.get("config")
    return Options(
        context=context,
        host=host,
        demo=demo,
        seed=given.get("seed", 1),
        filter=given.get("filter", ""),
        loaded=load(path, environ, flags),
    )
