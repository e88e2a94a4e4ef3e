"""Samples from the engine's stats streams: one stream per live container, watched for silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from dockpit.model import Container, Sample

SILENCE_SECONDS = 15.0
"""A stream that says nothing for this long is taken for dead (moby#39523) and opened again."""


class StatsStream(Protocol):
    """What is needed of an engine client: GET /containers/{id}/stats?stream=1."""

    def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        """Samples until the container is removed or the engine goes."""
        ...


class EngineSource:
    """Source of samples over the Engine API; the engine sets the pace, about 1 Hz and slower under load."""

    name = "engine"

    def __init__(self, client: StatsStream, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._client = client
        self._silence = silence_seconds

    async def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        """Samples of one run of a container; None says that the stream has gone silent and is opened again."""
        while True:
            async with aclosing(self._client.stats(container.id)) as stream:
                try:
                    while True:
                        async with asyncio.timeout(self._silence):
                            sample = await anext(stream)
                        yield sample
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    yield None
