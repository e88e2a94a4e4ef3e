"""Samples of the kernel source beside those of the engine, and a session that reads from the kernel alone."""

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

from dockpit.engine.endpoint_resolution import Endpoint, resolve
from dockpit.engine.engine_client import EngineClient, connect
from dockpit.metrics.samples import Sample
from dockpit.metrics.snapshot import Entry
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.sources.kernel_files import KernelFiles

CGROUPS = Path("/sys/fs/cgroup")
READ_INTERVAL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class BracketedSample:
    """One sample of the engine, and one of the kernel right before and right after it."""

    before: Sample
    engine: Sample
    after: Sample

    def values(self, name: str) -> tuple[Any, Any, Any]:
        """One figure of the three samples: before, engine, after."""
        return getattr(self.before, name), getattr(self.engine, name), getattr(self.after, name)

    def is_unchanged(self, name: str) -> bool:
        """Whether the kernel's figure is the same before and after."""
        before, _, after = self.values(name)
        return bool(before == after)


def endpoint_of(url: str) -> Endpoint:
    """The endpoint of the engine under test, as dockpit resolves it."""
    return resolve(context=None, host=None, environ={**os.environ, "DOCKER_HOST": url}, home=Path.home(), uid=0)


async def bracketed_samples(url: str, containers: Sequence[Container], rounds: int) -> dict[str, list[BracketedSample]]:
    """`rounds` bracketed samples of each container, by its name."""
    async with connect(endpoint_of(url)) as client:
        found = await asyncio.gather(*(_bracket(client, container, rounds) for container in containers))
    return {str(container.name): samples for container, samples in zip(containers, found, strict=True)}


async def _bracket(client: EngineClient, container: Container, rounds: int) -> list[BracketedSample]:
    kernel, key, found = KernelFiles(), str(container.id), []
    assert kernel.take(await client.container(key)) == ""
    for _ in range(rounds):
        before = kernel.read(key, time.time)
        engine = await client.stats_once(key)
        after = kernel.read(key, time.time)
        assert before and engine and after
        found.append(BracketedSample(before, engine, after))
    kernel.drop(key)
    kernel.settle()
    return found


async def read_kernel_sample(url: str, container: Container) -> Sample:
    """A sample of a container from the kernel now, its limits read again."""
    kernel = KernelFiles()
    async with connect(endpoint_of(url)) as client:
        assert kernel.take(await client.container(str(container.id))) == ""
    sample = kernel.read(str(container.id), time.time)
    kernel.drop(str(container.id))
    kernel.settle()
    assert sample is not None
    return sample


@asynccontextmanager
async def kernel_samples(url: str, container: Container) -> AsyncIterator[list[Sample]]:
    """Samples of a container from the kernel: before the block, every READ_INTERVAL_SECONDS in it, and after it."""
    kernel, key, found = KernelFiles(), str(container.id), list[Sample]()
    async with connect(endpoint_of(url)) as client:
        assert kernel.take(await client.container(key)) == ""

    def read_sample() -> None:
        sample = kernel.read(key, time.time)
        assert sample is not None
        found.append(sample)

    async def read_repeatedly() -> None:
        while True:
            read_sample()
            await asyncio.sleep(READ_INTERVAL_SECONDS)

    read_sample()
    reader = asyncio.create_task(read_repeatedly())
    try:
        yield found
        read_sample()
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader
        kernel.drop(key)
        kernel.settle()


class WatchedContainer:
    """One container in a running session that reads from the kernel."""

    def __init__(self, session: Session, container: Container) -> None:
        self._session = session
        self._id = str(container.id)

    @property
    def entry(self) -> Entry:
        """The container in the newest snapshot."""
        return self._session.snapshot().entries[self._id]

    @property
    def sample(self) -> Sample | None:
        """The newest sample of the container."""
        entry = self._session.snapshot().entries.get(self._id)
        return entry.sample if entry is not None else None

    @property
    def differences(self) -> tuple[str, ...]:
        """The sentences about limits that differ from the configured ones."""
        entry = self._session.snapshot().entries.get(self._id)
        return entry.differences if entry is not None else ()


@asynccontextmanager
async def watch_container(url: str, container: Container) -> AsyncIterator[WatchedContainer]:
    """A session with the kernel as its only source, running until the block is left."""
    session = Session(endpoint_of(url), SessionOptions(source="kernel"), kernel=KernelFiles())
    task = asyncio.create_task(session.run(), name="session")
    try:
        yield WatchedContainer(session, container)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def cgroup_file(pid: int, controller: str, v1: str, v2: str) -> Path:
    """A file of a process's cgroup, by its name on v1 and on v2, found without dockpit's code."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    paths = {name: path for line in lines for names, path in [line.split(":", 2)[1:]] for name in names.split(",")}
    if controller in paths:
        return CGROUPS / controller / paths[controller].lstrip("/") / v1
    return CGROUPS / paths[""].lstrip("/") / v2


def open_proc_files(pid: int, target_pid: int) -> list[str]:
    """The files of process `target_pid` in /proc that process `pid` has open."""
    links = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(fd.readlink()))
        except FileNotFoundError:
            continue
    return [link for link in links if f"/{target_pid}/" in link]
