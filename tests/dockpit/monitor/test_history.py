"""Samples and events become rates, gaps, kills, alerts and frozen snapshots."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockpit.metrics.metric_ring import MetricRing
from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import EnforcedLimits, Limits
from dockpit.model.engine_info import EngineInfo, Link
from dockpit.model.events import Event
from dockpit.model.host_figures import HostFigures
from dockpit.model.plans import Outcome
from dockpit.model.thresholds import Thresholds
from dockpit.monitor.container_history import ContainerHistory
from dockpit.monitor.history import History
from dockpit.monitor.limit_history import MAX_LIMIT_CHANGES

T0 = 1_700_000_000.0
MIB = 1024 * 1024


def container(name: str = "web", **changes: object) -> Container:
    base = Container(id=name * 16, name=name, state="running", started_at=T0, created_at=T0)
    return replace(base, **changes)  # type: ignore[arg-type]  # a test's shorthand


def sample(name: str, second: float, **changes: object) -> Sample:
    base = Sample(name * 16, T0 + second, cpu_ns=int(second * 2e8), memory_used_bytes=40 * MIB)
    return base._replace(**changes)


def history_of(*containers: Container) -> History:
    history = History(Thresholds())
    history.set_engine(EngineInfo(id="engine", memory_bytes=8 << 30))
    for item in containers:
        history.put(item)
    return history


def test_two_samples_make_a_rate_and_one_makes_none() -> None:
    history = history_of(container())
    history.ingest(sample("web", 1))
    assert history.snapshot(T0 + 1).entries["web" * 16].rates is None
    history.ingest(sample("web", 2))
    rates = history.snapshot(T0 + 2).entries["web" * 16].rates
    assert rates is not None and rates.cpu_cores is not None and math.isclose(rates.cpu_cores, 0.2)


def test_a_sample_that_is_not_newer_changes_nothing() -> None:
    history = history_of(container())
    history.ingest(sample("web", 2))
    before = history.snapshot(T0 + 2)
    history.ingest(sample("web", 2))
    history.ingest(sample("web", 1))
    history.ingest(sample("stranger", 3))
    assert history.snapshot(T0 + 2) is before


def test_a_restart_is_a_gap_and_not_a_spike() -> None:
    history = history_of(container())
    for second in range(1, 6):
        history.ingest(sample("web", second))
    history.ingest(sample("web", 6, cpu_ns=1000))
    history.ingest(sample("web", 7, cpu_ns=1000 + 10**8))
    entry = history.snapshot(T0 + 7).entries["web" * 16]
    series = list(entry.window.values("cpu_cores"))
    assert any(math.isnan(value) for value in series[4:6])
    assert max(value for value in series if not math.isnan(value)) < 0.21
    assert entry.rates is not None and entry.rates.cpu_cores is not None and math.isclose(entry.rates.cpu_cores, 0.1)


def test_a_container_that_stops_loses_its_figures() -> None:
    history = history_of(container())
    history.ingest(sample("web", 1))
    history.ingest(sample("web", 2))
    history.put(container(state="exited", finished_at=T0 + 3))
    entry = history.snapshot(T0 + 3).entries["web" * 16]
    assert entry.sample is None and entry.rates is None
    assert math.isnan(entry.window.last("memory_used_bytes"))


def test_a_stale_container_is_marked_and_its_series_has_a_gap() -> None:
    history = history_of(container())
    history.ingest(sample("web", 1))
    history.mark_stale("web" * 16)
    history.mark_stale("web" * 16)
    entry = history.snapshot(T0 + 20).entries["web" * 16]
    assert entry.stale and len(entry.window) == 2
    history.ingest(sample("web", 22))
    assert not history.snapshot(T0 + 22).entries["web" * 16].stale


def throttled(name: str, second: int) -> Sample:
    return sample(name, second, periods=10 * second, throttled_periods=9 * second, throttled_ns=second * 800_000_000)


def test_a_throttling_alert_keeps_the_time_it_was_raised() -> None:
    history = history_of(container(limits=Limits(nano_cpus=200_000_000)))
    for second in range(1, 5):
        history.ingest(throttled("web", second))
    first = history.snapshot(T0 + 4)
    for second in range(5, 12):
        history.ingest(throttled("web", second))
    later = history.snapshot(T0 + 11)
    assert first.alerts[0].kind == "throttled" and first.alerts[0].level == "high"
    assert later.alerts[0].since == first.alerts[0].since
    entry = later.entries["web" * 16]
    assert entry.throttling.percent is not None and math.isclose(entry.throttling.percent, 90)
    assert entry.cpu_of_limit_percent is not None and math.isclose(entry.cpu_of_limit_percent, 100)


def test_a_leak_is_forecast_before_the_kill() -> None:
    history = history_of(container("leak", limits=Limits(memory_bytes=64 * MIB)))
    for second in range(1, 30):
        used = (10 + second) * MIB
        history.ingest(sample("leak", second, memory_unreclaimable_bytes=used, memory_limit_bytes=64 * MIB))
    entry = history.snapshot(T0 + 29).entries["leak" * 16]
    assert entry.memory.eta_seconds is not None and 15 < entry.memory.eta_seconds < 40
    assert entry.memory.risk == "imminent"


def event(action: str, second: float, name: str = "web") -> Event:
    return Event(int((T0 + second) * 1e9), "container", action, name * 16, name=name)


def test_events_are_taken_once_and_oom_kills_are_debounced() -> None:
    history = history_of(container())
    assert history.add_event(event("oom", 5))
    assert not history.add_event(event("oom", 5))
    history.add_event(event("oom", 5.2))
    history.add_event(event("oom", 60))
    entry = history.snapshot(T0 + 61).entries["web" * 16]
    assert entry.memory.kills == 2 and entry.memory.last_kill_at == T0 + 60
    assert [alert.kind for alert in entry.alerts] == ["oom"]


def test_events_from_before_the_listing_count_too() -> None:
    history = History(Thresholds())
    history.add_event(event("oom", 5))
    history.put(container())
    assert history.snapshot(T0 + 6).entries["web" * 16].memory.kills == 1


def test_the_oom_flag_of_inspect_counts_as_one_kill() -> None:
    history = history_of(container(oom_killed=True, state="exited", exit_code=137, finished_at=T0 + 2))
    assert history.snapshot(T0 + 3).entries["web" * 16].memory.kills == 1


def test_an_unchanged_history_returns_the_same_snapshot_and_a_kept_one_stays() -> None:
    history = history_of(container())
    history.ingest(sample("web", 1))
    snapshot = history.snapshot(T0 + 1)
    assert history.snapshot(T0 + 1) is snapshot
    kept = snapshot.detach()
    history.ingest(sample("web", 2))
    assert history.snapshot(T0 + 2).revision == snapshot.revision + 1
    assert len(kept.entries["web" * 16].window) == 1


def test_another_engine_drops_all_containers() -> None:
    history = history_of(container())
    history.set_engine(EngineInfo(id="other"))
    assert not history.snapshot(T0).entries
    history.put(container())
    history.forget("web" * 16)
    assert not history.snapshot(T0).entries


def test_link_read_only_ready_host_and_outcomes_are_in_the_snapshot() -> None:
    history = history_of()
    history.set_link(Link("lost", reason="gone"))
    history.set_read_only(True)
    history.set_ready()
    history.add_host_figures(HostFigures(T0, cpu_percent=12.0))
    history.add_outcome(Outcome(True, "done"), True)
    snapshot = history.snapshot(T0)
    assert (snapshot.link.reason, snapshot.read_only, snapshot.ready, snapshot.can_undo) == ("gone", True, True, True)
    assert snapshot.outcomes[-1].text == "done"
    assert snapshot.host_window.last("cpu_percent") == 12.0 and math.isnan(snapshot.host_window.last("io_some_percent"))


def test_preloaded_samples_fill_the_past() -> None:
    history = history_of(container(limits=Limits(nano_cpus=200_000_000)))
    history.preload("web" * 16, [throttled("web", second) for second in range(1, 61)])
    entry = history.snapshot(T0 + 60).entries["web" * 16]
    assert len(entry.window) == 60 and entry.throttling.level == "high"


def test_a_restart_among_preloaded_samples_is_a_gap() -> None:
    history = history_of(container())
    history.preload("web" * 16, [sample("web", 1), sample("web", 2), sample("web", 3, cpu_ns=0), sample("web", 4)])
    entry = history.get("web" * 16)
    assert entry is not None
    assert [math.isnan(value) for value in entry.window.values("memory_used_bytes")] == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_limits_in_force_come_before_the_configured_ones() -> None:
    history = history_of(container(limits=Limits(nano_cpus=10**9, memory_bytes=100 * MIB, pids_limit=50)))
    entry = history.get("web" * 16)
    assert entry is not None
    assert (entry.cpu_limit_cores, entry.memory_limit_bytes, entry.pids_limit) == (1.0, 100 * MIB, 50)
    history.ingest(
        sample("web", 1, in_force=EnforcedLimits(cpu_cores=0.5, parent_memory_bytes=100 * MIB), pids_limit=9)
    )
    entry = history.get("web" * 16)
    assert entry is not None
    assert (entry.cpu_limit_cores, entry.memory_limit_bytes, entry.pids_limit) == (0.5, 100 * MIB, 9)
    assert entry.memory_of_limit_percent == 40.0


def test_an_inspect_answered_after_the_removal_is_ignored() -> None:
    history = history_of(container())
    history.forget("web" * 16)
    history.put(container())
    history.forget("new" * 16)
    history.put(container("new"))
    assert not history.ids()


def test_the_first_sample_of_a_run_makes_no_rate_even_with_higher_counters() -> None:
    history = history_of(container())
    history.ingest(sample("web", 1, net_rx_bytes=10))
    history.ingest(sample("web", 2, net_rx_bytes=20))
    history.ingest(sample("web", 3, cpu_ns=9 * 10**9, net_rx_bytes=10**9, first=True))
    entry = history.snapshot(T0 + 3).entries["web" * 16]
    assert entry.rates is None and entry.sample is not None
    assert all(math.isnan(value) for value in list(entry.window.values("cpu_cores"))[-2:])


def test_throttling_is_not_summed_over_a_restart() -> None:
    history = history_of(container(limits=Limits(nano_cpus=200_000_000)))
    for second in range(1, 6):
        history.ingest(throttled("web", second))
    history.ingest(throttled("web", 6)._replace(periods=100, throttled_periods=50, first=True))
    history.ingest(throttled("web", 7)._replace(periods=110, throttled_periods=50))
    entry = history.snapshot(T0 + 7).entries["web" * 16]
    assert entry.throttling.percent == 0.0 and entry.throttling.level == "ok" and not entry.alerts


def test_samples_that_a_hung_engine_delivers_late_are_taken() -> None:
    history = history_of(container())
    history.ingest(sample("web", 1))
    history.mark_stale("web" * 16)
    history.ingest(sample("web", 3))
    history.ingest(sample("web", 4))
    entry = history.snapshot(T0 + 60).entries["web" * 16]
    assert not entry.stale and entry.rates is not None
    times = list(entry.window.times())
    assert times == sorted(times) == [T0 + 1, T0 + 1, T0 + 3, T0 + 4]


def test_a_clock_that_is_set_back_starts_a_new_series() -> None:
    history = history_of(container())
    for second in (1, 2):
        history.ingest(sample("web", second))
    for second in (-3600, -3599):
        history.ingest(sample("web", second, cpu_ns=5 * 10**9 + int(second + 3600) * 10**8))
    entry = history.snapshot(T0).entries["web" * 16]
    assert entry.rates is not None and entry.rates.cpu_cores is not None and math.isclose(entry.rates.cpu_cores, 0.1)
    assert list(entry.window.times()) == [T0 - 3600, T0 - 3599]


def test_a_sample_too_near_to_the_last_one_is_dropped() -> None:
    history = history_of(container())
    for second in (1, 2, 2.01):
        history.ingest(sample("web", second))
    entry = history.snapshot(T0 + 3).entries["web" * 16]
    assert len(entry.window) == 2 and entry.rates is not None
    history.ingest(sample("web", 2.2, cpu_ns=7))
    entry = history.snapshot(T0 + 4).entries["web" * 16]
    assert entry.rates is None, "rates of the earlier run are not kept"


def test_an_inspect_that_says_nothing_new_changes_nothing() -> None:
    history = history_of(container())
    before = history.snapshot(T0)
    history.put(container())
    assert history.snapshot(T0) is before


steps = st.lists(
    st.tuples(
        st.sampled_from(["sample", "sample", "sample", "first", "quiet", "restart", "stop", "oom", "forget"]),
        st.floats(-100, 100) | st.sampled_from([1.0, 1.0, 0.001, 0.0]),
        st.integers(0, 10**12) | st.none(),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_times_never_fall_and_figures_are_sane_in_any_order_of_steps(taken: Any) -> None:
    history, at = history_of(container(limits=Limits(nano_cpus=10**8, memory_bytes=64 * MIB))), 0.0
    for step, passed, value in taken:
        at += passed
        if step in ("sample", "first"):
            counters = dict.fromkeys(("cpu_ns", "net_rx_bytes", "periods", "throttled_periods", "throttled_ns"), value)
            gauges = {"memory_unreclaimable_bytes": value, "memory_used_bytes": value, "first": step == "first"}
            history.ingest(sample("web", at)._replace(**{**counters, **gauges}))
        elif step == "quiet":
            history.mark_stale("web" * 16)
        elif step == "oom":
            history.add_event(event("oom", abs(at)))
        elif step == "forget":
            history.forget("web" * 16)
        else:
            history.put(container(state="running" if step == "restart" else "exited", started_at=T0 + at))
        for entry in history.snapshot(T0 + at).entries.values():
            times = list(entry.window.times())
            assert times == sorted(times)
            assert all(not value < 0 and not math.isinf(value) for value in entry.window.values("cpu_cores"))
            assert entry.throttling.percent is None or 0 <= entry.throttling.percent <= 100
            assert entry.memory.eta_seconds is None or entry.memory.eta_seconds >= 0


def test_a_first_sample_that_is_too_early_still_ends_the_series() -> None:
    history = history_of(container())
    history.ingest(sample("web", 10))
    history.ingest(sample("web", 9, first=True))
    history.ingest(sample("web", 10.2))
    entry = history.snapshot(T0 + 11).entries["web" * 16]
    assert entry.rates is None


def test_limits_are_remembered_with_the_time_they_held_from() -> None:
    history = history_of(container(limits=Limits(nano_cpus=200_000_000)))
    for second in range(3):
        history.ingest(sample("web", second))
    history.put(container(limits=Limits(nano_cpus=500_000_000)))
    history.ingest(sample("web", 3))
    history.ingest(sample("web", 4, in_force=EnforcedLimits(cpu_cores=0.5, memory_bytes=64)))
    history.ingest(sample("web", 5, in_force=EnforcedLimits(cpu_cores=0.5, memory_bytes=64)))
    entry = history.get("web" * 16)
    assert entry is not None
    times, cores, sizes = zip(*entry.limits_history, strict=True)
    assert cores == (0.2, 0.5, 0.5) and sizes == (None, None, 64)
    assert list(times) == sorted(times) and len(set(times)) == 3


def test_the_newest_limits_are_remembered_up_to_a_maximum() -> None:
    history = history_of(container())
    for second in range(3 * MAX_LIMIT_CHANGES):
        history.ingest(sample("web", second, in_force=EnforcedLimits(cpu_cores=1.0 + second)))
    entry = history.get("web" * 16)
    assert entry is not None and len(entry.limits_history) == MAX_LIMIT_CHANGES
    assert entry.limits_history[-1].cpu_cores == 3.0 * MAX_LIMIT_CHANGES


def test_a_sample_without_its_counters_is_left_out() -> None:
    watched = history_of(container("a"))
    for second, cpu_ns in ((0.0, 10**12), (1.0, 10**12 + 10**8), (2.0, 0), (3.0, 10**12 + 3 * 10**8)):
        watched.ingest(sample("a", second, cpu_ns=cpu_ns))
        rates = watched.snapshot(T0 + second).entries["a" * 16].rates
        assert rates is None or rates.cpu_cores == pytest.approx(0.1), second
    assert rates is not None and rates.seconds == pytest.approx(2.0)


def test_no_rate_is_beyond_what_the_machine_can_do() -> None:
    watched = History(Thresholds())
    watched.set_engine(EngineInfo(id="engine", cpus=2, memory_bytes=8 << 30))
    watched.put(container("a"))
    for second, cpu_ns in ((0.0, 10**6), (1.0, 9 * 10**12), (2.0, 9 * 10**12 + 10**9)):
        watched.ingest(sample("a", second, cpu_ns=cpu_ns))
        rates = watched.snapshot(T0 + second).entries["a" * 16].rates
        assert (rates is not None) == (second == 2.0)
    watched.put(container("k"))
    for second, cpu_ns in ((0.0, 10**9), (1.0, 9 * 10**9)):
        watched.ingest(sample("k", second, cpu_ns=cpu_ns, source="kernel"))
    kernel = watched.snapshot(T0 + 1).entries["k" * 16].rates
    assert kernel is not None and kernel.cpu_cores == pytest.approx(8.0), "the kernel knows better than the engine"


def test_podman_tells_of_every_health_check_and_only_news_is_an_event() -> None:
    watched = history_of(container("a"))

    def check(second: int, verdict: str) -> bool:
        return watched.add_event(Event(at_ns=int(T0 + second) * 10**9, type="container", action="health_status",
                                       actor_id="a" * 16, detail=verdict))  # fmt: skip

    assert [check(1, "healthy"), check(2, "healthy"), check(3, "unhealthy"), check(4, "unhealthy")] == [True, False] * 2
    watched.add_event(Event(at_ns=int(T0 + 5) * 10**9, type="container", action="start", actor_id="a" * 16))
    assert check(6, "unhealthy"), "a new run begins anew"


def test_a_start_that_has_left_the_restart_loop_window_costs_nothing_more() -> None:
    thresholds = Thresholds()
    watched = ContainerHistory(container("a"), MetricRing(60), EngineInfo(id="engine"))
    watched.add_event(Event(at_ns=int(T0) * 10**9, type="container", action="start", actor_id="a" * 16))
    for second, is_healthy in ((1.0, False), (thresholds.restart_loop_window_seconds + 1, True)):
        watched.ingest(sample("a", second), thresholds)
        watched.refresh_alerts(T0 + second, thresholds)
        watched.ingest(sample("a", second + 1), thresholds)
        assert watched.is_healthy == is_healthy, second
