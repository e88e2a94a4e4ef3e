"""CPU and terminal output of dockpit and of docker stats in turn, on the same containers in the same minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import docker
import pytest

from tests.benchmarks.benchmark_containers import MIX, BenchmarkContainers, benchmark_containers
from tests.benchmarks.cpu_cost import CpuCost, measure
from tests.benchmarks.recorded_terminal import COLUMNS, ROWS, Terminal, running, terminal_environment
from tests.benchmarks.report import ROUNDS, Report, Section, median

COUNTS = [int(count) for count in os.environ.get("DOCKPIT_BENCH_CONTAINERS", "24,100").split(",")]
WINDOW_SECONDS = float(os.environ.get("DOCKPIT_BENCH_SECONDS", "120"))
"""Length of a window: the interval of Go's forced garbage collections, so that each window has one of every shim.

Shims started together collect all at once. The window also holds what dockpit does every 30 s.
"""
SETTLE_SECONDS = 8.0

TUI = (sys.executable, "-m", "dockpit")
DOCKER = "docker stats"
HEADLESS = "dockpit stats --json"
CALM = "dockpit --calm"
REST = "engine at rest"
IN_TERMINAL = {DOCKER: ("docker", "stats"), "dockpit": TUI, CALM: (*TUI, "--calm")}
LIMITS: dict[int, dict[str, float | None]] = {
    24: {"dockpit": 1 / 4, CALM: None},
    100: {"dockpit": 1 / 8, HEADLESS: 1 / 15},
}
"""Tools measured beside docker stats, and the share that each may use of what docker stats and the engine use together.

The engine's own share is to be under 1/50.
"""
WANTED_BYTES = {"dockpit": 4096.0, CALM: 1536.0}

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(7200)]


@dataclass(frozen=True, slots=True)
class Round:
    """One window of one tool."""

    cost: CpuCost
    bytes_per_s: float = 0.0


@contextmanager
def running_headless() -> Iterator[int]:
    """`dockpit stats --json` without a reader; yields its process id and asserts that it did not end in the block."""
    command = (*TUI, "stats", "--json")
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=terminal_environment({})
    ) as process:
        try:
            yield process.pid
            assert process.poll() is None, f"{HEADLESS} ended in its window, exit code {process.returncode}"
        finally:
            process.terminate()


def measure_in_terminal(terminal: Terminal) -> Round:
    """The cost and the output of a tool in a terminal, once it has settled."""
    time.sleep(SETTLE_SECONDS)
    begin = time.monotonic()
    cost = measure(terminal.pid, WINDOW_SECONDS)
    end = time.monotonic()
    assert terminal.end_description() is None, f"it ended in its window: {terminal.end_description()}"
    return Round(cost, terminal.written_bytes(begin, end) / (end - begin))


def measure_window(name: str) -> Round:
    """One window of one tool, or of the engine at rest."""
    if name == REST:
        time.sleep(SETTLE_SECONDS)
        return Round(measure(None, WINDOW_SECONDS))
    if name == HEADLESS:
        with running_headless() as pid:
            time.sleep(SETTLE_SECONDS)
            return Round(measure(pid, WINDOW_SECONDS))
    with running(IN_TERMINAL[name]) as terminal:
        return measure_in_terminal(terminal)


def measure_rounds(names: Sequence[str]) -> list[dict[str, Round]]:
    """ROUNDS windows of every tool; each round starts with another, as one tool leaves work to the engine for the next.

    The engine's use at rest, the median of all rounds, is subtracted.
    """
    found: list[dict[str, Round]] = []
    for turn in range(ROUNDS):
        first = turn % len(names)
        each = {}
        for name in (*names[first:], *names[:first]):
            each[name] = measure_window(name)
            cost = each[name].cost
            print(f"{turn + 1}. {name}: tool {100 * cost.tool:.2f}, engine {100 * cost.engine:.2f}", flush=True)
        found.append({name: each[name] for name in names})
    rest = median([each[REST].cost.engine for each in found])
    return [
        {
            name: one if name == REST else replace(one, cost=one.cost.minus_engine_at_rest(rest))
            for name, one in each.items()
        }
        for each in found
    ]


@pytest.mark.parametrize("count", COUNTS)
def test_cost(count: int, engine: docker.DockerClient, workload_image: str, report: Report) -> None:
    """CPU of the tool, of the engine and of both, without what the engine uses at rest."""
    report.add_engine(engine)
    with benchmark_containers(engine, workload_image) as containers:
        containers.start(count)
        time.sleep(SETTLE_SECONDS)
        rounds = measure_rounds([REST, DOCKER, *LIMITS.get(count, LIMITS[100])])
        report.add(section(count, rounds, containers))
    assert all(found.cost.tool > 0 for each in rounds for name, found in each.items() if name != REST), (
        "nothing was measured"
    )


def section(count: int, rounds: Sequence[dict[str, Round]], containers: BenchmarkContainers) -> Section:
    """The medians of all rounds; a ratio is the median of the rounds' ratios, as the machine's speed drifts."""
    others = containers.count_others()
    made = Section(
        f"Cost of watching {count} containers, terminal of {COLUMNS}x{ROWS}, % of one core",
        ("", "tool", "engine", "both", "B/s to the terminal"),
        f"Containers: {MIX}{f'; {others} more of others on the engine' * bool(others)}. "
        f"Windows of {WINDOW_SECONDS:.0f} s.",
    )
    for name in rounds[0]:
        found = [each[name] for each in rounds]
        tool, its_engine, both = (
            median([100 * figure for figure in figures])
            for figures in zip(*((f.cost.tool, f.cost.engine, f.cost.total) for f in found), strict=True)
        )
        made.rows.append(
            (name, tool, its_engine, both, median([f.bytes_per_s for f in found]) if name in IN_TERMINAL else "–")
        )
        if name not in (DOCKER, REST):
            made.ratios += ratios(name, count, rounds)
    return made


def ratios(name: str, count: int, rounds: Sequence[dict[str, Round]]) -> list[tuple[str, float, str]]:
    """The medians of a tool's ratios to docker stats, with their targets."""
    both = median([each[name].cost.total / each[DOCKER].cost.total for each in rounds])
    its_engine = median([each[name].cost.engine / each[DOCKER].cost.engine for each in rounds])
    wanted = LIMITS.get(count, {}).get(name)
    return [
        (f"{name} : docker stats, both", both, f"at most {wanted:.3f}" if wanted else ""),
        (f"{name} : docker stats, engine", its_engine, "under 0.02"),
    ] + [
        ("B/s to the terminal, " + name, median([each[name].bytes_per_s for each in rounds]), f"at most {most:.0f}")
        for tool, most in WANTED_BYTES.items()
        if tool == name and count == 24
    ]
