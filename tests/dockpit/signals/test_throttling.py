from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics.samples import Sample
from dockpit.model.container_limits import QuotaAbove
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Throttling
from dockpit.signals.throttling import ThrottlingWindow, judge

T = Thresholds()


def sample(at: float, periods: int | None, throttled: int | None, ns: int | None = None) -> Sample:
    return Sample("c", at, periods=periods, throttled_periods=throttled, throttled_ns=ns)


def test_a_spinning_container_is_high_with_its_stall() -> None:
    found = judge([sample(0, 0, 0, 0), sample(5, 50, 49, 4_060_000_000)], T)
    assert found == Throttling(level="high", percent=98.0, ms_per_s=812.0)


@pytest.mark.parametrize(
    ("throttled", "level"), [(0, "ok"), (4, "ok"), (5, "watch"), (24, "watch"), (25, "high"), (100, "high")]
)
def test_levels_begin_at_their_thresholds(throttled: int, level: str) -> None:
    assert judge([sample(0, 0, 0, 0), sample(10, 100, throttled, 0)], T).level == level


@pytest.mark.parametrize("samples", [[], [sample(1, 5, 5, 5)], [sample(1, None, None), sample(2, None, None)]])
def test_nothing_to_compare_is_not_zero(samples: list[Sample]) -> None:
    assert judge(samples, T) == Throttling(percent=None, ms_per_s=None)


def test_no_period_ran_is_zero() -> None:
    assert judge([sample(0, 7, 7, 9), sample(1, 7, 7, 9)], T) == Throttling(percent=0.0, ms_per_s=0.0)


def test_only_the_window_counts() -> None:
    old = [sample(at, at * 10, at * 10, 0) for at in range(10)]
    calm = [sample(20 + at, 200 + at * 10, 100, 0) for at in range(11)]
    assert judge(old + calm, T).percent == 0.0


def test_the_window_is_measured_by_the_samples_own_times() -> None:
    pairs = [sample(0, 0, 0, 0), sample(60, 600, 300, 0)]
    assert judge(pairs, T).percent == 50.0


def test_a_reset_is_skipped_and_the_rest_counts() -> None:
    series = [sample(0, 900, 900, 9_000_000_000), sample(1, 5, 0, 0), sample(2, 15, 1, 100_000_000)]
    assert judge(series, T) == Throttling(level="watch", percent=10.0, ms_per_s=100.0)


def test_samples_of_one_instant_are_no_pair() -> None:
    assert judge([sample(3, 0, 0, 0), sample(3, 10, 10, 0)], T).percent is None


def test_the_stall_is_not_known_without_its_counter() -> None:
    assert judge([sample(0, 0, 0), sample(1, 10, 10)], T) == Throttling(level="high", percent=100.0, ms_per_s=None)


counters = st.none() | st.integers(0, 1 << 62)


@given(st.lists(st.tuples(st.floats(0, 1e9), counters, counters, counters), max_size=12))
def test_any_series_gives_a_share_between_0_and_100_or_nothing(
    rows: list[tuple[float, int | None, int | None, int | None]],
) -> None:
    series = sorted((sample(*row) for row in rows), key=lambda one: one.at)
    found = judge(series, T)
    assert found.percent is None or 0 <= found.percent <= 100
    assert found.ms_per_s is None or found.ms_per_s >= 0
    assert found.since == 0
    assert judge([one._replace(container_id="d") for one in series], T) == found


# a cgroup above


def below(at: float, throttled: int, *, own: int | None = None, path: str = "/shop.slice") -> Sample:
    """A sample of which the cgroup above ran ten periods a second, and its own limit too where it has one."""
    ran = round(at * 10)
    periods = ran if own is not None else None
    return Sample("c", at, periods=periods, throttled_periods=own, quota_above=QuotaAbove(path, ran, throttled))


def test_what_stops_the_cgroup_above_stops_it_too() -> None:
    found = judge([below(0, 0), below(10, 90)], T)
    assert found == Throttling("high", 90.0, None, above="/shop.slice")


def test_the_one_that_stops_it_more_is_told_of() -> None:
    assert judge([below(0, 0, own=0), below(10, 90, own=10)], T).above == "/shop.slice"
    mostly_own = judge([below(0, 0, own=0), below(10, 10, own=90)], T)
    assert (mostly_own.percent, mostly_own.above) == (90.0, "")
    assert judge([below(0, 0, own=0), below(10, 50, own=50)], T).above == ""


def test_a_cgroup_above_that_never_stopped_is_not_spoken_of() -> None:
    assert judge([below(0, 0), below(10, 0)], T) == Throttling()
    assert judge([below(0, 0, own=0), below(10, 0, own=0)], T) == Throttling("ok", 0.0)


def test_another_cgroup_above_begins_anew() -> None:
    assert judge([below(0, 0), below(10, 90), below(11, 900, path="/b")], T).percent is None
    assert judge([below(0, 0), below(10, 90), below(11, 900, path="/b"), below(12, 901, path="/b")], T).percent == 10.0


def test_without_its_quota_the_cgroup_above_is_forgotten() -> None:
    meter = ThrottlingWindow()
    for one in (below(0, 0), below(5, 50), below(6, 60)._replace(quota_above=None)):
        meter.add(one, 10.0)
    assert meter.judge(T) == Throttling()
    meter.add(below(7, 70), 10.0)
    meter.clear()
    assert meter.judge(T) == Throttling()
