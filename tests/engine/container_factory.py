"""Containers of known load on a real engine for tests, all labelled and all removed again.

They are made through docker-py, so that nothing here depends on the code under test.
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
MAX_CPU_SHARES = 262_144
"""The most CPU shares there are, so that a container uses up its quota in every period on a busy machine too."""


def engine_address() -> str:
    """The address of the engine under test, as dockpit is given it."""
    return os.environ.get("DOCKER_HOST") or DEFAULT_URL


def docker_py_address() -> str:
    """The address of the same engine for docker-py: DOCKPIT_TEST_BED where dockpit is to use another transport."""
    return os.environ.get("DOCKPIT_TEST_BED") or engine_address()


def connect(address: str, seconds: float) -> docker.DockerClient:
    """A docker-py client of an engine that has answered a ping. Raises DockerException."""
    try:
        check_connectable(address, seconds)
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


def check_connectable(address: str, seconds: float) -> None:
    """Connect once to a unix:// or tcp:// address: docker-py leaves its socket open when it fails. Raises OSError."""
    url = urlsplit(address)
    if url.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as unix:
            unix.settimeout(seconds)
            unix.connect(url.path)
    elif url.scheme == "tcp":
        socket.create_connection((url.hostname or "localhost", url.port or 2375), seconds).close()


class ContainerFactory:
    """The containers of one test session on one engine."""

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
        start: Callable[[], Any] = partial(
            self.engine.containers.run,
            image or self.image,
            list(command),
            name=self.name(name),
            labels=labels,
            detach=True,
            **(limits | settings),
        )
        try:
            container: Container = start()
        except RequestsConnectionError:
            self._remove_partly_created(name)
            container = start()
        return container

    def _remove_partly_created(self, name: str) -> None:
        """Remove the container that an interrupted request may have made: connections to an emulated host do break."""
        with suppress(NotFound):
            self.engine.containers.get(self.name(name)).remove(force=True, v=True)

    def run_many(self, count: int, name: str, *command: str, **settings: Any) -> list[Container]:
        """`count` equal containers, started WORKERS at a time."""
        with ThreadPoolExecutor(WORKERS) as pool:
            started = [pool.submit(self.run, f"{name}-{index}", *command, **settings) for index in range(count)]
            return [future.result() for future in started]

    def name(self, name: str) -> str:
        """The full name of the container that run() was given `name` for."""
        return f"dockpit-{self.session}-{name}"

    def stats(self, container: Container) -> dict[str, Any]:
        """GET /containers/{id}/stats once, unparsed; its `precpu_stats` are about a second older."""
        return cast(dict[str, Any], container.stats(stream=False))

    def state(self, container: Container) -> dict[str, Any]:
        """State of a new inspect."""
        container.reload()
        state: dict[str, Any] = container.attrs["State"]
        return state

    def events(self, container: Container, *actions: str) -> list[dict[str, Any]]:
        """The container's events of these actions so far."""
        filters = {"container": [container.id], "event": list(actions)}
        until = int(self.engine_time()) + 1
        return list(self.engine.events(since=1, until=until, filters=filters, decode=True))

    def engine_time(self) -> float:
        """The engine's clock in seconds since the epoch."""
        return datetime.fromisoformat(self.engine.info()["SystemTime"]).timestamp()

    def engine_version(self) -> int:
        """The engine's major version."""
        return int(self.engine.version()["Version"].split(".")[0])

    def cgroup_version(self) -> int:
        """1 or 2, the version of the cgroups that the engine uses."""
        return int(self.engine.info().get("CgroupVersion", "1"))

    def remove(self, containers: Iterable[Container]) -> None:
        """Kill and remove these containers in any state."""
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(_remove, containers))

    def remove_all(self) -> None:
        """Remove the containers of this session, and those of earlier ones that are older than STALE_SECONDS."""
        now = self.engine_time()
        labelled = self.engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
        self.remove(
            container
            for container in labelled
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
