"""Containers that dockpit makes for a shell or a command, and removes afterwards whatever happens.

    open_container(): create -> attach -> wait for next-exit -> start -> ContainerTerminal -> remove
    run_container():  create -> attach -> start -> output to its end -> wait -> CommandResult -> remove

A cancelled caller still waits for the creation, CANCELLED_CREATE_SECONDS at most, and for the removal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiodocker.stream import Stream

from dockpit.engine.attached_streams import AttachedTerminal, CommandResult, open_stream, read_to_end
from dockpit.engine.engine_client import EngineClient
from dockpit.engine.engine_requests import REQUEST_SECONDS, EngineRequests, resource_path
from dockpit.engine.json_values import as_count, as_object, as_text
from dockpit.model.errors import EngineError

CANCELLED_CREATE_SECONDS = 4.0
"""Maximum wait for the answer to a cancelled creation, so that the new container can be removed."""

EXIT_CODE_SECONDS = 3.0
"""Maximum wait for the exit code after the output of a container has ended."""


class ContainerTerminal(AttachedTerminal):
    """A temporary container with a TTY, attached to."""

    def __init__(
        self, requests: EngineRequests, container_id: str, stream: Stream, exit_code: asyncio.Task[int | None]
    ) -> None:
        super().__init__(requests, "containers", container_id, stream)
        self._exit_code = exit_code

    async def exit_code(self) -> int | None:
        done, _ = await asyncio.wait({self._exit_code}, timeout=EXIT_CODE_SECONDS)
        return self._exit_code.result() if done and not self._exit_code.exception() else None


@asynccontextmanager
async def open_container(client: EngineClient, body: Mapping[str, Any], name: str) -> AsyncIterator[ContainerTerminal]:
    """A temporary container with a terminal, removed when the block is left. Raises EngineError."""
    requests = client.requests
    async with temporary_container(client, body, name) as container_id:
        attach = requests.docker.containers.container(container_id).attach(stdin=True, stdout=True, stderr=True)
        async with open_stream(requests, attach) as stream:
            wait = _wait_for_exit(requests, container_id, "next-exit")
            exit_code = asyncio.create_task(wait, name=f"wait {container_id[:12]}")
            try:
                await _start(requests, container_id)
                yield ContainerTerminal(requests, container_id, stream, exit_code)
            finally:
                exit_code.cancel()
                await asyncio.gather(exit_code, return_exceptions=True)


async def run_container(
    client: EngineClient, body: Mapping[str, Any], name: str, seconds: float = 60.0
) -> CommandResult:
    """Run a temporary container to its end, without a terminal. Raises EngineError, TimeoutError.

    `body` must not ask for automatic removal: the exit code is asked for after the output has been read.
    """
    requests = client.requests
    async with temporary_container(client, body, name) as container_id, asyncio.timeout(seconds):
        attach = requests.docker.containers.container(container_id).attach(stdout=True, stderr=True)
        async with open_stream(requests, attach) as stream:
            await _start(requests, container_id)
            stdout, stderr = await read_to_end(requests, stream)
        exit_code = await _wait_for_exit(requests, container_id, "not-running", REQUEST_SECONDS)
        return CommandResult(stdout, stderr, exit_code)


@asynccontextmanager
async def temporary_container(client: EngineClient, body: Mapping[str, Any], name: str) -> AsyncIterator[str]:
    """The id of a container created for the block and removed after it, whatever happens. Raises EngineError."""
    creation = asyncio.create_task(create_container(client, body, name), name=f"create {name}")
    try:
        container_id = await asyncio.shield(creation)
    except asyncio.CancelledError:
        await _undo_creation(client, creation, name)
        raise
    try:
        yield container_id
    except BaseException:
        with suppress(EngineError):
            await _remove_despite_cancel(client, container_id)
        raise
    await _remove_despite_cancel(client, container_id)


async def create_container(client: EngineClient, body: Mapping[str, Any], name: str = "") -> str:
    """POST /containers/create; the full id. Raises NotFound when the engine does not have the image."""
    params = {"name": name} if name else None
    answer = await client.requests.fetch("containers/create", "POST", data=dict(body), params=params)
    container_id = as_text(as_object(answer).get("Id"))
    resource_path("containers", container_id)
    return container_id


async def remove_container(client: EngineClient, container_id: str) -> None:
    """Remove a container by force; one that is gone or being removed already is not an error. Raises EngineError."""
    try:
        await client.requests.send(resource_path("containers", container_id), {"force": "1", "v": "1"}, "DELETE")
    except EngineError as error:
        if error.status not in (404, 409):
            raise


async def _undo_creation(client: EngineClient, creation: asyncio.Task[str], name: str) -> None:
    """Remove the container of a cancelled creation by its name; the engine may be about to answer, so wait first."""
    await asyncio.wait({creation}, timeout=CANCELLED_CREATE_SECONDS)
    creation.cancel()
    await asyncio.gather(creation, return_exceptions=True)
    with suppress(EngineError):
        await _remove_despite_cancel(client, name)


async def _remove_despite_cancel(client: EngineClient, container_id: str) -> None:
    removal = asyncio.create_task(remove_container(client, container_id), name=f"remove {container_id[:40]}")
    await asyncio.shield(removal)


async def _start(requests: EngineRequests, container_id: str) -> None:
    await requests.send(resource_path("containers", container_id, "start"), {})


async def _wait_for_exit(
    requests: EngineRequests, container_id: str, condition: str, seconds: float | None = None
) -> int | None:
    path = resource_path("containers", container_id, "wait")
    answer = await requests.fetch(path, "POST", params={"condition": condition}, seconds=seconds)
    return as_count(as_object(answer).get("StatusCode"))
