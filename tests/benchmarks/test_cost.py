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

from tests.benchmarks.benchmark_containers import MIX, Crowd, crowd
from tests.benchmarks.cpu_cost import Cost, measure
from tests.benchmarks.recorded_terminal import COLUMNS, ROWS, Terminal, clean, running
from tests.benchmarks.report import ROUNDS, Report, Section, median

COUNTS = [int(count) for count in os.environ.get("DOCKPIT_BENCH_CONTAINERS", "24,100").split(",")]
SECONDS = float(os.environ.get("DOCKPIT_BENCH_SECONDS", "120"))
"""As long as Go waits between two collections of garbage that nothing else asked for: every shim does one of its own,
those that were started together all at once, and each window is to hold one of each. It holds what dockpit does every
30 s, too.
"""
SETTLE = 8.0

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
"""What is measured beside docker stats, and how much of what docker stats and the engine use together it may; the
engine's own share is to be under 1/50.
"""
WANTED_BYTES = {"dockpit": 4096.0, CALM: 1536.0}

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(7200)]


@dataclass(frozen=True, slots=True)
class Round:
    """One window of one tool."""

    cost: Cost
    bytes_per_s: float = 0.0


@contextmanager
def headless() -> Iterator[int]:
    """`dockpit stats --json` with nobody who reads it; its process, which must not end before the block does."""
    command = (*TUI, "stats", "--json")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean({})) as process:
        try:
            yield process.pid
            assert process.poll() is None, f"{HEADLESS} ended in its window, exit code {process.returncode}"
        finally:
            process.terminate()


def watched(terminal: Terminal) -> Round:
    """What a tool in a terminal costs, and what it writes, once it has settled."""
    time.sleep(SETTLE)
    begin = time.monotonic()
    cost = measure(terminal.pid, SECONDS)
    end = time.monotonic()
    assert terminal.last_words() is None, f"it ended in its window: {terminal.last_words()}"
    return Round(cost, terminal.written(begin, end) / (end - begin))


def window(name: str) -> Round:
    """One tool once, or the engine at rest."""
    if name == REST:
        time.sleep(SETTLE)
        return Round(measure(None, SECONDS))
    if name == HEADLESS:
        with headless() as pid:
            time.sleep(SETTLE)
            return Round(measure(pid, SECONDS))
    with running(IN_TERMINAL[name]) as terminal:
        return watched(terminal)


def rounds_of(names: Sequence[str]) -> list[dict[str, Round]]:
    """Every tool once a round, each round begun by another: what one leaves the engine to do falls to all in turn.

    What the engine uses at rest, the median of all rounds, is taken off.
    """
    found: list[dict[str, Round]] = []
    for turn in range(ROUNDS):
        first = turn % len(names)
        each = {}
        for name in (*names[first:], *names[:first]):
            each[name] = window(name)
            cost = each[name].cost
            print(f"{turn + 1}. {name}: tool {100 * cost.tool:.2f}, engine {100 * cost.engine:.2f}", flush=True)
        found.append({name: each[name] for name in names})
    rest = median([each[REST].cost.engine for each in found])
    return [
        {name: one if name == REST else replace(one, cost=one.cost.beyond(rest)) for name, one in each.items()}
        for each in found
    ]


@pytest.mark.parametrize("count", COUNTS)
def test_cost(count: int, engine: docker.DockerClient, workload_image: str, report: Report) -> None:
    """CPU of the tool, of the engine and of both, with what the engine uses at rest taken off."""
    report.meet(engine)
    with crowd(engine, workload_image) as people:
        people.fill(count)
        time.sleep(SETTLE)
        rounds = rounds_of([REST, DOCKER, *LIMITS.get(count, LIMITS[100])])
        report.add(section(count, rounds, people))
    assert all(found.cost.tool > 0 for each in rounds for name, found in each.items() if name != REST), (
        "nothing was measured"
    )


def section(count: int, rounds: Sequence[dict[str, Round]], people: Crowd) -> Section:
    """The medians of all rounds; a ratio is the median of the rounds' own, for machines drift."""
    others = people.others()
    made = Section(
        f"Cost of watching {count} containers, terminal of {COLUMNS}x{ROWS}, % of one core",
        ("", "tool", "engine", "both", "B/s to the terminal"),
        f"Containers: {MIX}{f'; {others} more of others on the engine' * bool(others)}. Windows of {SECONDS:.0f} s.",
    )
    for name in rounds[0]:
        found = [each[name] for each in rounds]
        tool, its_engine, both = (
            median([100 * figure for figure in figures])
            for figures in zip(*((f.cost.tool, f.cost.engine, f.cost.both) for f in found), strict=True)
        )
        made.rows.append(
            (name, tool, its_engine, both, median([f.bytes_per_s for f in found]) if name in IN_TERMINAL else "–")
        )
        if name not in (DOCKER, REST):
            made.ratios += ratios(name, count, rounds)
    return made


def ratios(name: str, count: int, rounds: Sequence[dict[str, Round]]) -> list[tuple[str, float, str]]:
    """A tool beside docker stats, round by round."""
    both = median([each[name].cost.both / each[DOCKER].cost.both for each in rounds])
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
