"""The connection to one engine: negotiation, reads, streams and actions, all as model values and dockpit's errors."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from aiodocker.exceptions import DockerError

from dockpit.engine import wire
from dockpit.engine.endpoint import Endpoint
from dockpit.engine.failure_reasons import failure_reason, printable_line
from dockpit.engine.streams import Frames, LogLines, json_lines
from dockpit.engine.transport import Transport, open_transport
from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, ListedContainer, LogLine, Process
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import Conflict, EngineError, EngineUnreachable, Forbidden, NotFound
from dockpit.model.events import Event
from dockpit.model.plans import Plan

MAX_API = (1, 51)
"""The newest API this client has been read against; a newer engine is asked for this one."""

REQUEST_SECONDS = 15.0
"""An engine that has not answered a plain request by then hangs."""

ACTION_SECONDS = 60.0
"""Stopping waits for the container's own stop timeout, which is ten seconds unless set otherwise."""

MOST_BYTES = 64 * 1024 * 1024
"""No answer of an engine is longer."""

SAID_CHARACTERS = 2000
"""How much of an engine's refusal is kept."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")

EVENT_ACTIONS = (
    *("create", "start", "die", "stop", "kill", "oom", "destroy"),
    *("pause", "unpause", "rename", "restart", "update", "health_status"),
)
"""What is asked of the event stream; execs, tops and resizes are noise here."""


def negotiate(offered: str, wanted: str | None = None) -> str:
    """The API version to speak: `wanted` (DOCKER_API_VERSION) or the lower of the engine's and ours, as "v1.45"."""
    if wanted:
        return "v" + wanted.removeprefix("v")
    try:
        major, minor = (int(part) for part in offered.split(".")[:2])
    except ValueError:
        return "v1.41"
    chosen = min((major, minor), MAX_API)
    return f"v{chosen[0]}.{chosen[1]}"


def split_reference(image: str) -> tuple[str, str]:
    """An image reference as name and tag for a pull; ":latest" where none is given, none beside a digest."""
    if "@" in image:
        return image, ""
    name, colon, tag = image.rpartition(":")
    if not colon or "/" in tag:
        return image, "latest"
    return name, tag


def path_of(kind: str, identity: str, deed: str = "") -> str:
    """The path of a container or exec, as "containers/<id>/stats". Raises NotFound for what cannot be an id or name.

    Ids come from the engine: one with a slash or dots in it would lead the request elsewhere.
    """
    if not _ID.fullmatch(identity):
        raise NotFound(404, f"No such {kind.removesuffix('s')}: {printable_line(identity[:80])}")
    return f"{kind}/{identity}/{deed}" if deed else f"{kind}/{identity}"


def refusal(error: DockerError) -> EngineError:
    """The engine's refusal as one of dockpit's errors, with the engine's own words."""
    message = str(error.message).strip()[:SAID_CHARACTERS]
    kinds: dict[int, type[EngineError]] = {404: NotFound, 409: Conflict, 403: Forbidden}
    if error.status == 403:
        message = f"the way to the engine lets only reads through (403): {message[:200] or 'forbidden'}"
    return kinds.get(error.status, EngineError)(error.status, message)


class EngineClient:
    """One engine, connected. Made by connect()."""

    def __init__(self, transport: Transport, info: EngineInfo) -> None:
        self.docker = transport.docker
        self.endpoint = transport.endpoint
        self.info = info
        self.info_seconds = 0.0
        """How long the engine took to say what it is."""
        self._closed_reason = transport.closed_reason

    def set_local(self, local: bool) -> None:
        """Record whether /proc of this machine shows the engine's containers."""
        self.info = replace(self.info, local=local)

    # reads

    async def ping(self) -> str:
        """GET /_ping; the newest API version that the engine speaks, "" if it does not say."""
        async with self._open("_ping", versioned=False, seconds=REQUEST_SECONDS) as answer:
            return answer.headers.get("Api-Version", "")

    async def identity(self) -> str:
        """The engine's own id, asked again: what a plan is checked against."""
        return wire.text(wire.mapping(await self.fetch("info")).get("ID"))

    async def listing(self) -> dict[str, ListedContainer]:
        """All containers by full id, running or not; one cheap call."""
        rows = await self.fetch("containers/json", params={"all": "1"})
        found = (wire.listed(wire.mapping(row)) for row in wire.items(rows))
        return {one.id: one for one in found if one.id}

    async def inspect(self, container_id: str) -> dict[str, Any]:
        """GET /containers/{id}/json as it came. Raises NotFound."""
        return dict(wire.mapping(await self.fetch(path_of("containers", container_id, "json"))))

    async def container(self, container_id: str) -> Container:
        """The container as inspect describes it. Raises NotFound."""
        return wire.container(await self.inspect(container_id))

    async def processes(self, container_id: str) -> tuple[Process, ...]:
        """GET /containers/{id}/top; it costs a process start and an event on the engine, so ask on demand only."""
        return wire.processes(wire.mapping(await self.fetch(path_of("containers", container_id, "top"))))

    # streams

    async def stats(self, container_id: str) -> AsyncGenerator[Sample, None]:
        """Samples as the engine collects them (about 1 Hz), until the container is removed or the engine goes.

        Zero payloads of a stopped container are left out, and the first sample after them says that it is one. The
        caller closes the iterator and watches for silence.
        """
        ran = False
        async with self._open(path_of("containers", container_id, "stats"), params={"stream": "1"}) as answer:
            async for stats in json_lines(self._chunks(answer)):
                sample = self._sample(container_id, stats)
                if sample is None:
                    continue
                yield sample._replace(first=True) if ran and wire.begins_run(stats) else sample
                ran = True

    async def stats_once(self, container_id: str) -> Sample | None:
        """One sample by one-shot (API 1.41); None for a container that is not up.

        Engines before 29, some excepted, answer when they next collect: up to two seconds later.
        """
        path = path_of("containers", container_id, "stats")
        answer = await self.fetch(path, params={"stream": "0", "one-shot": "1"})
        return self._sample(container_id, wire.mapping(answer))

    def _sample(self, container_id: str, stats: wire.Json) -> Sample | None:
        sample = wire.sample(container_id, stats)
        return wire.without_throttling(sample) if sample is not None and self.info.product == "Podman" else sample

    async def pull(self, image: str) -> AsyncGenerator[dict[str, Any], None]:
        """POST /images/create: progress objects as they come. Raises EngineError, also for an error in the stream."""
        name, tag = split_reference(image)
        params = {"fromImage": name, **({"tag": tag} if tag else {})}
        async with self._open("images/create", "POST", params=params) as answer:
            async for progress in json_lines(self._chunks(answer)):
                detail = wire.mapping(progress.get("errorDetail"))
                failed = wire.text(detail.get("message")) or wire.text(progress.get("error"))
                if failed:
                    raise EngineError(500, failed)
                yield progress

    @asynccontextmanager
    async def events(self, since_ns: int | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        """Subscribe to container events, replaying from `since_ns` on (inclusive); ready once entered."""
        filters = {"type": ["container"], "event": EVENT_ACTIONS}
        params = {"filters": json.dumps(filters)}
        if since_ns is not None:
            params["since"] = f"{since_ns // 10**9}.{since_ns % 10**9:09d}"
        async with self._open("events", params=params) as answer:
            yield self._events(answer)

    async def _events(self, answer: aiohttp.ClientResponse) -> AsyncIterator[Event]:
        async for message in json_lines(self._chunks(answer)):
            event = wire.event(message)
            if event is not None:
                yield event

    async def logs(
        self, container_id: str, *, tty: bool, follow: bool = True, tail: int = 1000, since: float = 0.0
    ) -> AsyncGenerator[list[LogLine], None]:
        """Log lines in batches as they arrive, with the engine's timestamps; unread batches hold the engine back."""
        params = {
            "stdout": "1",
            "stderr": "1",
            "timestamps": "1",
            "follow": "1" if follow else "0",
            "tail": str(tail) if tail else "all",
            **({"since": f"{since:.9f}"} if since else {}),
        }
        frames, lines = Frames(tty), LogLines(timestamps=True)
        async with self._open(path_of("containers", container_id, "logs"), params=params) as answer:
            async for chunk in self._chunks(answer):
                batch = [line for stream, data in frames.feed(chunk) for line in lines.feed(stream, data)]
                if batch:
                    yield batch
            if batch := lines.rest():
                yield batch

    # actions

    async def update(self, container_id: str, body: Mapping[str, object]) -> tuple[str, ...]:
        """POST /containers/{id}/update; the engine's warnings. Raises EngineError with its refusal."""
        answer = await self.fetch(path_of("containers", container_id, "update"), "POST", data=dict(body))
        return tuple(wire.text(warning) for warning in wire.items(wire.mapping(answer).get("Warnings")))

    async def perform(self, plan: Plan, stop_seconds: int | None = None) -> tuple[str, ...]:
        """Carry out a plan; warnings of the engine. Raises EngineError.

        `stop_seconds` is the container's own stop timeout, which a stop or restart without one of its own waits for.
        """
        if plan.kind == "update":
            return await self.update(plan.container_id, plan.body)
        query = {key: str(value) for key, value in plan.body.items()}
        if plan.kind == "remove":
            await self.send(path_of("containers", plan.container_id), query, "DELETE")
            return ()
        waits = plan.body.get("t", stop_seconds) if plan.kind in ("stop", "restart") else 0
        path = path_of("containers", plan.container_id, plan.kind)
        await self.send(path, query, seconds=_patience(waits))
        return ()

    # requests

    async def send(
        self, path: str, params: Mapping[str, str], method: str = "POST", seconds: float | None = ACTION_SECONDS
    ) -> None:
        """A request whose answer has no body. Raises EngineError."""
        async with self._open(path, method, params=params, seconds=seconds) as answer:
            await self._body(answer, seconds)

    async def fetch(
        self,
        path: str,
        method: str = "GET",
        *,
        params: Mapping[str, str] | None = None,
        data: object = None,
        seconds: float | None = REQUEST_SECONDS,
    ) -> object:
        """A request that is answered with JSON. Raises EngineError."""
        async with self._open(path, method, params=params, data=data, seconds=seconds) as answer:
            body = await self._body(answer, seconds)
            try:
                return json.loads(body)
            except (ValueError, RecursionError):
                raise EngineError(answer.status, f"what answers at {self.endpoint.display} is not an engine") from None

    @asynccontextmanager
    async def _open(
        self,
        path: str,
        method: str = "GET",
        *,
        params: Mapping[str, str] | None = None,
        data: object = None,
        seconds: float | None = None,
        versioned: bool = True,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request, its answer open; `seconds` bounds the wait for its head, None waits for ever."""
        async with self._failures():
            async with asyncio.timeout(seconds):
                answer = await self._ask(path, method, params, data, versioned)
        try:
            yield answer
        finally:
            answer.close()

    async def _body(self, answer: aiohttp.ClientResponse, seconds: float | None) -> bytes:
        body = bytearray()
        async with self._failures():
            async with asyncio.timeout(seconds):
                async for chunk in answer.content.iter_any():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise EngineError(answer.status, f"an answer of more than {MOST_BYTES >> 20} MiB is not read")
        return bytes(body)

    async def _chunks(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        chunks = answer.content.iter_any()
        while True:
            async with self._failures():
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
            yield chunk

    @asynccontextmanager
    async def _failures(self) -> AsyncIterator[None]:
        """Failures of the connection become EngineUnreachable; only what speaks to the engine runs in here."""
        try:
            yield
        except (OSError, aiohttp.ClientError, TimeoutError) as error:
            raise self.unreachable(error) from error

    def unreachable(self, error: BaseException) -> EngineUnreachable:
        """What a failure of the connection means; a tunnel that ended says it best."""
        return EngineUnreachable(self.endpoint.display, self._closed_reason() or failure_reason(error, self.endpoint))

    def failure(self, error: DockerError) -> EngineError:
        """What an error of aiodocker means: a refusal, or 900 for a connection that failed."""
        if error.status == 900:
            return self.unreachable(error.__cause__ or error.__context__ or error)
        return refusal(error)

    async def _ask(
        self, path: str, method: str, params: Mapping[str, str] | None, data: object, versioned: bool
    ) -> aiohttp.ClientResponse:
        body = None if data is None else json.dumps(data)
        query = dict(params) if params else None
        try:
            return await self.docker._do_query(
                path, method, params=query, data=body, timeout=aiohttp.ClientTimeout(), versioned_api=versioned
            )
        except DockerError as error:
            raise self.failure(error) from error
        except (ValueError, KeyError, RecursionError) as error:
            raise EngineError(0, f"what answers at {self.endpoint.display} is not an engine") from error
        except RuntimeError as error:
            if self.docker.session.closed:
                raise EngineUnreachable(self.endpoint.display, "this connection is closed") from error
            raise


@asynccontextmanager
async def connect(endpoint: Endpoint) -> AsyncIterator[EngineClient]:
    """Connect, negotiate the API version and ask who answers. Raises EngineUnreachable or EngineError."""
    async with open_transport(endpoint) as transport:
        client = EngineClient(transport, EngineInfo())
        offered = await client.ping()
        transport.use_api_version(negotiate(offered, endpoint.api_version))
        time = asyncio.get_running_loop().time
        asked_at = time()
        version, info = await asyncio.gather(client.fetch("version"), client.fetch("info"))
        client.info_seconds = time() - asked_at
        client.info = replace(
            wire.engine_info(
                wire.mapping(version),
                wire.mapping(info),
                api_version=transport.docker.api_version.removeprefix("v"),
                address=endpoint.display,
                context=endpoint.context,
            ),
            docker_flags=endpoint.docker_flags,
            local=endpoint.url.startswith("unix://"),
        )
        yield client


def _patience(stop_seconds: object) -> float | None:
    """How long to wait for the end of a stop: None for as long as it takes."""
    if not isinstance(stop_seconds, int):
        return ACTION_SECONDS
    return None if stop_seconds < 0 else ACTION_SECONDS + stop_seconds


def names_container(pid: int, container_id: str, proc: Path = Path("/proc")) -> bool:
    """Whether process `pid` of this machine is in the cgroup of the container: the decisive test of locality."""
    try:
        return container_id in (proc / str(pid) / "cgroup").read_text()
    except OSError:
        return False
