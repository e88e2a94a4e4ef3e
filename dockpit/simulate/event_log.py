"""The engine's events: the last 256 for replay, and a queue for each subscriber."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

REPLAYED_EVENTS = 256
KEPT_EVENTS = 20_000
MIN_GAP_NS = 180_000
"""Least time between two events."""

EventMessage = dict[str, Any]
"""One event as GET /events sends it."""


class EventLog:
    """Every event in order; each one is later than the one before it."""

    def __init__(self) -> None:
        self.replayed: deque[EventMessage] = deque(maxlen=REPLAYED_EVENTS)
        """The events that `since` can replay, oldest first."""
        self.all: list[EventMessage] = []
        """The first KEPT_EVENTS events, oldest first."""
        self._last_ns = 0
        self._subscribers: set[asyncio.Queue[EventMessage]] = set()

    @property
    def subscriber_count(self) -> int:
        """Number of open subscriptions."""
        return len(self._subscribers)

    def emit(self, at: float, kind: str, action: str, actor_id: str, attributes: Mapping[str, str]) -> None:
        """Record one event at `at`, or just after the last one if that is later, and queue it for the subscribers."""
        self._last_ns = max(round(at * 1e6) * 1000, self._last_ns + MIN_GAP_NS)
        message: EventMessage = {
            "status": action,
            "id": actor_id,
            "from": attributes.get("image", ""),
            "Type": kind,
            "Action": action,
            "Actor": {"ID": actor_id, "Attributes": dict(attributes)},
            "scope": "local",
            "time": self._last_ns // 10**9,
            "timeNano": self._last_ns,
        }
        if kind != "container":
            del message["status"], message["id"], message["from"]
        self.replayed.append(message)
        if len(self.all) < KEPT_EVENTS:
            self.all.append(message)
        for queue in self._subscribers:
            queue.put_nowait(message)

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[EventMessage]]:
        """A queue that receives every event until the block is left."""
        queue: asyncio.Queue[EventMessage] = asyncio.Queue()
        self._subscribers.add(queue)
        try:
            yield queue
        finally:
            self._subscribers.discard(queue)
