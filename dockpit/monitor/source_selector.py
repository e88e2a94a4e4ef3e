"""Every live container's samples into the history: from the kernel's files where they are here, else by a stream."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from itertools import count
from typing import Protocol

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.engine_info import SourceCounts
from dockpit.model.errors import EngineError, NotFound
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import KernelPoller
from dockpit.process.clock import Clock

RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)
"""Waits between attempts at a stream that fails; the last one repeats."""


EARLIER_RUN_SECONDS = 60.0
"""A sample from before the start is of the run before; one much older is of a clock that was set back."""


LOOK_AGAIN_SECONDS = 1.0
"""How long a container whose files went away has to be found dead by its events; each further look waits longer."""
LOOK_AGAIN_MOST = 5
"""It waits so many times as long at most."""


class Source(Protocol):
    """Where samples come from."""

    name: str

    def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        """Samples of one run of a container; None says that none have come for too long."""
        ...


class SourceSelector:
    """Keeps the best source there is for each live container, and none for the others.

    That is the kernel where `sweep` can read it, else a task with a stream of `source`; either may be None.
    """

    def __init__(
        self,
        source: Source | None,
        history: History,
        clock: Clock,
        group: asyncio.TaskGroup,
        sweep: KernelPoller | None = None,
        recheck: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._source = source
        self._history = history
        self._clock = clock
        self._group = group
        self.sweep = sweep
        self.recheck = recheck
        """Inspects a container anew, which leads back to follow()."""
        self._tasks: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._whys: dict[str, str] = {}
        self._looking: set[str] = set()

    def follow(self, container: Container) -> None:
        """Begin, go on with or end the sampling of a container, as its state asks; a new run gets a new beginning."""
        if not container.live:
            self.drop(container.id)
        elif self.sweep is None or not self._by_kernel(container, self.sweep):
            self._by_stream(container)

    def _by_kernel(self, container: Container, sweep: KernelPoller) -> bool:
        why = sweep.take(container)
        if why:
            self._whys[container.id] = why
            return False
        self._whys.pop(container.id, None)
        self._end_stream(container.id)
        return True

    def _by_stream(self, container: Container) -> None:
        if self._source is None:
            self._history.quiet(container.id)
            return
        running = self._tasks.get(container.id)
        if running is not None and (running[0] != container.started_at or running[1].done()):
            self._end_stream(container.id)
            running = None
        if running is None:
            task = self._group.create_task(self._carry(container, self._source), name=f"stats {container.short_id}")
            self._tasks[container.id] = (container.started_at, task)

    def drop(self, container_id: str) -> None:
        """End the sampling of a container."""
        self._whys.pop(container_id, None)
        if self.sweep is not None:
            self.sweep.drop(container_id)
        self._end_stream(container_id)

    def _end_stream(self, container_id: str) -> None:
        _, task = self._tasks.pop(container_id, (0.0, None))
        if task is not None:
            task.cancel()

    def lost(self, container_id: str) -> None:
        """The kernel shows a container no longer: it has ended, which its events say at once, or must be streamed."""
        if container_id not in self._looking:
            self._looking.add(container_id)
            self._group.create_task(self._look_again(container_id), name=f"look again {container_id[:12]}")

    async def _look_again(self, container_id: str) -> None:
        """Inspect it until something reads it or it is found dead; until then there are no figures."""
        try:
            for attempt in count(1):
                await self._clock.sleep(LOOK_AGAIN_SECONDS * min(attempt, LOOK_AGAIN_MOST))
                if self.recheck is None or not self._unread(container_id):
                    return
                self._history.quiet(container_id)
                await self.recheck(container_id)
        finally:
            self._looking.discard(container_id)

    def _unread(self, container_id: str) -> bool:
        """Whether a container lives and nothing reads it."""
        entry = self._history.get(container_id)
        read = container_id in self._tasks or (self.sweep is not None and container_id in self.sweep)
        return entry is not None and entry.container.live and not read

    def sources(self) -> SourceCounts:
        """How many containers are read from where, and why not all from the kernel."""
        counted = Counter(self._whys.values())
        kernel = len(self.sweep) if self.sweep is not None else 0
        return SourceCounts(
            kernel,
            sum(not task.done() for _, task in self._tasks.values()),
            tuple(f"{why}" if count == 1 else f"{why} ({count} containers)" for why, count in counted.most_common(3)),
            self.sweep.late if self.sweep is not None else 0,
        )

    async def _carry(self, container: Container, source: Source) -> None:
        attempt = 0
        while True:
            try:
                if await self._drain(container, source):
                    attempt = 0
            except NotFound:
                return
            except EngineError:
                self._history.quiet(container.id)
            await self._clock.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1

    async def _drain(self, container: Container, source: Source) -> bool:
        came = False
        async with aclosing(source.samples(container)) as samples:
            async for sample in samples:
                if sample is None:
                    self._history.quiet(container.id)
                elif not EARLIER_RUN_SECONDS > container.started_at - sample.at > 1.0:
                    self._history.ingest(sample)
                    came = True
        return came
