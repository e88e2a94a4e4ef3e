"""Keeps one engine connected, says how its clock differs, and notices when another engine answers.

    connect --> watch(client) until it fails --> link "lost", on_lost() --> wait, longer each time --+
       ^          identify(), set_up(), heartbeat()                                                  |
       +---------------------------------------------------------------------------------------------+

Only a failure of the very first connection is raised; from then on the link retries for ever.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.engine_client import EngineClient, process_is_in_container
from dockpit.model.engine_info import Link
from dockpit.model.errors import DockpitError, EndpointError, EngineError, EngineUnreachable
from dockpit.monitor.history import History
from dockpit.process.clock import Clock
from dockpit.process.procfs import proc_folder

PING_SECONDS = 5.0
"""Interval of the heartbeat."""
RETRY_FIRST_SECONDS = 0.5
"""Wait before the first attempt to connect again; each further wait is twice as long."""
RETRY_MOST_SECONDS = 30.0
"""Maximum wait between attempts to connect."""
RETRY_JITTER = (0.75, 1.25)
"""Range of the random factor of each wait, lest many dockpits connect at one time."""
STEADY_SECONDS = 10.0
"""Minimum duration of a connection after which waits begin short again."""
SKEW_SECONDS = 1.0
"""Clocks that differ by less are taken to agree."""
LOCAL_CHECKS = 8
"""Maximum number of containers looked up in /proc to tell whether the engine runs on this machine."""

CONNECTION_ENDED = "the engine ended the connection"

Connect = Callable[[Endpoint], AbstractAsyncContextManager[EngineClient]]


class EngineLink:
    """The link to one engine; its state is written to `history`."""

    def __init__(
        self, endpoint: Endpoint, history: History, clock: Clock, *, connect: Connect, jitter: random.Random
    ) -> None:
        self._endpoint = endpoint
        self._history = history
        self._clock = clock
        self._connect = connect
        self._jitter = jitter
        self._client: EngineClient | None = None
        self.skew_seconds = 0.0
        """How far the engine's clock is ahead of this machine's."""
        history.set_link(Link("connecting", endpoint.display, since=clock.wall()))

    def now(self) -> float:
        """Epoch seconds on the engine's clock."""
        return self._clock.wall() + self.skew_seconds

    @property
    def is_up(self) -> bool:
        """Whether a client is connected."""
        return self._client is not None

    @property
    def client(self) -> EngineClient:
        """The connected client. Raises EngineUnreachable while there is none."""
        if self._client is None:
            reason = self._history.snapshot(self.now()).link.reason
            raise EngineUnreachable(self._endpoint.display, reason or "not connected yet")
        return self._client

    # the life of the link

    async def keep_connected(
        self, watch: Callable[[EngineClient], Awaitable[None]], on_lost: Callable[[], None]
    ) -> None:
        """Run `watch` on one connection after the other until cancelled; `on_lost` is called when one has ended.

        Raises an exception group with the EngineError or EndpointError of a first connection that fails.
        """
        attempt = 0
        was_up = False
        while True:
            reason, up_at = CONNECTION_ENDED, math.inf
            try:
                async with self._connect(self._endpoint) as client:
                    was_up, up_at = True, self._clock.monotonic()
                    await watch(client)
            except* (EngineError, EndpointError) as errors:
                reason = _reason(errors)
                if not was_up:
                    raise first_error(errors) from None
            if cancelled():
                raise asyncio.CancelledError
            attempt = 1 if self._clock.monotonic() - up_at >= STEADY_SECONDS else attempt + 1
            wait = self._set_lost(reason, attempt)
            on_lost()
            await self._clock.sleep(wait)

    def _set_lost(self, reason: str, attempt: int) -> float:
        """Report the loss; seconds to wait before the next attempt."""
        wait = backoff(attempt) * self._jitter.uniform(*RETRY_JITTER)
        now = self.now()
        known = self._history.snapshot(now).link
        since = known.since if known.state == "lost" else now
        self._history.set_link(Link("lost", self._endpoint.display, reason, since, now + wait, attempt))
        return wait

    # one connection

    def identify(self, client: EngineClient) -> bool:
        """Compare the engine's clock and id with those known; True when another engine answers than before."""
        info = client.info
        self.skew_seconds = clock_skew(
            info.system_time, self._clock.wall(), client.info_request_seconds, self.skew_seconds
        )
        return self._history.set_engine(info)

    def set_up(self, client: EngineClient) -> None:
        """The connection is ready: `client` is handed out from now on."""
        self._client = client
        self._history.set_link(Link("up", self._endpoint.display, since=self.now()))

    def set_down(self) -> None:
        """The connection has failed: its client is handed out no more."""
        self._client = None

    async def run_until_down(self, work: Awaitable[None]) -> None:
        """Await what ends the connection when it fails; the client is handed out no more from that moment on."""
        try:
            await work
        finally:
            self.set_down()

    async def heartbeat(self, client: EngineClient) -> None:
        """Ping the engine until it does not answer. Raises EngineError."""
        while True:
            await self._clock.sleep(PING_SECONDS)
            await client.ping()

    def detect_local(self, client: EngineClient) -> None:
        """Find out from running containers whether the engine runs on this machine, and write it to the history."""
        entries = self._history.snapshot(self.now()).entries.values()
        running = [entry.container for entry in entries if entry.container.pid]
        if running:
            checked = running[:LOCAL_CHECKS]
            client.set_local(any(process_is_in_container(one.pid, one.id, proc_folder()) for one in checked))
            self._history.set_engine(client.info)


def cancelled() -> bool:
    """Whether this task was cancelled; a TaskGroup that ends with an error loses the cancellation (Python < 3.13)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def backoff(attempt: int) -> float:
    """Seconds to wait before attempt number `attempt`, counted from 1, without the jitter."""
    return min(RETRY_MOST_SECONDS, RETRY_FIRST_SECONDS * 2.0 ** min(attempt - 1, 16))


def clock_skew(system_time: float, wall: float, request_seconds: float, known: float) -> float:
    """Seconds that an engine's clock is ahead of ours; 0 for clocks that agree as far as can be told.

    `system_time` is what the engine said when it was asked, at most `request_seconds` before `wall`; 0 where it does
    not say. The `known` skew stays while it fits, so that time does not jump with each connection.
    """
    if not system_time:
        return 0.0
    least, most = system_time - wall, system_time - wall + request_seconds
    for candidate in (known, 0.0):
        if least - SKEW_SECONDS <= candidate <= most + SKEW_SECONDS:
            return candidate
    return (least + most) / 2


def first_error(errors: BaseExceptionGroup[Any]) -> DockpitError:
    """The first DockpitError of a group whose leaves are such errors."""
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, DockpitError)
    return first


def _reason(errors: BaseExceptionGroup[EngineError | EndpointError]) -> str:
    error = first_error(errors)
    return error.reason if isinstance(error, EngineUnreachable) else str(error)
