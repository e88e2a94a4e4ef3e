"""Races of the inventory: containers that are removed, appear or hang while they are listed or inspected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from dockpit.engine.engine_client import EngineClient
from dockpit.metrics.samples import Sample
from dockpit.model.container import Container, ListedContainer
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import EngineUnreachable, NotFound
from dockpit.model.events import Event
from dockpit.model.thresholds import Thresholds
from dockpit.monitor.container_inventory import ContainerInventory
from dockpit.monitor.history import History
from dockpit.monitor.source_selector import SourceSelector
from dockpit.process.clock import SystemClock

A, B = "a" * 64, "b" * 64


class FakeEngine:
    """Answers once `answering` is set; inspects of containers in `hangs` fail, in `silent` they wait for `released`."""

    def __init__(self) -> None:
        self.info = EngineInfo(system_time=1000.0)
        self.containers = {A: Container(A, "a", state="running", started_at=1.0)}
        self.answering = asyncio.Event()
        self.inspected: list[str] = []
        self.hangs: set[str] = set()
        self.silent: set[str] = set()
        self.missing: set[str] = set()
        self.released = asyncio.Event()
        self.streamed: list[str] = []

    async def list_containers(self) -> dict[str, ListedContainer]:
        listed = {key: ListedContainer(key, (one.name,), one.state, one.health) for key, one in self.containers.items()}
        await self.answering.wait()
        return listed

    async def container(self, container_id: str) -> Container:
        self.inspected.append(container_id)
        found = self.containers.get(container_id)
        await self.answering.wait()
        if container_id in self.silent:
            await self.released.wait()
        if container_id in self.missing:
            raise NotFound(404, "No such container")
        if container_id in self.hangs:
            raise EngineUnreachable("here", "no answer in time")
        if found is None:
            raise NotFound(404, "No such container")
        return found


class SilentSource:
    """A source without samples, which records what it is asked for."""

    name = "nothing"

    def __init__(self, streamed: list[str]) -> None:
        self._streamed = streamed

    async def samples(self, container: Container) -> AsyncGenerator[Sample | None, None]:
        self._streamed.append(container.id)
        await asyncio.Event().wait()
        yield None


@asynccontextmanager
async def inventory_of(
    engine: FakeEngine, history: History | None = None
) -> AsyncIterator[tuple[ContainerInventory, History]]:
    history = history or History(Thresholds())
    async with asyncio.TaskGroup() as group:
        selector = SourceSelector(SilentSource(engine.streamed), history, SystemClock(), group)
        yield ContainerInventory(cast(EngineClient, engine), history, selector, group), history
        for container_id in history.ids():
            selector.drop(container_id)


def event(action: str, container_id: str, second: float = 2000.0) -> Event:
    return Event(int(second * 1e9), "container", action, container_id)


async def test_an_inspect_answered_after_the_removal_is_ignored() -> None:
    engine = FakeEngine()
    async with inventory_of(engine) as (inventory, history):
        refreshed = asyncio.create_task(inventory.refresh(A))
        while not engine.inspected:
            await asyncio.sleep(0)
        inventory.apply_event(event("destroy", A))
        engine.answering.set()
        await refreshed
        assert history.ids() == ()


async def test_a_container_that_appears_during_a_listing_stays() -> None:
    engine = FakeEngine()
    async with inventory_of(engine) as (inventory, history):
        listing = asyncio.create_task(inventory.list_all())
        await asyncio.sleep(0)
        history.put(Container(B, "b"))
        engine.answering.set()
        await listing
        assert set(history.ids()) == {A, B}
        del engine.containers[A]
        await inventory.list_all()
        assert history.ids() == ()


async def test_a_container_that_hangs_in_the_engine_holds_up_no_other() -> None:
    engine = FakeEngine()
    engine.containers[B] = Container(B, "b")
    engine.hangs.add(A)
    engine.answering.set()
    async with inventory_of(engine) as (inventory, history):
        await inventory.list_all()
        assert set(history.ids()) == {A, B}
        listed = history.get(A)
        assert listed is not None and listed.container.started_at == 0.0, "as listed, not inspected"
        assert "no answer in time" in listed.container.error and listed.container.name == "a"
        engine.hangs.clear()
        inventory.apply_event(event("start", A))
        while (entry := history.get(A)) is None or entry.container.started_at != 1.0:
            await asyncio.sleep(0)
        assert entry.container.error == ""


async def test_an_inspect_that_is_never_answered_delays_a_listing_by_no_more_than_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dockpit.monitor.container_inventory.SLOW_INSPECT_SECONDS", 0.05)
    engine = FakeEngine()
    engine.containers[B] = Container(B, "b")
    engine.answering.set()
    engine.silent.add(A)
    async with inventory_of(engine) as (inventory, history):
        async with asyncio.timeout(5):
            await inventory.list_all()
        assert [entry.container.name for key in (A, B) if (entry := history.get(key))] == ["a", "b"]
        engine.released.set()
        while (entry := history.get(A)) is None or entry.container.started_at != 1.0:
            await asyncio.sleep(0)


async def test_a_container_destroyed_while_its_inspect_is_awaited_is_not_followed() -> None:
    engine = FakeEngine()
    engine.answering.set()
    engine.silent.add(A)
    async with inventory_of(engine) as (inventory, history):
        listing = asyncio.create_task(inventory.list_all())
        while not engine.inspected:
            await asyncio.sleep(0)
        inventory.apply_event(event("destroy", A))
        await listing
        await asyncio.sleep(0)
        assert history.ids() == () and engine.streamed == []
        engine.released.set()


async def test_after_a_reconnect_a_container_whose_inspect_hangs_is_followed_as_known() -> None:
    engine = FakeEngine()
    engine.answering.set()
    async with inventory_of(engine) as (before, history):
        await before.list_all()
        engine.silent.add(A)
        engine.containers[A] = Container(A, "a", state="running", started_at=2.0)
        async with inventory_of(engine, history) as (inventory, _):
            await inventory.list_all()
            await asyncio.sleep(0)
            assert engine.streamed == [A, A]
            entry = history.get(A)
            assert entry is not None and entry.container.started_at == 1.0, "what was inspected before is kept"
            engine.released.set()
            while (entry := history.get(A)) is None or entry.container.started_at != 2.0:
                await asyncio.sleep(0)


async def test_a_container_whose_inspect_is_not_found_stays_while_it_is_listed() -> None:
    engine = FakeEngine()
    engine.answering.set()
    async with inventory_of(engine) as (inventory, history):
        await inventory.list_all()
        engine.missing.add(A)
        await inventory.refresh(A)
        assert history.ids() == (A,), "one 404 makes nothing vanish"
        await inventory.list_all()
        entry = history.get(A)
        assert entry is not None and entry.container.started_at == 1.0, "what was inspected before is kept"
        engine.missing.clear()
        del engine.containers[A]
        await inventory.list_all(inspect_all=False)
        assert history.ids() == ()


async def test_a_container_that_one_listing_left_out_comes_back_with_the_next() -> None:
    engine = FakeEngine()
    engine.answering.set()
    async with inventory_of(engine) as (inventory, history):
        await inventory.list_all()
        containers, engine.containers = engine.containers, {}
        await inventory.list_all()
        assert history.ids() == ()
        engine.containers = containers
        await inventory.list_all()
        assert history.ids() == (A,)


async def test_events_before_the_listing_cause_no_inspect_and_overlapping_ones_one_more() -> None:
    engine = FakeEngine()
    async with inventory_of(engine) as (inventory, history):
        inventory.apply_event(event("start", A, second=999.0))
        for _ in range(5):
            inventory.apply_event(event("start", A))
        await asyncio.sleep(0)
        engine.answering.set()
        while A not in history.ids() or len(engine.inspected) < 2:
            await asyncio.sleep(0)
    assert engine.inspected == [A, A]


async def test_an_answer_about_another_container_is_ignored() -> None:
    engine = FakeEngine()
    engine.containers[B] = engine.containers[A]
    engine.answering.set()
    async with inventory_of(engine) as (inventory, history):
        await inventory.refresh(B)
        assert history.ids() == ()


async def test_a_later_listing_inspects_only_containers_that_changed() -> None:
    engine = FakeEngine()
    engine.containers[B] = Container(B, "b", state="exited")
    engine.answering.set()
    async with inventory_of(engine) as (inventory, history):
        await inventory.list_all()
        engine.inspected.clear()
        await inventory.list_all(inspect_all=False)
        assert engine.inspected == []
        engine.containers[B] = Container(B, "b", state="running", started_at=2.0)
        engine.containers[A] = Container(A, "a", state="running", started_at=1.0, health="unhealthy")
        await inventory.list_all(inspect_all=False)
        assert sorted(engine.inspected) == [A, B]
        engine.inspected.clear()
        engine.hangs.add(B)
        await inventory.refresh(B)
        engine.hangs.clear()
        await inventory.list_all(inspect_all=False)
        await inventory.list_all(inspect_all=False)
        assert engine.inspected == [B, B], "a failed inspect is repeated once"
        entry = history.get(A)
        assert entry is not None and entry.container.health == "unhealthy"


async def test_running_containers_are_inspected_first() -> None:
    engine = FakeEngine()
    stopped = [Container(f"{number:064x}", f"old-{number}", state="exited") for number in range(20)]
    engine.containers = {one.id: one for one in stopped} | engine.containers
    engine.answering.set()
    async with inventory_of(engine) as (inventory, _):
        await inventory.list_all()
        assert engine.inspected[0] == A
