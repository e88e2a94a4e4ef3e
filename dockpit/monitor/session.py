"""Watches one engine: owns all that runs, holds what is known, and is the one way to act on the engine.

run() -+- LocalMachine: kernel files, host figures ------------------+
       +- EngineLink: connect, retry                                 +--> History --> snapshot()
           +- per connection: SourceSelector, streams of samples ----+
                              ContainerInventory <- listing, events -+
act(plan) -> PlanExecutor -> the connected client
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.engine_client import EngineClient, connect
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.container import Process
from dockpit.model.errors import EndpointError, EngineError, EngineUnreachable
from dockpit.model.events import Event
from dockpit.model.plans import Outcome, Plan
from dockpit.monitor.container_inventory import Backlog, ContainerInventory
from dockpit.monitor.engine_link import CONNECTION_ENDED, Connect, EngineLink, first_error
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import KernelReader
from dockpit.monitor.local_machine import HostReader, LocalMachine
from dockpit.monitor.plan_executor import PlanExecutor
from dockpit.monitor.sample_intervals import Attention, SampleIntervals
from dockpit.monitor.session_options import SessionOptions
from dockpit.monitor.source_selector import SourceSelector
from dockpit.process.clock import Clock, SystemClock
from dockpit.sources.engine_poll_or_stream import EngineSource
from dockpit.sources.process_details import ProcessDetails

PAST_EVENTS_SECONDS = 900.0
"""Length of the past whose events are asked for at the first connection."""
REPORT_SECONDS = 1.0
"""Interval at which the sources of the containers are counted."""
MIN_ENGINE_SECONDS = 1.0
"""Minimum interval between two samples of a container from the engine."""


class Session:
    """Watches one engine. Clock and connection default to the real ones, `kernel`, `host` and `backlog` to none.

    `kernel` and `host` read this machine, `backlog` returns samples from before the session, `jitter` varies the waits
    between attempts to connect.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        options: SessionOptions | None = None,
        *,
        clock: Clock | None = None,
        connect: Connect = connect,
        kernel: KernelReader | None = None,
        host: HostReader | None = None,
        backlog: Backlog | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        options = options or SessionOptions()
        self.endpoint = endpoint
        self.read_only = options.read_only
        self.attention = Attention()
        """What the user looks at; the screen sets it."""
        self._source_choice = options.source
        self._intervals = SampleIntervals.of(options.interval_seconds, options.calm)
        self._backlog = backlog
        self._clock = clock or SystemClock()
        self.history = History(options.thresholds, options.history_minutes)
        self.history.set_read_only(options.read_only)
        self._link = EngineLink(endpoint, self.history, self._clock, connect=connect, jitter=jitter or random.Random())
        self.local_machine = LocalMachine(
            self.history,
            self._clock,
            kernel=kernel if options.source != "engine" else None,
            host=host,
            intervals=self._intervals,
            attention=lambda: self.attention,
            clock_skew=lambda: self._link.skew_seconds,
            interactive=options.interactive,
        )
        self._executor = PlanExecutor(
            endpoint, self.history, client=lambda: self.client, now=self.now, read_only=options.read_only
        )
        self._selector: SourceSelector | None = None
        """The selector of the newest connection, in use while the link is up."""
        self._last_event_ns = 0
        self._process_details = ProcessDetails()

    # what is known

    def now(self) -> float:
        """Epoch seconds on the engine's clock, by which all times of a snapshot are given."""
        return self._link.now()

    def snapshot(self) -> Snapshot:
        """Everything as of now; the same object while nothing changed."""
        return self.history.snapshot(self.now())

    @property
    def client(self) -> EngineClient:
        """The connected engine. Raises EngineUnreachable while the link is down."""
        return self._link.client

    async def processes(self, container_id: str) -> tuple[Process, ...]:
        """The processes of a container, with what psutil knows of them when they run here. Raises EngineError."""
        listed = await self.client.processes(container_id)
        return self._process_details.enrich(listed, self._clock.monotonic()) if self.client.info.local else listed

    # what may be done

    async def act(self, plan: Plan) -> Outcome:
        """Carry out a plan on the engine and container it was made for; failures are in the outcome."""
        return await self._executor.act(plan)

    def undo_plan(self) -> Plan | None:
        """The plan that undoes the last change of limits, None when there is none."""
        return self._executor.undo_plan()

    def forget_undo(self) -> None:
        """Drop the undo of the last change of limits, which turned out to have nothing to undo."""
        self._executor.drop_undo_plan()

    # what runs

    async def run(self) -> None:
        """Watch until cancelled. Raises EngineError or EndpointError if the first attempt to connect fails.

        This machine is read on while no engine answers.
        """
        try:
            async with asyncio.TaskGroup() as group:
                self.local_machine.start(group, self._on_kernel_lost)
                await self._link.keep_connected(self._watch, self._on_link_lost)
        except BaseExceptionGroup as errors:
            known = errors.subgroup((EngineError, EndpointError))
            if known is None:
                raise
            raise first_error(known) from None

    def _on_kernel_lost(self, container_id: str) -> None:
        """The kernel's files of a container are gone; only the engine can say whether it has ended."""
        if self._selector is not None and self._link.is_up:
            self._selector.on_kernel_lost(container_id)
        else:
            self.history.mark_stale(container_id)
            self.local_machine.report_kernel_only()

    def _on_link_lost(self) -> None:
        """Mark the figures stale of all containers that are read from the engine."""
        for container_id in self.history.ids():
            entry = self.history.get(container_id)
            if entry is not None and entry.container.live and not self.local_machine.polls(container_id):
                self.history.mark_stale(container_id)
        self.local_machine.report_kernel_only()

    # one connection

    async def _watch(self, client: EngineClient) -> None:
        """Watch through one connection until it fails. Raises an exception group with the EngineError."""
        if self._link.identify(client):
            self._forget_engine()
        since_ns = self._last_event_ns or int((self.now() - PAST_EVENTS_SECONDS) * 1e9)
        async with client.events(since_ns) as events, asyncio.TaskGroup() as group:
            selector = self._selector = self._create_selector(client, group)
            inventory = ContainerInventory(client, self.history, selector, group, self._backlog)
            selector.inspect = inventory.refresh
            try:
                self._link.set_up(client)
                heartbeat, listing = self._link.heartbeat(client), self._keep_listed(client, inventory, selector, group)
                group.create_task(self._link.run_until_down(heartbeat), name="heartbeat")
                group.create_task(self._link.run_until_down(listing), name="listing")
                await self._follow_events(events, inventory)
                raise EngineUnreachable(self.endpoint.display, CONNECTION_ENDED)
            finally:
                self._link.set_down()

    def _forget_engine(self) -> None:
        """Another engine answers than before: what was done to that one stays done."""
        self._last_event_ns = 0
        self.local_machine.reset()
        self._executor.drop_all_undo_plans()
        self._process_details = ProcessDetails()

    def _create_selector(self, client: EngineClient, group: asyncio.TaskGroup) -> SourceSelector:
        """The selector of one connection: the kernel's files, the engine, or for each container the better of both."""
        engine = EngineSource(
            client, interval_seconds=self._engine_interval, probe=not client.info.local, clock=self._clock
        )
        source = engine if self._source_choice != "kernel" else None
        return SourceSelector(source, self.history, self._clock, group, poller=self.local_machine.poller)

    def _engine_interval(self, container_id: str) -> float:
        return max(MIN_ENGINE_SECONDS, self._intervals.seconds(container_id, self.attention))

    async def _keep_listed(
        self, client: EngineClient, inventory: ContainerInventory, selector: SourceSelector, group: asyncio.TaskGroup
    ) -> None:
        """List the containers, then again and again. Raises EngineError if the first listing fails."""
        await inventory.list_all()
        group.create_task(self._report_sources(selector), name="sources")
        await asyncio.sleep(0)
        self.history.set_ready()
        self._link.detect_local(client)
        if client.info.local or self.endpoint.simulated:
            self.local_machine.mark_as_engine_host()
        await inventory.keep_listing(self._clock)

    async def _report_sources(self, selector: SourceSelector) -> None:
        while True:
            self.history.set_sources(selector.sources())
            await self._clock.sleep(self.local_machine.align_to_tick(REPORT_SECONDS))

    async def _follow_events(self, events: AsyncIterator[Event], inventory: ContainerInventory) -> None:
        async for event in events:
            self._last_event_ns = max(self._last_event_ns, event.at_ns)
            if event.type == "container" and self.history.add_event(event):
                inventory.apply_event(event)
