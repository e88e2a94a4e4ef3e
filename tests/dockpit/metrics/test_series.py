"""Tapes keep what they are given, windows do not see what comes later, and gaps stay gaps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics.series import KEPT_NAMES, MOST_GROWTH, NAN, MetricRing, resample

ROWS = st.lists(st.tuples(*[st.just(NAN) | st.floats(0, 1000, width=32)] * 3), max_size=60)


def tape(values: list[float], capacity: int = 8) -> MetricRing:
    made = MetricRing(capacity, ("a",))
    for at, value in enumerate(values):
        made.append(float(at), [value])
    return made


def test_a_window_does_not_see_what_is_written_later() -> None:
    made = tape([1, 2, 3])
    window = made.window()
    made.append(3.0, [4])
    assert list(window.values("a")) == [1, 2, 3]
    assert list(window.times(1.0)) == [1.0, 2.0]
    assert window.last("a") == 3


def test_what_was_written_over_is_gone_unless_it_was_kept() -> None:
    made = tape([1, 2, 3, 4], capacity=4)
    window = made.window()
    kept = window.keep()
    for at in range(4, 7):
        made.append(float(at), [at])
    assert list(window.values("a")) == [4]
    assert list(kept.values("a")) == [1, 2, 3, 4]
    assert math.isnan(made.value_at("a", 0)) and math.isnan(made.time_at(0))


def test_a_gap_is_written_once_and_never_first() -> None:
    made = MetricRing(4, ("a",))
    made.gap(0.0)
    assert made.written == 0
    made.append(1.0, [5])
    made.gap(2.0)
    made.gap(3.0)
    assert made.written == 2
    assert math.isnan(made.window().last("a"))
    assert math.isnan(MetricRing(4, ("a",)).window().last("a"))


@given(st.lists(st.floats(0, 1000), max_size=40), st.integers(2, 12))
def test_a_ring_holds_the_newest(values: list[float], capacity: int) -> None:
    window = tape(values, capacity).window()
    assert len(window) == min(len(values), capacity)
    assert all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
        for a, b in zip(window.values("a"), values[-capacity:], strict=True)
    )
    assert list(window.times()) == [float(i) for i in range(len(values))][-capacity:]


def test_resample_keeps_the_spike_and_the_gap() -> None:
    times = [float(t) for t in range(60)]
    values = [1.0] * 60
    values[30] = 9.0
    for t in range(40, 50):
        values[t] = NAN
    points = resample(times, values, end=60.0, span=60.0, points=30)
    assert len(points) == 30
    assert points[15] == 9.0
    assert all(math.isnan(p) for p in points[20:25])
    assert points[29] == 1.0 and points[0] == 1.0


def test_a_gap_later_in_a_slot_does_not_hide_its_peak() -> None:
    assert resample([0.0, 0.5], [7.0, NAN], end=2.0, span=2.0, points=2)[0] == 7.0


def test_a_slow_series_is_not_a_gap_but_silence_is() -> None:
    times, values = [0.0, 4.0, 8.0, 40.0], [1.0, 2.0, 3.0, 4.0]
    points = resample(times, values, end=60.0, span=60.0, points=60)
    assert points[2] == 1.0 and points[5] == 2.0
    assert math.isnan(points[20])
    assert points[40] == 4.0 and math.isnan(points[59])
    assert resample([], [], 10.0, 10.0, 5) != ()


def test_times_never_fall_and_a_gap_ends_the_line_at_once() -> None:
    made = MetricRing(8, ("a",))
    for at in (0.0, 1.0, 2.0):
        made.append(at, [5.0])
    made.gap()
    made.append(1.5, [6.0])
    assert list(made.window().times()) == [0.0, 1.0, 2.0, 2.0, 2.0]
    made = MetricRing(8, ("a",))
    made.append(0.5, [5.0])
    made.gap()
    window = made.window()
    points = resample(window.times(), window.values("a"), 4.0, 4.0, 4)
    assert points[0] == 5.0 and all(math.isnan(point) for point in points[1:])
    assert MetricRing(2, ("a",)).last_at == -math.inf


def same(found: list[float], wanted: list[float]) -> bool:
    return [None if math.isnan(v) else v for v in found] == [None if math.isnan(v) else v for v in wanted]


@given(ROWS, st.integers(2, 12))
def test_every_figure_reads_as_it_was_written_whenever_it_first_came(
    rows: list[tuple[float, ...]], capacity: int
) -> None:
    made = MetricRing(capacity, "abc")
    for at, row in enumerate(rows):
        made.append(float(at), row)
    for index, name in enumerate("abc"):
        wanted = [row[index] for row in rows[-capacity:]]
        for window in (made.window(), made.window().keep()):
            assert same(list(window.values(name)), wanted)
            assert same([window.last(name)], wanted[-1:] or [NAN])


def test_a_figure_that_never_came_takes_no_room_and_reads_as_gaps() -> None:
    made = MetricRing(1000)
    row = [float("nan")] * len(KEPT_NAMES)
    row[0] = 1.0
    for at in range(1000):
        made.append(float(at), row)
    assert len(made._data) == 1000
    assert all(map(math.isnan, made.window().values("shmem_bytes", 990.0)))
    assert len(made.window().values("shmem_bytes", 990.0)) == 10
    with pytest.raises(KeyError):
        made.window().values("nothing")


@given(
    st.lists(st.floats(0.1, 3.0), min_size=1, max_size=200),
    st.integers(2, 8),
    st.floats(0.0, 60.0),
    st.integers(0, 200),
)
def test_a_tape_that_is_to_keep_a_span_grows_for_it_and_windows_stay_right(
    steps: list[float], capacity: int, seconds: float, taken: int
) -> None:
    made, times, window = MetricRing(capacity, "ab", seconds), [0.0], None
    for step in steps:
        times.append(times[-1] + step)
    for number, at in enumerate(times):
        made.append(at, [float(number), NAN if number < taken else at])
        window = made.window() if number == min(taken, len(steps)) else window
    assert window is not None
    for seen in (made.window(), window, window.keep()):
        numbers = range(seen.start, seen.end)
        assert list(seen.times()) == times[seen.start : seen.end]
        assert list(seen.values("a")) == [float(number) for number in numbers]
        assert same([made.value_at("b", n) for n in numbers], list(seen.values("b")))
    assert capacity <= made.capacity <= capacity * MOST_GROWTH
    kept = [at for at in times if times[-1] - at < seconds]
    assert len(made.window()) >= min(len(kept), capacity * MOST_GROWTH, len(times))


def test_a_tape_without_a_span_never_grows_and_one_with_it_starts_anew_as_small() -> None:
    made = tape([float(at) for at in range(100)])
    assert made.capacity == 8
    fast = MetricRing(8, ("a",), 60.0)
    for at in range(50):
        fast.append(at / 4, [1.0])
    assert (fast.capacity, len(fast.window()), fast.window().since(5.0)) == (64, 50, 20)
    empty = fast.anew()
    assert (empty.capacity, empty.seconds, empty.written) == (8, 60.0, 0)
