"""The regular frame: every interval, after the answer to a key and after the collection of samples under way.

start() --interval--> due --(key just pressed, or collection under way: check again)--> draw()
  ^                    |                                                                  |
  +---- next frame ----+                                        GC_DELAY_SECONDS: collect garbage
                                                                unless a key was pressed
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

from dockpit.monitor.local_machine import LocalMachine
from dockpit.process import gc_control

CallLater = Callable[[float, Callable[[], None]], object]

KEY_PRIORITY_SECONDS = 0.05
"""Seconds after a key in which the regular frame waits, so that the key is answered first."""
MAX_KEY_DELAY_SECONDS = 0.25
"""Maximum seconds by which keys can delay a frame."""
COLLECTION_CHECK_SECONDS = 0.01
"""Seconds between two checks whether the collection of samples has ended."""
GC_DELAY_SECONDS = 0.1
"""Seconds after a frame until garbage is collected; the frame has been painted by then."""


class FrameTimer:
    """Calls `draw` about every `interval_seconds()` once started; frames drawn at other times do not matter to it.

    `call_later(seconds, callback)` sets a timer.
    """

    def __init__(
        self,
        local_machine: LocalMachine,
        call_later: CallLater,
        *,
        interval_seconds: Callable[[], float],
        draw: Callable[[], None],
    ) -> None:
        self._local_machine = local_machine
        self._call_later = call_later
        self._interval_seconds = interval_seconds
        self._draw = draw
        self._key_pressed_at = -math.inf
        self._idle_collector = gc_control.IdleCollector()

    def start(self) -> None:
        """Schedule the next frame; each frame schedules the one after it."""
        self._call_later(self._local_machine.align_to_tick(self._interval_seconds()), self._frame_due)

    def key_pressed(self) -> None:
        """Hold back frames and collections until the key is answered."""
        self._key_pressed_at = time.monotonic()
        self._local_machine.defer_samples(KEY_PRIORITY_SECONDS)

    def start_idle_gc(self) -> None:
        """Collect garbage after frames only, from now on; to be called once all modules are imported."""
        gc_control.enable_after_loading()
        self._idle_collector.begin(time.monotonic())

    def stop_idle_gc(self) -> None:
        """Give garbage collection back to Python."""
        self._idle_collector.end()

    def _frame_due(self) -> None:
        self.start()
        self._draw_before(time.monotonic() + MAX_KEY_DELAY_SECONDS)

    def _draw_before(self, deadline: float) -> None:
        """Draw once a key is answered and the collection of samples has ended, at `deadline` in any case."""
        now = time.monotonic()
        pressed = now - self._key_pressed_at < KEY_PRIORITY_SECONDS
        if now < deadline and (pressed or self._local_machine.is_collecting):
            wait = KEY_PRIORITY_SECONDS if pressed else COLLECTION_CHECK_SECONDS
            self._call_later(min(wait, deadline - now), partial(self._draw_before, deadline))
        else:
            self._draw()
            self._call_later(GC_DELAY_SECONDS, self._collect_garbage)

    def _collect_garbage(self) -> None:
        """Collect garbage, unless a key was pressed a moment ago."""
        now = time.monotonic()
        if now - self._key_pressed_at > KEY_PRIORITY_SECONDS:
            self._idle_collector.collect(now, self._key_pressed_at)
