"""Where this machine's /proc is to be found, and whose numbers its processes have there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC_VARIABLE = "HOST_PROC"
"""Names the folder where the machine's /proc is mounted, for a dockpit that runs in a container itself."""


def proc_folder() -> Path:
    """This machine's /proc."""
    return Path(os.environ.get(PROC_VARIABLE) or "/proc")


def numbered_as_here(proc: Path) -> bool:
    """Whether this /proc has the pids by which the kernel tells us of processes elsewhere, as in cgroup.procs.

    Not so in a container with a pid namespace of its own and the machine's /proc.
    """
    with suppress(OSError):
        return str((proc / "self").readlink()) == str(os.getpid())
    return True


def innermost_pid(proc: Path, pid: int) -> int:
    """The pid that a process has in its own pid namespace."""
    with suppress(OSError):
        for line in (proc / str(pid) / "status").read_text(errors="replace").splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return pid
