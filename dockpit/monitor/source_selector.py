"""Chooses the source of each live container's samples: the kernel's files where they can be read, else a stream.

follow(container) --> KernelPoller.take() -- "" ---> polled at every tick
                            |
                          a reason it cannot --> stream of `source`, reopened after RETRY_SECONDS
on_kernel_lost(id) -- RECHECK_SECONDS --> inspect --> follow(container) again, or the container has ended
"""

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
"""Maximum age, before the start of a run, of a sample of the previous run; older ones come of a clock set back."""
RUN_START_TOLERANCE_SECONDS = 1.0
"""Tolerance between the start of a run and its first sample, whose clocks differ."""
RECHECK_SECONDS = 1.0
"""Wait before a container whose files are gone is inspected: its events may say first that it ended."""
MAX_RECHECK_FACTOR = 5
"""Each further wait is RECHECK_SECONDS longer, up to this many times as long."""
MAX_REASONS = 3
"""Number of reasons for not reading the kernel that are reported."""


class SampleSource(Protocol):
    """Streams the samples of one container at a time."""

    name: str

    def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        """Samples of one run of a container; None says that none have come for too long."""
        ...


class SourceSelector:
    """Reads each live container from the best source there is, and the others not at all.

    That is the kernel where `poller` can read it, else a task with a stream of `source`; either may be None.
    """

    def __init__(
        self,
        source: SampleSource | None,
        history: History,
        clock: Clock,
        group: asyncio.TaskGroup,
        poller: KernelPoller | None = None,
        inspect: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._source = source
        self._history = history
        self._clock = clock
        self._group = group
        self.poller = poller
        self.inspect = inspect
        """Inspects a container anew, which ends in a call of follow()."""
        self._streams: dict[str, tuple[float, asyncio.Task[None]]] = {}
        """Start time of the run and streaming task, by container id."""
        self._kernel_reasons: dict[str, str] = {}
        """Why the kernel cannot be read, by container id."""
        self._rechecking: set[str] = set()

    def follow(self, container: Container) -> None:
        """Start, keep or end sampling of a container as its state requires; a new run gets a new stream."""
        if not container.live:
            self.drop(container.id)
        elif self.poller is None or not self._poll(container, self.poller):
            self._stream(container)

    def _poll(self, container: Container, poller: KernelPoller) -> bool:
        reason = poller.take(container)
        if reason:
            self._kernel_reasons[container.id] = reason
            return False
        self._kernel_reasons.pop(container.id, None)
        self._end_stream(container.id)
        return True

    def _stream(self, container: Container) -> None:
        if self._source is None:
            self._history.mark_stale(container.id)
            return
        running = self._streams.get(container.id)
        if running is not None and (running[0] != container.started_at or running[1].done()):
            self._end_stream(container.id)
            running = None
        if running is None:
            streaming = self._keep_streaming(container, self._source)
            task = self._group.create_task(streaming, name=f"stats {container.short_id}")
            self._streams[container.id] = (container.started_at, task)

    def drop(self, container_id: str) -> None:
        """End sampling of a container."""
        self._kernel_reasons.pop(container_id, None)
        if self.poller is not None:
            self.poller.drop(container_id)
        self._end_stream(container_id)

    def _end_stream(self, container_id: str) -> None:
        _, task = self._streams.pop(container_id, (0.0, None))
        if task is not None:
            task.cancel()

    def on_kernel_lost(self, container_id: str) -> None:
        """The kernel's files of a container are gone: it has ended, as its events will say, or must be streamed."""
        if container_id not in self._rechecking:
            self._rechecking.add(container_id)
            self._group.create_task(self._recheck(container_id), name=f"recheck {container_id[:12]}")

    async def _recheck(self, container_id: str) -> None:
        """Inspect a container until it has a source or is found to have ended; it has no figures until then."""
        try:
            for attempt in count(1):
                await self._clock.sleep(RECHECK_SECONDS * min(attempt, MAX_RECHECK_FACTOR))
                if self.inspect is None or not self._is_without_source(container_id):
                    return
                self._history.mark_stale(container_id)
                await self.inspect(container_id)
        finally:
            self._rechecking.discard(container_id)

    def _is_without_source(self, container_id: str) -> bool:
        """Whether a container is live and neither polled nor streamed."""
        entry = self._history.get(container_id)
        has_source = container_id in self._streams or (self.poller is not None and container_id in self.poller)
        return entry is not None and entry.container.live and not has_source

    def sources(self) -> SourceCounts:
        """How many containers are read from which source, and the commonest reasons why not all from the kernel."""
        reasons = Counter(self._kernel_reasons.values()).most_common(MAX_REASONS)
        return SourceCounts(
            len(self.poller) if self.poller is not None else 0,
            sum(not task.done() for _, task in self._streams.values()),
            tuple(reason if number == 1 else f"{reason} ({number} containers)" for reason, number in reasons),
            self.poller.late if self.poller is not None else 0,
        )

    async def _keep_streaming(self, container: Container, source: SampleSource) -> None:
        """Stream until the container is removed, waiting longer after each attempt that gave no sample."""
        attempt = 0
        while True:
            try:
                if await self._stream_once(container, source):
                    attempt = 0
            except NotFound:
                return
            except EngineError:
                self._history.mark_stale(container.id)
            await self._clock.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1

    async def _stream_once(self, container: Container, source: SampleSource) -> bool:
        """Ingest the samples of one stream; whether there were any. Raises EngineError."""
        any_sample = False
        async with aclosing(source.samples(container)) as samples:
            async for sample in samples:
                if sample is None:
                    self._history.mark_stale(container.id)
                elif not EARLIER_RUN_SECONDS > container.started_at - sample.at > RUN_START_TOLERANCE_SECONDS:
                    self._history.ingest(sample)
                    any_sample = True
        return any_sample
