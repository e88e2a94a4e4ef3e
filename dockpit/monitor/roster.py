"""Keeps the history's containers in step with the engine's: listings and events in, inspects and streams out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from dockpit.engine.client import EVENT_ACTIONS, EngineClient
from dockpit.metrics.samples import Sample
from dockpit.model.container import ListedContainer
from dockpit.model.errors import EngineError, NotFound
from dockpit.model.events import Event
from dockpit.monitor.history import History
from dockpit.monitor.source_selector import SourceSelector

AT_ONCE = 8
"""So many inspects are under way at most."""

Backlog = Callable[[str], Iterable[Sample]]
"""Samples of a container from before the session began."""

_RELIST = frozenset(EVENT_ACTIONS) - {"destroy"}


class Roster:
    """The containers of one connection.

    A failed inspect is tried again by the next event or listing: whether the engine itself is gone is for the events
    and the heartbeat to say, as one container that hangs in the engine holds up no other.
    """

    def __init__(
        self,
        client: EngineClient,
        history: History,
        sampler: SourceSelector,
        group: asyncio.TaskGroup,
        backlog: Backlog | None = None,
    ) -> None:
        self._client = client
        self._history = history
        self._sampler = sampler
        self._group = group
        self._backlog = backlog
        self._listed_from_ns = int(client.info.system_time * 1e9)
        self._asked: set[str] = set()
        self._again: set[str] = set()
        self._unanswered: set[str] = set()
        """Those whose last inspect failed: the next listing asks again, whatever it shows."""
        self._room = asyncio.Semaphore(AT_ONCE)

    async def list_all(self, *, inspect_all: bool = True) -> None:
        """List everything and inspect it, or what the listing shows to have changed; forget what is not there.

        What runs is inspected first: it has figures. Raises EngineError.
        """
        known = self._history.ids()
        listed = await self._client.listing()
        for container_id in set(known) - set(listed):
            self._forget(container_id)
        wanted = [key for key, row in listed.items() if inspect_all or self._differs(row)]
        wanted.sort(key=lambda key: listed[key].state != "running")
        await asyncio.gather(*(self.refresh(container_id) for container_id in wanted))

    def _differs(self, row: ListedContainer) -> bool:
        entry = self._history.get(row.id)
        return row.id in self._unanswered or entry is None or not row.tells_of(entry.container)

    def note(self, event: Event) -> None:
        """Follow an event: forget what was destroyed, look anew at what changed since the engine was asked first."""
        if event.action == "destroy":
            self._forget(event.actor_id)
        elif event.action in _RELIST and event.at_ns >= self._listed_from_ns:
            self._group.create_task(self.refresh(event.actor_id), name=f"inspect {event.actor_id[:12]}")

    def _forget(self, container_id: str) -> None:
        self._unanswered.discard(container_id)
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
        except EngineError:
            self._unanswered.add(container_id)
            return
        self._unanswered.discard(container_id)
        if container.id != container_id:
            return
        known = self._history.get(container_id) is not None
        self._history.put(container)
        if self._history.get(container_id) is None:
            return
        if not known and self._backlog is not None:
            self._history.preload(container_id, self._backlog(container_id))
        self._sampler.follow(container)
