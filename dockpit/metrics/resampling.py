"""Rows of the history -> a fixed number of points for a chart or a sparkline."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dockpit.metrics.row_ring import NAN

MAX_FILLED_SLOTS = 3
MAX_FILLED_SECONDS = 5.0
"""How far a value is repeated into slots without a row; whichever of the two is longer counts."""


def resample_peaks(
    times: Sequence[float], values: Sequence[float], end: float, span: float, points: int
) -> tuple[float, ...]:
    """Spread rows over `points` equal slots of the `span` seconds that end at `end`; NaN is a gap.

    A slot holds the greatest of its rows, so that a spike never vanishes. A slot without a row repeats the one before,
    for MAX_FILLED_SLOTS or MAX_FILLED_SECONDS at most (a slow series is not a gap), unless that one ended with a gap.
    """
    slots = [NAN] * points
    slot_seconds = span / points
    first = end - span
    ending_in_gap: set[int] = set()
    for at, value in zip(times, values, strict=True):
        index = int((at - first) / slot_seconds)
        if value != value:
            ending_in_gap.add(index)
            continue
        if ending_in_gap:
            ending_in_gap.discard(index)
        if index == points and at <= end + slot_seconds:
            index = points - 1
        if 0 <= index < points and not slots[index] >= value:
            slots[index] = value
    if NAN in slots:  # found by identity: NaN values of rows are never put into a slot
        reach = max(MAX_FILLED_SLOTS, math.ceil(MAX_FILLED_SECONDS / slot_seconds))
        _fill_slots_without_rows(slots, ending_in_gap, reach)
    return tuple(slots)


def _fill_slots_without_rows(slots: list[float], ending_in_gap: set[int], reach: int) -> None:
    """Repeat the value before a slot without a row, less than `reach` slots in a row."""
    last, age = NAN, 0
    for index, value in enumerate(slots):
        if value == value:
            last, age = value, 0
        else:
            age += 1
            if age < reach and index not in ending_in_gap:
                slots[index] = last
        if index in ending_in_gap:
            last = NAN
