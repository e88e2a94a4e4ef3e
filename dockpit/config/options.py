"""The options of one run: the command line combined with the loaded configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockpit.config.defaults import Config, LoadedConfig
from dockpit.config.loader import load_config
from dockpit.model.errors import UsageError

OPTION_SETTINGS: Mapping[str, str] = {
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
"""Name of a command line option -> key of the setting it overrides."""


@dataclass(frozen=True, slots=True)
class Options:
    """The engine and view to open; settings that the file may have too are in `config`, flags applied."""

    context: str | None = None
    host: str | None = None
    demo: str | None = None
    """Scenario of the simulated engine, None for a real engine."""
    seed: int = 1
    filter: str = ""
    loaded: LoadedConfig = field(default_factory=LoadedConfig)

    @property
    def config(self) -> Config:
        """The settings in force."""
        return self.loaded.config

    @property
    def read_only(self) -> bool:
        """Whether all actions are refused."""
        return self.config.read_only


def build_options(given: Mapping[str, Any], environ: Mapping[str, str]) -> Options:
    """Combine the options of the command line, `given` by name, with environment and configuration file.

    Raises UsageError for an invalid option or a contradiction.
    """
    demo, host, context = given.get("demo"), given.get("host"), given.get("context")
    if demo is not None and (host or context):
        raise UsageError("--demo uses a simulated engine: leave out --host and --context")
    flags = {setting: given.get(option) for option, setting in OPTION_SETTINGS.items()}
    path: Path | None = given.get("config")
    return Options(
        context=context,
        host=host,
        demo=demo,
        seed=given.get("seed", 1),
        filter=given.get("filter", ""),
        loaded=load_config(path, environ, flags),
    )
