"""Rows spread over slots: a spike stays, a gap stays, a slow series is no gap."""

from __future__ import annotations

import math

from dockpit.metrics.metric_ring import MetricRing
from dockpit.metrics.resampling import resample_peaks
from dockpit.metrics.row_ring import NAN


def test_spikes_and_gaps_survive_resampling() -> None:
    times = [float(t) for t in range(60)]
    values = [1.0] * 60
    values[30] = 9.0
    for t in range(40, 50):
        values[t] = NAN
    points = resample_peaks(times, values, end=60.0, span=60.0, points=30)
    assert len(points) == 30
    assert points[15] == 9.0
    assert all(math.isnan(p) for p in points[20:25])
    assert points[29] == 1.0 and points[0] == 1.0


def test_a_gap_later_in_a_slot_does_not_hide_its_peak() -> None:
    assert resample_peaks([0.0, 0.5], [7.0, NAN], end=2.0, span=2.0, points=2)[0] == 7.0


def test_a_slow_series_is_not_a_gap_but_silence_is() -> None:
    times, values = [0.0, 4.0, 8.0, 40.0], [1.0, 2.0, 3.0, 4.0]
    points = resample_peaks(times, values, end=60.0, span=60.0, points=60)
    assert points[2] == 1.0 and points[5] == 2.0
    assert math.isnan(points[20])
    assert points[40] == 4.0 and math.isnan(points[59])
    assert resample_peaks([], [], 10.0, 10.0, 5) != ()


def test_a_gap_right_behind_a_row_ends_the_line() -> None:
    ring = MetricRing(8, ("a",))
    ring.append(0.5, [5.0])
    ring.append_gap()
    window = ring.window()
    points = resample_peaks(window.times(), window.values("a"), 4.0, 4.0, 4)
    assert points[0] == 5.0 and all(math.isnan(point) for point in points[1:])
