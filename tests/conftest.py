"""What every test finds: one terminal, one time zone, one language, and no configuration of whoever runs it."""

from __future__ import annotations

import os
import tempfile
import time

PINNED = {
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_COLOR_SYSTEM": "truecolor",
}
"""Read by textual and rich while they are imported, so it is set before the first test module is."""

FOREIGN = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM_PROGRAM", "SSH_TTY", "SSH_CONNECTION", "DOCKER_CONTEXT")
"""What a developer's shell may hold and a test must not see."""

FOLDERS = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")

_home = tempfile.TemporaryDirectory(prefix="dockpit-tests-")
os.environ.update(PINNED)
os.environ.update({folder: f"{_home.name}/{folder.lower()}" for folder in FOLDERS})
for name in FOREIGN:
    os.environ.pop(name, None)
time.tzset()


def pytest_unconfigure() -> None:
    """Remove the folders that stood in for the user's."""
    _home.cleanup()
