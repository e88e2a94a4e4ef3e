"""What psutil adds to the engine's process list when its processes are this machine's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import psutil

from dockpit.metrics.derive import MIN_SECONDS
from dockpit.model.container import Process


@dataclass(frozen=True, slots=True)
class CpuReading:
    """CPU time of a process, read at a monotonic time."""

    monotonic: float
    cpu_seconds: float


class ProcessDetails:
    """Adds psutil's figures to listed processes; it keeps each one's CPU time for its CPU % in the next list."""

    def __init__(self) -> None:
        self._readings: dict[tuple[int, float], CpuReading] = {}
        """By pid and start time: the kernel gives a pid to another process once it is free."""

    def enrich(self, listed: Iterable[Process], monotonic: float) -> tuple[Process, ...]:
        """The same processes with CPU %, memory, threads, state and start; those that have ended are unchanged."""
        readings: dict[tuple[int, float], CpuReading] = {}
        found = tuple(self._enrich_one(process, monotonic, readings) for process in listed)
        self._readings = readings
        return found

    def _enrich_one(self, process: Process, monotonic: float, readings: dict[tuple[int, float], CpuReading]) -> Process:
        """A process with its figures; its CPU time is put into `readings`."""
        try:
            details = psutil.Process(process.pid)
            with details.oneshot():
                times, started = details.cpu_times(), details.create_time()
                key, reading = (process.pid, started), CpuReading(monotonic, times.user + times.system)
                readings[key] = reading
                return replace(
                    process,
                    cpu_percent=_cpu_percent(self._readings.get(key), reading),
                    memory_bytes=details.memory_info().rss,
                    threads=details.num_threads(),
                    state=details.status(),
                    started_at=started,
                )
        except (psutil.Error, OSError):
            return process


def _cpu_percent(last: CpuReading | None, now: CpuReading) -> float | None:
    """CPU time between two readings in percent of one core; None without a first, or when it fell."""
    if last is None or now.monotonic - last.monotonic < MIN_SECONDS or now.cpu_seconds < last.cpu_seconds:
        return None
    return (now.cpu_seconds - last.cpu_seconds) / (now.monotonic - last.monotonic) * 100
