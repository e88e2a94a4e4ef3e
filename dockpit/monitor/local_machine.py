"""What is read of this machine: its containers' cgroups and its own figures, with an engine that answers or without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from dockpit.model.engine_info import SourceCounts
from dockpit.model.host_figures import HostFigures
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import KernelPoller, KernelReader
from dockpit.monitor.poll_intervals import Attention, PollIntervals
from dockpit.process.clock import Clock


class HostReader(Protocol):
    """What reads the machine under a local engine."""

    def read(self, wall: float, monotonic: float) -> HostFigures:
        """The machine now."""
        ...


class LocalMachine:
    """Reads into `history` from start() on. Where there is no `kernel`, or no `host`, that part is not read.

    `ahead` is how many seconds the engine's clock, by which all is told, is ahead of ours. Without `keys` nobody
    waits for an answer.
    """

    def __init__(
        self,
        history: History,
        clock: Clock,
        *,
        kernel: KernelReader | None,
        host: HostReader | None,
        pace: PollIntervals,
        attention: Callable[[], Attention],
        ahead: Callable[[], float],
        keys: bool,
    ) -> None:
        self._history = history
        self._clock = clock
        self._kernel = kernel
        self._host = host
        self._pace = pace
        self._attention = attention
        self._ahead = ahead
        self._keys = keys
        self._answered_by = 0.0
        self._known = asyncio.Event()
        self.sweep: KernelPoller | None = None
        """What reads the containers; None where no kernel is read, and before start()."""

    def start(self, group: asyncio.TaskGroup, lost: Callable[[str], None]) -> None:
        """Read on in `group`; `lost` gets the full ids of containers that the kernel shows no longer."""
        if self._kernel is not None:
            self.sweep = KernelPoller(
                self._kernel,
                self._clock,
                take_in=self._history.ingest,
                lost=lost,
                group=group,
                pace=self._pace,
                attention=self._attention,
                ahead=self._ahead,
                hurry=(lambda: self._clock.monotonic() < self._answered_by) if self._keys else None,
            )
            group.create_task(self.sweep.run(), name="sweep")
        if self._host is not None:
            group.create_task(self._host_loop(self._host), name="host")

    def is_the_engines(self) -> None:
        """This machine is found to be the one the engine runs on: its own figures are of interest."""
        self._known.set()

    def forget(self) -> None:
        """Another engine: whose machine this is, and which of its containers are here, is not known any more."""
        self._known.clear()
        self._history.host(None)
        if self.sweep is not None:
            self.sweep.clear()

    def reads(self, container_id: str) -> bool:
        """Whether the kernel shows this container's figures, with an engine or without."""
        return self.sweep is not None and container_id in self.sweep

    def tell_alone(self) -> None:
        """Say what is still read while no engine answers."""
        if self.sweep is not None:
            self._history.sources(SourceCounts(kernel=len(self.sweep), late=self.sweep.late))

    @property
    def in_round(self) -> bool:
        """Whether a round of samples is on its way: what is drawn now would be half of it."""
        return self.sweep is not None and self.sweep.in_round

    def with_round(self, seconds: float) -> float:
        """Seconds to wait, about as many as `seconds`, for what can go along with a round of samples.

        A processor that slept for a tenth of a second takes two to three times as long for the same work: everything
        that is due about once a second is done at one time.
        """
        return self.sweep.with_round(seconds) if self.sweep is not None else seconds

    def answer_first(self, seconds: float) -> None:
        """A key was pressed: whatever can wait does, for so long."""
        self._answered_by = self._clock.monotonic() + seconds

    async def _host_loop(self, host: HostReader) -> None:
        while True:
            await self._known.wait()
            self._history.host(host.read(self._clock.wall() + self._ahead(), self._clock.monotonic()))
            await self._clock.sleep(self.with_round(1.0))
