"""Time from a tool's start to its first CPU figure of a named container: dockpit and docker stats in turn."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence

import docker
import pytest

from tests.benchmarks.benchmark_containers import SPINNER_CORES, benchmark_containers
from tests.benchmarks.recorded_terminal import COLUMNS, ROWS, ReplayedScreen, Terminal, running
from tests.benchmarks.report import ROUNDS, Report, Section, median

CONTAINERS = 24
WINDOW_SECONDS = 8.0
"""Time given to each tool."""
TOOLS = {"docker stats": ("docker", "stats"), "dockpit": (sys.executable, "-m", "dockpit")}
FIGURES = {"docker stats": (r"{}\s+(\d+\.\d+)%", 100.0), "dockpit": (r"{}\s+(\d\.\d+)\s", 1.0)}
"""Pattern of the figure after the container's name, and the figure that means one core."""
PLAUSIBLE_CORES = (0.5 * SPINNER_CORES, 2 * SPINNER_CORES)
"""Range of a measured figure: docker's is too high where the host loses ticks, and a figure near 0 is none."""

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(3600)]


def first_figure(terminal: Terminal, tool: str, name: str) -> float | None:
    """Seconds from the start until the container's figure was on the screen, None if it never was."""
    pattern, core = FIGURES[tool]
    screen = ReplayedScreen()
    for chunk in terminal.chunks:
        screen.feed(chunk)
        found = re.search(pattern.format(re.escape(name)), "\n".join(screen.lines()))
        if found and PLAUSIBLE_CORES[0] < float(found[1]) / core < PLAUSIBLE_CORES[1]:
            return chunk.at - terminal.begun
    return None


def last_screen(terminal: Terminal) -> str:
    """The text on the screen at the end."""
    screen = ReplayedScreen()
    for chunk in terminal.chunks:
        screen.feed(chunk)
    return "\n".join(screen.lines())


def test_first_figure(engine: docker.DockerClient, workload_image: str, report: Report) -> None:
    """The container is limited to 0.2 cores, so that a figure that was not measured is recognised."""
    report.add_engine(engine)
    found: dict[str, list[float]] = {tool: [] for tool in TOOLS}
    with benchmark_containers(engine, workload_image) as containers:
        name = containers.start_spinner()
        containers.start(CONTAINERS)
        for _ in range(max(10, ROUNDS)):
            for tool, command in TOOLS.items():
                with running(command) as terminal:
                    time.sleep(WINDOW_SECONDS)
                taken = first_figure(terminal, tool, name)
                assert taken is not None, (
                    f"{tool}: no figure of {name} within {WINDOW_SECONDS} s\n{last_screen(terminal)}"
                )
                found[tool].append(taken)
    report.add(section(found["docker stats"], found["dockpit"]))


def section(docker_stats: Sequence[float], dockpit: Sequence[float]) -> Section:
    """The medians and extremes of both tools."""
    made = Section(
        f"From exec to the first CPU figure of a named container, {CONTAINERS + 1} containers, seconds",
        ("", "median", "least", "most"),
        f"Terminal of {COLUMNS}x{ROWS}, {len(dockpit)} starts of each in turn; the figure of a container that spins at "
        f"{SPINNER_CORES} cores has to be between {PLAUSIBLE_CORES[0]} and {PLAUSIBLE_CORES[1]}.",
    )
    for tool, taken in (("docker stats", docker_stats), ("dockpit", dockpit)):
        made.rows.append((tool, median(taken), min(taken), max(taken)))
    pairs = [ours / theirs for ours, theirs in zip(dockpit, docker_stats, strict=True)]
    made.ratios.append(("dockpit : docker stats", median(pairs), "at most 0.6"))
    return made
