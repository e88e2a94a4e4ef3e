"""CPU time of a tool's whole process tree and of the engine's processes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENGINE = ("dockerd", "containerd", "containerd-shim", "docker-containerd")
TICKS = os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2
"""Of a process's CPU clock: the scheduler's own sum, as in schedstat, of all its threads and of those that ended."""

Seconds = Mapping[int, float]
"""CPU seconds so far by process."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in cores, of the tool with its children and of the engine."""

    tool: float
    engine: float

    @property
    def both(self) -> float:
        """What the host pays."""
        return self.tool + self.engine

    def beyond(self, rest: float) -> Cost:
        """The same without what the engine uses at rest, in cores."""
        return Cost(self.tool, self.engine - rest)


@dataclass(frozen=True, slots=True)
class Stat:
    """What /proc/<pid>/stat says: the name, the parent, and the CPU seconds of children that ended."""

    name: str
    parent: int
    reaped: float


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, to the nanosecond; 0 for one that is gone."""
    try:
        return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)
    except OSError:
        return 0.0


def processes() -> dict[int, Stat]:
    """Every process of this machine."""
    found: dict[int, Stat] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            name, _, rest = text.partition("(")[2].rpartition(")")
            words = rest.split()
            found[int(entry.name)] = Stat(name, int(words[1]), (int(words[13]) + int(words[14])) / TICKS)
    return found


def engine_seconds() -> Seconds:
    """CPU of the daemon, containerd and the shims so far, their ended children with them."""
    return {pid: cpu_seconds(pid) + s.reaped for pid, s in processes().items() if s.name.startswith(ENGINE)}


def tree_seconds(root: int) -> Seconds:
    """CPU of a process and its descendants so far, ended children with them."""
    found = processes()
    wanted, grown = {root}, True
    while grown:
        more = {pid for pid, stat in found.items() if stat.parent in wanted} - wanted
        grown = bool(more)
        wanted |= more
    return {pid: cpu_seconds(pid) + found[pid].reaped for pid in wanted if pid in found}


def used(before: Seconds, after: Seconds) -> float:
    """CPU seconds between two looks; a process that is gone was counted by who reaped it, from its birth on."""
    gone = sum(seconds for pid, seconds in before.items() if pid not in after)
    return max(0.0, sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items()) - gone)


def measure(root: int | None, seconds: float) -> Cost:
    """The cost over the next `seconds` of a tool that runs, and of the engine; None for no tool at all."""
    begun, engine, tool = time.monotonic(), engine_seconds(), tree_seconds(root) if root else {}
    time.sleep(seconds)
    took = time.monotonic() - begun
    return Cost(used(tool, tree_seconds(root) if root else {}) / took, used(engine, engine_seconds()) / took)
