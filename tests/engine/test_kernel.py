"""The kernel's figures beside the engine's own, both of this machine: the same counters, and the limits in force."""

from __future__ import annotations

import asyncio
import statistics
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pytest
from docker.models.containers import Container

from dockpit.metrics.samples import Sample
from tests.engine import kernel
from tests.engine.command import Record, Stream, streaming
from tests.engine.container_factory import FIRST_IN_LINE, Bed
from tests.engine.kernel import Bracket
from tests.engine.waiting import PATIENCE, until

pytestmark = pytest.mark.usefixtures("here")

ROUNDS = 5
SPAN_SECONDS = max(60.0, 20.0 * PATIENCE)
"""How long the two sources are compared. At either end up to a burst of a load is known to one of them alone."""
KERNEL_INTERVAL = 0.2 if PATIENCE <= 1 else 0.5
"""Reads of the kernel lie nearer than the engine's, so that what it said at the engine's time can be told."""
WINDOW_SECONDS = 11.0
"""What throttling is averaged over, and a little more."""
AGREE = 0.02
COUNTERS = "cpu_ns periods throttled_periods throttled_ns net_rx_bytes net_tx_bytes major_faults"
COUNTERS_V1 = f"{COUNTERS} memory_peak_bytes"
COUNTERS_V2 = f"{COUNTERS} cpu_user_ns cpu_system_ns block_read_bytes block_write_bytes memory_failures"
GAUGES = (
    "memory_used_bytes memory_unreclaimable_bytes memory_cache_bytes memory_limit_bytes anon_bytes file_bytes pids "
    "pids_limit"
)
MOVING = {
    "spin": "cpu_ns periods throttled_periods throttled_ns",
    "burst": "cpu_ns",
    "reread": "cpu_ns",
    "echo": "cpu_ns net_rx_bytes net_tx_bytes",
    "idle": "",
}
STEADY = ("spin", "idle")
TALK = "while :; do head -c 200000 /dev/zero | nc {address} 8080 >/dev/null; sleep 0.2; done"
TALK_ONCE = "for i in 1 2 3 4 5 6 7 8; do head -c 4000000 /dev/zero | nc {address} 8080 >/dev/null; done"


@pytest.fixture(scope="module")
def crew(bed: Bed) -> Iterable[dict[str, Container]]:
    """A container of each load, by its role; `talker` is there to talk to the echo."""
    crew = {
        "spin": bed.run("k-spin", "spin", "1", cpus=0.2, memory="64m", cpu_shares=FIRST_IN_LINE, pids_limit=99),
        "burst": bed.run("k-burst", "burst", "40", "60", "1"),
        "reread": bed.run("k-reread", "reread", "64", memory="48m"),
        "echo": bed.run("k-echo", "tcp"),
        "idle": bed.run("k-idle", "idle", memory="32m"),
    }
    talker = bed.run("k-talker", "3600", entrypoint="sleep")
    try:
        yield {**crew, "talker": talker}
    finally:
        bed.remove([*crew.values(), talker])


def talk(crew: dict[str, Container], words: str, *, detach: bool = False) -> None:
    """Run a shell command in the talker, with the echo's address in it."""
    crew["echo"].reload()
    (network,) = crew["echo"].attrs["NetworkSettings"]["Networks"].values()
    crew["talker"].exec_run(["sh", "-c", words.format(address=network["IPAddress"])], detach=detach)


# one moment


@pytest.fixture(scope="module")
def moments(engine_url: str, crew: dict[str, Container]) -> dict[str, list[Bracket]]:
    """Samples of the engine's between two of the kernel's, by role; the echo is talked to meanwhile."""
    talk(crew, TALK, detach=True)
    watched = {role: crew[role] for role in MOVING}
    found = asyncio.run(kernel.brackets(engine_url, list(watched.values()), ROUNDS))
    crew["talker"].restart(timeout=0)
    return {role: found[str(container.name)] for role, container in watched.items()}


@pytest.mark.parametrize("role", MOVING)
def test_every_counter_of_the_engine_lies_between_two_reads_of_the_kernel(
    moments: dict[str, list[Bracket]], bed: Bed, role: str
) -> None:
    counters = COUNTERS_V2 if bed.cgroup_version() == 2 else COUNTERS_V1
    for moment in moments[role]:
        for name in counters.split():
            before, engine, after = moment.of(name)
            assert before <= (engine or 0) <= after, f"{name}: an engine leaves out what is 0"
    first, last = moments[role][0].before, moments[role][-1].after
    stood_still = [name for name in MOVING[role].split() if getattr(first, name) == getattr(last, name)]
    assert not stood_still


@pytest.mark.parametrize("role", STEADY)
def test_every_gauge_that_stood_still_is_the_engines_to_the_byte(moments: dict[str, list[Bracket]], role: str) -> None:
    for name in GAUGES.split():
        still = [moment.of(name) for moment in moments[role] if moment.steady(name)]
        assert still, f"{name} never stood still"
        if name in ("pids_limit", "memory_limit_bytes") and still[0][0] is None:
            continue
        assert [engine for _, engine, _ in still] == [before for before, _, _ in still], name


@pytest.mark.parametrize("role", MOVING)
def test_the_kernel_says_what_no_engine_does(moments: dict[str, list[Bracket]], role: str) -> None:
    sample: Sample = moments[role][-1].after
    missing = "oom_kills cpu_pressure memory_pressure io_pressure shmem_bytes kernel_bytes refaults in_force"
    assert not [name for name in missing.split() if getattr(sample, name) is None]
    assert sample.source == "kernel"


# a while


@dataclass(slots=True)
class Spoken:
    """What dockpit said of the same containers over the same time, by the kernel and by the engine."""

    names: dict[str, str]
    kernel: Stream
    engine: Stream

    def of(self, role: str) -> tuple[list[Record], list[Record]]:
        """The records of a container with rates, from the kernel and from the engine."""
        both = (stream.of(self.names[role]) for stream in (self.kernel, self.engine))
        kernel_says, engine_says = ([one for one in records if one["cpu_cores"] is not None] for records in both)
        return kernel_says, engine_says


@pytest.fixture(scope="module")
def spoken(engine_url: str, crew: dict[str, Container]) -> Spoken:
    """Both sources at the same time for a while, in the midst of which the echo is talked to."""
    return asyncio.run(listen(engine_url, crew))


async def listen(url: str, crew: dict[str, Container]) -> Spoken:
    """Run dockpit twice over the span; the talk begins when both speak, and has ended before they do."""
    names = {role: str(crew[role].name) for role in MOVING}
    kernel_says = streaming(url, *names.values(), "--source", "kernel", "--interval", str(KERNEL_INTERVAL))
    engine_says = streaming(url, *names.values(), "--source", "engine", "--interval", "1")
    async with kernel_says as by_kernel, engine_says as by_engine:
        spoken = Spoken(names, by_kernel, by_engine)
        await until(lambda: all(min(map(len, spoken.of(role))) > 2 for role in names), 30, "figures of both")
        await asyncio.to_thread(talk, crew, TALK_ONCE)
        await until(lambda: shared(spoken, "spin") > SPAN_SECONDS, 5 * SPAN_SECONDS, "the span")
    return spoken


def shared(spoken: Spoken, role: str) -> float:
    """Seconds over which both have spoken."""
    spans = spoken.of(role)
    return float(min(records[-1]["at"] for records in spans) - max(records[0]["at"] for records in spans))


def grown(records: list[Record], key: str) -> list[tuple[float, float]]:
    """A rate summed up again: when, and how much since the first record."""
    curve, total = [(records[0]["at"], 0.0)], 0.0
    for before, record in pairwise(records):
        total += record[key] * (record["at"] - before["at"])
        curve.append((record["at"], total))
    return curve


def between(curve: list[tuple[float, float]], at: float) -> float:
    """The sum at a time between two records."""
    index = bisect_right(curve, (at, float("inf"))) - 1
    if index + 1 == len(curve):
        return curve[index][1]
    (left, low), (right, high) = curve[index], curve[index + 1]
    return low + (high - low) * (at - left) / (right - left)


def growths(spoken: Spoken, role: str, key: str) -> tuple[float, float]:
    """How much a counter grew over the longest span that both cover, by the kernel and by the engine."""
    kernel_curve, engine_curve = (grown(records, key) for records in spoken.of(role))
    inside = [point for point in engine_curve if kernel_curve[0][0] <= point[0] <= kernel_curve[-1][0]]
    (begin, low), (end, high) = inside[0], inside[-1]
    return between(kernel_curve, end) - between(kernel_curve, begin), high - low


@pytest.mark.slow
def test_each_source_is_the_one_that_was_asked_for(spoken: Spoken) -> None:
    assert {record["source"] for record in spoken.kernel.records} == {"kernel"}
    assert {record["source"] for record in spoken.engine.records} == {"engine"}


@pytest.mark.slow
@pytest.mark.parametrize("role", ["spin", "burst", "reread"])
def test_cpu_over_a_while_is_the_same_by_both(spoken: Spoken, role: str) -> None:
    by_kernel, by_engine = growths(spoken, role, "cpu_cores")
    assert by_engine > 0
    assert by_kernel == pytest.approx(by_engine, rel=AGREE)


@pytest.mark.slow
def test_throttling_of_the_last_seconds_is_the_same_by_both_at_the_same_time(spoken: Spoken) -> None:
    by_kernel, by_engine = spoken.of("spin")
    begun = max(by_kernel[0]["at"], by_engine[0]["at"]) + WINDOW_SECONDS
    pairs = [
        (min(by_kernel, key=lambda one: abs(one["at"] - said["at"]))["throttled_ms_per_s"], said["throttled_ms_per_s"])
        for said in by_engine
        if begun < said["at"] <= by_kernel[-1]["at"]
    ]
    ours, theirs = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    assert theirs > 0
    assert ours == pytest.approx(theirs, rel=AGREE)


def around(records: list[Record], at: float, key: str) -> set[float]:
    """What was said of a gauge right before and right after a time."""
    index = bisect_right(records, at, key=lambda record: float(record["at"]))
    return {record[key] for record in records[max(0, index - 1) : index + 1]}


@pytest.mark.slow
@pytest.mark.parametrize("role", STEADY)
def test_memory_of_a_container_that_holds_still_is_the_same_to_the_byte(spoken: Spoken, role: str) -> None:
    by_kernel, by_engine = spoken.of(role)
    both = [(around(by_kernel, one["at"], "memory_used_bytes"), one["memory_used_bytes"]) for one in by_engine]
    still = [(near, said) for near, said in both if len(near) == 1]
    assert len(still) > len(both) / 2
    assert all(near == {said} for near, said in still)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["net_rx_bytes_per_s", "net_tx_bytes_per_s"])
def test_every_byte_of_a_conversation_is_counted_by_both(spoken: Spoken, key: str) -> None:
    """A record's time is in whole milliseconds: as much as comes in one at the fastest is either sum off."""
    by_kernel, by_engine = (grown(records, key)[-1][1] for records in spoken.of("echo"))
    in_a_millisecond = max(record[key] or 0.0 for records in spoken.of("echo") for record in records) / 1000
    assert by_engine > 8 * 4_000_000
    assert by_kernel == pytest.approx(by_engine, rel=0.001, abs=2 * in_a_millisecond)
