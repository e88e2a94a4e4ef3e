"""OOM kills counted from the engine's `oom` events."""

from __future__ import annotations

from collections.abc import Sequence


def count_kills(event_times: Sequence[float], debounce_seconds: float) -> int:
    """Number of kills behind the `oom` events at `event_times` (seconds, in any order).

    An engine may send two events for one kill: all within `debounce_seconds` of the first count as one.
    """
    kills = 0
    first = float("-inf")
    for at in sorted(event_times):
        if at - first > debounce_seconds:
            kills, first = kills + 1, at
    return kills
