"""The session end to end on the simulated engine: watching, acting, undoing, losing the engine and finding it again."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dockpit.engine.client import EngineClient
from dockpit.engine.endpoint import Endpoint
from dockpit.metrics.samples import Sample
from dockpit.model.engine_info import EngineInfo, SourceCounts
from dockpit.model.errors import EngineUnreachable
from dockpit.model.host_figures import HostFigures
from dockpit.model.plans import Plan
from dockpit.monitor.engine_link import RETRY_MOST_SECONDS, backoff, clock_skew
from dockpit.monitor.session import Session
from dockpit.monitor.session_options import SessionOptions
from dockpit.process.clock import SystemClock
from dockpit.simulate import World, lifecycle, scenario, serve
from dockpit.tuning.lifecycle_plans import plan_pause, plan_remove, plan_stop, plan_unpause
from dockpit.tuning.limit_rules import Request
from dockpit.tuning.update_plans import plan_update
from tests.dockpit.simulated_session import Watched, live, watched


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
    async with watched(tmp_path, options=SessionOptions(read_only=True)) as bench:
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


async def test_the_kernels_figures_go_on_while_the_engine_is_away(tmp_path: Path) -> None:
    async with watched(tmp_path, by_kernel=True, host=FakeHost()) as bench:
        await bench.until(lambda s: live(s) and s.host is not None)
        await bench.engine.drop()
        lost = await bench.until(lambda s: s.link.state == "lost")
        seen = bench.entry("spin").sample
        assert seen is not None and lost.host is not None
        later = await bench.until(lambda _: newest(bench) > seen.at + 2)
        assert later.link.state == "lost" and later.sources == SourceCounts(kernel=2)
        assert later.figures_go_on == (2, 2) and bench.entry("spin").throttling.level != "ok"
        assert later.host is not None and later.host.at > lost.host.at
        refused = await bench.session.act(raise_cpus(bench))
        assert not refused.ok
        await bench.engine.resume()
        back = await bench.until(lambda s: s.link.state == "up" and live(s))
        again = newest(bench)
        await bench.until(lambda _: newest(bench) > again)
        cores = bench.entry("spin").window.values("cpu_cores")
        assert back.ready and not any(math.isnan(value) for value in cores[1:]), "there is no gap"


def newest(bench: Watched) -> float:
    """When the busy container was read last."""
    sample = bench.entry("spin").sample
    return sample.at if sample is not None else 0.0


async def test_a_container_that_ends_while_the_engine_is_away_has_no_figures(tmp_path: Path) -> None:
    async with watched(tmp_path, by_kernel=True) as bench:
        await bench.until(live)
        await bench.engine.drop()
        await bench.until(lambda s: s.link.state == "lost")
        ended = bench.entry("spin").container.id
        lifecycle.kill(bench.world, bench.world.boxes[ended], time.time(), 9)
        lost = await bench.until(lambda s: s.entries[ended].stale)
        assert lost.figures_go_on == (1, 2) and lost.entries[ended].rates is None
        assert lost.sources == SourceCounts(kernel=1)
        await bench.engine.resume()
        await bench.until(lambda s: s.link.state == "up" and not s.entries[ended].container.live)


async def test_figures_by_the_engine_alone_end_with_it_whatever_the_kernel_shows(tmp_path: Path) -> None:
    async with watched(tmp_path, by_kernel=True, options=SessionOptions(source="engine")) as bench:
        await bench.until(live)
        await bench.engine.drop()
        lost = await bench.until(lambda s: s.link.state == "lost")
        assert lost.figures_go_on == (0, 2)


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


def test_waits_grow_to_a_bound_and_stay_there_for_days() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert backoff(100_000) == RETRY_MOST_SECONDS


@pytest.mark.parametrize(
    ("system_time", "asked_for", "known", "ahead"),
    [
        (0.0, 0.1, 5.0, 0.0),
        (1000.4, 0.1, 0.0, 0.0),
        (991.0, 10.0, 0.0, 0.0),
        (4600.0, 0.0, 0.0, 3600.0),
        (4600.4, 0.2, 3600.0, 3600.0),
        (1000.0, 0.2, 3600.0, 0.0),
        (400.0, 2.0, 0.0, -599.0),
    ],
)
def test_the_clocks_are_compared(system_time: float, asked_for: float, known: float, ahead: float) -> None:
    assert clock_skew(system_time, 1000.0, asked_for, known) == ahead


class Skewed(SystemClock):
    """A machine whose clock is an hour behind the engine's."""

    def wall(self) -> float:
        return super().wall() - 3600


async def test_times_are_the_engines_when_its_clock_is_another(tmp_path: Path) -> None:
    async with watched(tmp_path, clock=Skewed()) as bench:
        snapshot = await bench.until(live)
        entry = bench.entry("spin")
        assert entry.sample is not None and abs(bench.session.now() - entry.sample.at) < 60
        assert abs(snapshot.at - entry.sample.at) < 60 and abs(snapshot.link.since - snapshot.at) < 60
        await bench.until(lambda s: any(a.kind == "throttled" for a in s.alerts))
        await bench.engine.drop()
        lost = await bench.until(lambda s: s.link.state == "lost")
        assert abs(lost.link.retry_at - lost.at) < 5
        times = list(bench.entry("spin").window.times())
        assert times == sorted(times) and times[-1] <= time.time() + 1


def inspects(bench: Watched, container_id: str) -> int:
    return len([path for _, path in bench.engine.requests if path == f"/containers/{container_id}/json"])


async def test_one_container_that_cannot_be_inspected_takes_nothing_down(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        spin, idle = bench.entry("spin").container, bench.entry("idle").container
        link = bench.session.snapshot().link
        bench.engine.refuse(f"GET /containers/{spin.id}/json", 500, "layer does not exist")
        bench.engine.refuse("GET /containers/json", 500, "no such container while listing")
        before = inspects(bench, spin.id)
        await bench.session.client.send(f"containers/{spin.id}/pause", {})
        await bench.session.client.send(f"containers/{idle.id}/pause", {})
        await bench.until(lambda _: bench.entry("idle").container.state == "paused")
        await bench.until(lambda _: inspects(bench, spin.id) > before)
        assert bench.session.snapshot().link is link and bench.entry("spin").container.state == "running"


async def test_an_engine_that_hangs_is_noticed_by_the_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockpit.monitor.engine_link.PING_SECONDS", 0.1)
    monkeypatch.setattr("dockpit.engine.client.REQUEST_SECONDS", 0.5)
    async with watched(tmp_path) as bench:
        await bench.until(live)
        bench.engine.hang()
        lost = await bench.until(lambda s: s.link.state == "lost")
        assert "no answer in time" in lost.link.reason
        bench.engine.hang(False)
        await bench.until(lambda s: s.link.state == "up" and live(s))


async def test_a_link_that_never_holds_is_tried_less_and_less(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        bench.engine.refuse("GET /events", 500, "no events today")
        await bench.engine.drop()
        await bench.engine.resume()
        first = await bench.until(lambda s: s.link.state == "lost")
        later = await bench.until(lambda s: s.link.state == "lost" and s.link.attempt >= 3)
        assert later.link.since == first.link.since and "no events today" in later.link.reason
        assert later.link.retry_at - later.at > 1.0


async def test_another_engine_at_the_same_address_inherits_nothing(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        assert (await bench.session.act(raise_cpus(bench))).ok and bench.session.undo_plan() is not None
        known = set(bench.session.snapshot().entries)
        await bench.engine.drop()
        await bench.until(lambda s: s.link.state == "lost")
        clock = SystemClock()
        async with serve(tmp_path / "engine.sock", World(scenario("fleet"), 99, clock.wall()), clock):
            other = await bench.until(lambda s: s.link.state == "up" and live(s) and len(s.entries) > 5)
            assert not known & set(other.entries)
            assert bench.session.undo_plan() is None and not other.can_undo
            assert all(event.actor_id not in known for event in other.events)


async def test_an_answer_that_never_came_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)

        async def perform(self: object, plan: Plan, stop_seconds: int | None = None) -> tuple[str, ...]:
            raise EngineUnreachable("somewhere", "no answer in time")

        monkeypatch.setattr(EngineClient, "perform", perform)
        outcome = await bench.session.act(raise_cpus(bench))
        assert not outcome.ok and "may have been done or not" in outcome.text and "refused" not in outcome.text


async def test_a_change_that_cannot_be_read_back_is_still_done_and_undone(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        plan, spin = raise_cpus(bench), bench.entry("spin").container
        perform = bench.session.client.perform

        async def then_nothing(plan: Plan, stop_seconds: int | None = None) -> tuple[str, ...]:
            done = await perform(plan, stop_seconds)
            bench.engine.refuse(f"GET /containers/{spin.id}/json", 500, "busy")
            return done

        bench.session.client.perform = then_nothing  # type: ignore[method-assign]  # a fault between two requests
        outcome = await bench.session.act(plan)
        assert outcome.ok and "could not be read back" in outcome.text
        bench.engine.allow()
        bench.session.client.perform = perform  # type: ignore[method-assign]  # as it was
        undo = bench.session.undo_plan()
        assert undo is not None and (await bench.session.act(undo)).ok
        await bench.until(lambda _: bench.entry("spin").container.limits.cpu_cores == 0.2)


async def test_replayed_events_cost_no_inspects(tmp_path: Path) -> None:
    async with watched(tmp_path, "fleet") as bench:
        snapshot = await bench.until(lambda s: s.ready and len(s.events) > 10)
        asked = [path for _, path in bench.engine.requests if path.endswith("/json") and path.count("/") == 3]
        assert len(asked) <= len(snapshot.entries) + 5


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4, 6, 9])
async def test_who_leaves_in_the_moment_that_the_engine_goes_gets_away(tmp_path: Path, steps: int) -> None:
    async with watched(tmp_path, "empty") as bench:
        await bench.until(lambda s: s.ready)
        await bench.engine.drop()
        for _ in range(steps):
            await asyncio.sleep(0)
        bench.task.cancel()
        await bench.engine.resume()
        done, _ = await asyncio.wait({bench.task}, timeout=10)
        assert done and bench.task.cancelled()
