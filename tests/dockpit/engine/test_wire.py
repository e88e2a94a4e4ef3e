"""Whatever JSON an engine sends, parsing and rates neither raise nor yield nonsense."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dockpit.engine import wire
from dockpit.metrics import derive
from dockpit.metrics.samples import Rates, Sample

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=30)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5)
)
counters = st.integers(0, 2**63) | st.integers(-5, 5) | anything
stamps = st.sampled_from(
    ["2026-11-23T19:00:00.123456789Z", "2026-11-23T19:00:01Z", "0001-01-01T00:00:00Z", "2026-11-23T19:00:01.5+02:00"]
)


def shape(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


block_entry = shape(
    major=counters, minor=counters, op=st.sampled_from(["Read", "write", "Total", 3, None]), value=counters
)
stats_objects = shape(
    read=stamps | anything,
    preread=stamps | anything,
    cpu_stats=shape(
        cpu_usage=shape(total_usage=counters, usage_in_usermode=counters) | anything,
        throttling_data=shape(periods=counters, throttled_periods=counters, throttled_time=counters) | anything,
    )
    | anything,
    memory_stats=shape(
        usage=counters,
        limit=counters,
        max_usage=counters,
        stats=shape(anon=counters, shmem=counters, inactive_file=counters, total_inactive_file=counters, rss=counters)
        | anything,
    )
    | anything,
    pids_stats=shape(current=counters, limit=counters) | anything,
    networks=st.dictionaries(st.text(max_size=5), shape(rx_bytes=counters, tx_bytes=counters) | anything, max_size=3)
    | anything,
    blkio_stats=shape(io_service_bytes_recursive=st.lists(block_entry | anything, max_size=4) | anything) | anything,
    storage_stats=anything,
    num_procs=counters,
)


def numbers(value: Sample | Rates | None) -> list[float]:
    return [item for item in value or () if isinstance(item, int | float) and not isinstance(item, bool)]


@settings(max_examples=250, deadline=None)
@given(stats_objects)
def test_any_stats_object_gives_a_sane_sample_or_none(stats: dict[str, Any]) -> None:
    sample = wire.sample("c", stats)
    assert all(math.isfinite(n) and n >= 0 for n in numbers(sample))


@settings(max_examples=250, deadline=None)
@given(stats_objects, stats_objects)
def test_rates_of_any_two_samples_are_finite_and_never_negative(one: dict[str, Any], two: dict[str, Any]) -> None:
    before, after = wire.sample("c", one), wire.sample("c", two)
    if before is not None and after is not None:
        assert all(math.isfinite(n) and n >= 0 for n in numbers(derive.rates(before, after)))


limits = st.none() | st.integers(0, 2**63 - 1)


@st.composite
def counted(draw: st.DrawFn, at: float) -> Sample:
    return Sample(
        "c",
        at,
        net_rx_bytes=draw(limits),
        periods=draw(limits),
        throttled_periods=draw(limits),
        throttled_ns=draw(limits),
        block_read_bytes=draw(limits),
        major_faults=draw(limits),
    )


@settings(max_examples=200, deadline=None)
@given(counted(100.0), counted(101.0))
def test_a_counter_that_resets_gives_a_gap_and_never_a_spike(before: Sample, after: Sample) -> None:
    rates = derive.rates(before, after)
    assert rates is not None
    old, new = before.net_rx_bytes, after.net_rx_bytes
    fell = old is None or new is None or new < old
    assert (rates.net_rx_bytes_per_s is None) == fell
    assert rates.throttled_ratio is None or 0.0 <= rates.throttled_ratio <= 1.0


@settings(max_examples=300, deadline=None)
@given(anything | shape(State=anything, Config=anything, HostConfig=anything, NetworkSettings=anything, Id=anything))
def test_any_inspect_event_top_version_parses(value: Any) -> None:
    whole = wire.mapping(value)
    wire.container(whole)
    wire.event(whole)
    wire.processes(whole)
    wire.engine_info(whole, whole, api_version="1.45")


def test_never_and_nonsense_are_no_time() -> None:
    assert wire.seconds("0001-01-01T00:00:00Z") == 0.0
    assert wire.seconds("yesterday, at about noon o'clock") == 0.0
    assert wire.seconds("2026-11-23T19:00:00.123456789Z") == wire.seconds("2026-11-23T19:00:00Z") + 0.123456789
    assert wire.seconds("2026-11-23T21:00:00.5+02:00") == wire.seconds("2026-11-23T19:00:00Z") + 0.5


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


def test_v1_figures() -> None:
    sample = wire.sample("c", V1)
    assert sample is not None
    assert sample.memory_used_bytes == 60_000_000
    assert sample.memory_unreclaimable_bytes == 3_000_000
    assert sample.memory_peak_bytes == 95_000_000
    assert (sample.periods, sample.throttled_periods) == (100, 99)
    assert (sample.net_rx_bytes, sample.net_tx_bytes) == (11, 22)
    assert sample.block_read_bytes is None, "empty arrays are n/a, not zero"
    assert sample.pids == 3 and sample.pids_limit is None


def test_v2_figures_and_the_odd_pids_limit() -> None:
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
    sample = wire.sample("c", stats)
    assert sample is not None
    assert (sample.memory_used_bytes, sample.memory_unreclaimable_bytes, sample.memory_peak_bytes) == (30, 20, None)
    assert (sample.memory_limit_bytes, sample.pids_limit) == (None, None)
    assert (sample.block_read_bytes, sample.block_write_bytes) == (12, 6)


def test_a_stopped_container_and_windows() -> None:
    assert wire.sample("c", {"read": "0001-01-01T00:00:00Z", "memory_stats": {}}) is None
    windows = wire.sample(
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


def test_events_split_their_detail_and_understand_podman() -> None:
    health = wire.event(
        {"Type": "container", "Action": "health_status: unhealthy", "timeNano": 5, "Actor": {"ID": "x"}}
    )
    assert health is not None and (health.action, health.detail, health.actor_id) == ("health_status", "unhealthy", "x")
    died = wire.event({"Type": "container", "Action": "died", "time": 3, "Actor": {"ID": "x"}})
    assert died is not None and (died.action, died.at) == ("die", 3.0)
    assert wire.event({"Type": "container"}) is None


def test_podman_and_the_capabilities_are_told() -> None:
    info = wire.engine_info(
        {"Version": "5.0", "Components": [{"Name": "Podman Engine"}]},
        {"ID": "i", "CgroupVersion": "2", "SwapLimit": False, "SecurityOptions": ["name=rootless"], "NCPU": 4},
        api_version="1.41",
    )
    assert (info.product, info.cgroup_version, info.swap_limit, info.rootless, info.cpus) == (
        "Podman",
        2,
        False,
        True,
        4,
    )


def test_states_of_podman_and_of_old_engines() -> None:
    assert wire.container({"State": {"Status": "stopped"}}).state == "exited"
    assert wire.container({"State": {"Running": True}}).state == "running"
    assert wire.container({"State": {"Running": True, "Paused": True}}).state == "paused"


def test_processes_find_their_columns_by_title() -> None:
    found = wire.processes(
        {"Titles": ["UID", "PID", "PPID", "CMD"], "Processes": [["root", "7", "1", "sh -c x"], "odd"]}
    )
    assert [(p.pid, p.ppid, p.user, p.command) for p in found] == [(7, 1, "root", "sh -c x")]


def test_times_beyond_every_calendar_are_none() -> None:
    for absurd in ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0002-01-01T00:00:00Z", "-001-01-01T00:00:00Z"):
        assert wire.seconds(absurd) == 0.0
    assert wire.event({"Action": "start", "time": 2**62, "Actor": {"ID": "x"}}) is None
    assert wire.engine_info({}, {"SystemTime": "2026-11-23T19:00:00Z"}, api_version="").system_time > 1.7e9


def test_text_can_always_be_written_somewhere() -> None:
    found = wire.container(
        {"Name": "/a\ud800b", "Path": "x", "Args": ["\udfff", [["deep"]]], "Config": {"Labels": {"\ud800": "\ud801"}}}
    )
    for said in (found.name, found.command, *found.labels, *found.labels.values()):
        assert said.encode("utf-8")
    assert found.name == "a?b" and wire.text("café") == "café"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=30) | stamps | anything)
def test_no_time_is_absurd(value: Any) -> None:
    assert 0.0 <= wire.seconds(value) < wire.FAR_FUTURE


def test_literals_that_are_no_json_are_no_figures() -> None:
    import json

    stats = json.loads(
        '{"read": "2026-11-23T19:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": NaN}}, '
        '"memory_stats": {"usage": Infinity, "limit": -Infinity}, "pids_stats": {"current": 1e400}}'
    )
    sample = wire.sample("c", stats)
    assert sample is not None and numbers(sample) == [sample.at]
