"""The figures of `dockpit stats --json` against what the kernel did and against `docker stats`.

Four containers are recorded once, from before the growing one is killed until after; all tests read that recording.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from docker.models.containers import Container

from tests.engine import docker_stats
from tests.engine.container_factory import MAX_CPU_SHARES, ContainerFactory
from tests.engine.docker_stats import DockerReading
from tests.engine.dockpit_process import Record, StatsStream, stats_stream
from tests.engine.waiting import until

MIB = 1024 * 1024
RISKS = ("none", "watch", "high", "imminent")
STEADY = ("spin", "reread", "idle")
GROWTH_MIB_PER_S = 2
WINDOW_SECONDS = 10.0
"""The window over which throttled_percent is averaged."""
TOLERANCE = 0.05


@dataclass(slots=True)
class Recording:
    """The records of dockpit and the readings of docker stats for the four containers; `names` are by role."""

    names: dict[str, str]
    stream: StatsStream
    readings: list[DockerReading] = field(default_factory=list)
    cached_bytes: float = 0.0
    """The highest memory usage of the re-reading container, its page cache included."""

    def records_of(self, role: str) -> list[Record]:
        """dockpit's records of a container, oldest first."""
        return self.stream.records_of(self.names[role])

    def values(self, role: str, key: str) -> list[float]:
        """One figure of a container, oldest first, without those that are null."""
        return [record[key] for record in self.records_of(role) if record[key] is not None]


@pytest.fixture(scope="module")
def recording(engine_url: str, factory: ContainerFactory) -> Iterable[Recording]:
    """A recording of the four containers by dockpit and by docker stats at the same time."""
    if shutil.which("docker") is None:
        pytest.skip("no docker command on this machine to compare with")
    containers = {
        "spin": factory.run("spin", "spin", "1", cpus=0.2, cpu_shares=MAX_CPU_SHARES),
        "reread": factory.run("reread", "reread", "48", memory="64m"),
        "idle": factory.run("idle", "idle"),
        "grow": factory.run("grow", "grow", str(GROWTH_MIB_PER_S), "200", memory="64m"),
    }
    try:
        yield asyncio.run(record_containers(engine_url, factory, containers))
    finally:
        factory.remove(containers.values())


async def record_containers(url: str, factory: ContainerFactory, containers: dict[str, Container]) -> Recording:
    """Record until the growing container is dead and shown as killed, and the throttled one has filled its window."""
    names = {role: str(container.name) for role, container in containers.items()}
    async with stats_stream(url, *names.values(), "--interval", "1") as stream:
        recording = Recording(names, stream)
        await until(lambda: set(names.values()) <= stream.names(), 20, "a record of every container")
        stop = asyncio.Event()
        comparison = asyncio.create_task(read_docker_figures(recording, factory, containers["reread"], stop))
        await until(lambda: not factory.state(containers["grow"])["Running"], 90, "the growing container's end")
        with suppress(AssertionError):
            await until(lambda: any(recording.values("grow", "oom_kills")), 10)
        await until(
            lambda: span_seconds(recording.records_of("spin")) > WINDOW_SECONDS + 2, 30, "a full window of throttling"
        )
        stop.set()
        await comparison
    return recording


async def read_docker_figures(
    recording: Recording, factory: ContainerFactory, reread: Container, stop: asyncio.Event
) -> None:
    """Until `stop`, read docker stats, and in the same second the engine's stats of `reread` for the lost ticks."""
    names = [recording.names[role] for role in STEADY]
    offset = factory.engine_time() - time.time()
    while not stop.is_set():
        readings, stats = await asyncio.gather(
            asyncio.to_thread(docker_stats.read_docker_stats, names, offset), asyncio.to_thread(factory.stats, reread)
        )
        recording.readings += docker_stats.correct_lost_ticks(readings, docker_stats.counted_tick_share(stats))
        recording.cached_bytes = max(recording.cached_bytes, stats["memory_stats"]["usage"])


def span_seconds(records: list[Record]) -> float:
    """Seconds from the first record to the last."""
    return float(records[-1]["at"] - records[0]["at"]) if records else 0.0


def figure_pairs(
    recording: Recording, role: str, key: str, docker_figure: Callable[[DockerReading], float]
) -> list[tuple[float, float]]:
    """(docker's figure, dockpit's newest figure at that time) for each reading of docker stats."""
    records = [record for record in recording.records_of(role) if record[key] is not None]
    pairs = []
    for theirs in recording.readings:
        ours = [record for record in records if record["at"] <= theirs.at]
        if theirs.name == recording.names[role] and ours:
            pairs.append((docker_figure(theirs), float(ours[-1][key])))
    return pairs


def assert_averages_agree(pairs: list[tuple[float, float]], tolerance: float) -> None:
    """The two averages differ by less than 5 % or, near zero, by less than `tolerance`."""
    assert len(pairs) >= 4
    theirs, ours = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    assert ours == pytest.approx(theirs, rel=TOLERANCE, abs=tolerance), pairs


@pytest.mark.slow
def test_a_container_at_a_fifth_of_a_core_is_throttled_over_90_percent(recording: Recording) -> None:
    records = recording.records_of("spin")
    full_window = [record for record in records if record["at"] - records[0]["at"] > WINDOW_SECONDS]
    assert statistics.median(record["throttled_percent"] for record in full_window) > 90
    assert statistics.median(record["throttled_ms_per_s"] for record in full_window) > 500
    assert statistics.median(record["cpu_of_limit_percent"] for record in full_window) == pytest.approx(100, rel=0.1)
    assert {record["cpu_limit_cores"] for record in records} == {0.2}


@pytest.mark.slow
def test_the_risk_of_a_growing_container_rises_with_an_eta_before_it_is_killed_once(recording: Recording) -> None:
    records = recording.records_of("grow")
    before = [record for record in records if not record["oom_kills"] and record["state"] == "running"]
    ranks = [RISKS.index(record["oom_risk"]) for record in before]
    assert ranks[0] < ranks[-1] and ranks[-1] >= RISKS.index("high"), ranks
    assert ranks == sorted(ranks), ranks
    etas = [record["oom_eta_seconds"] for record in before if record["oom_eta_seconds"] is not None]
    assert etas and etas[-1] < etas[0]
    assert {record["oom_kills"] for record in records[len(before) :]} == {1}


@pytest.mark.slow
def test_a_container_full_of_cache_has_no_oom_risk(recording: Recording) -> None:
    records = recording.records_of("reread")
    assert recording.cached_bytes > 32 * MIB
    assert {record["oom_risk"] for record in records} == {"none"}
    assert records[-1]["memory_unreclaimable_bytes"] < 8 * MIB
    assert records[-1]["oom_kills"] == 0


@pytest.mark.slow
def test_an_idle_container_is_quiet(recording: Recording) -> None:
    last = recording.records_of("idle")[-1]
    assert last["cpu_cores"] < 0.01
    assert not last["throttled_percent"]
    assert last["cpu_limit_cores"] is None and last["cpu_of_limit_percent"] is None
    assert last["oom_risk"] == "none"


@pytest.mark.slow
@pytest.mark.parametrize("role", STEADY)
def test_cpu_and_memory_agree_with_docker_stats(recording: Recording, role: str) -> None:
    assert_averages_agree(figure_pairs(recording, role, "cpu_cores", lambda reading: reading.cores), tolerance=0.005)
    assert_averages_agree(
        figure_pairs(recording, role, "memory_used_bytes", lambda reading: reading.memory_bytes), tolerance=64 * 1024
    )
