"""Owns everything that runs: the link, the streams, the history, and the one door through which actions go."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from dockpit.clock import Clock, SystemClock
from dockpit.engine.client import EVENT_ACTIONS, EngineClient, connect, names_container
from dockpit.engine.endpoint import Endpoint
from dockpit.errors import (
    DockpitError,
    EngineError,
    EngineUnreachable,
    LimitError,
    NotFound,
    ReadOnlyError,
    WrongTarget,
)
from dockpit.history import History
from dockpit.model import Container, Event, Host, Limits, Link, Outcome, Plan, Process, Sample
from dockpit.sampling import Sampler, Source
from dockpit.signals.thresholds import Thresholds
from dockpit.snapshot import Snapshot
from dockpit.sources.engine import EngineSource
from dockpit.sources.processes import ProcessSource
from dockpit.tuning.plan import plan_undo, verify

RESYNC_SECONDS = 30.0
PING_SECONDS = 5.0
RETRY_FIRST_SECONDS = 0.5
RETRY_MOST_SECONDS = 30.0
EVENT_RING = 256
"""The engine's ring: when so many come at once, older ones are lost and everything is listed anew."""
PAST_EVENTS_SECONDS = 900.0
_RELIST = frozenset(EVENT_ACTIONS) - {"destroy"}


class HostReader(Protocol):
    """What reads the machine under a local engine."""

    def read(self, wall: float, monotonic: float) -> Host:
        """The machine now."""
        ...


Backlog = Callable[[str], Iterable[Sample]]
"""Samples of a container from before the session began."""


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
    ) -> None:
        self.endpoint = endpoint
        self.read_only = read_only
        self._clock = clock or SystemClock()
        self.history = History(thresholds or Thresholds(), history_minutes)
        self.history.read_only(read_only)
        self.history.link(Link("connecting", endpoint.display, since=self._clock.wall()))
        self._host = host
        self._backlog = backlog
        self._chance = chance or random.Random()
        self._connect = connector
        self._client: EngineClient | None = None
        self._undo: list[Plan] = []
        self._last_event_ns = 0
        self._processes = ProcessSource()

    # what is known

    def now(self) -> float:
        """This session's moment, seconds since the epoch."""
        return self._clock.wall()

    def snapshot(self) -> Snapshot:
        """Everything as of now; the same object while nothing changed."""
        return self.history.snapshot(self._clock.wall())

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
        """Watch until cancelled. Raises EngineError if the engine cannot be reached at the first attempt."""
        attempt = 0
        was_up = False
        while True:
            reason = "the engine ended the connection"
            try:
                async with self._connect(self.endpoint) as client:
                    was_up, attempt = True, 0
                    await self._watch(client)
            except* EngineError as errors:
                reason = _reason(errors)
                if not was_up:
                    raise _first(errors) from None
            finally:
                self._client = None
            attempt += 1
            await self._wait(reason, attempt)

    async def _wait(self, reason: str, attempt: int) -> None:
        pause = min(RETRY_MOST_SECONDS, RETRY_FIRST_SECONDS * 2 ** (attempt - 1)) * self._chance.uniform(0.75, 1.25)
        now = self._clock.wall()
        since = self.history.snapshot(now).link.since if attempt > 1 else now
        self.history.link(Link("lost", self.endpoint.display, reason, since, now + pause, attempt))
        for container_id in self.history.ids():
            entry = self.history.get(container_id)
            if entry is not None and entry.container.live:
                self.history.quiet(container_id)
        await self._clock.sleep(pause)

    async def _watch(self, client: EngineClient) -> None:
        self.history.engine(client.info)
        since = self._last_event_ns or int((self._clock.wall() - PAST_EVENTS_SECONDS) * 1e9)
        async with client.events(since) as events, asyncio.TaskGroup() as group:
            desk = _Desk(client, self.history, Sampler(self._source(client), self.history, self._clock, group), group)
            desk.backlog = self._backlog
            self._client = client
            self.history.link(Link("up", self.endpoint.display, since=self._clock.wall()))
            await desk.list_all()
            self.history.ready()
            await self._find_out_locality(client)
            group.create_task(self._resync(client, desk), name="resync")
            group.create_task(self._heartbeat(client), name="heartbeat")
            if self._host is not None and (client.info.local or self.endpoint.simulated):
                group.create_task(self._host_loop(self._host), name="host")
            await self._follow_events(events, desk)
            raise EngineUnreachable(self.endpoint.display, "the engine ended the connection")

    def _source(self, client: EngineClient) -> Source:
        return EngineSource(client)

    async def _find_out_locality(self, client: EngineClient) -> None:
        live = [e.container for e in self.history.snapshot(self._clock.wall()).entries.values() if e.container.pid]
        if live:
            client.set_local(any(names_container(c.pid, c.id) for c in live[:8]))
            self.history.engine(client.info)

    async def _follow_events(self, events: AsyncIterator[Event], desk: _Desk) -> None:
        async for event in events:
            self._last_event_ns = max(self._last_event_ns, event.at_ns)
            if event.type == "container" and self.history.happened(event):
                desk.note(event)

    async def _resync(self, client: EngineClient, desk: _Desk) -> None:
        while True:
            await self._clock.sleep(RESYNC_SECONDS)
            await desk.list_all()

    async def _heartbeat(self, client: EngineClient) -> None:
        while True:
            await self._clock.sleep(PING_SECONDS)
            await client.ping()

    async def _host_loop(self, host: HostReader) -> None:
        while True:
            self.history.host(host.read(self._clock.wall(), self._clock.monotonic()))
            await self._clock.sleep(1.0)

    # the way back

    async def act(self, plan: Plan) -> Outcome:
        """Carry out a plan on the engine and container it was made for; what became of it, never an exception."""
        try:
            outcome = await self._act(plan)
        except DockpitError as error:
            outcome = Outcome(False, str(error), plan, at=self._clock.wall())
        if outcome.ok and plan.undoes and self._undo:
            self._undo.pop()
        elif outcome.undo is not None:
            self._undo.append(outcome.undo)
        self.history.outcome(outcome, bool(self._undo))
        return outcome

    async def _act(self, plan: Plan) -> Outcome:
        if self.read_only:
            raise ReadOnlyError(f"dockpit is read-only: {plan.command} was not run")
        client = self.client
        before = await self._check_target(client, plan)
        try:
            warnings = await client.perform(plan)
        except EngineError as error:
            return await self._refused(client, plan, error)
        after = await self._after(client, plan)
        if plan.kind != "update" or after is None:
            return Outcome(True, f"{plan.summary}: done", plan, at=self._clock.wall(), warnings=warnings)
        return self._updated(plan, before, after, warnings)

    async def _check_target(self, client: EngineClient, plan: Plan) -> Container:
        identity = await client.identity()
        if plan.engine_id and identity != plan.engine_id:
            raise WrongTarget(f"another engine answers at {self.endpoint.display} now: nothing was done")
        try:
            container = await client.container(plan.container_id)
        except NotFound:
            raise WrongTarget(f"{plan.container_name} is gone: nothing was done") from None
        if plan.kind == "update" and plan.before is not None and container.limits != plan.before:
            raise WrongTarget(f"the limits of {plan.container_name} were changed by someone else: look again")
        return container

    async def _after(self, client: EngineClient, plan: Plan) -> Container | None:
        try:
            container = await client.container(plan.container_id)
        except NotFound:
            self.history.forget(plan.container_id)
            return None
        self.history.put(container)
        return container

    def _updated(self, plan: Plan, before: Container, after: Container, warnings: tuple[str, ...]) -> Outcome:
        differences = verify(plan.expected, after.limits) if plan.expected is not None else ()
        undo = self._way_back(plan, after)
        text = plan.summary if not differences else f"{plan.summary}, but {'; '.join(differences)}"
        return Outcome(
            not differences, text, plan, undo, self._clock.wall(), (*warnings, *differences), in_force=after.limits
        )

    def _way_back(self, plan: Plan, after: Container) -> Plan | None:
        if plan.undoes or not plan.undo_body:
            return None
        try:
            return plan_undo(plan, after, self.client.info)
        except LimitError:
            return None

    async def _refused(self, client: EngineClient, plan: Plan, error: EngineError) -> Outcome:
        """A refusal; after a 5xx the cgroup may be partly changed, so the limits that were in force are sent again."""
        text = f"the engine refused: {error.message or error}"
        in_force: Limits | None = None
        if error.status >= 500 and plan.kind == "update":
            if plan.undo_body:
                try:
                    await client.update(plan.container_id, plan.undo_body)
                    text += " (the earlier limits were written again)"
                except EngineError as again:
                    text += f" (and the earlier limits could not be written again: {again.message})"
            after = await self._after(client, plan)
            in_force = after.limits if after else None
        return Outcome(False, text, plan, at=self._clock.wall(), in_force=in_force)

    def undo_plan(self) -> Plan | None:
        """The plan that takes back the last change of limits, None when there is none."""
        return self._undo[-1] if self._undo else None

    def forget_undo(self) -> None:
        """Give up the last change of limits that could be taken back: there is nothing left to take back of it."""
        if self._undo:
            self._undo.pop()
        self.history.can_undo(bool(self._undo))


class _Desk:
    """Turns listings and events of one connection into inspects, streams and history entries."""

    def __init__(self, client: EngineClient, history: History, sampler: Sampler, group: asyncio.TaskGroup) -> None:
        self._client = client
        self._history = history
        self._sampler = sampler
        self._group = group
        self._asked: set[str] = set()
        self._again: set[str] = set()
        self._room = asyncio.Semaphore(8)
        self.backlog: Backlog | None = None

    async def list_all(self) -> None:
        """List and inspect everything; what is known but no longer listed is forgotten."""
        listed = await self._client.container_ids()
        for container_id in set(self._history.ids()) - set(listed):
            self._forget(container_id)
        await asyncio.gather(*(self.refresh(container_id) for container_id in listed))

    def note(self, event: Event) -> None:
        """Follow an event: forget what was destroyed, look anew at what changed."""
        if event.action == "destroy":
            self._forget(event.actor_id)
        elif event.action in _RELIST:
            self._group.create_task(self.refresh(event.actor_id), name=f"inspect {event.actor_id[:12]}")

    def _forget(self, container_id: str) -> None:
        self._sampler.drop(container_id)
        self._history.forget(container_id)

    async def refresh(self, container_id: str) -> None:
        """Inspect one container; calls that overlap become one more at the end."""
        if container_id in self._asked:
            self._again.add(container_id)
            return
        self._asked.add(container_id)
        try:
            await self._inspect(container_id)
            while container_id in self._again:
                self._again.discard(container_id)
                await self._inspect(container_id)
        finally:
            self._asked.discard(container_id)
            self._again.discard(container_id)

    async def _inspect(self, container_id: str) -> None:
        try:
            async with self._room:
                container = await self._client.container(container_id)
        except NotFound:
            self._forget(container_id)
            return
        except EngineUnreachable:
            raise
        except EngineError:
            return
        if not container.id:
            return
        known = self._history.get(container.id) is not None
        self._history.put(container)
        if not known and self.backlog is not None:
            self._history.preload(container.id, self.backlog(container.id))
        self._sampler.follow(container)


def _reason(errors: BaseExceptionGroup[EngineError]) -> str:
    error = _first(errors)
    return error.reason if isinstance(error, EngineUnreachable) else str(error)


def _first(errors: BaseExceptionGroup[EngineError]) -> EngineError:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, EngineError)
    return first
