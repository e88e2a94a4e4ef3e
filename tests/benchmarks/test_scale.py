"""CPU and memory of dockpit itself with ten, a hundred and a thousand containers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks.cpu_cost import cpu_seconds
from tests.benchmarks.recorded_terminal import COLUMNS, ROWS, running, terminal_environment
from tests.benchmarks.report import ROUNDS, Report, Section, median
from tests.benchmarks.simulated import simulated

COUNTS = (10, 100, 1000)
SETTLE_SECONDS = 30.0
WINDOW_SECONDS = 30.0
ROUNDS_MEASURED = 30
HISTORY_SECONDS = int(os.environ.get("DOCKPIT_BENCH_HISTORY", "900"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@dataclass(frozen=True, slots=True)
class CockpitRun:
    """One window of the cockpit: its CPU in milliseconds per second, its RSS in MiB, and its output."""

    cpu_ms: float
    rss_mib: float
    bytes_per_s: float


def rss_mib(pid: int) -> float:
    """Resident memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def run_cockpit(count: int) -> CockpitRun:
    """One window of the cockpit on `count` simulated containers."""
    with simulated(count) as environment, running((sys.executable, "-m", "dockpit"), environment) as terminal:
        time.sleep(SETTLE_SECONDS)
        begin, cpu = time.monotonic(), cpu_seconds(terminal.pid)
        time.sleep(WINDOW_SECONDS)
        end, used = time.monotonic(), cpu_seconds(terminal.pid) - cpu
        return CockpitRun(
            1000 * used / (end - begin), rss_mib(terminal.pid), terminal.written_bytes(begin, end) / (end - begin)
        )


def test_cpu(report: Report) -> None:
    """Kernel reads, history, views and frame together: everything the process does in a second."""
    runs = [{count: run_cockpit(count) for count in COUNTS} for _ in range(ROUNDS)]
    made = Section(
        f"The cockpit by number of containers, terminal of {COLUMNS}x{ROWS}, CPU of its process",
        ("containers", "ms/s", "µs/s a container beyond the first 10", "RSS MiB", "B/s to the terminal"),
        f"Simulated engine and cgroup v2 files in another process, all change every second; an eighth is throttled. "
        f"Windows of {WINDOW_SECONDS:.0f} s.",
    )
    for count in COUNTS:
        found = [each[count] for each in runs]
        beyond = [1000 * (each[count].cpu_ms - each[10].cpu_ms) / (count - 10) for each in runs if count > 10]
        made.rows.append(
            (
                str(count),
                median([run.cpu_ms for run in found]),
                median(beyond) if beyond else "–",
                median([run.rss_mib for run in found]),
                median([run.bytes_per_s for run in found]),
            )
        )
    made.ratios.append(
        ("ms/s of the whole process at 1,000", median([each[1000].cpu_ms for each in runs]), "under 150")
    )
    flat = [(each[1000].cpu_ms - each[100].cpu_ms) / (each[100].cpu_ms - each[10].cpu_ms) / 10 for each in runs]
    made.ratios.append(("cost of one more, 100 to 1,000 : 10 to 100", median(flat), "about 1"))
    report.add(made)
    assert all(run.cpu_ms > 0 for each in runs for run in each.values())


def test_tick_and_frame(report: Report) -> None:
    """One tick and one frame alone; see tick.py."""
    runs = [{count: measure_tick_and_frame(count) for count in COUNTS} for _ in range(ROUNDS)]
    made = Section(
        f"A tick and a frame by themselves, terminal of {COLUMNS}x{ROWS}, ms of CPU",
        ("containers", "tick", "frame", "both"),
        f"Files of cgroup v2 that all change are read into the history, then the app's frame is made and painted; one "
        f"follows on the other, {ROUNDS_MEASURED} times. Nothing sleeps in between: no cache grows cold.",
    )
    for count in COUNTS:
        found = [each[count] for each in runs]
        columns = [median([run[name] for run in found]) for name in ("tick", "frame")]
        made.rows.append((str(count), *columns, median([run["tick"] + run["frame"] for run in found])))
    whole = median([each[1000]["tick"] + each[1000]["frame"] for each in runs])
    made.ratios.append(("tick and frame at 1,000, ms", whole, "under 150"))
    report.add(made)
    assert all(run["tick"] > 0 and run["frame"] > 0 for each in runs for run in each.values())


def measure_tick_and_frame(count: int) -> dict[str, float]:
    """The medians of a tick and of a frame with `count` containers, in milliseconds of CPU."""
    command = [sys.executable, "-m", "tests.benchmarks.tick", str(count), str(ROUNDS_MEASURED)]
    completed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=terminal_environment({}))
    found: dict[str, float] = json.loads(completed.stdout)
    return found


def test_memory(report: Report) -> None:
    """RSS of a process that went through the time on a manual clock; see memory.py."""
    made = Section(
        f"RSS with a history of {HISTORY_SECONDS} s, MiB",
        ("containers", "imported", "with the history"),
        "A process with the app imported reads files of cgroup v2 at 1 s of a clock moved by hand into a session's "
        "history, and works out the overview every 10 s; the files' machine is part of it (first column).",
    )
    for count in COUNTS:
        command = [sys.executable, "-m", "tests.benchmarks.memory", str(count), str(HISTORY_SECONDS)]
        completed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=terminal_environment({}))
        found = json.loads(completed.stdout)
        made.rows.append((str(count), found["before"], found["after"]))
    made.ratios.append(("RSS at 1,000, MiB", float(made.rows[-1][2]), "at most 220"))
    report.add(made)
