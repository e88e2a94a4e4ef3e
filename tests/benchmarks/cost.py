"""CPU time of a tool's whole process tree and of the engine's processes, from /proc."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ENGINE = ("dockerd", "containerd", "containerd-shim", "docker-containerd")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in cores: of the tool with its children, and of the engine beyond what it uses at rest."""

    tool: float
    engine: float

    @property
    def both(self) -> float:
        """What the host pays."""
        return self.tool + self.engine


def _cpu_seconds(pid: int) -> float:
    """User and system time of all threads, from schedstat where there is one (ns), else from stat (ticks)."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _processes() -> dict[int, tuple[int, str]]:
    found: dict[int, tuple[int, str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            name, _, rest = stat.partition("(")[2].rpartition(")")
            found[int(entry.name)] = (int(rest.split()[1]), name)
    return found


def engine_seconds() -> float:
    """CPU seconds of the daemon, containerd and the shims so far."""
    return sum(_cpu_seconds(pid) for pid, (_, name) in _processes().items() if name.startswith(ENGINE))


def tree_seconds(root: int) -> float:
    """CPU seconds of a process and its descendants so far."""
    processes = _processes()
    wanted, grown = {root}, True
    while grown:
        more = {pid for pid, (parent, _) in processes.items() if parent in wanted} - wanted
        grown = bool(more)
        wanted |= more
    return sum(_cpu_seconds(pid) for pid in wanted)


def at_rest(seconds: float) -> float:
    """Cores the engine uses when nobody asks it anything."""
    begin = engine_seconds()
    time.sleep(seconds)
    return (engine_seconds() - begin) / seconds


def measure(command: Sequence[str], seconds: float, settle: float, rest: float) -> Cost:
    """The cost of a command over `seconds`, after `settle` seconds of running."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            time.sleep(settle)
            tool, engine = tree_seconds(process.pid), engine_seconds()
            time.sleep(seconds)
            tool, engine = tree_seconds(process.pid) - tool, engine_seconds() - engine
        finally:
            process.terminate()
    return Cost(tool / seconds, max(0.0, engine / seconds - rest))
