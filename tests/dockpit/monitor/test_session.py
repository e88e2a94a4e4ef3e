"""The session end to end on the simulated engine: watch, act, undo, lose the engine and connect again."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.engine_client import EngineClient
from dockpit.metrics.samples import Sample
from dockpit.model.engine_info import EngineInfo, SourceCounts
from dockpit.model.errors import EngineUnreachable
from dockpit.model.host_figures import HostFigures
from dockpit.model.plans import Plan
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.process.clock import SystemClock
from dockpit.simulate import World, lifecycle, scenario, serve
from dockpit.tuning.lifecycle_plans import plan_pause, plan_remove, plan_stop, plan_unpause
from dockpit.tuning.limit_request import LimitRequest
from dockpit.tuning.update_plans import plan_update
from tests.dockpit.simulated_session import RunningSession, all_have_rates, running_session


def raise_cpus(running: RunningSession, cpus: str = "2", name: str = "spin") -> Plan:
    entry = running.entry(name)
    return plan_update(entry.container, running.session.snapshot().engine, LimitRequest(cpus=cpus), entry.sample)


async def test_a_throttled_container_is_found(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        snapshot = await running.until(lambda s: any(a.kind == "throttled" for a in s.alerts))
        assert snapshot.link.state == "up" and snapshot.engine.cgroup_version == 2
        await running.until(lambda _: (running.entry("spin").throttling.percent or 0.0) > 75)
        assert running.entry("idle").throttling.level == "ok"


async def test_a_limit_is_raised_read_back_and_undone(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        outcome = await running.session.act(raise_cpus(running))
        assert outcome.ok and outcome.in_force is not None and outcome.in_force.cpu_cores == 2.0
        assert running.session.snapshot().can_undo
        undo = running.session.undo_plan()
        assert undo is not None
        undone = await running.session.act(undo)
        assert undone.ok, undone.text
        assert running.entry("spin").container.limits.cpu_cores == 0.2
        assert not running.session.snapshot().can_undo and running.session.undo_plan() is None
        assert [o.ok for o in running.session.snapshot().outcomes] == [True, True]


async def test_a_read_only_session_refuses_plans(tmp_path: Path) -> None:
    async with running_session(tmp_path, options=SessionOptions(read_only=True)) as running:
        await running.until(all_have_rates)
        outcome = await running.session.act(raise_cpus(running))
        assert not outcome.ok and "read-only" in outcome.text
        assert all(method == "GET" for method, _ in running.engine.requests)


async def test_a_get_only_proxy_is_explained(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        running.engine.refuse("^POST ", 403, "<html><body>403 Forbidden</body></html>")
        outcome = await running.session.act(raise_cpus(running))
        assert not outcome.ok and "allows only reads" in outcome.text


async def test_nothing_is_done_to_another_engine_or_another_container(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        plan = raise_cpus(running)
        other = await running.session.act(replace(plan, engine_id="somebody-else"))
        assert not other.ok and "another engine" in other.text
        gone = await running.session.act(replace(plan, container_id="f" * 64))
        assert not gone.ok and "is gone" in gone.text
        assert (await running.session.act(plan)).ok
        stale = await running.session.act(plan)
        assert not stale.ok and "changed by someone else" in stale.text


async def test_a_failed_update_writes_the_earlier_limits_again(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        plan = raise_cpus(running)
        running.engine.refuse(r"POST /containers/.*/update", 500, "runc did not terminate successfully")
        outcome = await running.session.act(plan)
        assert not outcome.ok and "runc did not terminate" in outcome.text
        assert "could not be written again" in outcome.text
        assert outcome.in_force is not None and outcome.in_force.cpu_cores == 0.2


async def test_pause_stop_and_remove_are_seen(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        engine = running.session.snapshot().engine
        assert (await running.session.act(plan_pause(running.entry("idle").container, engine))).ok
        await running.until(lambda _: running.entry("idle").container.state == "paused")
        assert (await running.session.act(plan_unpause(running.entry("idle").container, engine))).ok
        assert (await running.session.act(plan_stop(running.entry("idle").container, engine))).ok
        await running.until(lambda _: running.entry("idle").container.state == "exited")
        assert running.entry("idle").sample is None
        assert (await running.session.act(plan_remove(running.entry("idle").container, engine))).ok
        await running.until(lambda s: len(s.entries) == 1)


async def test_a_lost_engine_is_connected_again(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        events = len(running.session.snapshot().events)
        await running.engine.drop()
        lost = await running.until(lambda s: s.link.state == "lost")
        assert lost.link.reason and lost.link.retry_at > 0
        assert all(e.stale and e.rates is None for e in lost.entries.values() if e.container.live)
        refused = await running.session.act(raise_cpus(running))
        assert not refused.ok
        await running.engine.resume()
        await running.until(lambda s: s.link.state == "up" and all_have_rates(s))
        window = running.entry("spin").window
        assert any(math.isnan(value) for value in window.values("cpu_cores"))
        assert len(running.session.snapshot().events) == events


async def test_the_kernel_is_read_on_while_the_engine_is_away(tmp_path: Path) -> None:
    async with running_session(tmp_path, by_kernel=True, host=FakeHost()) as running:
        await running.until(lambda s: all_have_rates(s) and s.host is not None)
        await running.engine.drop()
        lost = await running.until(lambda s: s.link.state == "lost")
        seen = running.entry("spin").sample
        assert seen is not None and lost.host is not None
        later = await running.until(lambda _: newest(running) > seen.at + 2)
        assert later.link.state == "lost" and later.sources == SourceCounts(kernel=2)
        assert later.measured_and_live == (2, 2) and running.entry("spin").throttling.level != "ok"
        assert later.host is not None and later.host.at > lost.host.at
        refused = await running.session.act(raise_cpus(running))
        assert not refused.ok
        await running.engine.resume()
        back = await running.until(lambda s: s.link.state == "up" and all_have_rates(s))
        again = newest(running)
        await running.until(lambda _: newest(running) > again)
        cores = running.entry("spin").window.values("cpu_cores")
        assert back.ready and not any(math.isnan(value) for value in cores[1:]), "there is no gap"


def newest(running: RunningSession) -> float:
    """Epoch seconds of the busy container's newest sample."""
    sample = running.entry("spin").sample
    return sample.at if sample is not None else 0.0


async def test_a_container_that_ends_while_the_engine_is_away_is_stale(tmp_path: Path) -> None:
    async with running_session(tmp_path, by_kernel=True) as running:
        await running.until(all_have_rates)
        await running.engine.drop()
        await running.until(lambda s: s.link.state == "lost")
        ended = running.entry("spin").container.id
        lifecycle.kill(running.world, running.world.containers[ended], time.time(), 9)
        lost = await running.until(lambda s: s.entries[ended].stale)
        assert lost.measured_and_live == (1, 2) and lost.entries[ended].rates is None
        assert lost.sources == SourceCounts(kernel=1)
        await running.engine.resume()
        await running.until(lambda s: s.link.state == "up" and not s.entries[ended].container.live)


async def test_without_the_kernel_as_source_figures_end_with_the_engine(tmp_path: Path) -> None:
    async with running_session(tmp_path, by_kernel=True, options=SessionOptions(source="engine")) as running:
        await running.until(all_have_rates)
        await running.engine.drop()
        lost = await running.until(lambda s: s.link.state == "lost")
        assert lost.measured_and_live == (0, 2)


async def test_an_engine_that_never_answered_is_an_error(tmp_path: Path) -> None:
    session = Session(Endpoint(f"unix://{tmp_path}/nothing.sock"))
    with pytest.raises(EngineUnreachable) as caught:
        await asyncio.wait_for(session.run(), 10)
    assert "nothing.sock" in str(caught.value)
    with pytest.raises(EngineUnreachable):
        _ = session.client


class FakeHost:
    def read(self, wall: float, monotonic: float) -> HostFigures:
        return HostFigures(at=wall, cpu_percent=5.0)


async def test_the_host_is_read_where_the_engine_is_local(tmp_path: Path) -> None:
    async with running_session(tmp_path, "empty", host=FakeHost()) as running:
        snapshot = await running.until(lambda s: s.host is not None)
        assert snapshot.host is not None and snapshot.host.cpu_percent == 5.0


async def test_a_backlog_fills_the_past(tmp_path: Path) -> None:
    def past(container_id: str) -> list[Sample]:
        return [Sample(container_id, 1000.0 + second, cpu_ns=second * 10**8) for second in range(60)]

    async with running_session(tmp_path, backlog=past) as running:
        await running.until(lambda s: s.ready)
        assert len(running.entry("spin").window) >= 60


def test_before_the_first_answer_the_session_is_connecting() -> None:
    snapshot = Session(Endpoint("unix:///nowhere")).snapshot()
    assert snapshot.link.state == "connecting" and snapshot.engine == EngineInfo()


class SlowClock(SystemClock):
    """A machine whose clock is an hour behind the engine's."""

    def wall(self) -> float:
        return super().wall() - 3600


async def test_times_are_those_of_the_engine_s_clock(tmp_path: Path) -> None:
    async with running_session(tmp_path, clock=SlowClock()) as running:
        snapshot = await running.until(all_have_rates)
        entry = running.entry("spin")
        assert entry.sample is not None and abs(running.session.now() - entry.sample.at) < 60
        assert abs(snapshot.at - entry.sample.at) < 60 and abs(snapshot.link.since - snapshot.at) < 60
        await running.until(lambda s: any(a.kind == "throttled" for a in s.alerts))
        await running.engine.drop()
        lost = await running.until(lambda s: s.link.state == "lost")
        assert abs(lost.link.retry_at - lost.at) < 5
        times = list(running.entry("spin").window.times())
        assert times == sorted(times) and times[-1] <= time.time() + 1


def inspects(running: RunningSession, container_id: str) -> int:
    return len([path for _, path in running.engine.requests if path == f"/containers/{container_id}/json"])


async def test_a_container_that_cannot_be_inspected_does_not_end_the_connection(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        spin, idle = running.entry("spin").container, running.entry("idle").container
        link = running.session.snapshot().link
        running.engine.refuse(f"GET /containers/{spin.id}/json", 500, "layer does not exist")
        running.engine.refuse("GET /containers/json", 500, "no such container while listing")
        before = inspects(running, spin.id)
        await running.session.client.requests.send(f"containers/{spin.id}/pause", {})
        await running.session.client.requests.send(f"containers/{idle.id}/pause", {})
        await running.until(lambda _: running.entry("idle").container.state == "paused")
        await running.until(lambda _: inspects(running, spin.id) > before)
        assert running.session.snapshot().link is link and running.entry("spin").container.state == "running"


async def test_an_engine_that_hangs_is_noticed_by_the_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockpit.monitor.engine_link.PING_SECONDS", 0.1)
    monkeypatch.setattr("dockpit.engine.engine_client.REQUEST_SECONDS", 0.5)
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        running.engine.hang()
        lost = await running.until(lambda s: s.link.state == "lost")
        assert "no answer in time" in lost.link.reason
        running.engine.hang(False)
        await running.until(lambda s: s.link.state == "up" and all_have_rates(s))


async def test_waits_grow_while_connections_fail_at_once(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        running.engine.refuse("GET /events", 500, "no events today")
        await running.engine.drop()
        await running.engine.resume()
        first = await running.until(lambda s: s.link.state == "lost")
        later = await running.until(lambda s: s.link.state == "lost" and s.link.attempt >= 3)
        assert later.link.since == first.link.since and "no events today" in later.link.reason
        assert later.link.retry_at - later.at > 1.0


async def test_another_engine_at_the_same_address_inherits_nothing(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        assert (await running.session.act(raise_cpus(running))).ok and running.session.undo_plan() is not None
        known = set(running.session.snapshot().entries)
        await running.engine.drop()
        await running.until(lambda s: s.link.state == "lost")
        clock = SystemClock()
        async with serve(tmp_path / "engine.sock", World(scenario("fleet"), 99, clock.wall()), clock):
            other = await running.until(lambda s: s.link.state == "up" and all_have_rates(s) and len(s.entries) > 5)
            assert not known & set(other.entries)
            assert running.session.undo_plan() is None and not other.can_undo
            assert all(event.actor_id not in known for event in other.events)


async def test_an_action_without_an_answer_may_have_been_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)

        async def perform(self: object, plan: Plan, stop_seconds: int | None = None) -> tuple[str, ...]:
            raise EngineUnreachable("somewhere", "no answer in time")

        monkeypatch.setattr(EngineClient, "perform", perform)
        outcome = await running.session.act(raise_cpus(running))
        assert not outcome.ok and "may or may not have been done" in outcome.text and "refused" not in outcome.text


async def test_a_change_that_cannot_be_read_back_can_be_undone(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        plan, spin = raise_cpus(running), running.entry("spin").container
        perform = running.session.client.perform

        async def then_nothing(plan: Plan, stop_seconds: int | None = None) -> tuple[str, ...]:
            done = await perform(plan, stop_seconds)
            running.engine.refuse(f"GET /containers/{spin.id}/json", 500, "busy")
            return done

        running.session.client.perform = then_nothing  # type: ignore[method-assign]  # a fault between two requests
        outcome = await running.session.act(plan)
        assert outcome.ok and "could not be read back" in outcome.text
        running.engine.allow()
        running.session.client.perform = perform  # type: ignore[method-assign]  # as it was
        undo = running.session.undo_plan()
        assert undo is not None and (await running.session.act(undo)).ok
        await running.until(lambda _: running.entry("spin").container.limits.cpu_cores == 0.2)


async def test_replayed_events_cause_no_inspects(tmp_path: Path) -> None:
    async with running_session(tmp_path, "fleet") as running:
        snapshot = await running.until(lambda s: s.ready and len(s.events) > 10)
        asked = [path for _, path in running.engine.requests if path.endswith("/json") and path.count("/") == 3]
        assert len(asked) <= len(snapshot.entries) + 5


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4, 6, 9])
async def test_a_session_cancelled_just_after_the_engine_went_ends(tmp_path: Path, steps: int) -> None:
    async with running_session(tmp_path, "empty") as running:
        await running.until(lambda s: s.ready)
        await running.engine.drop()
        for _ in range(steps):
            await asyncio.sleep(0)
        running.task.cancel()
        await running.engine.resume()
        done, _ = await asyncio.wait({running.task}, timeout=10)
        assert done and running.task.cancelled()
