"""The kernel's figures beside the engine's, both of this machine: the same counters and gauges."""

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
from tests.engine import kernel_readings
from tests.engine.container_factory import MAX_CPU_SHARES, ContainerFactory
from tests.engine.dockpit_process import Record, StatsStream, stats_stream
from tests.engine.kernel_readings import BracketedSample
from tests.engine.waiting import PATIENCE, until

pytestmark = pytest.mark.usefixtures("local_engine")

ROUNDS = 5
COMPARISON_SECONDS = max(60.0, 20.0 * PATIENCE)
"""Time over which the two sources are compared; at either end, only one may know of up to one burst of a load."""
KERNEL_INTERVAL_SECONDS = 0.2 if PATIENCE <= 1 else 0.5
"""Seconds between reads of the kernel: shorter than the engine's, to have the kernel's figure at the engine's time."""
WINDOW_SECONDS = 11.0
"""The window over which throttling is averaged, and a little more."""
RELATIVE_TOLERANCE = 0.02
COUNTERS = "cpu_ns periods throttled_periods throttled_ns net_rx_bytes net_tx_bytes major_faults"
COUNTERS_V1 = f"{COUNTERS} memory_peak_bytes"
COUNTERS_V2 = f"{COUNTERS} cpu_user_ns cpu_system_ns block_read_bytes block_write_bytes memory_failures"
GAUGES = (
    "memory_used_bytes memory_unreclaimable_bytes memory_cache_bytes memory_limit_bytes anon_bytes file_bytes pids "
    "pids_limit"
)
CHANGING_COUNTERS = {
    "spin": "cpu_ns periods throttled_periods throttled_ns",
    "burst": "cpu_ns",
    "reread": "cpu_ns",
    "echo": "cpu_ns net_rx_bytes net_tx_bytes",
    "idle": "",
}
STEADY_ROLES = ("spin", "idle")
SEND_REPEATEDLY = "while :; do head -c 200000 /dev/zero | nc {address} 8080 >/dev/null; sleep 0.2; done"
SEND_ONCE = "for i in 1 2 3 4 5 6 7 8; do head -c 4000000 /dev/zero | nc {address} 8080 >/dev/null; done"


@pytest.fixture(scope="module")
def loads(factory: ContainerFactory) -> Iterable[dict[str, Container]]:
    """A container of each load by its role; `sender` sends to the echo server."""
    loads = {
        "spin": factory.run("k-spin", "spin", "1", cpus=0.2, memory="64m", cpu_shares=MAX_CPU_SHARES, pids_limit=99),
        "burst": factory.run("k-burst", "burst", "40", "60", "1"),
        "reread": factory.run("k-reread", "reread", "64", memory="48m"),
        "echo": factory.run("k-echo", "tcp"),
        "idle": factory.run("k-idle", "idle", memory="32m"),
    }
    sender = factory.run("k-sender", "3600", entrypoint="sleep")
    try:
        yield {**loads, "sender": sender}
    finally:
        factory.remove([*loads.values(), sender])


def send_to_echo(loads: dict[str, Container], script: str, *, detach: bool = False) -> None:
    """Run a shell script in the sender, with the echo server's address in it."""
    loads["echo"].reload()
    (network,) = loads["echo"].attrs["NetworkSettings"]["Networks"].values()
    loads["sender"].exec_run(["sh", "-c", script.format(address=network["IPAddress"])], detach=detach)


# single samples


@pytest.fixture(scope="module")
def samples(engine_url: str, loads: dict[str, Container]) -> dict[str, list[BracketedSample]]:
    """Samples of the engine, each between two of the kernel, by role, while data is sent to the echo server."""
    send_to_echo(loads, SEND_REPEATEDLY, detach=True)
    watched = {role: loads[role] for role in CHANGING_COUNTERS}
    found = asyncio.run(kernel_readings.bracketed_samples(engine_url, list(watched.values()), ROUNDS))
    loads["sender"].restart(timeout=0)
    return {role: found[str(container.name)] for role, container in watched.items()}


@pytest.mark.parametrize("role", CHANGING_COUNTERS)
def test_every_counter_of_the_engine_lies_between_two_reads_of_the_kernel(
    samples: dict[str, list[BracketedSample]], factory: ContainerFactory, role: str
) -> None:
    counters = COUNTERS_V2 if factory.cgroup_version() == 2 else COUNTERS_V1
    for sample in samples[role]:
        for name in counters.split():
            before, engine, after = sample.values(name)
            assert before <= (engine or 0) <= after, f"{name}: an engine leaves out what is 0"
    first, last = samples[role][0].before, samples[role][-1].after
    unchanged = [name for name in CHANGING_COUNTERS[role].split() if getattr(first, name) == getattr(last, name)]
    assert not unchanged


@pytest.mark.parametrize("role", STEADY_ROLES)
def test_every_unchanged_gauge_is_the_engines_to_the_byte(samples: dict[str, list[BracketedSample]], role: str) -> None:
    for name in GAUGES.split():
        unchanged = [sample.values(name) for sample in samples[role] if sample.is_unchanged(name)]
        assert unchanged, f"{name} changed in every sample"
        if name in ("pids_limit", "memory_limit_bytes") and unchanged[0][0] is None:
            continue
        assert [engine for _, engine, _ in unchanged] == [before for before, _, _ in unchanged], name


@pytest.mark.parametrize("role", CHANGING_COUNTERS)
def test_the_kernel_has_figures_that_no_engine_gives(samples: dict[str, list[BracketedSample]], role: str) -> None:
    sample: Sample = samples[role][-1].after
    missing = "oom_kills cpu_pressure memory_pressure io_pressure shmem_bytes kernel_bytes refaults in_force"
    assert not [name for name in missing.split() if getattr(sample, name) is None]
    assert sample.source == "kernel"


# over a time


@dataclass(slots=True)
class Comparison:
    """Records of dockpit of the same containers over the same time, from the kernel and from the engine."""

    names: dict[str, str]
    kernel: StatsStream
    engine: StatsStream

    def records_of(self, role: str) -> tuple[list[Record], list[Record]]:
        """The records with rates of a container, from the kernel and from the engine."""
        both = (stream.records_of(self.names[role]) for stream in (self.kernel, self.engine))
        by_kernel, by_engine = ([one for one in records if one["cpu_cores"] is not None] for records in both)
        return by_kernel, by_engine


@pytest.fixture(scope="module")
def comparison(engine_url: str, loads: dict[str, Container]) -> Comparison:
    """Records of both sources over the same time, in the middle of which data is sent to the echo server."""
    return asyncio.run(record_both(engine_url, loads))


async def record_both(url: str, loads: dict[str, Container]) -> Comparison:
    """Run dockpit with each source; the data is sent after both have figures, and before either ends."""
    names = {role: str(loads[role].name) for role in CHANGING_COUNTERS}
    kernel_stream = stats_stream(url, *names.values(), "--source", "kernel", "--interval", str(KERNEL_INTERVAL_SECONDS))
    engine_stream = stats_stream(url, *names.values(), "--source", "engine", "--interval", "1")
    async with kernel_stream as by_kernel, engine_stream as by_engine:
        comparison = Comparison(names, by_kernel, by_engine)
        await until(
            lambda: all(min(map(len, comparison.records_of(role))) > 2 for role in names), 30, "figures of both"
        )
        await asyncio.to_thread(send_to_echo, loads, SEND_ONCE)
        await until(
            lambda: shared_seconds(comparison, "spin") > COMPARISON_SECONDS,
            5 * COMPARISON_SECONDS,
            "the time of the comparison",
        )
    return comparison


def shared_seconds(comparison: Comparison, role: str) -> float:
    """Seconds over which both have records."""
    spans = comparison.records_of(role)
    return float(min(records[-1]["at"] for records in spans) - max(records[0]["at"] for records in spans))


def integrate(records: list[Record], key: str) -> list[tuple[float, float]]:
    """A rate integrated over time: (time, growth since the first record)."""
    curve, total = [(records[0]["at"], 0.0)], 0.0
    for before, record in pairwise(records):
        total += record[key] * (record["at"] - before["at"])
        curve.append((record["at"], total))
    return curve


def interpolate(curve: list[tuple[float, float]], at: float) -> float:
    """The growth at a time between two records."""
    index = bisect_right(curve, (at, float("inf"))) - 1
    if index + 1 == len(curve):
        return curve[index][1]
    (left, low), (right, high) = curve[index], curve[index + 1]
    return low + (high - low) * (at - left) / (right - left)


def growths(comparison: Comparison, role: str, key: str) -> tuple[float, float]:
    """Growth of a counter over the longest time that both cover, by the kernel and by the engine."""
    kernel_curve, engine_curve = (integrate(records, key) for records in comparison.records_of(role))
    inside = [point for point in engine_curve if kernel_curve[0][0] <= point[0] <= kernel_curve[-1][0]]
    (begin, low), (end, high) = inside[0], inside[-1]
    return interpolate(kernel_curve, end) - interpolate(kernel_curve, begin), high - low


@pytest.mark.slow
def test_each_source_is_the_requested_one(comparison: Comparison) -> None:
    assert {record["source"] for record in comparison.kernel.records} == {"kernel"}
    assert {record["source"] for record in comparison.engine.records} == {"engine"}


@pytest.mark.slow
@pytest.mark.parametrize("role", ["spin", "burst", "reread"])
def test_cpu_over_a_time_is_the_same_by_both(comparison: Comparison, role: str) -> None:
    by_kernel, by_engine = growths(comparison, role, "cpu_cores")
    assert by_engine > 0
    assert by_kernel == pytest.approx(by_engine, rel=RELATIVE_TOLERANCE)


@pytest.mark.slow
def test_throttling_of_the_last_seconds_is_the_same_by_both_at_the_same_time(comparison: Comparison) -> None:
    by_kernel, by_engine = comparison.records_of("spin")
    begun = max(by_kernel[0]["at"], by_engine[0]["at"]) + WINDOW_SECONDS
    pairs = [
        (
            min(by_kernel, key=lambda one: abs(one["at"] - record["at"]))["throttled_ms_per_s"],
            record["throttled_ms_per_s"],
        )
        for record in by_engine
        if begun < record["at"] <= by_kernel[-1]["at"]
    ]
    ours, theirs = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    assert theirs > 0
    assert ours == pytest.approx(theirs, rel=RELATIVE_TOLERANCE)


def neighbouring_values(records: list[Record], at: float, key: str) -> set[float]:
    """The values of a gauge right before and right after a time."""
    index = bisect_right(records, at, key=lambda record: float(record["at"]))
    return {record[key] for record in records[max(0, index - 1) : index + 1]}


@pytest.mark.slow
@pytest.mark.parametrize("role", STEADY_ROLES)
def test_unchanged_memory_is_the_same_to_the_byte_by_both(comparison: Comparison, role: str) -> None:
    by_kernel, by_engine = comparison.records_of(role)
    both = [
        (neighbouring_values(by_kernel, one["at"], "memory_used_bytes"), one["memory_used_bytes"]) for one in by_engine
    ]
    unchanged = [(neighbours, value) for neighbours, value in both if len(neighbours) == 1]
    assert len(unchanged) > len(both) / 2
    assert all(neighbours == {value} for neighbours, value in unchanged)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["net_rx_bytes_per_s", "net_tx_bytes_per_s"])
def test_every_byte_sent_is_counted_by_both(comparison: Comparison, key: str) -> None:
    """A record's time is in whole milliseconds, so either sum may be off by the data of one at the highest rate."""
    by_kernel, by_engine = (integrate(records, key)[-1][1] for records in comparison.records_of("echo"))
    bytes_in_a_millisecond = (
        max(record[key] or 0.0 for records in comparison.records_of("echo") for record in records) / 1000
    )
    assert by_engine > 8 * 4_000_000
    assert by_kernel == pytest.approx(by_engine, rel=0.001, abs=2 * bytes_in_a_millisecond)
