"""The client of one engine: connecting, reads, streams and actions, with model values as results."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from dockpit.engine import stats_parsing
from dockpit.engine.container_parsing import parse_container, parse_listed_container, parse_processes
from dockpit.engine.endpoint_resolution import Endpoint, is_local
from dockpit.engine.engine_info_parsing import parse_engine_info
from dockpit.engine.engine_requests import ACTION_SECONDS, REQUEST_SECONDS, EngineRequests, resource_path
from dockpit.engine.event_parsing import parse_event
from dockpit.engine.json_values import JsonObject, as_list, as_object, as_text
from dockpit.engine.stream_decoding import LogDemultiplexer, LogLineAssembler, decode_json_lines
from dockpit.engine.transport import Transport, open_transport
from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, ListedContainer, LogLine, Process
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import EngineError
from dockpit.model.events import Event
from dockpit.model.plans import Plan

MAX_API_VERSION = (1, 51)
"""The newest API version this client was checked against; a newer engine is asked to speak this one."""

FALLBACK_API_VERSION = "v1.41"
"""The version spoken where the engine does not say which ones it knows."""

EVENT_ACTIONS = (
    *("create", "start", "die", "stop", "kill", "oom", "destroy"),
    *("pause", "unpause", "rename", "restart", "update", "health_status"),
)
"""The actions subscribed to in the event stream; execs, tops and resizes are noise here."""


def negotiate_api_version(offered: str, wanted: str | None = None) -> str:
    """The API version to speak, as "v1.45": `wanted` (DOCKER_API_VERSION), or the lower of the engine's and ours."""
    if wanted:
        return "v" + wanted.removeprefix("v")
    try:
        major, minor = (int(part) for part in offered.split(".")[:2])
    except ValueError:
        return FALLBACK_API_VERSION
    major, minor = min((major, minor), MAX_API_VERSION)
    return f"v{major}.{minor}"


def split_image_reference(image: str) -> tuple[str, str]:
    """An image reference as (name, tag) for a pull; the tag is "latest" by default, and "" beside a digest."""
    if "@" in image:
        return image, ""
    name, colon, tag = image.rpartition(":")
    if not colon or "/" in tag:
        return image, "latest"
    return name, tag


class EngineClient:
    """One connected engine; made by connect()."""

    def __init__(self, transport: Transport, info: EngineInfo) -> None:
        self.requests = EngineRequests(transport)
        self.endpoint = transport.endpoint
        self.info = info
        self.info_request_seconds = 0.0
        """Duration of the requests that `info` came from."""

    def set_local(self, local: bool) -> None:
        """Record whether /proc of this machine shows the engine's containers."""
        self.info = replace(self.info, local=local)

    # reads

    async def ping(self) -> str:
        """GET /_ping; the newest API version that the engine speaks, "" if it does not say."""
        async with self.requests.open("_ping", versioned=False, seconds=REQUEST_SECONDS) as answer:
            return answer.headers.get("Api-Version", "")

    async def engine_id(self) -> str:
        """The engine's id, read again: a plan is bound to it."""
        return as_text(as_object(await self.requests.fetch("info")).get("ID"))

    async def list_containers(self) -> dict[str, ListedContainer]:
        """All containers by full id, running or not; one cheap request.

        Raises EngineError, also for an answer that is no list of containers: it must not make them vanish.
        """
        rows = await self.requests.fetch("containers/json", params={"all": "1"})
        containers = [parse_listed_container(as_object(row)) for row in as_list(rows)]
        if not isinstance(rows, list) or not all(container.id for container in containers):
            raise EngineError(200, "the engine's list of containers is not valid")
        return {container.id: container for container in containers}

    async def inspect(self, container_id: str) -> dict[str, Any]:
        """GET /containers/{id}/json, unparsed. Raises NotFound."""
        return dict(as_object(await self.requests.fetch(resource_path("containers", container_id, "json"))))

    async def container(self, container_id: str) -> Container:
        """The container as inspect describes it. Raises NotFound."""
        return parse_container(await self.inspect(container_id))

    async def processes(self, container_id: str) -> tuple[Process, ...]:
        """GET /containers/{id}/top; it costs a process start and an event on the engine, so call it on demand only."""
        return parse_processes(as_object(await self.requests.fetch(resource_path("containers", container_id, "top"))))

    # streams

    async def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        """Samples as the engine collects them (about 1 Hz), until the container is removed or the connection ends.

        Zero payloads of a stopped container are left out; the first sample after them has `first` set. The caller
        closes the iterator and watches for silence.
        """
        sampled = False
        path = resource_path("containers", container_id, "stats")
        async with self.requests.open(path, params={"stream": "1"}) as answer:
            async for stats in decode_json_lines(self.requests.chunks(answer)):
                sample = self._parse_stats(container_id, stats)
                if sample is None:
                    continue
                yield sample._replace(first=True) if sampled and stats_parsing.is_first_of_run(stats) else sample
                sampled = True

    async def stats_once(self, container_id: str) -> Sample | None:
        """One sample by one-shot (API 1.41); None for a container that is not up.

        Engines before 29, some excepted, answer when they next collect: up to two seconds later.
        """
        path = resource_path("containers", container_id, "stats")
        answer = await self.requests.fetch(path, params={"stream": "0", "one-shot": "1"})
        return self._parse_stats(container_id, as_object(answer))

    def _parse_stats(self, container_id: str, stats: JsonObject) -> Sample | None:
        sample = stats_parsing.parse_stats(container_id, stats)
        if sample is None or self.info.product != "Podman":
            return sample
        return stats_parsing.without_throttling(sample)

    async def pull(self, image: str) -> AsyncGenerator[dict[str, Any], None]:
        """POST /images/create: progress objects as they come. Raises EngineError, also for an error in the stream."""
        name, tag = split_image_reference(image)
        params = {"fromImage": name, **({"tag": tag} if tag else {})}
        async with self.requests.open("images/create", "POST", params=params) as answer:
            async for progress in decode_json_lines(self.requests.chunks(answer)):
                detail = as_object(progress.get("errorDetail"))
                error = as_text(detail.get("message")) or as_text(progress.get("error"))
                if error:
                    raise EngineError(500, error)
                yield progress

    @asynccontextmanager
    async def events(self, since_ns: int | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        """Subscribe to container events, replayed from `since_ns` on (inclusive); subscribed once entered."""
        filters = {"type": ["container"], "event": EVENT_ACTIONS}
        params = {"filters": json.dumps(filters)}
        if since_ns is not None:
            params["since"] = f"{since_ns // 10**9}.{since_ns % 10**9:09d}"
        async with self.requests.open("events", params=params) as answer:
            yield self._parse_events(answer)

    async def _parse_events(self, answer: aiohttp.ClientResponse) -> AsyncIterator[Event]:
        async for message in decode_json_lines(self.requests.chunks(answer)):
            event = parse_event(message)
            if event is not None:
                yield event

    async def logs(
        self, container_id: str, *, tty: bool, follow: bool = True, tail: int = 1000, since: float = 0.0
    ) -> AsyncGenerator[list[LogLine], None]:
        """Log lines in batches as they arrive, with the engine's timestamps; unread batches slow the engine down.

        `tail` is the number of lines before the newest, 0 for all; `since` is in seconds since the epoch.
        """
        params = {
            "stdout": "1",
            "stderr": "1",
            "timestamps": "1",
            "follow": "1" if follow else "0",
            "tail": str(tail) if tail else "all",
            **({"since": f"{since:.9f}"} if since else {}),
        }
        frames, lines = LogDemultiplexer(tty), LogLineAssembler(timestamps=True)
        async with self.requests.open(resource_path("containers", container_id, "logs"), params=params) as answer:
            async for chunk in self.requests.chunks(answer):
                batch = [line for stream, data in frames.feed(chunk) for line in lines.feed(stream, data)]
                if batch:
                    yield batch
            if batch := lines.flush():
                yield batch

    # actions

    async def update(self, container_id: str, body: Mapping[str, object]) -> tuple[str, ...]:
        """POST /containers/{id}/update; the engine's warnings. Raises EngineError with its refusal."""
        path = resource_path("containers", container_id, "update")
        answer = as_object(await self.requests.fetch(path, "POST", data=dict(body)))
        return tuple(as_text(warning) for warning in as_list(answer.get("Warnings")))

    async def perform(self, plan: Plan, stop_seconds: int | None = None) -> tuple[str, ...]:
        """Carry out a plan; the engine's warnings. Raises EngineError.

        `stop_seconds` is the container's stop timeout, which counts for a stop or restart that has none in its plan.
        """
        if plan.kind == "update":
            return await self.update(plan.container_id, plan.body)
        params = {key: str(value) for key, value in plan.body.items()}
        if plan.kind == "remove":
            await self.requests.send(resource_path("containers", plan.container_id), params, "DELETE")
            return ()
        stop_seconds_in_force = plan.body.get("t", stop_seconds) if plan.kind in ("stop", "restart") else 0
        path = resource_path("containers", plan.container_id, plan.kind)
        await self.requests.send(path, params, seconds=_action_timeout(stop_seconds_in_force))
        return ()


@asynccontextmanager
async def connect(endpoint: Endpoint) -> AsyncIterator[EngineClient]:
    """Connect, negotiate the API version and read the engine's info. Raises EngineUnreachable or EngineError."""
    async with open_transport(endpoint) as transport:
        client = EngineClient(transport, EngineInfo())
        offered = await client.ping()
        transport.use_api_version(negotiate_api_version(offered, endpoint.api_version))
        time = asyncio.get_running_loop().time
        requested_at = time()
        fetch = client.requests.fetch
        version, info = await asyncio.gather(fetch("version"), fetch("info"))
        client.info_request_seconds = time() - requested_at
        client.info = replace(
            parse_engine_info(
                as_object(version),
                as_object(info),
                api_version=transport.docker.api_version.removeprefix("v"),
                address=endpoint.display,
                context=endpoint.context,
            ),
            docker_flags=endpoint.docker_flags,
            local=is_local(endpoint),
        )
        yield client


def _action_timeout(stop_seconds: object) -> float | None:
    """Seconds to wait for an action with this stop timeout; None, for as long as it takes, if it is negative."""
    if not isinstance(stop_seconds, int):
        return ACTION_SECONDS
    return None if stop_seconds < 0 else ACTION_SECONDS + stop_seconds


def process_is_in_container(pid: int, container_id: str, proc: Path = Path("/proc")) -> bool:
    """Whether process `pid` of this machine is in the container's cgroup: proof that the engine is on this machine."""
    try:
        return container_id in (proc / str(pid) / "cgroup").read_text()
    except OSError:
        return False
