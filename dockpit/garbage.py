"""When the garbage collector runs: not while a command loads what stays for good, nor in the middle of an answer."""

from __future__ import annotations

import gc
import math

LEAST_SECONDS = 20.0
"""So long at least between two full collections while no key is pressed."""
LEAST_ROUNDS = 10
"""And so many collections of what is young, as Python itself waits for."""
BUSY_SECONDS = 0.9
"""So long where keys were pressed, after one round: each change of a tab leaves some thousand objects that refer to
each other, and many small collections are sooner over than a large one: 190,000 objects took 230 ms."""
NEVER = 1_000_000


class Leisure:
    """Full collections when there is time for them, and at no other time."""

    def __init__(self) -> None:
        self._usual = gc.get_threshold()
        self._last_at = 0.0

    def begin(self, now: float) -> None:
        """From now on (monotonic seconds) nothing but collect() goes through everything."""
        self._last_at = now
        gc.set_threshold(self._usual[0], self._usual[1], NEVER)

    def end(self) -> None:
        """Leave it to Python again."""
        gc.set_threshold(*self._usual)

    def collect(self, now: float, pressed_at: float = -math.inf) -> bool:
        """Nobody waits at the moment: go through everything if that is worth while; whether it was.

        Both are monotonic seconds; `pressed_at` is when the last key came.
        """
        seconds, rounds = (BUSY_SECONDS, 1) if pressed_at > self._last_at else (LEAST_SECONDS, LEAST_ROUNDS)
        if now - self._last_at < seconds or gc.get_count()[2] < rounds:
            return False
        self._last_at = now
        gc.collect()
        return True


def wait() -> None:
    """Collect nothing from now on."""
    gc.disable()


def settled() -> None:
    """All is loaded: collect again, where it had to wait, but never go through what is there now."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
