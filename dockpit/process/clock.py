"""Clocks, passed as arguments so that no other module of the core reads the system's time."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Protocol


class Clock(Protocol):
    """Wall time, monotonic time and sleep, all in seconds."""

    def wall(self) -> float:
        """Seconds since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary point; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves only by advance(), for tests and reproducible screenshots."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self._wall = wall
        self._monotonic = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._monotonic + seconds, future))
        await future

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds` and wake the sleepers whose time has come."""
        self._wall += seconds
        self._monotonic += seconds
        due = [future for at, future in self._sleepers if at <= self._monotonic]
        self._sleepers = [(at, future) for at, future in self._sleepers if at > self._monotonic]
        for future in due:
            if not future.done():
                future.set_result(None)


JUMP_SECONDS = 0.5
"""Drift between wall and monotonic clock from which the wall clock counts as set by hand."""
SLEW_SECONDS = 0.001
"""Largest correction of a smaller drift in one tick."""


class SteadyWallClock:
    """Epoch seconds that advance with the monotonic clock, so that setting the wall clock distorts no rate."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = clock.wall() - clock.monotonic()

    def __call__(self) -> float:
        """Current time in seconds since the epoch."""
        return self._clock.monotonic() + self._offset

    def adjust(self) -> bool:
        """Correct the drift from the wall clock: a small one slowly, a jump at once.

        True after a jump: earlier times are not comparable any more.
        """
        drift = self._clock.wall() - self()
        jumped = abs(drift) > JUMP_SECONDS
        self._offset += drift if jumped else max(-SLEW_SECONDS, min(SLEW_SECONDS, drift))
        return jumped


class Ticker:
    """Schedules ticks at multiples of a period; a missed tick is counted in `late` and skipped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._period = 0.0
        self._next = 0.0
        self.late = 0
        """Number of missed ticks."""

    def seconds_to_next(self, period: float) -> float:
        """Seconds until the next tick; a period other than the last one starts now."""
        now = self._clock.monotonic()
        if period != self._period:
            self._period, self._next = period, now
        self._next += period
        if self._next < now:
            missed = math.ceil((now - self._next) / period)
            self.late += missed
            self._next += missed * period
        return self._next - now

    def seconds_to_nearest(self, seconds: float) -> float:
        """Seconds until the tick nearest to `seconds` from now; `seconds` itself where the period is longer."""
        if not 0 < self._period <= seconds:
            return seconds
        wait = self._next - self._clock.monotonic()
        return wait + round((seconds - wait) / self._period) * self._period
