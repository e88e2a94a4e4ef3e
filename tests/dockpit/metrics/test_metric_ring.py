"""A ring gives back what was appended, windows do not see later rows, and gaps stay gaps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.metrics.metric_ring import KEPT_NAMES, MetricRing, Window
from dockpit.metrics.row_ring import MAX_GROWTH, NAN

ROWS = st.lists(st.tuples(*[st.just(NAN) | st.floats(0, 1000, width=32)] * 3), max_size=60)


def ring_of(values: list[float], capacity: int = 8) -> MetricRing:
    ring = MetricRing(capacity, ("a",))
    for at, value in enumerate(values):
        ring.append(float(at), [value])
    return ring


def same(found: list[float], wanted: list[float]) -> bool:
    return [None if math.isnan(v) else v for v in found] == [None if math.isnan(v) else v for v in wanted]


def test_a_window_does_not_see_rows_appended_later() -> None:
    ring = ring_of([1, 2, 3])
    window = ring.window()
    ring.append(3.0, [4])
    assert list(window.values("a")) == [1, 2, 3]
    assert list(window.times(1.0)) == [1.0, 2.0]
    assert window.last("a") == 3


def test_rows_written_over_are_gone_unless_the_window_was_copied() -> None:
    ring = ring_of([1, 2, 3, 4], capacity=4)
    window = ring.window()
    copied = window.copy()
    for at in range(4, 7):
        ring.append(float(at), [at])
    assert list(window.values("a")) == [4]
    assert list(copied.values("a")) == [1, 2, 3, 4]
    assert math.isnan(Window(ring, 1).last("a")) and len(Window(ring, 1)) == 0
    assert not ring.rows.has_row(0)


def test_gaps_are_not_repeated_and_never_first() -> None:
    ring = MetricRing(4, ("a",))
    ring.append_gap(0.0)
    assert ring.rows.appended == 0
    ring.append(1.0, [5])
    ring.append_gap(2.0)
    ring.append_gap(3.0)
    assert ring.rows.appended == 2
    assert math.isnan(ring.window().last("a"))
    assert math.isnan(MetricRing(4, ("a",)).window().last("a"))


def test_times_never_fall() -> None:
    ring = MetricRing(8, ("a",))
    for at in (0.0, 1.0, 2.0):
        ring.append(at, [5.0])
    ring.append_gap()
    ring.append(1.5, [6.0])
    assert list(ring.window().times()) == [0.0, 1.0, 2.0, 2.0, 2.0]
    assert MetricRing(2, ("a",)).last_at == -math.inf


@given(st.lists(st.floats(0, 1000), max_size=40), st.integers(2, 12))
def test_a_ring_holds_the_newest_rows(values: list[float], capacity: int) -> None:
    window = ring_of(values, capacity).window()
    assert len(window) == min(len(values), capacity)
    assert all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
        for a, b in zip(window.values("a"), values[-capacity:], strict=True)
    )
    assert list(window.times()) == [float(i) for i in range(len(values))][-capacity:]


@given(ROWS, st.integers(2, 12))
def test_every_figure_reads_as_it_was_appended_whenever_it_first_came(
    rows: list[tuple[float, ...]], capacity: int
) -> None:
    ring = MetricRing(capacity, "abc")
    for at, row in enumerate(rows):
        ring.append(float(at), row)
    for index, name in enumerate("abc"):
        wanted = [row[index] for row in rows[-capacity:]]
        for window in (ring.window(), ring.window().copy()):
            assert same(list(window.values(name)), wanted)
            assert same([window.last(name)], wanted[-1:] or [NAN])


def test_a_figure_that_never_came_takes_no_room_and_reads_as_gaps() -> None:
    ring = MetricRing(1000)
    row = [float("nan")] * len(KEPT_NAMES)
    row[0] = 1.0
    for at in range(1000):
        ring.append(float(at), row)
    assert ring.rows.width == 1 and len(ring.rows._values) == 1000
    assert all(map(math.isnan, ring.window().values("shmem_bytes", 990.0)))
    assert len(ring.window().values("shmem_bytes", 990.0)) == 10
    with pytest.raises(KeyError):
        ring.window().values("nothing")


@given(
    st.lists(st.floats(0.1, 3.0), min_size=1, max_size=200),
    st.integers(2, 8),
    st.floats(0.0, 60.0),
    st.integers(0, 200),
)
def test_a_ring_grows_to_keep_its_span_and_windows_stay_right(
    steps: list[float], capacity: int, seconds: float, taken: int
) -> None:
    ring, times, window = MetricRing(capacity, "ab", seconds), [0.0], None
    for step in steps:
        times.append(times[-1] + step)
    for number, at in enumerate(times):
        ring.append(at, [float(number), NAN if number < taken else at])
        window = ring.window() if number == min(taken, len(steps)) else window
    assert window is not None
    for seen in (ring.window(), window, window.copy()):
        numbers = range(seen.start, seen.end)
        assert list(seen.times()) == times[seen.start : seen.end]
        assert list(seen.values("a")) == [float(number) for number in numbers]
        assert same([ring.column("b", number, number + 1)[0] for number in numbers], list(seen.values("b")))
    assert capacity <= ring.rows.capacity <= capacity * MAX_GROWTH
    kept = [at for at in times if times[-1] - at < seconds]
    assert len(ring.window()) >= min(len(kept), capacity * MAX_GROWTH, len(times))


def test_a_ring_without_a_span_never_grows_and_an_empty_copy_starts_small() -> None:
    assert ring_of([float(at) for at in range(100)]).rows.capacity == 8
    fast = MetricRing(8, ("a",), 60.0)
    for at in range(50):
        fast.append(at / 4, [1.0])
    assert (fast.rows.capacity, len(fast.window()), fast.window().first_row_at(5.0)) == (64, 50, 20)
    empty = fast.empty_copy()
    assert (empty.rows.capacity, empty.rows.span_seconds, empty.rows.appended) == (8, 60.0, 0)
