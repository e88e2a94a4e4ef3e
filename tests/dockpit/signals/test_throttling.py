"""Throttling over a window, by the own quota and by a cgroup above."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics.samples import Sample
from dockpit.model.container_limits import ThrottlingAbove
from dockpit.model.thresholds import Thresholds
from dockpit.model.verdicts import Throttling
from dockpit.signals.throttling import ThrottlingWindow, assess_throttling

THRESHOLDS = Thresholds()


def sample(at: float, periods: int | None, throttled: int | None, ns: int | None = None) -> Sample:
    return Sample("c", at, periods=periods, throttled_periods=throttled, throttled_ns=ns)


def assess(samples: Sequence[Sample]) -> Throttling:
    return assess_throttling(samples, THRESHOLDS)


def test_a_spinning_container_is_high_with_the_time_lost() -> None:
    found = assess([sample(0, 0, 0, 0), sample(5, 50, 49, 4_060_000_000)])
    assert found == Throttling(level="high", percent=98.0, ms_per_s=812.0)


@pytest.mark.parametrize(
    ("throttled", "level"), [(0, "ok"), (4, "ok"), (5, "watch"), (24, "watch"), (25, "high"), (100, "high")]
)
def test_levels_begin_at_their_thresholds(throttled: int, level: str) -> None:
    assert assess([sample(0, 0, 0, 0), sample(10, 100, throttled, 0)]).level == level


@pytest.mark.parametrize("samples", [[], [sample(1, 5, 5, 5)], [sample(1, None, None), sample(2, None, None)]])
def test_nothing_to_compare_is_none_not_zero(samples: list[Sample]) -> None:
    assert assess(samples) == Throttling(percent=None, ms_per_s=None)


def test_no_period_ran_is_zero() -> None:
    assert assess([sample(0, 7, 7, 9), sample(1, 7, 7, 9)]) == Throttling(percent=0.0, ms_per_s=0.0)


def test_only_the_window_counts() -> None:
    old = [sample(at, at * 10, at * 10, 0) for at in range(10)]
    calm = [sample(20 + at, 200 + at * 10, 100, 0) for at in range(11)]
    assert assess(old + calm).percent == 0.0


def test_the_window_is_measured_by_the_samples_own_times() -> None:
    pairs = [sample(0, 0, 0, 0), sample(60, 600, 300, 0)]
    assert assess(pairs).percent == 50.0


def test_a_reset_is_skipped_and_the_rest_counts() -> None:
    series = [sample(0, 900, 900, 9_000_000_000), sample(1, 5, 0, 0), sample(2, 15, 1, 100_000_000)]
    assert assess(series) == Throttling(level="watch", percent=10.0, ms_per_s=100.0)


def test_samples_of_the_same_time_are_no_pair() -> None:
    assert assess([sample(3, 0, 0, 0), sample(3, 10, 10, 0)]).percent is None


def test_the_time_lost_is_none_without_its_counter() -> None:
    assert assess([sample(0, 0, 0), sample(1, 10, 10)]) == Throttling(level="high", percent=100.0, ms_per_s=None)


counters = st.none() | st.integers(0, 1 << 62)


@given(st.lists(st.tuples(st.floats(0, 1e9), counters, counters, counters), max_size=12))
def test_any_series_gives_a_share_between_0_and_100_or_nothing(
    rows: list[tuple[float, int | None, int | None, int | None]],
) -> None:
    series = sorted((sample(*row) for row in rows), key=lambda one: one.at)
    found = assess(series)
    assert found.percent is None or 0 <= found.percent <= 100
    assert found.ms_per_s is None or found.ms_per_s >= 0
    assert found.since == 0
    assert assess([one._replace(container_id="d") for one in series]) == found


# a cgroup above


def sample_under(at: float, throttled: int, *, own: int | None = None, path: str = "/shop.slice") -> Sample:
    """A sample whose cgroup above, and own quota if any, ran ten periods a second; `own` are its throttled periods."""
    ran = round(at * 10)
    periods = ran if own is not None else None
    return Sample(
        "c", at, periods=periods, throttled_periods=own, throttling_above=ThrottlingAbove(path, ran, throttled)
    )


def test_throttling_of_the_cgroup_above_counts() -> None:
    found = assess([sample_under(0, 0), sample_under(10, 90)])
    assert found == Throttling("high", 90.0, None, above="/shop.slice")


def test_the_greater_of_the_two_shares_is_reported() -> None:
    assert assess([sample_under(0, 0, own=0), sample_under(10, 90, own=10)]).above == "/shop.slice"
    mostly_own = assess([sample_under(0, 0, own=0), sample_under(10, 10, own=90)])
    assert (mostly_own.percent, mostly_own.above) == (90.0, "")
    assert assess([sample_under(0, 0, own=0), sample_under(10, 50, own=50)]).above == ""


def test_a_cgroup_above_that_is_not_throttled_is_not_reported() -> None:
    assert assess([sample_under(0, 0), sample_under(10, 0)]) == Throttling()
    assert assess([sample_under(0, 0, own=0), sample_under(10, 0, own=0)]) == Throttling("ok", 0.0)


def test_another_cgroup_above_starts_a_new_window() -> None:
    assert assess([sample_under(0, 0), sample_under(10, 90), sample_under(11, 900, path="/b")]).percent is None
    assert (
        assess(
            [
                sample_under(0, 0),
                sample_under(10, 90),
                sample_under(11, 900, path="/b"),
                sample_under(12, 901, path="/b"),
            ]
        ).percent
        == 10.0
    )


def test_a_cgroup_above_without_quota_is_forgotten() -> None:
    window = ThrottlingWindow()
    for one in (sample_under(0, 0), sample_under(5, 50), sample_under(6, 60)._replace(throttling_above=None)):
        window.add(one, 10.0)
    assert window.assess(THRESHOLDS) == Throttling()
    window.add(sample_under(7, 70), 10.0)
    window.clear()
    assert window.assess(THRESHOLDS) == Throttling()
