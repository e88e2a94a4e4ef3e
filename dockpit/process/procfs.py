"""The location of the machine's /proc, and pids across pid namespaces."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC_VARIABLE = "HOST_PROC"
"""Environment variable with the mount point of the machine's /proc, for a dockpit inside a container."""


def proc_folder() -> Path:
    """Path of the machine's /proc."""
    return Path(os.environ.get(PROC_VARIABLE) or "/proc")


def shares_pid_namespace(proc: Path) -> bool:
    """Whether the pids in `proc` are those of dockpit's own pid namespace, as the kernel writes them in cgroup.procs.

    False in a container that has its own pid namespace and mounts the machine's /proc.
    """
    with suppress(OSError):
        return str((proc / "self").readlink()) == str(os.getpid())
    return True


def innermost_pid(proc: Path, pid: int) -> int:
    """The pid that a process has in its own, innermost pid namespace; `pid` itself where that is not known."""
    with suppress(OSError):
        for line in (proc / str(pid) / "status").read_text(errors="replace").splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return pid
