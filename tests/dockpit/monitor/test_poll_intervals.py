"""Intervals of containers in focus, on screen and out of sight."""

from __future__ import annotations

from dockpit.monitor.poll_intervals import Attention, PollIntervals


def test_an_interval_below_a_second_is_for_the_focus_and_calm_for_the_hidden() -> None:
    assert PollIntervals.of(0.25, calm=False) == PollIntervals(1.0, 0.25, 1.0)
    assert PollIntervals.of(2.0, calm=True) == PollIntervals(2.0, 2.0, 10.0)
    intervals = PollIntervals(1.0, 0.25, 5.0)
    attention = Attention(frozenset("a"), frozenset("b"))
    assert [intervals.seconds(which, attention) for which in "abc"] == [0.25, 1.0, 5.0]
    assert intervals.seconds("c", Attention()) == 1.0, "unless told otherwise, everything is on screen"
