"""dockpit stats and docker stats in turn, on the same containers in the same minutes."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import uuid
from collections.abc import Iterator

import docker
import pytest

from tests.benchmarks.cost import Cost, at_rest, measure

COUNT = int(os.environ.get("DOCKPIT_BENCH_CONTAINERS", "24"))
ROUNDS = int(os.environ.get("DOCKPIT_BENCH_ROUNDS", "5"))
SECONDS = 10.0
SETTLE = 4.0

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def crowd(engine: docker.DockerClient, workload_image: str) -> Iterator[int]:
    """COUNT containers that do next to nothing."""
    mark = f"dockpit-bench-{uuid.uuid4().hex[:6]}"
    try:
        for number in range(COUNT):
            engine.containers.run(
                workload_image, ["idle"], name=f"{mark}-{number}", detach=True, labels={"bench": mark}
            )
        yield COUNT
    finally:
        for container in engine.containers.list(all=True, filters={"label": f"bench={mark}"}):
            container.remove(force=True)


def test_cost(crowd: int) -> None:
    """Medians of alternating runs; the ratio is what counts, for machines drift."""
    commands = {
        "docker stats": ["docker", "stats"],
        "dockpit stats --json": [sys.executable, "-m", "dockpit", "stats", "--json"],
    }
    rest = at_rest(SECONDS)
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            costs[name].append(measure(command, SECONDS, SETTLE, rest))
    print(f"\n{crowd} containers, {ROUNDS} rounds of {SECONDS:.0f} s, {os.cpu_count()} CPUs, {platform.release()}")
    print(f"{'':<24}{'tool':>10}{'engine':>10}{'both':>10}   (% of a core, medians)")
    for name, found in costs.items():
        tool, engine, both = (
            statistics.median(values) * 100
            for values in ([c.tool for c in found], [c.engine for c in found], [c.both for c in found])
        )
        print(f"{name:<24}{tool:>10.2f}{engine:>10.2f}{both:>10.2f}")
    ratios = [b.both / a.both for a, b in zip(*costs.values(), strict=True) if a.both]
    print(f"dockpit : docker stats, both = {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    assert all(cost.tool > 0 for found in costs.values() for cost in found), "nothing was measured"
