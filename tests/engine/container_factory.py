"""The test bed: containers of known load on a real engine, all labelled, all removed again.

It arranges through docker-py, so that what it sees does not depend on the code under test.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import docker
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from requests.exceptions import ConnectionError as RequestsConnectionError

LABEL = "dockpit.test"
STALE_SECONDS = 3600
DEFAULT_URL = "unix:///var/run/docker.sock"
WORKERS = 8
FIRST_IN_LINE = 262_144
"""CPU shares that let a container use up its quota in every period, however busy the machine is otherwise."""


def engine_address() -> str:
    """The engine that dockpit is pointed at."""
    return os.environ.get("DOCKER_HOST") or DEFAULT_URL


def bed_address() -> str:
    """The same engine as the bed reaches it: DOCKPIT_TEST_BED where dockpit goes by another transport."""
    return os.environ.get("DOCKPIT_TEST_BED") or engine_address()


def connect(address: str, seconds: float) -> docker.DockerClient:
    """A docker-py client for an engine that has just answered. Raises DockerException."""
    try:
        knock(address, seconds)
    except OSError as error:
        raise DockerException(f"no engine answers at {address}: {error}") from error
    client = docker.DockerClient(
        base_url=address, timeout=int(seconds), use_ssh_client=address.startswith("ssh://"), max_pool_size=WORKERS
    )
    try:
        client.ping()
    except Exception as error:
        client.close()
        raise DockerException(f"no engine answers at {address}: {error}") from error
    return client


def knock(address: str, seconds: float) -> None:
    """Open and close a socket to a unix:// or tcp:// address: docker-py leaves its own open when it fails. OSError."""
    url = urlsplit(address)
    if url.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as unix:
            unix.settimeout(seconds)
            unix.connect(url.path)
    elif url.scheme == "tcp":
        socket.create_connection((url.hostname or "localhost", url.port or 2375), seconds).close()


class Bed:
    """One test session's containers on one engine."""

    def __init__(self, engine: docker.DockerClient, image: str) -> None:
        self.engine = engine
        self.image = image
        self.session = uuid.uuid4().hex[:8]

    def run(
        self,
        name: str,
        *command: str,
        cpus: float | None = None,
        memory: str | int | None = None,
        image: str | None = None,
        **settings: Any,
    ) -> Container:
        """A started container `dockpit-<session>-<name>`; `settings` as docker-py's run() takes them.

        `memory` is the limit of memory and of memory and swap together.
        """
        labels = {LABEL: self.session, **settings.pop("labels", {})}
        limits: dict[str, Any] = {"nano_cpus": round(cpus * 1e9)} if cpus is not None else {}
        if memory is not None:
            limits |= {"mem_limit": memory, "memswap_limit": memory}
        begin: Callable[[], Any] = partial(
            self.engine.containers.run,
            image or self.image,
            list(command),
            name=self.name(name),
            labels=labels,
            detach=True,
            **(limits | settings),
        )
        try:
            container: Container = begin()
        except RequestsConnectionError:
            self._forget(name)
            container = begin()
        return container

    def _forget(self, name: str) -> None:
        """Remove what a request that was cut off may have made: how an emulated host is reached is not the subject."""
        with suppress(NotFound):
            self.engine.containers.get(self.name(name)).remove(force=True, v=True)

    def run_many(self, count: int, name: str, *command: str, **settings: Any) -> list[Container]:
        """`count` equal containers, started several at a time."""
        with ThreadPoolExecutor(WORKERS) as pool:
            started = [pool.submit(self.run, f"{name}-{index}", *command, **settings) for index in range(count)]
            return [future.result() for future in started]

    def name(self, name: str) -> str:
        """The full name of the container run() calls `name`."""
        return f"dockpit-{self.session}-{name}"

    def stats(self, container: Container) -> dict[str, Any]:
        """GET /containers/{id}/stats once, as it came, with `precpu_stats` of about a second before."""
        return cast(dict[str, Any], container.stats(stream=False))

    def state(self, container: Container) -> dict[str, Any]:
        """State of inspect, asked again."""
        container.reload()
        state: dict[str, Any] = container.attrs["State"]
        return state

    def events(self, container: Container, *actions: str) -> list[dict[str, Any]]:
        """The container's events of these kinds, so far."""
        filters = {"container": [container.id], "event": list(actions)}
        until = int(self.now()) + 1
        return list(self.engine.events(since=1, until=until, filters=filters, decode=True))

    def now(self) -> float:
        """The engine's clock, in seconds since the epoch."""
        return datetime.fromisoformat(self.engine.info()["SystemTime"]).timestamp()

    def version(self) -> int:
        """The engine's major version."""
        return int(self.engine.version()["Version"].split(".")[0])

    def cgroup_version(self) -> int:
        """1 or 2, the version of the cgroups that the engine uses."""
        return int(self.engine.info().get("CgroupVersion", "1"))

    def remove(self, containers: Iterable[Container]) -> None:
        """Kill and remove these, whatever state they are in."""
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(_remove, containers))

    def clear(self) -> None:
        """Remove what this session started, and what earlier ones left behind more than an hour ago."""
        now = self.now()
        found = self.engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
        self.remove(
            container
            for container in found
            if container.labels.get(LABEL) == self.session or now - _created(container) > STALE_SECONDS
        )


def _created(container: Container) -> float:
    return datetime.fromisoformat(container.attrs["Created"]).timestamp()


def _remove(container: Container) -> None:
    try:
        container.remove(force=True, v=True)
    except NotFound:
        pass
    except APIError as error:
        if "already in progress" not in str(error):
            raise
