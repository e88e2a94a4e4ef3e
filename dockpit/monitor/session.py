"""Owns everything that runs: the link, the streams, the history, and the one door through which actions go."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from itertools import count
from typing import Any

from dockpit.config.config import SourceChoice
from dockpit.engine.client import EngineClient, connect, names_container
from dockpit.engine.endpoint import Endpoint
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.container import Process
from dockpit.model.engine_info import Link
from dockpit.model.errors import DockpitError, EndpointError, EngineError, EngineUnreachable
from dockpit.model.events import Event
from dockpit.model.plans import Outcome, Plan
from dockpit.model.thresholds import Thresholds
from dockpit.monitor.history import History
from dockpit.monitor.kernel_poller import KernelReader
from dockpit.monitor.local_machine import HostReader, LocalMachine
from dockpit.monitor.plan_executor import PlanExecutor
from dockpit.monitor.poll_intervals import Attention, PollIntervals
from dockpit.monitor.roster import Backlog, Roster
from dockpit.monitor.source_selector import SourceSelector
from dockpit.process.clock import Clock, SystemClock
from dockpit.process.procfs import proc_folder
from dockpit.sources.engine_stats import EngineSource
from dockpit.sources.process_details import ProcessDetails

RESYNC_SECONDS = 30.0
FULL_RESYNC = 10
"""Every so many listings everything is inspected, whatever the listing says."""
PING_SECONDS = 5.0
RETRY_FIRST_SECONDS = 0.5
RETRY_MOST_SECONDS = 30.0
STEADY_SECONDS = 10.0
"""A link that lasted so long has recovered: the next loss begins with short waits again."""
PAST_EVENTS_SECONDS = 900.0
SKEW_SECONDS = 1.0
"""Clocks that differ by less are taken for one."""


class Session:
    """One engine watched: run() is the coroutine that does it, snapshot() what is known, act() the way back."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Clock | None = None,
        thresholds: Thresholds | None = None,
        history_minutes: float = 15.0,
        read_only: bool = False,
        host: HostReader | None = None,
        backlog: Backlog | None = None,
        chance: random.Random | None = None,
        connector: Callable[[Endpoint], AbstractAsyncContextManager[EngineClient]] = connect,
        kernel: KernelReader | None = None,
        choice: SourceChoice = "auto",
        interval: float = 1.0,
        calm: bool = False,
        keys: bool = True,
    ) -> None:
        self.endpoint = endpoint
        self.read_only = read_only
        self._clock = clock or SystemClock()
        self.history = History(thresholds or Thresholds(), history_minutes)
        self.history.read_only(read_only)
        self.history.link(Link("connecting", endpoint.display, since=self._clock.wall()))
        self._backlog = backlog
        self._chance = chance or random.Random()
        self._connect = connector
        self._choice = choice
        self._pace = PollIntervals.of(interval, calm)
        self.attention = Attention()
        """What the user looks at: the screen says it."""
        self.here = LocalMachine(
            self.history,
            self._clock,
            kernel=kernel if choice != "engine" else None,
            host=host,
            pace=self._pace,
            attention=lambda: self.attention,
            ahead=lambda: self._ahead,
            keys=keys,
        )
        self._client: EngineClient | None = None
        self._sampler: SourceSelector | None = None
        self._actions = PlanExecutor(
            endpoint, self.history, client=lambda: self.client, now=self.now, read_only=read_only
        )
        self._last_event_ns = 0
        self._ahead = 0.0
        self._processes = ProcessDetails()

    # what is known

    def now(self) -> float:
        """This session's moment, seconds since the epoch on the engine's clock, as all times of a snapshot are."""
        return self._clock.wall() + self._ahead

    def snapshot(self) -> Snapshot:
        """Everything as of now; the same object while nothing changed."""
        return self.history.snapshot(self.now())

    @property
    def client(self) -> EngineClient:
        """The connected engine. Raises EngineUnreachable while the link is down."""
        if self._client is None:
            raise EngineUnreachable(self.endpoint.display, self.snapshot().link.reason or "not connected yet")
        return self._client

    async def processes(self, container_id: str) -> tuple[Process, ...]:
        """The processes of a container, with what psutil knows of them when they run here. Raises EngineError."""
        listed = await self.client.processes(container_id)
        return self._processes.enrich(listed, self._clock.monotonic()) if self.client.info.local else listed

    # what runs

    async def run(self) -> None:
        """Watch until cancelled. Raises EngineError if the engine cannot be reached at the first attempt.

        What is read of this machine, its containers' cgroups and its own figures, goes on while no engine answers.
        """
        try:
            async with asyncio.TaskGroup() as group:
                self.here.start(group, self._lost)
                await self._stay_connected()
        except BaseExceptionGroup as errors:
            known = errors.subgroup((EngineError, EndpointError))
            if known is None:
                raise
            raise _first(known) from None

    def _lost(self, container_id: str) -> None:
        """The kernel shows a container no longer; what became of it only an engine can say."""
        if self._sampler is not None:
            self._sampler.lost(container_id)
        else:
            self.history.quiet(container_id)
            self.here.tell_alone()

    async def _stay_connected(self) -> None:
        attempt = 0
        was_up = False
        while True:
            reason, up_at = "the engine ended the connection", math.inf
            try:
                async with self._connect(self.endpoint) as client:
                    was_up, up_at = True, self._clock.monotonic()
                    await self._watch(client)
            except* (EngineError, EndpointError) as errors:
                reason = _reason(errors)
                if not was_up:
                    raise _first(errors) from None
            if cancelled():
                raise asyncio.CancelledError
            attempt = 1 if self._clock.monotonic() - up_at >= STEADY_SECONDS else attempt + 1
            await self._wait(reason, attempt)

    async def _wait(self, reason: str, attempt: int) -> None:
        pause = backoff(attempt) * self._chance.uniform(0.75, 1.25)
        now = self.now()
        known = self.history.snapshot(now).link
        since = known.since if known.state == "lost" else now
        self.history.link(Link("lost", self.endpoint.display, reason, since, now + pause, attempt))
        for container_id in self.history.ids():
            entry = self.history.get(container_id)
            if entry is not None and entry.container.live and not self.here.reads(container_id):
                self.history.quiet(container_id)
        self.here.tell_alone()
        await self._clock.sleep(pause)

    async def _watch(self, client: EngineClient) -> None:
        self._meet(client)
        since = self._last_event_ns or int((self.now() - PAST_EVENTS_SECONDS) * 1e9)
        async with client.events(since) as events, asyncio.TaskGroup() as group:
            sampler = self._new_sampler(client, group)
            roster = Roster(client, self.history, sampler, group, self._backlog)
            sampler.recheck = roster.refresh
            self._client, self._sampler = client, sampler
            try:
                self.history.link(Link("up", self.endpoint.display, since=self.now()))
                group.create_task(self._or_lose(self._heartbeat(client)), name="heartbeat")
                group.create_task(self._or_lose(self._keep_listed(client, roster, sampler, group)), name="listing")
                await self._follow_events(events, roster)
                raise EngineUnreachable(self.endpoint.display, "the engine ended the connection")
            finally:
                self._client = self._sampler = None

    async def _or_lose(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what ends the connection when it fails: from that moment on nobody asks anything of it."""
        try:
            await work
        finally:
            self._client = self._sampler = None

    def _meet(self, client: EngineClient) -> None:
        """Find out whose clock runs and whether this is the engine of before; what was done to another stays done."""
        self._ahead = skew(client.info.system_time, self._clock.wall(), client.info_seconds, self._ahead)
        if self.history.engine(client.info):
            self._last_event_ns = 0
            self.here.forget()
            self._actions.forget_all()
            self._processes = ProcessDetails()

    async def _keep_listed(
        self, client: EngineClient, roster: Roster, sampler: SourceSelector, group: asyncio.TaskGroup
    ) -> None:
        await roster.list_all()
        group.create_task(self._tell_sources(sampler), name="sources")
        await asyncio.sleep(0)
        self.history.ready()
        await self._find_out_locality(client)
        if client.info.local or self.endpoint.simulated:
            self.here.is_the_engines()
        for turn in count(1):
            await self._clock.sleep(RESYNC_SECONDS)
            with suppress(EngineError):
                await roster.list_all(inspect_all=turn % FULL_RESYNC == 0)

    def _new_sampler(self, client: EngineClient, group: asyncio.TaskGroup) -> SourceSelector:
        """What reads the containers of this connection: the kernel's files, the engine, or the better of the two."""
        source = EngineSource(client, pace=self._engine_pace, probe=not client.info.local, clock=self._clock)
        chosen = source if self._choice != "kernel" else None
        return SourceSelector(chosen, self.history, self._clock, group, sweep=self.here.sweep)

    def _engine_pace(self, container_id: str) -> float:
        return max(1.0, self._pace.seconds(container_id, self.attention))

    async def _tell_sources(self, sampler: SourceSelector) -> None:
        while True:
            self.history.sources(sampler.sources())
            await self._clock.sleep(self.here.with_round(1.0))

    async def _find_out_locality(self, client: EngineClient) -> None:
        live = [e.container for e in self.snapshot().entries.values() if e.container.pid]
        if live:
            client.set_local(any(names_container(c.pid, c.id, proc_folder()) for c in live[:8]))
            self.history.engine(client.info)

    async def _follow_events(self, events: AsyncIterator[Event], roster: Roster) -> None:
        async for event in events:
            self._last_event_ns = max(self._last_event_ns, event.at_ns)
            if event.type == "container" and self.history.happened(event):
                roster.note(event)

    async def _heartbeat(self, client: EngineClient) -> None:
        while True:
            await self._clock.sleep(PING_SECONDS)
            await client.ping()

    # the way back

    async def act(self, plan: Plan) -> Outcome:
        """Carry out a plan on the engine and container it was made for; what became of it, never an exception."""
        return await self._actions.act(plan)

    def undo_plan(self) -> Plan | None:
        """The plan that takes back the last change of limits, None when there is none."""
        return self._actions.newest()

    def forget_undo(self) -> None:
        """Give up the last change of limits that could be taken back: there is nothing left to take back of it."""
        self._actions.forget()


def cancelled() -> bool:
    """Whether this task was told to end; a TaskGroup that is ending by an error already loses that (Python < 3.13)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def backoff(attempt: int) -> float:
    """Seconds to wait before attempt number `attempt`, counted from 1, without the jitter."""
    return min(RETRY_MOST_SECONDS, RETRY_FIRST_SECONDS * 2.0 ** min(attempt - 1, 16))


def skew(system_time: float, wall: float, asked_for: float, known: float) -> float:
    """Seconds that an engine's clock is ahead of ours; 0 for clocks that agree as far as can be told.

    `system_time` is what it said when it was asked, `asked_for` seconds before `wall` at the earliest. What is `known`
    stays while it fits, so that time does not jump with each connection.
    """
    if not system_time:
        return 0.0
    least, most = system_time - wall, system_time - wall + asked_for
    for fitting in (known, 0.0):
        if least - SKEW_SECONDS <= fitting <= most + SKEW_SECONDS:
            return fitting
    return (least + most) / 2


def _reason(errors: BaseExceptionGroup[EngineError | EndpointError]) -> str:
    error = _first(errors)
    return error.reason if isinstance(error, EngineUnreachable) else str(error)


def _first(errors: BaseExceptionGroup[Any]) -> DockpitError:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, DockpitError)
    return first
