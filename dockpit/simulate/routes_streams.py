"""Answers that go on: stats, events, logs, wait."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

from dockpit.simulate import log_output, stats_json
from dockpit.simulate.container import SimulatedContainer
from dockpit.simulate.engine import SimulatedEngine, json_line, json_response
from dockpit.simulate.engine_json import PING
from dockpit.simulate.refusal import EngineRefusal
from dockpit.simulate.request_parsing import filters, flag, wants_event
from dockpit.simulate.timestamps import timestamp

STATS_PERIOD = 1.0
LOG_PERIOD = 0.25


async def until(engine: SimulatedEngine, due: float) -> float:
    """Sleep until `due` on the monotonic clock and while the engine hangs; from when to count the next period."""
    wait = due - engine.clock.monotonic()
    if wait > 0:
        await engine.clock.sleep(wait)
    await engine.gate()
    now = engine.clock.monotonic()
    return due if now - due < STATS_PERIOD else now


async def begin(request: web.Request, kind: str) -> web.StreamResponse:
    """Start a chunked answer."""
    response = web.StreamResponse(headers={"Content-Type": kind, **PING})
    await response.prepare(request)
    return response


class StreamRoutes:
    """Handlers whose answers follow the world."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    # stats

    async def stats(self, request: web.Request) -> web.StreamResponse:
        """GET /containers/{id}/stats: a stream, two samples in one, or one at once."""
        now = self._engine.now()
        container = self._engine.world.find(request.match_info["id"])
        stream, once = flag(request, "stream", True), flag(request, "one-shot")
        if stream and once and "stream" in request.query:
            raise EngineRefusal(400, "cannot have stream=true and one-shot=true")
        if not stream or once:
            return json_response(await self._single(container, now, once))
        response = await begin(request, "application/json")
        with suppress(ConnectionError):
            await self._stream(response, container)
            await response.write_eof()
        return response

    async def _single(self, container: SimulatedContainer, now: float, once: bool) -> dict[str, Any]:
        if not container.live:
            return stats_json.nothing(container)
        first = self._engine.world.stats(container, now)
        if once:
            return first
        await until(self._engine, self._engine.clock.monotonic() + STATS_PERIOD)
        now = self._engine.now()
        return (
            _follow(self._engine.world.stats(container, now), first)
            if container.live
            else stats_json.nothing(container, first)
        )

    async def _stream(self, response: web.StreamResponse, container: SimulatedContainer) -> None:
        engine = self._engine
        last: dict[str, Any] | None = None
        due = engine.clock.monotonic()
        while True:
            now = engine.now()
            if container.id not in engine.world.containers:
                return
            if container.live:
                sample = _follow(engine.world.stats(container, now), last)
                last = sample
            else:
                sample, last = stats_json.nothing(container, last), None
            await response.write(json_line(sample))
            due = await until(engine, due + STATS_PERIOD)

    # events

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET /events: the replay that since asks for, then what comes, up to until."""
        engine, wanted = self._engine, filters(request)
        now = engine.now()
        since, end = timestamp(request.query.get("since"), now), timestamp(request.query.get("until"), now)
        with engine.world.event_log.subscribe() as queue:
            replay = list(engine.world.event_log.ring) if since is not None or end is not None else []
            response = await begin(request, "application/json")
            with suppress(ConnectionError):
                for message in replay:
                    if message["timeNano"] >= (since or 0) and (end is None or message["timeNano"] <= end):
                        await self._tell(response, message, wanted)
                await self._live(response, queue, wanted, end)
                await response.write_eof()
        return response

    async def _live(
        self, response: web.StreamResponse, queue: asyncio.Queue[Any], wanted: dict[str, list[str]], end: int | None
    ) -> None:
        engine = self._engine
        if end is None:
            while True:
                await self._tell(response, await queue.get(), wanted)
        wait = end / 1e9 - engine.now()
        if wait > 0:
            await engine.clock.sleep(wait)
            engine.now()
        while not queue.empty():
            message = queue.get_nowait()
            if message["timeNano"] <= end:
                await self._tell(response, message, wanted)

    async def _tell(self, response: web.StreamResponse, message: Any, wanted: dict[str, list[str]]) -> None:
        await self._engine.gate()
        if wants_event(wanted, message):
            await response.write(json_line(message))

    # logs

    async def logs(self, request: web.Request) -> web.StreamResponse:
        """GET /containers/{id}/logs."""
        engine = self._engine
        now = engine.now()
        container = engine.world.find(request.match_info["id"])
        streams = {number for number, name in ((1, "stdout"), (2, "stderr")) if flag(request, name)}
        if not streams:
            raise EngineRefusal(400, "Bad parameters: you must choose at least one stream")
        tty, timestamps = container.spec.tty, flag(request, "timestamps")
        kind = "application/vnd.docker.raw-stream" if tty else "application/vnd.docker.multiplexed-stream"
        since = (timestamp(request.query.get("since"), now) or 0) / 1e9
        end = timestamp(request.query.get("until"), now)
        stop = min(now, end / 1e9) if end else now
        printed = _asked(container, request.query.get("tail", "all"), since, stop)
        response = await begin(request, kind)
        with suppress(ConnectionError):
            for start in range(0, len(printed), 2000):
                part = printed[start : start + 2000]
                await response.write(log_output.encode(part, tty=tty, timestamps=timestamps, streams=streams))
            if flag(request, "follow") and not end:
                await self._follow_logs(response, container, now, timestamps, streams)
            await response.write_eof()
        return response

    async def _follow_logs(
        self,
        response: web.StreamResponse,
        container: SimulatedContainer,
        seen: float,
        timestamps: bool,
        streams: set[int],
    ) -> None:
        engine, tty = self._engine, container.spec.tty
        due = engine.clock.monotonic()
        while container.live or container.status == "restarting":
            due = await until(engine, due + LOG_PERIOD)
            now = engine.now()
            data = log_output.encode(
                log_output.lines(container, seen, now), tty=tty, timestamps=timestamps, streams=streams
            )
            if data:
                await response.write(data)
            seen = now

    # wait

    async def wait(self, request: web.Request) -> web.StreamResponse:
        """POST /containers/{id}/wait?condition=not-running|next-exit|removed."""
        engine = self._engine
        engine.now()
        container = engine.world.find(request.match_info["id"])
        condition = request.query.get("condition") or "not-running"
        exits = len([1 for _, end in container.runs if end != float("inf")])
        response = await begin(request, "application/json")
        with engine.world.event_log.subscribe() as queue:
            while not self._over(container, condition, exits):
                await queue.get()
        with suppress(ConnectionError):
            await response.write(json_line({"StatusCode": container.exit_code}))
            await response.write_eof()
        return response

    def _over(self, container: SimulatedContainer, condition: str, exits: int) -> bool:
        gone = container.id not in self._engine.world.containers
        if condition == "removed":
            return gone
        if condition == "next-exit":
            return gone or len([1 for _, end in container.runs if end != float("inf")]) > exits
        return gone or not container.live


def _follow(sample: dict[str, Any], last: dict[str, Any] | None) -> dict[str, Any]:
    if (
        last is not None
        and last["cpu_stats"]["cpu_usage"]["total_usage"] <= sample["cpu_stats"]["cpu_usage"]["total_usage"]
    ):
        sample["preread"], sample["precpu_stats"] = last["read"], last["cpu_stats"]
    return sample


def _asked(container: SimulatedContainer, tail: str, since: float, until_: float) -> list[log_output.PrintedLine]:
    if tail.isdigit():
        return [line for line in log_output.last(container, until_, int(tail)) if line.at >= since]
    return list(log_output.lines(container, max(since - 1e-6, 0.0), until_))
