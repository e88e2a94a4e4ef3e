"""The debug log: a file that may be rotated while dockpit runs."""

from __future__ import annotations

import logging
import logging.handlers
import platform
from collections.abc import Sequence

from dockpit import __version__
from dockpit.model.control_characters import escaped
from dockpit.model.errors import UsageError
from dockpit.process.redaction import redact
from dockpit.process.user_folders import expand_home

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class _EscapingFormatter(logging.Formatter):
    """Formats records with control characters escaped; tracebacks keep their line breaks."""

    def format(self, record: logging.LogRecord) -> str:
        return escaped(redact(super().format(record)), keep="\n")


def start_logging(path: str, arguments: Sequence[str]) -> None:
    """Log to a file: dockpit from DEBUG up, libraries from INFO up. An empty `path` discards all records.

    Raises UsageError if the file cannot be opened.
    """
    root = logging.getLogger()
    if not path:
        if not root.handlers:
            root.addHandler(logging.NullHandler())
        return
    try:
        file = logging.handlers.WatchedFileHandler(expand_home(path), encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"the log {path} cannot be written: {error.strerror}") from error
    file.setFormatter(_EscapingFormatter(LOG_FORMAT))
    root.addHandler(file)
    root.setLevel(logging.INFO)
    logger = logging.getLogger("dockpit")
    logger.setLevel(logging.DEBUG)
    logger.info("dockpit %s on Python %s: %s", __version__, platform.python_version(), " ".join(arguments))
