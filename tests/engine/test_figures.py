"""The figures of `dockpit stats --json` against the kernel's deeds and against `docker stats`.

Four containers are watched once, from before the growing one is killed until after; the tests look at the record.
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
from tests.engine.command import Record, Stream, streaming
from tests.engine.container_factory import FIRST_IN_LINE, Bed
from tests.engine.docker_stats import Reading
from tests.engine.waiting import until

MIB = 1024 * 1024
RISKS = ("none", "watch", "high", "imminent")
STEADY = ("spin", "reread", "idle")
GROWTH_MIB_PER_S = 2
WINDOW_SECONDS = 10.0
"""What throttled_percent looks back over."""
TOLERANCE = 0.05


@dataclass(slots=True)
class Recording:
    """All that both said of the four containers, by their roles."""

    names: dict[str, str]
    stream: Stream
    readings: list[Reading] = field(default_factory=list)
    cached_bytes: float = 0.0
    """The most memory the re-reading container was charged with, its page cache included."""

    def of(self, role: str) -> list[Record]:
        """dockpit's records of a container, oldest first."""
        return self.stream.of(self.names[role])

    def values(self, role: str, key: str) -> list[float]:
        """One figure of a container, oldest first, without those that are null."""
        return [record[key] for record in self.of(role) if record[key] is not None]


@pytest.fixture(scope="module")
def recording(engine_url: str, bed: Bed) -> Iterable[Recording]:
    """The four containers, watched by dockpit and by docker stats at the same time."""
    if shutil.which("docker") is None:
        pytest.skip("no docker command on this machine to compare with")
    containers = {
        "spin": bed.run("spin", "spin", "1", cpus=0.2, cpu_shares=FIRST_IN_LINE),
        "reread": bed.run("reread", "reread", "48", memory="64m"),
        "idle": bed.run("idle", "idle"),
        "grow": bed.run("grow", "grow", str(GROWTH_MIB_PER_S), "200", memory="64m"),
    }
    try:
        yield asyncio.run(record(engine_url, bed, containers))
    finally:
        bed.remove(containers.values())


async def record(url: str, bed: Bed, containers: dict[str, Container]) -> Recording:
    """Watch until the growing one is dead, dockpit has had time to say so, and the throttled one filled its window."""
    names = {role: str(container.name) for role, container in containers.items()}
    async with streaming(url, *names.values(), "--interval", "1") as stream:
        recording = Recording(names, stream)
        await until(lambda: set(names.values()) <= stream.names(), 20, "a record of every container")
        stop = asyncio.Event()
        comparing = asyncio.create_task(compare(recording, bed, containers["reread"], stop))
        await until(lambda: not bed.state(containers["grow"])["Running"], 90, "the growing container's end")
        with suppress(AssertionError):
            await until(lambda: any(recording.values("grow", "oom_kills")), 10)
        await until(lambda: span(recording.of("spin")) > WINDOW_SECONDS + 2, 30, "a full window of throttling")
        stop.set()
        await comparing
    return recording


async def compare(recording: Recording, bed: Bed, witness: Container, stop: asyncio.Event) -> None:
    """Ask docker stats, and the engine about one container in the same second, again and again until told to stop."""
    names = [recording.names[role] for role in STEADY]
    offset = bed.now() - time.time()
    while not stop.is_set():
        readings, stats = await asyncio.gather(
            asyncio.to_thread(docker_stats.read, names, offset), asyncio.to_thread(bed.stats, witness)
        )
        recording.readings += docker_stats.corrected(readings, docker_stats.tick_share(stats))
        recording.cached_bytes = max(recording.cached_bytes, stats["memory_stats"]["usage"])


def span(records: list[Record]) -> float:
    """Seconds from the first record to the last."""
    return float(records[-1]["at"] - records[0]["at"]) if records else 0.0


def pairs(recording: Recording, role: str, key: str, reading: Callable[[Reading], float]) -> list[tuple[float, float]]:
    """docker's figures, each beside dockpit's newest at the time."""
    records = [record for record in recording.of(role) if record[key] is not None]
    found = []
    for theirs in recording.readings:
        ours = [record for record in records if record["at"] <= theirs.at]
        if theirs.name == recording.names[role] and ours:
            found.append((reading(theirs), float(ours[-1][key])))
    return found


def agree(found: list[tuple[float, float]], least: float) -> None:
    """The two averages differ by less than 5 % or, near nothing, by less than `least`."""
    assert len(found) >= 4
    theirs, ours = (statistics.fmean(column) for column in zip(*found, strict=True))
    assert ours == pytest.approx(theirs, rel=TOLERANCE, abs=least), found


@pytest.mark.slow
def test_a_container_at_a_fifth_of_a_core_is_throttled_over_90_percent(recording: Recording) -> None:
    records = recording.of("spin")
    full = [record for record in records if record["at"] - records[0]["at"] > WINDOW_SECONDS]
    assert statistics.median(record["throttled_percent"] for record in full) > 90
    assert statistics.median(record["throttled_ms_per_s"] for record in full) > 500
    assert statistics.median(record["cpu_of_limit_percent"] for record in full) == pytest.approx(100, rel=0.1)
    assert {record["cpu_limit_cores"] for record in records} == {0.2}


@pytest.mark.slow
def test_a_growing_container_rises_in_risk_with_an_eta_before_it_is_killed_once(recording: Recording) -> None:
    records = recording.of("grow")
    before = [record for record in records if not record["oom_kills"] and record["state"] == "running"]
    ranks = [RISKS.index(record["oom_risk"]) for record in before]
    assert ranks[0] < ranks[-1] and ranks[-1] >= RISKS.index("high"), ranks
    assert ranks == sorted(ranks), ranks
    etas = [record["oom_eta_seconds"] for record in before if record["oom_eta_seconds"] is not None]
    assert etas and etas[-1] < etas[0]
    assert {record["oom_kills"] for record in records[len(before) :]} == {1}


@pytest.mark.slow
def test_a_container_full_of_cache_is_in_no_danger(recording: Recording) -> None:
    records = recording.of("reread")
    assert recording.cached_bytes > 32 * MIB
    assert {record["oom_risk"] for record in records} == {"none"}
    assert records[-1]["memory_unreclaimable_bytes"] < 8 * MIB
    assert records[-1]["oom_kills"] == 0


@pytest.mark.slow
def test_an_idle_container_is_quiet(recording: Recording) -> None:
    last = recording.of("idle")[-1]
    assert last["cpu_cores"] < 0.01
    assert not last["throttled_percent"]
    assert last["cpu_limit_cores"] is None and last["cpu_of_limit_percent"] is None
    assert last["oom_risk"] == "none"


@pytest.mark.slow
@pytest.mark.parametrize("role", STEADY)
def test_cpu_and_memory_agree_with_docker_stats(recording: Recording, role: str) -> None:
    agree(pairs(recording, role, "cpu_cores", lambda reading: reading.cores), least=0.005)
    agree(pairs(recording, role, "memory_used_bytes", lambda reading: reading.memory_bytes), least=64 * 1024)
