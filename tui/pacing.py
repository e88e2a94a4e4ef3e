"""When the screen is drawn by itself: with a round of samples, once no key waits, and when there is time to tidy up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

from dockpit.monitor.local_machine import LocalMachine
from dockpit.process import gc_control

Later = Callable[[float, Callable[[], None]], object]

KEY_SECONDS = 0.05
"""For so long after a key the regular frame waits: the key is answered first."""
KEYS_SECONDS = 0.25
"""It waits so long at most, however many keys are pressed."""
ROUND_SECONDS = 0.01
"""How often is looked whether a round of samples is over."""
TIDY_SECONDS = 0.1
"""How long after a frame there is time to tidy up."""


class Pacing:
    """Has `draw` called about every `seconds()` once begun; what is drawn at other times is nothing to it.

    `later` calls something in so many seconds.
    """

    def __init__(
        self, here: LocalMachine, later: Later, *, seconds: Callable[[], float], draw: Callable[[], None]
    ) -> None:
        self._here = here
        self._later = later
        self._seconds = seconds
        self._draw = draw
        self._pressed_at = -math.inf
        self._leisure = gc_control.IdleCollector()

    def begin(self) -> None:
        """Plan the next frame, and after it the one that follows."""
        self._later(self._here.with_round(self._seconds()), self._frame)

    def pressed(self) -> None:
        """A key is on its way: all else waits."""
        self._pressed_at = time.monotonic()
        self._here.answer_first(KEY_SECONDS)

    def tidy_from_now_on(self) -> None:
        """All is loaded: garbage is collected after frames, and at no other time."""
        gc_control.enable_after_loading()
        self._leisure.begin(time.monotonic())

    def end(self) -> None:
        """Leave the process as it was."""
        self._leisure.end()

    def _frame(self) -> None:
        self.begin()
        self._draw_by(time.monotonic() + KEYS_SECONDS)

    def _draw_by(self, latest: float) -> None:
        """Draw once a key is answered and a round of samples has come to its end, at `latest` in any case."""
        now = time.monotonic()
        pressed = now - self._pressed_at < KEY_SECONDS
        if now < latest and (pressed or self._here.in_round):
            wait = KEY_SECONDS if pressed else ROUND_SECONDS
            self._later(min(wait, latest - now), partial(self._draw_by, latest))
        else:
            self._draw()
            self._later(TIDY_SECONDS, self._tidy)

    def _tidy(self) -> None:
        """A frame has been painted: a moment at which nobody waits, if no key came."""
        now = time.monotonic()
        if now - self._pressed_at > KEY_SECONDS:
            self._leisure.collect(now, self._pressed_at)
