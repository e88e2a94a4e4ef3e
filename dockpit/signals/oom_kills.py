"""OOM kills counted from the engine's `oom` events."""

from __future__ import annotations

from collections.abc import Sequence


def count_kills(event_times: Sequence[float], debounce: float) -> int:
    """How many kills the `oom` events at `event_times` (seconds, any order) stand for.

    An engine may send two events for one kill: those within `debounce` seconds of the first of them are one.
    """
    kills = 0
    first = float("-inf")
    for at in sorted(event_times):
        if at - first > debounce:
            kills, first = kills + 1, at
    return kills
