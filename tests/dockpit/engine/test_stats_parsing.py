"""Samples parsed from stats of cgroup v1, v2 and Windows; no JSON makes parsing or rates raise."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dockpit.engine import stats_parsing
from dockpit.metrics import derive
from dockpit.metrics.samples import Rates, Sample
from tests.dockpit.engine.json_strategies import any_counter, any_json, json_object, timestamps

block_entry = json_object(
    major=any_counter, minor=any_counter, op=st.sampled_from(["Read", "write", "Total", 3, None]), value=any_counter
)
stats_objects = json_object(
    read=timestamps | any_json,
    preread=timestamps | any_json,
    cpu_stats=json_object(
        cpu_usage=json_object(total_usage=any_counter, usage_in_usermode=any_counter) | any_json,
        throttling_data=json_object(periods=any_counter, throttled_periods=any_counter, throttled_time=any_counter)
        | any_json,
    )
    | any_json,
    memory_stats=json_object(
        usage=any_counter,
        limit=any_counter,
        max_usage=any_counter,
        stats=json_object(
            anon=any_counter,
            shmem=any_counter,
            inactive_file=any_counter,
            total_inactive_file=any_counter,
            rss=any_counter,
        )
        | any_json,
    )
    | any_json,
    pids_stats=json_object(current=any_counter, limit=any_counter) | any_json,
    networks=st.dictionaries(
        st.text(max_size=5), json_object(rx_bytes=any_counter, tx_bytes=any_counter) | any_json, max_size=3
    )
    | any_json,
    blkio_stats=json_object(io_service_bytes_recursive=st.lists(block_entry | any_json, max_size=4) | any_json)
    | any_json,
    storage_stats=any_json,
    num_procs=any_counter,
)


def numbers(value: Sample | Rates | None) -> list[float]:
    return [item for item in value or () if isinstance(item, int | float) and not isinstance(item, bool)]


@settings(max_examples=250, deadline=None)
@given(stats_objects)
def test_any_stats_object_gives_a_finite_sample_or_none(stats: dict[str, Any]) -> None:
    sample = stats_parsing.parse_stats("c", stats)
    assert all(math.isfinite(n) and n >= 0 for n in numbers(sample))


@settings(max_examples=250, deadline=None)
@given(stats_objects, stats_objects)
def test_rates_of_any_two_samples_are_finite_and_never_negative(one: dict[str, Any], two: dict[str, Any]) -> None:
    before, after = stats_parsing.parse_stats("c", one), stats_parsing.parse_stats("c", two)
    if before is not None and after is not None:
        assert all(math.isfinite(n) and n >= 0 for n in numbers(derive.rates(before, after)))


counts = st.none() | st.integers(0, 2**63 - 1)


@st.composite
def samples_of_counters(draw: st.DrawFn, at: float) -> Sample:
    return Sample(
        "c",
        at,
        net_rx_bytes=draw(counts),
        periods=draw(counts),
        throttled_periods=draw(counts),
        throttled_ns=draw(counts),
        block_read_bytes=draw(counts),
        major_faults=draw(counts),
    )


@settings(max_examples=200, deadline=None)
@given(samples_of_counters(100.0), samples_of_counters(101.0))
def test_a_counter_that_resets_gives_a_gap_and_never_a_spike(before: Sample, after: Sample) -> None:
    rates = derive.rates(before, after)
    assert rates is not None
    old, new = before.net_rx_bytes, after.net_rx_bytes
    fell = old is None or new is None or new < old
    assert (rates.net_rx_bytes_per_s is None) == fell
    assert rates.throttled_ratio is None or 0.0 <= rates.throttled_ratio <= 1.0


V1 = {
    "read": "2026-11-23T19:00:00.5Z",
    "cpu_stats": {
        "cpu_usage": {"total_usage": 5_000_000_000, "percpu_usage": [1, 2]},
        "throttling_data": {"periods": 100, "throttled_periods": 99, "throttled_time": 7_000_000_000},
    },
    "memory_stats": {
        "usage": 90_000_000,
        "max_usage": 95_000_000,
        "limit": 134_217_728,
        "stats": {
            "total_inactive_file": 30_000_000,
            "total_active_anon": 1_000_000,
            "total_inactive_anon": 2_000_000,
            "total_unevictable": 0,
            "total_cache": 87_000_000,
        },
    },
    "pids_stats": {"current": 3},
    "blkio_stats": {"io_service_bytes_recursive": []},
    "networks": {"eth0": {"rx_bytes": 10, "tx_bytes": 20}, "eth1": {"rx_bytes": 1, "tx_bytes": 2}},
}


def test_a_sample_of_cgroup_v1() -> None:
    sample = stats_parsing.parse_stats("c", V1)
    assert sample is not None
    assert sample.memory_used_bytes == 60_000_000
    assert sample.memory_unreclaimable_bytes == 3_000_000
    assert sample.memory_peak_bytes == 95_000_000
    assert (sample.periods, sample.throttled_periods) == (100, 99)
    assert (sample.net_rx_bytes, sample.net_tx_bytes) == (11, 22)
    assert sample.block_read_bytes is None, "empty arrays are n/a, not zero"
    assert sample.pids == 3 and sample.pids_limit is None


def test_a_sample_of_cgroup_v2_takes_2_to_the_64_minus_1_for_no_limit() -> None:
    stats = {
        **V1,
        "memory_stats": {
            "usage": 50,
            "limit": 2**64 - 1,
            "stats": {
                "anon": 10,
                "shmem": 4,
                "slab_unreclaimable": 3,
                "kernel_stack": 2,
                "sock": 1,
                "inactive_file": 20,
            },
        },
        "pids_stats": {"current": 1, "limit": 2**64 - 1},
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"op": "read", "value": 5},
                {"op": "write", "value": 6},
                {"op": "read", "value": 7},
            ]
        },
    }
    sample = stats_parsing.parse_stats("c", stats)
    assert sample is not None
    assert (sample.memory_used_bytes, sample.memory_unreclaimable_bytes, sample.memory_peak_bytes) == (30, 20, None)
    assert (sample.memory_limit_bytes, sample.pids_limit) == (None, None)
    assert (sample.block_read_bytes, sample.block_write_bytes) == (12, 6)


def test_a_stopped_container_has_no_sample_and_windows_has_its_own_fields() -> None:
    assert stats_parsing.parse_stats("c", {"read": "0001-01-01T00:00:00Z", "memory_stats": {}}) is None
    windows = stats_parsing.parse_stats(
        "c",
        {
            "read": "2026-11-23T19:00:00Z",
            "num_procs": 4,
            "cpu_stats": {"cpu_usage": {"total_usage": 10}},
            "memory_stats": {"privateworkingset": 77},
            "storage_stats": {"read_size_bytes": 1, "write_size_bytes": 2},
        },
    )
    assert windows is not None
    assert (windows.cpu_ns, windows.memory_used_bytes, windows.block_write_bytes) == (1000, 77, 2)
    assert windows.pids is None and windows.periods is None


def test_nan_and_infinity_are_not_available() -> None:
    stats = json.loads(
        '{"read": "2026-11-23T19:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": NaN}}, '
        '"memory_stats": {"usage": Infinity, "limit": -Infinity}, "pids_stats": {"current": 1e400}}'
    )
    sample = stats_parsing.parse_stats("c", stats)
    assert sample is not None and numbers(sample) == [sample.at]


def test_a_kernel_without_the_memory_controller_gives_no_memory_and_no_zeros() -> None:
    zeros = dict.fromkeys(("anon", "file", "shmem", "inactive_file", "pgmajfault", "slab_unreclaimable"), 0)
    found = stats_parsing.parse_stats("c", {"read": "2026-03-14T13:58:08Z", "memory_stats": {"stats": zeros}})
    assert found is not None
    memory = (found.memory_used_bytes, found.memory_unreclaimable_bytes, found.memory_cache_bytes, found.anon_bytes)
    assert (*memory, found.file_bytes, found.major_faults) == (None,) * 6
