"""What psutil adds to the engine's process list when its processes are this machine's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import psutil

from dockpit.model.container import Process


class ProcessDetails:
    """Remembers each process between two looks, so that its CPU use can be told from the second on."""

    def __init__(self) -> None:
        self._cpu_seconds: dict[tuple[int, float], tuple[float, float]] = {}

    def enrich(self, listed: Iterable[Process], monotonic: float) -> tuple[Process, ...]:
        """The same processes with CPU %, memory, threads, state and start; those that are gone stay as they were."""
        seen: dict[tuple[int, float], tuple[float, float]] = {}
        found = tuple(self._one(process, monotonic, seen) for process in listed)
        self._cpu_seconds = seen
        return found

    def _one(self, process: Process, monotonic: float, seen: dict[tuple[int, float], tuple[float, float]]) -> Process:
        try:
            own = psutil.Process(process.pid)
            with own.oneshot():
                times, started = own.cpu_times(), own.create_time()
                used = times.user + times.system
                seen[(process.pid, started)] = (monotonic, used)
                return replace(
                    process,
                    cpu_percent=_percent(self._cpu_seconds, (process.pid, started), monotonic, used),
                    memory_bytes=own.memory_info().rss,
                    threads=own.num_threads(),
                    state=own.status(),
                    started_at=started,
                )
        except (psutil.Error, OSError):
            return process


def _percent(
    known: Mapping[tuple[int, float], tuple[float, float]], key: tuple[int, float], monotonic: float, used: float
) -> float | None:
    before = known.get(key)
    if before is None or monotonic - before[0] < 0.05 or used < before[1]:
        return None
    return (used - before[1]) / (monotonic - before[0]) * 100
