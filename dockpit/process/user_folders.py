"""The user's home folder, also for a user id without one: a container or a service with a numeric user."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

NO_HOME = "/nonexistent"
"""HOME of a user who has none; by convention nothing is there and nothing can be created."""


def ensure_home(environ: MutableMapping[str, str]) -> None:
    """Set HOME where neither it nor passwd names a home: libraries raise as they are imported otherwise."""
    try:
        Path.home()
    except RuntimeError:
        environ["HOME"] = NO_HOME


def expand_home(path: str | Path) -> Path:
    """`path` with a leading ~ or ~user replaced; unchanged where the home that it names is unknown."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
