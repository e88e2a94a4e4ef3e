"""Where this machine's /proc is to be found."""

from __future__ import annotations

import os
from pathlib import Path

PROC_VARIABLE = "HOST_PROC"
"""Names the folder where the machine's /proc is mounted, for a dockpit that runs in a container itself."""


def proc_folder() -> Path:
    """This machine's /proc."""
    return Path(os.environ.get(PROC_VARIABLE) or "/proc")
