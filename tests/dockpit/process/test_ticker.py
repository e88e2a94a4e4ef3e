"""Ticks at multiples of a period, and a wall clock that runs steadily when it is set."""

from __future__ import annotations

import pytest

from dockpit.process.clock import SLEW_SECONDS, SteadyWallClock, Ticker
from tests.dockpit.monitor.poller_fixture import WorkClock


def test_ticks_are_counted_from_the_first() -> None:
    clock = WorkClock()
    ticker = Ticker(clock)
    ticks = []
    for work in (0.25, 0.5, 0.0, 0.75):
        clock.work(ticker.seconds_to_next(1.0))
        ticks.append(clock.monotonic())
        clock.work(work)
    assert ticks == [1.0, 2.0, 3.0, 4.0] and ticker.late == 0


def test_a_missed_tick_is_skipped_and_counted() -> None:
    clock = WorkClock()
    ticker = Ticker(clock)
    clock.work(ticker.seconds_to_next(1.0))
    clock.work(2.5)
    assert ticker.seconds_to_next(1.0) == 0.5 and ticker.late == 2
    clock.work(0.5 + 1.0)
    assert ticker.seconds_to_next(1.0) == 0.0 and ticker.late == 2, "just in time"


@pytest.mark.parametrize(
    ("period", "elapsed", "seconds", "expected"),
    [
        (1.0, 0.0, 1.0, 1.0),
        (1.0, 0.125, 1.0, 0.875),
        (1.0, 0.625, 1.0, 1.375),
        (1.0, 0.0625, 2.0, 1.9375),
        (0.25, 0.125, 1.0, 1.125),
        (5.0, 0.5, 1.0, 1.0),
        (1.0, 1.25, 1.0, 0.75),
    ],
    ids=["at a tick", "after one", "before one", "every other", "of many", "of few", "late"],
)
def test_nearest_waits_for_the_nearest_tick(period: float, elapsed: float, seconds: float, expected: float) -> None:
    clock = WorkClock()
    ticker = Ticker(clock)
    assert ticker.seconds_to_nearest(seconds) == seconds, "no tick yet"
    ticker.seconds_to_next(period)
    clock.work(elapsed)
    assert ticker.seconds_to_nearest(seconds) == pytest.approx(expected)


def test_a_new_period_begins_at_once() -> None:
    clock = WorkClock()
    ticker = Ticker(clock)
    clock.work(ticker.seconds_to_next(1.0) + 0.25)
    assert ticker.seconds_to_next(0.5) == 0.5


def test_a_steady_clock_ignores_a_set_wall_clock_until_it_is_adjusted() -> None:
    clock = WorkClock(1000.0)
    wall_clock = SteadyWallClock(clock)
    clock.set_wall(3600.0)
    clock.advance(1.0)
    assert wall_clock() == 1001.0
    assert wall_clock.adjust() and wall_clock() == clock.wall() == 4601.0
    clock.set_wall(-7200.0)
    assert wall_clock.adjust() and wall_clock() == clock.wall()
    assert not wall_clock.adjust()


@pytest.mark.parametrize("drift", [0.4, -0.4])
def test_a_small_drift_is_corrected_slowly(drift: float) -> None:
    clock = WorkClock(1000.0)
    wall_clock = SteadyWallClock(clock)
    clock.set_wall(drift)
    before = wall_clock()
    assert not wall_clock.adjust()
    assert abs(wall_clock() - before) == pytest.approx(SLEW_SECONDS)
    for _ in range(400):
        wall_clock.adjust()
    assert wall_clock() == pytest.approx(clock.wall())
