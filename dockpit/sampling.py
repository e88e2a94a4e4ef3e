"""One task per live container that carries samples from a source into the history."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from dockpit.clock import Clock
from dockpit.errors import EngineError, NotFound
from dockpit.history import History
from dockpit.model import Container, Sample

RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)
"""Waits between attempts at a stream that fails; the last one repeats."""


EARLIER_RUN_SECONDS = 60.0
"""A sample from before the start is of the run before; one much older is of a clock that was set back."""


class Source(Protocol):
    """Where samples come from."""

    name: str

    def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        """Samples of one run of a container; None says that none have come for too long."""
        ...


class Sampler:
    """Keeps a task for each live container, and none for the others."""

    def __init__(self, source: Source, history: History, clock: Clock, group: asyncio.TaskGroup) -> None:
        self._source = source
        self._history = history
        self._clock = clock
        self._group = group
        self._tasks: dict[str, tuple[float, asyncio.Task[None]]] = {}

    def follow(self, container: Container) -> None:
        """Begin, go on with or end the sampling of a container, as its state asks; a new run gets a new stream."""
        running = self._tasks.get(container.id)
        if running is not None and (not container.live or running[0] != container.started_at or running[1].done()):
            self.drop(container.id)
            running = None
        if container.live and running is None:
            task = self._group.create_task(self._carry(container), name=f"stats {container.short_id}")
            self._tasks[container.id] = (container.started_at, task)

    def drop(self, container_id: str) -> None:
        """End the sampling of a container."""
        _, task = self._tasks.pop(container_id, (0.0, None))
        if task is not None:
            task.cancel()

    async def _carry(self, container: Container) -> None:
        attempt = 0
        while True:
            try:
                if await self._drain(container):
                    attempt = 0
            except NotFound:
                return
            except EngineError:
                self._history.quiet(container.id)
            await self._clock.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1

    async def _drain(self, container: Container) -> bool:
        came = False
        async with aclosing(self._source.samples(container)) as samples:
            async for sample in samples:
                if sample is None:
                    self._history.quiet(container.id)
                elif not EARLIER_RUN_SECONDS > container.started_at - sample.at > 1.0:
                    self._history.ingest(sample)
                    came = True
        return came
