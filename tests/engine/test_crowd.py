"""More containers than an ordinary HTTP connection pool has room for: all are measured, and actions do not queue."""

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

from dockpit.engine.endpoint import resolve
from dockpit.metrics.snapshot import Entry
from dockpit.model.plans import Plan
from dockpit.monitor.session import Session
from tests.engine.container_factory import Bed
from tests.engine.waiting import PATIENCE, until

CROWD = 150 if PATIENCE <= 1 else 16
"""An emulated host cannot carry more; beyond 100 is what the pool would trip over."""

AT_ONCE_SECONDS = 1.0


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[Session]:
    """A session that runs."""
    environ = {**os.environ, "DOCKER_HOST": url}
    session = Session(resolve(context=None, host=None, environ=environ, home=Path.home(), uid=os.getuid()))
    task = asyncio.create_task(session.run(), name="session")
    try:
        yield session
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def shares(container: Container, value: int) -> Plan:
    """A harmless update."""
    return Plan(
        kind="update",
        container_id=str(container.id),
        container_name=str(container.name),
        engine_id="",
        summary=f"CPU shares {value}",
        command=f"docker update --cpu-shares {value} {container.name}",
        body={"CpuShares": value},
    )


async def update_seconds(session: Session, container: Container) -> float:
    """How long an update takes, from the key to what is in force: the median of five."""
    took = []
    for value in range(500, 505):
        start = time.monotonic()
        outcome = await asyncio.wait_for(session.act(shares(container, value)), 60 * PATIENCE)
        took.append(time.monotonic() - start)
        assert outcome.ok, outcome.text
        assert outcome.in_force is not None and outcome.in_force.cpu_shares == value
    return statistics.median(took)


def silent(session: Session, containers: list[Container]) -> list[str]:
    """Those without rates, and so with less than two samples, or whose figures are old."""
    entries = session.snapshot().entries
    return [str(one.name) for one in containers if not measured(entries.get(str(one.id)))]


def measured(entry: Entry | None) -> bool:
    """Whether a container has a fresh figure."""
    return entry is not None and entry.rates is not None and entry.rates.cpu_cores is not None and not entry.stale


async def all_measured(session: Session, containers: list[Container], seconds: float) -> None:
    """Return once every container has a figure; the session is asked in the loop it runs in."""

    async def count() -> bool:
        return not silent(session, containers)

    await until(count, seconds, f"a figure for each of {len(containers)} containers")


@pytest.mark.slow
async def test_every_container_of_a_crowd_is_measured_and_an_update_still_answers_at_once(
    engine_url: str, bed: Bed
) -> None:
    crowd: list[Container] = []
    first = await asyncio.to_thread(bed.run, "first")
    try:
        async with watching(engine_url) as session:
            await all_measured(session, [first], 20)
            alone = await update_seconds(session, first)
            crowd = await asyncio.to_thread(bed.run_many, CROWD, "crowd", "idle", network_mode="none", memory="48m")
            await all_measured(session, crowd, 60)
            crowded = await update_seconds(session, first)
            assert not silent(session, crowd)
            assert crowded < 5 * alone + AT_ONCE_SECONDS * PATIENCE, f"{alone:.3f} s alone, {crowded:.3f} s in a crowd"
    finally:
        await asyncio.to_thread(bed.remove, [first, *crowd])
