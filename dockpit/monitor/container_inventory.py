"""Keeps the history's containers in step with the engine over one connection.

listing --new or changed--> inspect --> history.put() --> preload() if new --> SourceSelector.follow()
event ---start, die, ...------^   |
                                  +-- fails or takes long --> the row of the listing, and another inspect at the next
event ---destroy---> forget <--- not in a listing
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count

from dockpit.engine.engine_client import EVENT_ACTIONS, EngineClient
from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, ListedContainer
from dockpit.model.errors import EngineError
from dockpit.model.events import Event
from dockpit.monitor.history import History
from dockpit.monitor.source_selector import SourceSelector
from dockpit.process.clock import Clock

RELIST_SECONDS = 30.0
"""Interval of the listings that catch what no event told."""
INSPECT_ALL_EVERY = 10
"""Every how many listings all containers are inspected, changed or not."""
SLOW_INSPECT_SECONDS = 2.0
"""Wait for the inspects of a listing, after which containers are shown as listed, and the rest goes on."""
MAX_INSPECTS = 8
"""Maximum number of inspects under way at a time."""

Backlog = Callable[[str], Iterable[Sample]]
"""Returns the samples of a container (by full id) from before the session began."""

_INSPECT_ACTIONS = frozenset(EVENT_ACTIONS) - {"destroy"}


class ContainerInventory:
    """The containers of one connection.

    A failed inspect is tried again at the next event or listing and does not end the connection: a container that
    hangs in the engine holds up no other. Whether the engine itself is gone is for the events and the heartbeat to say.
    """

    def __init__(
        self,
        client: EngineClient,
        history: History,
        selector: SourceSelector,
        group: asyncio.TaskGroup,
        backlog: Backlog | None = None,
    ) -> None:
        self._client = client
        self._history = history
        self._selector = selector
        self._group = group
        self._backlog = backlog
        self._connected_ns = int(client.info.system_time * 1e9)
        self._inspecting: set[str] = set()
        self._inspect_again: set[str] = set()
        self._failed: dict[str, str] = {}
        """Reasons of containers whose last inspect failed: the next listing inspects them, whatever it shows."""
        self._uninspected: set[str] = set()
        """Containers in the history that no inspect has described yet."""
        self._inspect_slots = asyncio.Semaphore(MAX_INSPECTS)

    async def list_all(self, *, inspect_all: bool = True) -> None:
        """List all containers, forget unlisted ones, and inspect all, or only those that the listing shows as changed.

        Running containers are inspected first: they have figures. One whose inspect fails, or takes longer than
        SLOW_INSPECT_SECONDS, is shown as it is listed. Raises EngineError.
        """
        known, removed = self._history.ids(), self._history.removed_ids()
        listed = await self._client.list_containers()
        for container_id in set(known) - set(listed):
            self._forget(container_id)
        self._failed = {key: reason for key, reason in self._failed.items() if key in listed}
        self._history.readmit(removed & set(listed))
        wanted = [key for key, row in listed.items() if inspect_all or self._needs_inspect(row)]
        wanted.sort(key=lambda key: listed[key].state != "running")
        inspects = [self._group.create_task(self.refresh(key), name=f"inspect {key[:12]}") for key in wanted]
        if inspects:
            await asyncio.wait(inspects, timeout=SLOW_INSPECT_SECONDS)
        for container_id in wanted:
            self._show_as_listed(listed[container_id])

    def _show_as_listed(self, row: ListedContainer) -> None:
        """Follow a container whose inspect failed or is under way, as inspected before or else as listed now."""
        known = self._history.get(row.id)
        if known is None or row.id in self._uninspected:
            reason = self._failed.get(row.id, "its inspect is not answered")
            if self._put(row.without_inspect(reason)):
                self._uninspected.add(row.id)
        elif row.id in self._failed or row.id in self._inspecting:
            self._selector.follow(known.container)

    def _put(self, container: Container, backlog: Backlog | None = None) -> bool:
        """Put a container into the history and follow it; False for one that was removed meanwhile."""
        self._history.put(container)
        if self._history.get(container.id) is None:
            return False
        if backlog is not None:
            self._history.preload(container.id, backlog(container.id))
        self._selector.follow(container)
        return True

    async def keep_listing(self, clock: Clock) -> None:
        """List again every RELIST_SECONDS until cancelled; a listing that fails is left out."""
        for number in count(1):
            await clock.sleep(RELIST_SECONDS)
            with suppress(EngineError):
                await self.list_all(inspect_all=number % INSPECT_ALL_EVERY == 0)

    def _needs_inspect(self, row: ListedContainer) -> bool:
        entry = self._history.get(row.id)
        return row.id in self._failed or entry is None or not row.tells_of(entry.container)

    def apply_event(self, event: Event) -> None:
        """Forget a destroyed container; inspect one that changed, unless that was before the connection."""
        if event.action == "destroy":
            self._forget(event.actor_id)
        elif event.action in _INSPECT_ACTIONS and event.at_ns >= self._connected_ns:
            self._group.create_task(self.refresh(event.actor_id), name=f"inspect {event.actor_id[:12]}")

    def _forget(self, container_id: str) -> None:
        self._failed.pop(container_id, None)
        self._uninspected.discard(container_id)
        self._selector.drop(container_id)
        self._history.forget(container_id)

    async def refresh(self, container_id: str) -> None:
        """Inspect one container; calls that overlap are merged into one more inspect at the end."""
        if container_id in self._inspecting:
            self._inspect_again.add(container_id)
            return
        self._inspecting.add(container_id)
        try:
            await self._inspect(container_id)
            while container_id in self._inspect_again:
                self._inspect_again.discard(container_id)
                await self._inspect(container_id)
        finally:
            self._inspecting.discard(container_id)
            self._inspect_again.discard(container_id)

    async def _inspect(self, container_id: str) -> None:
        try:
            async with self._inspect_slots:
                container = await self._client.container(container_id)
        except EngineError as error:
            self._failed[container_id] = str(error)
            return
        self._failed.pop(container_id, None)
        if container.id != container_id:
            return
        is_new = self._history.get(container_id) is None or container_id in self._uninspected
        self._uninspected.discard(container_id)
        self._put(container, self._backlog if is_new else None)
