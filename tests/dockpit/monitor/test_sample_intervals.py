"""Intervals of containers in focus, on screen and out of sight."""

from __future__ import annotations

from dockpit.monitor.sample_intervals import Attention, SampleIntervals


def test_an_interval_below_a_second_is_for_the_focus_and_calm_for_the_hidden() -> None:
    assert SampleIntervals.of(0.25, calm=False) == SampleIntervals(1.0, 0.25, 1.0)
    assert SampleIntervals.of(2.0, calm=True) == SampleIntervals(2.0, 2.0, 10.0)
    intervals = SampleIntervals(1.0, 0.25, 5.0)
    attention = Attention(frozenset("a"), frozenset("b"))
    assert [intervals.seconds(which, attention) for which in "abc"] == [0.25, 1.0, 5.0]
    assert intervals.seconds("c", Attention()) == 1.0, "unless told otherwise, everything is on screen"
