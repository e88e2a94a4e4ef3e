"""Handlers of long answers, which follow the world's time: stats, events, logs and wait."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

from dockpit.simulate import log_output, stats_json
from dockpit.simulate.engine_json import PING_HEADERS
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.event_log import EventMessage
from dockpit.simulate.request_parsing import event_passes, filters, flag
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.simulated_engine import SimulatedEngine, json_line, json_response
from dockpit.simulate.timestamps import parse_timestamp

STATS_PERIOD_SECONDS = 1.0
LOG_PERIOD_SECONDS = 0.25
LOG_LINES_PER_CHUNK = 2000


async def start_stream(request: web.Request, content_type: str) -> web.StreamResponse:
    """Send the headers of a chunked answer."""
    response = web.StreamResponse(headers={"Content-Type": content_type, **PING_HEADERS})
    await response.prepare(request)
    return response


class StreamRoutes:
    """Handlers of /events and of stats, logs and wait under /containers/{id}."""

    def __init__(self, engine: SimulatedEngine) -> None:
        self._engine = engine

    # stats

    async def stats(self, request: web.Request) -> web.StreamResponse:
        """GET /containers/{id}/stats: a stream, two samples in one payload, or one sample at once."""
        now = self._engine.now()
        container = self._engine.world.find(request.match_info["id"])
        stream, one_shot = flag(request, "stream", True), flag(request, "one-shot")
        if stream and one_shot and "stream" in request.query:
            raise EngineRefusal(400, "cannot have stream=true and one-shot=true")
        if not stream or one_shot:
            return json_response(await self._single_sample(container, now, one_shot))
        response = await start_stream(request, "application/json")
        with suppress(ConnectionError):
            await self._stream_stats(response, container)
            await response.write_eof()
        return response

    async def _single_sample(self, container: SimulatedContainer, now: float, one_shot: bool) -> dict[str, Any]:
        engine = self._engine
        if not container.live:
            return stats_json.stopped_payload(container)
        first = engine.world.stats(container, now)
        if one_shot:
            return first
        await engine.sleep_until(engine.clock.monotonic() + STATS_PERIOD_SECONDS)
        now = engine.now()
        if not container.live:
            return stats_json.stopped_payload(container, first)
        return _with_previous(engine.world.stats(container, now), first)

    async def _stream_stats(self, response: web.StreamResponse, container: SimulatedContainer) -> None:
        engine = self._engine
        last: dict[str, Any] | None = None
        due = engine.clock.monotonic()
        while True:
            now = engine.now()
            if container.id not in engine.world.containers:
                return
            if container.live:
                sample = _with_previous(engine.world.stats(container, now), last)
                last = sample
            else:
                sample, last = stats_json.stopped_payload(container, last), None
            await response.write(json_line(sample))
            due = await engine.sleep_until(due + STATS_PERIOD_SECONDS)

    # events

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET /events: with `since` or `until` the past events, then new ones, up to `until`."""
        engine, wanted = self._engine, filters(request)
        now = engine.now()
        since_ns = parse_timestamp(request.query.get("since"), now)
        until_ns = parse_timestamp(request.query.get("until"), now)
        replays = since_ns is not None or until_ns is not None
        with engine.world.event_log.subscribe() as queue:
            past = list(engine.world.event_log.replayed) if replays else []
            response = await start_stream(request, "application/json")
            with suppress(ConnectionError):
                for message in past:
                    if message["timeNano"] >= (since_ns or 0) and (until_ns is None or message["timeNano"] <= until_ns):
                        await self._send_event(response, message, wanted)
                if until_ns is None:
                    await self._send_new_events(response, queue, wanted)
                else:
                    await self._send_events_until(response, queue, wanted, until_ns)
                await response.write_eof()
        return response

    async def _send_new_events(
        self, response: web.StreamResponse, queue: asyncio.Queue[EventMessage], wanted: dict[str, list[str]]
    ) -> None:
        while True:
            await self._send_event(response, await queue.get(), wanted)

    async def _send_events_until(
        self,
        response: web.StreamResponse,
        queue: asyncio.Queue[EventMessage],
        wanted: dict[str, list[str]],
        until_ns: int,
    ) -> None:
        engine = self._engine
        wait = until_ns / 1e9 - engine.now()
        if wait > 0:
            await engine.clock.sleep(wait)
            engine.now()
        while not queue.empty():
            message = queue.get_nowait()
            if message["timeNano"] <= until_ns:
                await self._send_event(response, message, wanted)

    async def _send_event(
        self, response: web.StreamResponse, message: EventMessage, wanted: dict[str, list[str]]
    ) -> None:
        await self._engine.wait_while_hanging()
        if event_passes(wanted, message):
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
        since = (parse_timestamp(request.query.get("since"), now) or 0) / 1e9
        until_ns = parse_timestamp(request.query.get("until"), now)
        until = min(now, until_ns / 1e9) if until_ns else now
        lines = _requested_lines(container, request.query.get("tail", "all"), since, until)
        response = await start_stream(request, log_output.stream_type(tty))
        with suppress(ConnectionError):
            for first in range(0, len(lines), LOG_LINES_PER_CHUNK):
                chunk = lines[first : first + LOG_LINES_PER_CHUNK]
                await response.write(log_output.encode_lines(chunk, tty=tty, timestamps=timestamps, streams=streams))
            if flag(request, "follow") and not until_ns:
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
            due = await engine.sleep_until(due + LOG_PERIOD_SECONDS)
            now = engine.now()
            lines = log_output.lines_between(container, seen, now)
            data = log_output.encode_lines(lines, tty=tty, timestamps=timestamps, streams=streams)
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
        exits_before = _ended_periods(container)
        response = await start_stream(request, "application/json")
        with engine.world.event_log.subscribe() as queue:
            while not self._is_met(container, condition, exits_before):
                await queue.get()
        with suppress(ConnectionError):
            await response.write(json_line({"StatusCode": container.exit_code}))
            await response.write_eof()
        return response

    def _is_met(self, container: SimulatedContainer, condition: str, exits_before: int) -> bool:
        removed = container.id not in self._engine.world.containers
        if condition == "removed":
            return removed
        if condition == "next-exit":
            return removed or _ended_periods(container) > exits_before
        return removed or not container.live


def _ended_periods(container: SimulatedContainer) -> int:
    return sum(end != float("inf") for _, end in container.run_periods)


def _with_previous(sample: dict[str, Any], last: dict[str, Any] | None) -> dict[str, Any]:
    """`sample` with the CPU counters of `last` as precpu, unless the container was restarted in between."""
    if last is not None:
        before, after = last["cpu_stats"], sample["cpu_stats"]
        if before["cpu_usage"]["total_usage"] <= after["cpu_usage"]["total_usage"]:
            sample["preread"], sample["precpu_stats"] = last["read"], before
    return sample


def _requested_lines(
    container: SimulatedContainer, tail: str, since: float, until: float
) -> list[log_output.PrintedLine]:
    if tail.isdigit():
        return [line for line in log_output.last_lines(container, until, int(tail)) if line.at >= since]
    return list(log_output.lines_between(container, max(since - 1e-6, 0.0), until))
