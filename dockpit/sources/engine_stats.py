"""Samples from the engine's stats, watched for silence: by a stream, or by polls where those are quick or rare."""

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
"""A stream that says nothing for this long is taken for dead (moby#39523) and opened again."""
AT_ONCE_SECONDS = 0.6
"""An engine that answers the second of two polls in a row within this does not make them wait for its collector."""
RARE_SECONDS = 2.5
"""A stream costs the engine a sample a second: who wants one less often than this polls, however long it takes."""
LOOK_SECONDS = 1.0
"""How often is looked whether the pace has changed meanwhile."""

log = logging.getLogger(__name__)


class StatsClient(Protocol):
    """What is needed of an engine client: GET /containers/{id}/stats, with stream=1 and with one-shot=1."""

    def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        """Samples until the container is removed or the engine goes."""
        ...

    async def stats_once(self, container_id: str) -> Sample | None:
        """One sample; None for a container that is not up."""
        ...


class EngineSource:
    """Source of samples over the Engine API.

    `pace` says how many seconds apart samples of a container are wanted. A stream goes at the engine's own pace, about
    1 Hz and slower under load. Whether polls are answered at once is found out by asking, once.
    """

    name = "engine"

    def __init__(
        self,
        client: StatsClient,
        silence_seconds: float = SILENCE_SECONDS,
        *,
        pace: Callable[[str], float] = lambda _: 1.0,
        probe: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._silence = silence_seconds
        self._pace = pace
        self._clock = clock or SystemClock()
        self._asking = asyncio.Lock()
        self.at_once: bool | None = None if probe else False
        """Whether polls are answered at once; None while that is not known."""

    async def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        """Samples of one run of a container; None says that none came for too long."""
        while True:
            polled = await self._answers_at_once(container.id) or self._pace(container.id) > RARE_SECONDS
            chosen = self._polls(container.id) if polled else self._stream(container.id)
            async with aclosing(chosen) as samples:
                async for sample in samples:
                    yield sample
            if not polled and self._pace(container.id) <= RARE_SECONDS:
                return

    async def _answers_at_once(self, container_id: str) -> bool:
        async with self._asking:
            if self.at_once is None:
                self.at_once = await self._ask_twice(container_id)
        return bool(self.at_once)

    async def _ask_twice(self, container_id: str) -> bool | None:
        """In a row: an engine with a collector lets the second wait for it. None where that said nothing."""
        try:
            async with asyncio.timeout(self._silence):
                first = await self._client.stats_once(container_id)
                begun = self._clock.monotonic()
                second = await self._client.stats_once(container_id)
        except TimeoutError:
            return False
        except EngineError:
            return None
        if first is None or second is None:
            return None
        quick = self._clock.monotonic() - begun < AT_ONCE_SECONDS
        log.info("one-shot stats are %s", "answered at once: polling" if quick else "slow: streaming")
        return quick

    async def _polls(self, container_id: str) -> AsyncGenerator[Sample | None, None]:
        """Samples by one-shot, for as long as polling is right."""
        while self.at_once or self._pace(container_id) > RARE_SECONDS:
            begun = self._clock.monotonic()
            try:
                async with asyncio.timeout(self._silence):
                    sample = await self._client.stats_once(container_id)
            except TimeoutError:
                sample = None
            yield sample
            while (left := begun + self._pace(container_id) - self._clock.monotonic()) > 0:
                await self._clock.sleep(min(left, LOOK_SECONDS))

    async def _stream(self, container_id: str) -> AsyncGenerator[Sample | None, None]:
        """The engine's stream, opened again after a silence, for as long as samples are wanted that often."""
        while True:
            async with aclosing(self._client.stats(container_id)) as stream:
                try:
                    while self._pace(container_id) <= RARE_SECONDS:
                        async with asyncio.timeout(self._silence):
                            sample = await anext(stream)
                        yield sample
                    return
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    yield None
