"""Crash reports: traceback, versions and arguments of an unexpected error, in a file that only the user can read."""

from __future__ import annotations

import os
import platform
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dockpit import __version__
from dockpit.model.control_characters import escaped
from dockpit.process.redaction import redact

REPORTED_LIBRARIES = ("textual", "aiodocker", "aiohttp", "docker", "click", "psutil", "plotext")
REPORTED_VARIABLES = ("TERM", "COLORTERM", "LANG", "LC_ALL", "TMUX", "SSH_TTY", "NO_COLOR")


def write_crash_report(error: BaseException, arguments: Sequence[str] = ()) -> str:
    """Write a report and return its path, "" if no folder is writable."""
    text = crash_report_text(error, arguments)
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    for folder in _report_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return str(folder / name)
    return ""


def crash_report_text(error: BaseException, arguments: Sequence[str]) -> str:
    """The text of a report, with passwords redacted and control characters escaped."""
    lines = [
        f"dockpit {__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        *(f"{name} {_installed_version(name)}" for name in REPORTED_LIBRARIES),
        *(f"{name}={os.environ[name]}" for name in REPORTED_VARIABLES if name in os.environ),
        f"arguments: {' '.join(arguments)}",
        "",
        *traceback.format_exception(error),
    ]
    text = redact("\n".join(line.rstrip("\n") for line in lines))
    return escaped(text, keep="\n") + "\n"


def _installed_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is not installed"


def _report_folders() -> Iterator[Path]:
    import platformdirs

    yield platformdirs.user_state_path("dockpit", appauthor=False)
    yield Path(tempfile.gettempdir())
