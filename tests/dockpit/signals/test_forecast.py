"""Forecast of when growing memory reaches its limit."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.signals.forecast import MAX_POINTS, linear_forecast, points_after_last_break

MIB = 1 << 20


def straight_line(
    seconds: int, per_second: float, start: float = 10 * MIB, begin: float = 0.0
) -> tuple[list[float], list[float]]:
    times = [begin + at for at in range(seconds)]
    return times, [start + per_second * at for at in range(seconds)]


def test_steady_growth_reaches_the_limit_when_the_line_does() -> None:
    times, values = straight_line(20, 2 * MIB)
    found = linear_forecast(times, values, 68 * MIB)
    assert found is not None
    assert found.slope_bytes_per_s == pytest.approx(2 * MIB)
    assert found.eta_seconds == pytest.approx(10.0)


def test_one_outlier_does_not_change_the_slope() -> None:
    times, values = straight_line(20, MIB)
    values[10] += 9 * MIB
    found = linear_forecast(times, values, 100 * MIB)
    assert found is not None
    assert found.slope_bytes_per_s == pytest.approx(MIB, rel=0.05)


def test_a_spike_after_a_long_calm_has_its_own_slope() -> None:
    calm, spike = straight_line(60, 0), straight_line(10, 3 * MIB, begin=60)
    found = linear_forecast(calm[0] + spike[0], calm[1] + spike[1], 64 * MIB)
    assert found is not None
    assert found.slope_bytes_per_s == pytest.approx(3 * MIB, rel=0.1)


def test_growth_that_stopped_ten_seconds_ago_is_no_growth() -> None:
    times, values = straight_line(25, MIB)
    flat = straight_line(10, 0, start=values[-1], begin=25)
    assert linear_forecast(times, values, 100 * MIB) is not None
    assert linear_forecast(times + flat[0], values + flat[1], 100 * MIB) is None


def test_a_sparse_series_is_enough() -> None:
    times = [5.0 * i for i in range(7)]
    found = linear_forecast(times, [MIB * at for at in times], 60 * MIB)
    assert found is not None
    assert found.eta_seconds == pytest.approx(30.0)


def test_a_sparse_series_still_grows_if_its_last_pair_does() -> None:
    times = [0.0, 1, 2, 3, 18]
    assert linear_forecast(times, [MIB * at for at in times], 60 * MIB) is not None
    assert linear_forecast(times, [0, MIB, 2 * MIB, 3 * MIB, 3.3 * MIB], 60 * MIB) is None


def test_a_dense_series_is_thinned_and_keeps_its_newest_point() -> None:
    times = [i * 0.1 for i in range(MAX_POINTS * 5)]
    found = linear_forecast(times, [MIB * at for at in times], 60 * MIB)
    assert found is not None
    assert found.eta_seconds == pytest.approx(60 - times[-1])


@pytest.mark.parametrize(
    ("times", "values"),
    [
        ([], []),
        ([0.0, 1, 2, 3], [1.0 * MIB, 2 * MIB, 3 * MIB, 4 * MIB]),
        ([0.0, 0.1, 0.2, 0.3, 0.4], [1.0 * MIB, 2 * MIB, 3 * MIB, 4 * MIB, 5 * MIB]),
        (*straight_line(20, 0),),
        (*straight_line(20, -MIB / 4),),
        (*straight_line(20, 10.0),),
    ],
    ids=["nothing", "too few", "too short", "flat", "falling", "negligible"],
)
def test_no_growth_no_forecast(times: list[float], values: list[float]) -> None:
    assert linear_forecast(times, values, 64 * MIB) is None


def test_noise_around_a_level_is_no_trend() -> None:
    rng = random.Random(7)
    found = [
        linear_forecast([float(i) for i in range(30)], [40 * MIB + rng.gauss(0, MIB) for _ in range(30)], 64 * MIB)
        for _ in range(400)
    ]
    assert sum(one is not None for one in found) <= 400 * 0.06


def test_a_series_past_its_limit_has_no_time_left() -> None:
    found = linear_forecast(*straight_line(10, MIB), 12 * MIB)
    assert found is not None
    assert found.eta_seconds == 0


@pytest.mark.parametrize(
    ("times", "values", "kept"),
    [
        ([1, 2, 3], [1.0, 2.0, 3.0], [1, 2, 3]),
        ([1, 2, 3, 4], [1.0, math.nan, 3.0, 4.0], [3, 4]),
        ([1, 2, 3], [1.0, 2.0, math.nan], []),
        ([1, 2, 3, 4], [50.0, 60.0, 10.0, 11.0], [3, 4]),
        ([1, 2, 2, 3], [1.0, 1.0, 1.0, 1.0], [2, 3]),
    ],
    ids=["whole", "gap", "gap at the end", "reset", "time stands still"],
)
def test_points_start_after_the_last_break(times: list[float], values: list[float], kept: list[float]) -> None:
    assert [at for at, _ in points_after_last_break(times, values)] == kept


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e13) | st.just(math.nan)), max_size=60),
    st.floats(1, 1e13),
)
def test_a_projection_has_a_positive_slope_and_a_time_left(rows: list[tuple[float, float]], limit: float) -> None:
    found = linear_forecast([at for at, _ in rows], [value for _, value in rows], limit)
    if found is not None:
        assert found.slope_bytes_per_s > 0
        assert found.eta_seconds >= 0
        assert not math.isnan(found.eta_seconds)


@given(
    st.lists(st.tuples(st.floats(0.05, 9), st.floats(-3e6, 9e6) | st.just(math.nan)), max_size=40),
    st.floats(1e6, 1e9),
    st.floats(1, 1e4),
)
def test_an_end_within_the_horizon_is_never_missed(
    steps: list[tuple[float, float]], limit: float, horizon: float
) -> None:
    times, values, at, value = list[float](), list[float](), 0.0, 4e7
    for seconds, growth in steps:
        at, value = at + seconds, value if math.isnan(growth) else max(0.0, value + growth)
        times.append(at)
        values.append(math.nan if math.isnan(growth) else value)
    found, near = linear_forecast(times, values, limit), linear_forecast(times, values, limit, horizon)
    assert near == found or (near is None and found is not None and found.eta_seconds > horizon)


def test_an_end_beyond_the_horizon_is_none() -> None:
    times, values = straight_line(20, MIB)
    assert linear_forecast(times, values, 100 * MIB, horizon_seconds=80) is not None
    assert linear_forecast(times, values, 100 * MIB, horizon_seconds=50) is None
