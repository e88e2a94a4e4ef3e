"""CPU time of a tool's process tree and of the engine's processes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENGINE_PROCESSES = ("dockerd", "containerd", "containerd-shim", "docker-containerd")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
CPUCLOCK_SCHED = 2
"""Kind of a process's CPU clock: the scheduler's sum over all its threads, ended ones included, as in schedstat."""

SecondsByPid = Mapping[int, float]
"""CPU seconds so far, by process id."""


@dataclass(frozen=True, slots=True)
class CpuCost:
    """CPU use in cores, of the tool with its children and of the engine."""

    tool: float
    engine: float

    @property
    def total(self) -> float:
        """CPU use of the tool and the engine together."""
        return self.tool + self.engine

    def minus_engine_at_rest(self, rest: float) -> CpuCost:
        """This cost without the engine's use at rest, `rest` cores."""
        return CpuCost(self.tool, self.engine - rest)


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """From /proc/<pid>/stat: the name, the parent, and the CPU seconds of reaped children."""

    name: str
    parent: int
    reaped_seconds: float


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, to the nanosecond; 0 for one that has ended."""
    try:
        return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)
    except OSError:
        return 0.0


def processes() -> dict[int, ProcessStat]:
    """Every process of this machine."""
    found: dict[int, ProcessStat] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            name, _, rest = text.partition("(")[2].rpartition(")")
            words = rest.split()
            found[int(entry.name)] = ProcessStat(
                name, int(words[1]), (int(words[13]) + int(words[14])) / TICKS_PER_SECOND
            )
    return found


def engine_seconds() -> SecondsByPid:
    """CPU seconds of dockerd, containerd and the shims so far, with those of their ended children."""
    return {
        pid: cpu_seconds(pid) + s.reaped_seconds
        for pid, s in processes().items()
        if s.name.startswith(ENGINE_PROCESSES)
    }


def tree_seconds(root: int) -> SecondsByPid:
    """CPU seconds of a process and its descendants so far, with those of their ended children."""
    found = processes()
    tree, changed = {root}, True
    while changed:
        children = {pid for pid, stat in found.items() if stat.parent in tree} - tree
        changed = bool(children)
        tree |= children
    return {pid: cpu_seconds(pid) + found[pid].reaped_seconds for pid in tree if pid in found}


def used_seconds(before: SecondsByPid, after: SecondsByPid) -> float:
    """CPU seconds between two readings; an ended process is in its parent's sum, from its start on."""
    ended = sum(seconds for pid, seconds in before.items() if pid not in after)
    return max(0.0, sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items()) - ended)


def measure(root: int | None, seconds: float) -> CpuCost:
    """The cost over the next `seconds` of a running tool and of the engine; `root` None measures the engine alone."""
    begin, engine, tool = time.monotonic(), engine_seconds(), tree_seconds(root) if root else {}
    time.sleep(seconds)
    elapsed = time.monotonic() - begin
    return CpuCost(
        used_seconds(tool, tree_seconds(root) if root else {}) / elapsed,
        used_seconds(engine, engine_seconds()) / elapsed,
    )
