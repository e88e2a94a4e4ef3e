"""The session end to end on the simulated engine: watching, acting, undoing, losing the engine and finding it again."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.engine.endpoint import Endpoint
from dockpit.errors import EngineUnreachable
from dockpit.model import EngineInfo, Host, Plan, Sample
from dockpit.session import Session
from dockpit.tuning.actions import plan_pause, plan_remove, plan_stop, plan_unpause
from dockpit.tuning.plan import plan_update
from dockpit.tuning.rules import Request
from tests.dockpit.bench import Watched, live, watched


def raise_cpus(bench: Watched, cpus: str = "2", name: str = "spin") -> Plan:
    entry = bench.entry(name)
    return plan_update(entry.container, bench.session.snapshot().engine, Request(cpus=cpus), entry.sample)


async def test_a_throttled_container_is_found(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        snapshot = await bench.until(lambda s: any(a.kind == "throttled" for a in s.alerts))
        assert snapshot.link.state == "up" and snapshot.engine.cgroup_version == 2
        await bench.until(lambda _: (bench.entry("spin").throttling.percent or 0.0) > 75)
        assert bench.entry("idle").throttling.level == "ok"


async def test_a_limit_is_raised_read_back_and_undone(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        outcome = await bench.session.act(raise_cpus(bench))
        assert outcome.ok and outcome.in_force is not None and outcome.in_force.cpu_cores == 2.0
        assert bench.session.snapshot().can_undo
        undo = bench.session.undo_plan()
        assert undo is not None
        undone = await bench.session.act(undo)
        assert undone.ok, undone.text
        assert bench.entry("spin").container.limits.cpu_cores == 0.2
        assert not bench.session.snapshot().can_undo and bench.session.undo_plan() is None
        assert [o.ok for o in bench.session.snapshot().outcomes] == [True, True]


async def test_read_only_refuses_in_the_core(tmp_path: Path) -> None:
    async with watched(tmp_path, read_only=True) as bench:
        await bench.until(live)
        outcome = await bench.session.act(raise_cpus(bench))
        assert not outcome.ok and "read-only" in outcome.text
        assert all(method == "GET" for method, _ in bench.engine.requests)


async def test_a_get_only_proxy_is_explained(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        bench.engine.refuse("^POST ", 403, "<html><body>403 Forbidden</body></html>")
        outcome = await bench.session.act(raise_cpus(bench))
        assert not outcome.ok and "lets only reads through" in outcome.text


async def test_nothing_is_done_to_another_engine_or_another_container(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        plan = raise_cpus(bench)
        other = await bench.session.act(replace(plan, engine_id="somebody-else"))
        assert not other.ok and "another engine" in other.text
        gone = await bench.session.act(replace(plan, container_id="f" * 64))
        assert not gone.ok and "is gone" in gone.text
        assert (await bench.session.act(plan)).ok
        stale = await bench.session.act(plan)
        assert not stale.ok and "changed by someone else" in stale.text


async def test_a_failed_update_is_taken_back(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        plan = raise_cpus(bench)
        bench.engine.refuse(r"POST /containers/.*/update", 500, "runc did not terminate successfully")
        outcome = await bench.session.act(plan)
        assert not outcome.ok and "runc did not terminate" in outcome.text
        assert "could not be written again" in outcome.text
        assert outcome.in_force is not None and outcome.in_force.cpu_cores == 0.2


async def test_pause_stop_and_remove_are_seen(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        engine = bench.session.snapshot().engine
        assert (await bench.session.act(plan_pause(bench.entry("idle").container, engine))).ok
        await bench.until(lambda _: bench.entry("idle").container.state == "paused")
        assert (await bench.session.act(plan_unpause(bench.entry("idle").container, engine))).ok
        assert (await bench.session.act(plan_stop(bench.entry("idle").container, engine))).ok
        await bench.until(lambda _: bench.entry("idle").container.state == "exited")
        assert bench.entry("idle").sample is None
        assert (await bench.session.act(plan_remove(bench.entry("idle").container, engine))).ok
        await bench.until(lambda s: len(s.entries) == 1)


async def test_the_engine_goes_and_comes_back(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        events = len(bench.session.snapshot().events)
        await bench.engine.drop()
        lost = await bench.until(lambda s: s.link.state == "lost")
        assert lost.link.reason and lost.link.retry_at > 0
        assert all(e.stale and e.rates is None for e in lost.entries.values() if e.container.live)
        refused = await bench.session.act(raise_cpus(bench))
        assert not refused.ok
        await bench.engine.resume()
        await bench.until(lambda s: s.link.state == "up" and live(s))
        window = bench.entry("spin").window
        assert any(math.isnan(value) for value in window.values("cpu_cores"))
        assert len(bench.session.snapshot().events) == events


async def test_an_engine_that_never_answered_is_an_error(tmp_path: Path) -> None:
    session = Session(Endpoint(f"unix://{tmp_path}/nothing.sock"))
    with pytest.raises(EngineUnreachable) as caught:
        await asyncio.wait_for(session.run(), 10)
    assert "nothing.sock" in str(caught.value)
    with pytest.raises(EngineUnreachable):
        _ = session.client


class FakeHost:
    def read(self, wall: float, monotonic: float) -> Host:
        return Host(at=wall, cpu_percent=5.0)


async def test_the_host_is_read_where_the_engine_is_local(tmp_path: Path) -> None:
    async with watched(tmp_path, "empty", host=FakeHost()) as bench:
        snapshot = await bench.until(lambda s: s.host is not None)
        assert snapshot.host is not None and snapshot.host.cpu_percent == 5.0


async def test_a_backlog_fills_the_past(tmp_path: Path) -> None:
    def past(container_id: str) -> list[Sample]:
        return [Sample(container_id, 1000.0 + second, cpu_ns=second * 10**8) for second in range(60)]

    async with watched(tmp_path, backlog=past) as bench:
        await bench.until(lambda s: s.ready)
        assert len(bench.entry("spin").window) >= 60


def test_before_the_first_answer_the_session_is_connecting() -> None:
    snapshot = Session(Endpoint("unix:///nowhere")).snapshot()
    assert snapshot.link.state == "connecting" and snapshot.engine == EngineInfo()
