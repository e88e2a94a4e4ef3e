"""The engine's events: a ring of the last 256 for replay, and live subscribers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

RING = 256
GAP_NS = 180_000

Message = dict[str, Any]


class EventLog:
    """Every event in order; each one is later than the one before it."""

    def __init__(self) -> None:
        self.ring: deque[Message] = deque(maxlen=RING)
        self.all: list[Message] = []
        """Every event there was, oldest first, up to `keep`."""
        self.keep = 20_000
        self._last_ns = 0
        self._subscribers: set[asyncio.Queue[Message]] = set()

    @property
    def listeners(self) -> int:
        """How many subscribe now."""
        return len(self._subscribers)

    def emit(self, at: float, kind: str, action: str, actor: str, attributes: Mapping[str, str]) -> Message:
        """Record one event at `at` or just after the last one, and hand it to the subscribers."""
        self._last_ns = max(round(at * 1e6) * 1000, self._last_ns + GAP_NS)
        message: Message = {
            "status": action,
            "id": actor,
            "from": attributes.get("image", ""),
            "Type": kind,
            "Action": action,
            "Actor": {"ID": actor, "Attributes": dict(attributes)},
            "scope": "local",
            "time": self._last_ns // 10**9,
            "timeNano": self._last_ns,
        }
        if kind != "container":
            del message["status"], message["id"], message["from"]
        self.ring.append(message)
        if len(self.all) < self.keep:
            self.all.append(message)
        for queue in self._subscribers:
            queue.put_nowait(message)
        return message

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[Message]]:
        """A queue of every event from now on."""
        queue: asyncio.Queue[Message] = asyncio.Queue()
        self._subscribers.add(queue)
        try:
            yield queue
        finally:
            self._subscribers.discard(queue)
