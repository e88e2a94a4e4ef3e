"""When Python's garbage collector runs: never while a command loads its modules, nor while a key waits for an answer.

disable_until_loaded ─► imports ─► enable_after_loading ─► IdleCollector.begin
frame painted, no key pending ─► IdleCollector.collect          quit ─► IdleCollector.end
"""

from __future__ import annotations

import gc
import math

IDLE_MIN_SECONDS = 20.0
"""Minimum seconds between full collections while no key is pressed."""
IDLE_MIN_NEW_OBJECTS = 20_000
"""Minimum growth in objects since the last full collection while no key is pressed."""
BUSY_MIN_SECONDS = 0.9
"""Minimum seconds between full collections while keys are pressed."""
BUSY_MIN_NEW_OBJECTS = 15_000
"""Minimum growth in objects since the last full collection while keys are pressed.

Each change of a tab leaves some thousand objects that refer to each other. Many small collections take less time than
a large one: 190,000 objects took 230 ms.
"""
YOUNG_THRESHOLD = 50_000
"""Growth in objects after which Python itself collects the young generation.

Each polling tick creates nine objects a container, which the next tick replaces. At Python's default of 700 they were
scanned again and again for nothing: 9 ms of each second with 1,000 containers.
"""
NEVER_THRESHOLD = 1_000_000
"""Threshold of the oldest generation that is never reached."""


class IdleCollector:
    """Runs full collections when nobody waits for an answer, and at no other time."""

    def __init__(self) -> None:
        self._default_thresholds = gc.get_threshold()
        self._collected_at = 0.0

    def begin(self, now: float) -> None:
        """Stop Python's own full collections from `now` (monotonic seconds); only collect() runs them."""
        self._collected_at = now
        gc.set_threshold(YOUNG_THRESHOLD, self._default_thresholds[1], NEVER_THRESHOLD)

    def end(self) -> None:
        """Restore Python's thresholds."""
        gc.set_threshold(*self._default_thresholds)

    def collect(self, now: float, pressed_at: float = -math.inf) -> bool:
        """Run a full collection if enough time and objects have passed since the last; whether it ran.

        `now` and `pressed_at`, the time of the last key press, are monotonic seconds.
        """
        busy = pressed_at > self._collected_at
        min_seconds = BUSY_MIN_SECONDS if busy else IDLE_MIN_SECONDS
        min_objects = BUSY_MIN_NEW_OBJECTS if busy else IDLE_MIN_NEW_OBJECTS
        if now - self._collected_at < min_seconds or self._new_objects() < min_objects:
            return False
        self._collected_at = now
        gc.collect()
        return True

    def _new_objects(self) -> int:
        """Approximate growth in objects since the last full collection, garbage included."""
        objects, young, middle = gc.get_count()
        return objects + YOUNG_THRESHOLD * (young + self._default_thresholds[1] * middle)


def disable_until_loaded() -> None:
    """Switch automatic collection off while modules are imported."""
    gc.disable()


def enable_after_loading() -> None:
    """Switch automatic collection on again, less often than by default, and exempt the objects loaded so far.

    Does nothing where collection was never switched off.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(YOUNG_THRESHOLD, *gc.get_threshold()[1:])
        gc.enable()
