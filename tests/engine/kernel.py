"""The kernel source beside the engine's: both read in one process, and a session that reads from the kernel alone."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from dockpit.engine.client import EngineClient, connect
from dockpit.engine.endpoint import Endpoint, resolve
from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import Entry
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.sources.kernel_files import KernelFiles

CGROUPS = Path("/sys/fs/cgroup")
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Bracket:
    """One sample of the engine's, and what the kernel said right before and right after."""

    before: Sample
    engine: Sample
    after: Sample

    def of(self, name: str) -> tuple[Any, Any, Any]:
        """One figure of the three."""
        return getattr(self.before, name), getattr(self.engine, name), getattr(self.after, name)

    def steady(self, name: str) -> bool:
        """Whether the kernel said the same before and after."""
        before, _, after = self.of(name)
        return bool(before == after)


def endpoint(url: str) -> Endpoint:
    """The engine under test, as dockpit finds it."""
    return resolve(context=None, host=None, environ={**os.environ, "DOCKER_HOST": url}, home=Path.home(), uid=0)


async def brackets(url: str, containers: Sequence[Container], rounds: int) -> dict[str, list[Bracket]]:
    """`rounds` brackets of each container, by its name."""
    async with connect(endpoint(url)) as client:
        found = await asyncio.gather(*(_of(client, container, rounds) for container in containers))
    return {str(container.name): one for container, one in zip(containers, found, strict=True)}


async def _of(client: EngineClient, container: Container, rounds: int) -> list[Bracket]:
    kernel, key, found = KernelFiles(), str(container.id), []
    assert kernel.take(await client.container(key)) == ""
    for _ in range(rounds):
        before = kernel.read(key, time.time)
        engine = await client.stats_once(key)
        after = kernel.read(key, time.time)
        assert before and engine and after
        found.append(Bracket(before, engine, after))
    kernel.drop(key)
    kernel.settle()
    return found


async def read_once(url: str, container: Container) -> Sample:
    """What the kernel says of a container now, its limits read anew."""
    kernel = KernelFiles()
    async with connect(endpoint(url)) as client:
        assert kernel.take(await client.container(str(container.id))) == ""
    sample = kernel.read(str(container.id), time.time)
    kernel.drop(str(container.id))
    kernel.settle()
    assert sample is not None
    return sample


@asynccontextmanager
async def reading(url: str, container: Container) -> AsyncIterator[list[Sample]]:
    """What the kernel says of a container: before the block, every LOOK_SECONDS while it runs, and after it."""
    kernel, key, found = KernelFiles(), str(container.id), list[Sample]()
    async with connect(endpoint(url)) as client:
        assert kernel.take(await client.container(key)) == ""

    def look() -> None:
        sample = kernel.read(key, time.time)
        assert sample is not None
        found.append(sample)

    async def look_on() -> None:
        while True:
            look()
            await asyncio.sleep(LOOK_SECONDS)

    look()
    looking = asyncio.create_task(look_on())
    try:
        yield found
        look()
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        kernel.drop(key)
        kernel.settle()


class Watched:
    """A running session that reads from the kernel, and one container in it."""

    def __init__(self, session: Session, container: Container) -> None:
        self._session = session
        self._id = str(container.id)

    @property
    def entry(self) -> Entry:
        """The container as it stands."""
        return self._session.snapshot().entries[self._id]

    @property
    def sample(self) -> Sample | None:
        """Its newest sample."""
        entry = self._session.snapshot().entries.get(self._id)
        return entry.sample if entry is not None else None

    @property
    def differences(self) -> tuple[str, ...]:
        """What is said of limits that are not what is configured."""
        entry = self._session.snapshot().entries.get(self._id)
        return entry.differences if entry is not None else ()


@asynccontextmanager
async def watching(url: str, container: Container) -> AsyncIterator[Watched]:
    """A session with the kernel as its only source, running until the block is left."""
    session = Session(endpoint(url), SessionOptions(source="kernel"), kernel=KernelFiles())
    task = asyncio.create_task(session.run(), name="session")
    try:
        yield Watched(session, container)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def cgroup_file(pid: int, controller: str, v1: str, v2: str) -> Path:
    """A file of a process's cgroup by its name on either version, found without dockpit."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    paths = {name: path for line in lines for names, path in [line.split(":", 2)[1:]] for name in names.split(",")}
    if controller in paths:
        return CGROUPS / controller / paths[controller].lstrip("/") / v1
    return CGROUPS / paths[""].lstrip("/") / v2


def held_open(pid: int, of: int) -> list[str]:
    """The files of process `of` in /proc that process `pid` has open."""
    links = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(fd.readlink()))
        except FileNotFoundError:
            continue
    return [link for link in links if f"/{of}/" in link]
