"""When the garbage collector runs: not while a command loads what stays for good, nor in the middle of an answer."""

from __future__ import annotations

import gc
import math

LEAST_SECONDS = 20.0
"""So long at least between two full collections while no key is pressed."""
LEAST_OBJECTS = 20_000
"""And so many more objects than after the last."""
BUSY_SECONDS = 0.9
BUSY_OBJECTS = 15_000
"""So long, and so many, where keys were pressed: each change of a tab leaves some thousand objects that refer to each
other, and many small collections are sooner over than a large one: 190,000 objects took 230 ms."""
YOUNG = 50_000
"""So many more objects than after the last before Python itself collects what is young. Each round of reads makes nine
objects a container, which go when the next replaces them: at Python's 700 they were gone through again and again for
nothing, at 9 ms of each second with 1,000 containers."""
NEVER = 1_000_000


class IdleCollector:
    """Full collections when there is time for them, and at no other time."""

    def __init__(self) -> None:
        self._usual = gc.get_threshold()
        self._last_at = 0.0

    def begin(self, now: float) -> None:
        """From now on (monotonic seconds) nothing but collect() goes through everything."""
        self._last_at = now
        gc.set_threshold(YOUNG, self._usual[1], NEVER)

    def end(self) -> None:
        """Leave it to Python again."""
        gc.set_threshold(*self._usual)

    def collect(self, now: float, pressed_at: float = -math.inf) -> bool:
        """Nobody waits at the moment: go through everything if that is worth while; whether it was.

        Both are monotonic seconds; `pressed_at` is when the last key came.
        """
        busy = pressed_at > self._last_at
        seconds, objects = (BUSY_SECONDS, BUSY_OBJECTS) if busy else (LEAST_SECONDS, LEAST_OBJECTS)
        if now - self._last_at < seconds or self._more() < objects:
            return False
        self._last_at = now
        gc.collect()
        return True

    def _more(self) -> int:
        """How many more objects there are than at the last full collection, garbage among them, about."""
        objects, young, middle = gc.get_count()
        return objects + YOUNG * (young + self._usual[1] * middle)


def disable_until_loaded() -> None:
    """Collect nothing from now on."""
    gc.disable()


def enable_after_loading() -> None:
    """All is loaded: collect again, where it had to wait, but seldom, and never go through what is there now."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        gc.enable()
