"""Tapes keep what they are given, windows do not see what comes later, and gaps stay gaps."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from dockpit.series import NAN, Tape, resample


def tape(values: list[float], capacity: int = 8) -> Tape:
    made = Tape(capacity, ("a",))
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
    made = Tape(4, ("a",))
    made.gap(0.0)
    assert made.written == 0
    made.append(1.0, [5])
    made.gap(2.0)
    made.gap(3.0)
    assert made.written == 2
    assert math.isnan(made.window().last("a"))
    assert math.isnan(Tape(4, ("a",)).window().last("a"))


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
    made = Tape(8, ("a",))
    for at in (0.0, 1.0, 2.0):
        made.append(at, [5.0])
    made.gap()
    made.append(1.5, [6.0])
    assert list(made.window().times()) == [0.0, 1.0, 2.0, 2.0, 2.0]
    made = Tape(8, ("a",))
    made.append(0.5, [5.0])
    made.gap()
    window = made.window()
    points = resample(window.times(), window.values("a"), 4.0, 4.0, 4)
    assert points[0] == 5.0 and all(math.isnan(point) for point in points[1:])
    assert Tape(2, ("a",)).last_at == -math.inf
