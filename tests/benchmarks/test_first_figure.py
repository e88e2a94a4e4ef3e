"""How long after its start a tool shows the CPU figure of a named container: dockpit and docker stats in turn."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence

import docker
import pytest

from tests.benchmarks.benchmark_containers import SPINNER_CORES, crowd
from tests.benchmarks.recorded_terminal import COLUMNS, ROWS, Picture, Terminal, running
from tests.benchmarks.report import ROUNDS, Report, Section, median

CROWD = 24
SECONDS = 8.0
"""How long each tool gets."""
TOOLS = {"docker stats": ("docker", "stats"), "dockpit": (sys.executable, "-m", "dockpit")}
FIGURES = {"docker stats": (r"{}\s+(\d+\.\d+)%", 100.0), "dockpit": (r"{}\s+(\d\.\d+)\s", 1.0)}
"""Where the figure stands behind the name, and what is one core there."""
TRUE = (0.5 * SPINNER_CORES, 2 * SPINNER_CORES)
"""Between these a figure is a measured one: docker's is too high where the host loses ticks, and never near 0."""

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(3600)]


def first_figure(terminal: Terminal, tool: str, name: str) -> float | None:
    """Seconds from the start until the container's figure was on the screen; None if it never was."""
    pattern, core = FIGURES[tool]
    picture = Picture()
    for chunk in terminal.chunks:
        picture.feed(chunk)
        found = re.search(pattern.format(re.escape(name)), "\n".join(picture.lines()))
        if found and TRUE[0] < float(found[1]) / core < TRUE[1]:
            return chunk.at - terminal.begun
    return None


def last_picture(terminal: Terminal) -> str:
    """What was on the screen at the end."""
    picture = Picture()
    for chunk in terminal.chunks:
        picture.feed(chunk)
    return "\n".join(picture.lines())


def test_first_figure(engine: docker.DockerClient, workload_image: str, report: Report) -> None:
    """The container is held to 0.2 cores, so a figure that was made up or never measured is told apart."""
    report.meet(engine)
    found: dict[str, list[float]] = {tool: [] for tool in TOOLS}
    with crowd(engine, workload_image) as people:
        name = people.spinner()
        people.fill(CROWD)
        for _ in range(max(10, ROUNDS)):
            for tool, command in TOOLS.items():
                with running(command) as terminal:
                    time.sleep(SECONDS)
                taken = first_figure(terminal, tool, name)
                assert taken is not None, f"{tool}: no figure of {name} within {SECONDS} s\n{last_picture(terminal)}"
                found[tool].append(taken)
    report.add(section(found["docker stats"], found["dockpit"]))


def section(docker_stats: Sequence[float], dockpit: Sequence[float]) -> Section:
    """Medians and extremes."""
    made = Section(
        f"From exec to the first CPU figure of a named container, {CROWD + 1} containers, seconds",
        ("", "median", "least", "most"),
        f"Terminal of {COLUMNS}x{ROWS}, {len(dockpit)} starts of each in turn; the figure of a container that spins at "
        f"{SPINNER_CORES} cores has to be between {TRUE[0]} and {TRUE[1]}.",
    )
    for tool, taken in (("docker stats", docker_stats), ("dockpit", dockpit)):
        made.rows.append((tool, median(taken), min(taken), max(taken)))
    pairs = [ours / theirs for ours, theirs in zip(dockpit, docker_stats, strict=True)]
    made.ratios.append(("dockpit : docker stats", median(pairs), "at most 0.6"))
    return made
