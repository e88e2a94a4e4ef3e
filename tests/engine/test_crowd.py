"""More containers than an ordinary HTTP connection pool has connections: all are measured, and actions do not queue."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from docker.models.containers import Container

from dockpit.engine.endpoint_resolution import resolve
from dockpit.metrics.snapshot import Entry
from dockpit.model.plans import Plan
from dockpit.monitor.session import Session
from tests.engine.container_factory import ContainerFactory
from tests.engine.waiting import PATIENCE, until

CONTAINERS = 150 if PATIENCE <= 1 else 16
"""More than the 100 connections of an ordinary pool; an emulated host carries only 16 containers."""

UPDATE_MARGIN_SECONDS = 1.0


@asynccontextmanager
async def running_session(url: str) -> AsyncIterator[Session]:
    """A session that runs until the block is left."""
    environ = {**os.environ, "DOCKER_HOST": url}
    session = Session(resolve(context=None, host=None, environ=environ, home=Path.home(), uid=os.getuid()))
    task = asyncio.create_task(session.run(), name="session")
    try:
        yield session
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def cpu_shares_plan(container: Container, value: int) -> Plan:
    """A harmless update of the CPU shares."""
    return Plan(
        kind="update",
        container_id=str(container.id),
        container_name=str(container.name),
        engine_id="",
        summary=f"CPU shares {value}",
        command=f"docker update --cpu-shares {value} {container.name}",
        body={"CpuShares": value},
    )


async def measure_update_seconds(session: Session, container: Container) -> float:
    """Seconds from an update's start to its outcome with the limits in force: the median of five."""
    durations = []
    for value in range(500, 505):
        start = time.monotonic()
        outcome = await asyncio.wait_for(session.act(cpu_shares_plan(container, value)), 60 * PATIENCE)
        durations.append(time.monotonic() - start)
        assert outcome.ok, outcome.text
        assert outcome.in_force is not None and outcome.in_force.cpu_shares == value
    return statistics.median(durations)


def unmeasured(session: Session, containers: list[Container]) -> list[str]:
    """The names of containers without rates, and so with less than two samples, or with old figures."""
    entries = session.snapshot().entries
    return [str(container.name) for container in containers if not is_measured(entries.get(str(container.id)))]


def is_measured(entry: Entry | None) -> bool:
    """Whether a container has a fresh figure."""
    return entry is not None and entry.rates is not None and entry.rates.cpu_cores is not None and not entry.stale


async def wait_until_measured(session: Session, containers: list[Container], seconds: float) -> None:
    """Wait until every container has a figure; async, as the session must be read in its own loop."""

    async def all_measured() -> bool:
        return not unmeasured(session, containers)

    await until(all_measured, seconds, f"a figure for each of {len(containers)} containers")


@pytest.mark.slow
async def test_many_containers_are_all_measured_and_an_update_is_still_fast(
    engine_url: str, factory: ContainerFactory
) -> None:
    crowd: list[Container] = []
    first = await asyncio.to_thread(factory.run, "first")
    try:
        async with running_session(engine_url) as session:
            await wait_until_measured(session, [first], 20)
            alone = await measure_update_seconds(session, first)
            crowd = await asyncio.to_thread(
                factory.run_many, CONTAINERS, "crowd", "idle", network_mode="none", memory="48m"
            )
            await wait_until_measured(session, crowd, 60)
            crowded = await measure_update_seconds(session, first)
            assert not unmeasured(session, crowd)
            assert crowded < 5 * alone + UPDATE_MARGIN_SECONDS * PATIENCE, (
                f"{alone:.3f} s alone, {crowded:.3f} s in a crowd"
            )
    finally:
        await asyncio.to_thread(factory.remove, [first, *crowd])
