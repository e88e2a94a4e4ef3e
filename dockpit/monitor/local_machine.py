"""Reads this machine, its containers' cgroups and its own figures, whether or not an engine answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from dockpit.model.engine_info import SourceCounts
from dockpit.model.host_figures import HostFigures
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import KernelPoller, KernelReader
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from dockpit.process.clock import Clock

HOST_SECONDS = 1.0
"""Interval between two reads of the host's figures."""


class HostReader(Protocol):
    """Reads the figures of the machine under a local engine."""

    def read(self, wall: float, monotonic: float) -> HostFigures:
        """The machine now: `wall` in epoch seconds on the engine's clock, `monotonic` in seconds."""
        ...


class LocalMachine:
    """Reads into `history` from start() on; the part whose reader, `kernel` or `host`, is None is not read.

    `clock_skew` returns how many seconds the engine's clock, which dates all figures, is ahead of this machine's.
    Unless `interactive` nobody presses keys, and collections never wait.
    """

    def __init__(
        self,
        history: History,
        clock: Clock,
        *,
        kernel: KernelReader | None,
        host: HostReader | None,
        intervals: SampleIntervals,
        attention: Callable[[], Attention],
        clock_skew: Callable[[], float],
        interactive: bool,
    ) -> None:
        self._history = history
        self._clock = clock
        self._kernel = kernel
        self._host = host
        self._intervals = intervals
        self._attention = attention
        self._clock_skew = clock_skew
        self._interactive = interactive
        self._keys_pending_until = 0.0
        self._is_engine_host = asyncio.Event()
        self.poller: KernelPoller | None = None
        """Polls the containers; None where no kernel is read, and before start()."""

    def start(self, group: asyncio.TaskGroup, on_lost: Callable[[str], None]) -> None:
        """Read on in `group`; `on_lost` receives the full ids of containers whose kernel files are gone."""
        if self._kernel is not None:
            self.poller = KernelPoller(
                self._kernel,
                self._clock,
                on_sample=self._history.ingest,
                on_lost=on_lost,
                group=group,
                intervals=self._intervals,
                attention=self._attention,
                clock_skew=self._clock_skew,
                keys_pending=self._keys_pending if self._interactive else None,
            )
            group.create_task(self.poller.run(), name="kernel poller")
        if self._host is not None:
            group.create_task(self._keep_reading_host(self._host), name="host")

    def mark_as_engine_host(self) -> None:
        """The engine was found to run on this machine: the host's figures are read from now on."""
        self._is_engine_host.set()

    def reset(self) -> None:
        """Another engine answers: whether it runs here, and which containers it has here, is unknown again."""
        self._is_engine_host.clear()
        self._history.add_host_figures(None)
        if self.poller is not None:
            self.poller.clear()

    def polls(self, container_id: str) -> bool:
        """Whether the container is read from the kernel's files."""
        return self.poller is not None and container_id in self.poller

    def report_kernel_only(self) -> None:
        """Report what is still read while no engine answers."""
        if self.poller is not None:
            self._history.set_sources(SourceCounts(kernel=len(self.poller), late=self.poller.late))

    @property
    def is_collecting(self) -> bool:
        """Whether a collection is under way: a frame drawn now would show half of it."""
        return self.poller is not None and self.poller.is_collecting

    def align_to_tick(self, seconds: float) -> float:
        """Seconds to wait, about `seconds`, so as to run just after a tick.

        Work that runs about once a second runs at one time, as a processor that has slept for a tenth of a second takes
        two to three times as long for it.
        """
        return self.poller.align_to_tick(seconds) if self.poller is not None else seconds

    def defer_samples(self, seconds: float) -> None:
        """A key was pressed: deliveries of samples wait, for `seconds` at most."""
        self._keys_pending_until = self._clock.monotonic() + seconds

    def _keys_pending(self) -> bool:
        return self._clock.monotonic() < self._keys_pending_until

    async def _keep_reading_host(self, host: HostReader) -> None:
        while True:
            await self._is_engine_host.wait()
            self._history.add_host_figures(host.read(self._clock.wall() + self._clock_skew(), self._clock.monotonic()))
            await self._clock.sleep(self.align_to_tick(HOST_SECONDS))
