"""Samples from the engine's stats endpoint, by a stream or by polls, watched for silence.

    samples()
      polls answered quickly, or       -> _poll:    GET .../stats?one-shot=1 once an interval
        a sample wanted only rarely
      otherwise                        -> _stream:  GET .../stats?stream=1, reopened after a silence

It changes from one to the other when the wanted interval does; None among the samples stands for a silence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Protocol

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.errors import EngineError
from dockpit.process.clock import Clock, SystemClock

SILENCE_SECONDS = 15.0
"""A stream without data for this long is taken for dead (moby#39523) and opened again."""
QUICK_POLL_SECONDS = 0.6
"""Time for the second of two polls in a row; one that takes longer had to wait for the engine's collector."""
MAX_STREAM_INTERVAL_SECONDS = 2.5
"""Longest interval that is streamed: a stream costs the engine a sample a second, so rarer samples are polled."""
INTERVAL_CHECK_SECONDS = 1.0
"""How often a waiting poll checks whether the wanted interval has changed."""

log = logging.getLogger(__name__)


class StatsClient(Protocol):
    """The part of an engine client that is needed: GET /containers/{id}/stats, with stream=1 and with one-shot=1."""

    def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        """Samples until the container is removed or the connection to the engine ends."""
        ...

    async def stats_once(self, container_id: str) -> Sample | None:
        """One sample; None for a container that is not up."""
        ...


class EngineSource:
    """Source of samples over the Engine API.

    `interval_seconds` gives the wanted seconds between samples of a container.
    A stream has the engine's own interval, about a second and longer under load. With `probe`, whether polls are
    answered quickly is tried out once; without, they are taken for slow.
    """

    name = "engine"

    def __init__(
        self,
        client: StatsClient,
        silence_seconds: float = SILENCE_SECONDS,
        *,
        interval_seconds: Callable[[str], float] = lambda _: 1.0,
        probe: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._silence_seconds = silence_seconds
        self._interval_seconds = interval_seconds
        self._clock = clock or SystemClock()
        self._probe_lock = asyncio.Lock()
        self.polls_are_quick: bool | None = None if probe else False
        """Whether the engine answers polls quickly; None while that is not known."""

    async def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        """Samples of one run of a container; None where none came within the silence allowed. Raises EngineError."""
        while True:
            polled = await self._has_quick_polls(container.id) or self._is_wanted_rarely(container.id)
            chosen = self._poll(container.id) if polled else self._stream(container.id)
            async with aclosing(chosen) as samples:
                async for sample in samples:
                    yield sample
            if not polled and not self._is_wanted_rarely(container.id):
                return

    def _is_wanted_rarely(self, container_id: str) -> bool:
        return self._interval_seconds(container_id) > MAX_STREAM_INTERVAL_SECONDS

    async def _has_quick_polls(self, container_id: str) -> bool:
        async with self._probe_lock:
            if self.polls_are_quick is None:
                self.polls_are_quick = await self._probe(container_id)
        return bool(self.polls_are_quick)

    async def _probe(self, container_id: str) -> bool | None:
        """Time the second of two polls in a row, which waits where the engine has a collector; None if that failed."""
        try:
            async with asyncio.timeout(self._silence_seconds):
                first = await self._client.stats_once(container_id)
                begun = self._clock.monotonic()
                second = await self._client.stats_once(container_id)
        except TimeoutError:
            return False
        except EngineError:
            return None
        if first is None or second is None:
            return None
        quick = self._clock.monotonic() - begun < QUICK_POLL_SECONDS
        log.info("one-shot stats are %s", "fast: polling" if quick else "slow: streaming")
        return quick

    async def _poll(self, container_id: str) -> AsyncGenerator[Sample | None, None]:
        """Samples by one-shot requests, until a stream is the better way."""
        while self.polls_are_quick or self._is_wanted_rarely(container_id):
            begun = self._clock.monotonic()
            try:
                async with asyncio.timeout(self._silence_seconds):
                    sample = await self._client.stats_once(container_id)
            except TimeoutError:
                sample = None
            yield sample
            while (left := begun + self._interval_seconds(container_id) - self._clock.monotonic()) > 0:
                await self._clock.sleep(min(left, INTERVAL_CHECK_SECONDS))

    async def _stream(self, container_id: str) -> AsyncGenerator[Sample | None, None]:
        """Samples by the engine's stream, reopened after a silence, until they are wanted only rarely or it ends."""
        while True:
            async with aclosing(self._client.stats(container_id)) as stream:
                try:
                    while not self._is_wanted_rarely(container_id):
                        async with asyncio.timeout(self._silence_seconds):
                            sample = await anext(stream)
                        yield sample
                    return
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    yield None
