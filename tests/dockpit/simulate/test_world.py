from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from dockpit.simulate import SCENARIOS, World, lifecycle, scenario
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.limit_update import update
from dockpit.simulate.scenario_spec import MIB, ContainerSpec, Scenario
from dockpit.simulate.simulated_container import SimulatedContainer

START = 1_700_000_000.0


def world_of(name: str = "fleet", seed: int = 1, warmup_seconds: float = 10.0) -> World:
    return World(replace(scenario(name), warmup_seconds=warmup_seconds), seed, START)


def advance_by(world: World, seconds: float) -> float:
    at = world.now + seconds
    world.advance(at)
    return at


def actions(world: World, name: str, since: float = START) -> list[str]:
    return [
        message["Action"]
        for message in world.event_log.all
        if message["Actor"]["Attributes"].get("name") == name and message["timeNano"] >= since * 1e9
    ]


def all_output(world: World) -> str:
    stats = [world.stats(container, world.now) for container in world.containers.values() if container.live]
    return json.dumps([stats, world.event_log.all, [world.history(container) for container in world.containers]])


def throttled_share(world: World, container: SimulatedContainer, seconds: float) -> float:
    periods, throttled = container.counters.periods, container.counters.throttled_periods
    advance_by(world, seconds)
    return (container.counters.throttled_periods - throttled) / max(1.0, container.counters.periods - periods)


def test_same_seed_and_actions_give_the_same_bytes() -> None:
    def run_world() -> str:
        world = world_of()
        advance_by(world, 30)
        update(world, world.find("shop-web-1"), {"NanoCpus": 10**9}, world.now)
        lifecycle.restart(world, world.find("shop-db-1"), world.now)
        advance_by(world, 30)
        return all_output(world)

    assert run_world() == run_world()


def test_another_seed_gives_other_figures() -> None:
    assert all_output(world_of("throttled", 1)) != all_output(world_of("throttled", 2))


def test_the_number_of_reads_changes_nothing() -> None:
    one, other = world_of("leak"), world_of("leak")
    advance_by(one, 60)
    for _ in range(240):
        advance_by(other, 0.25)
    assert all_output(one) == all_output(other)


def test_raising_the_cpu_limit_removes_throttling() -> None:
    world = world_of()
    web = world.find("shop-web-1")
    assert throttled_share(world, web, 20) > 0.9
    update(world, web, {"NanoCpus": int(1.5e9)}, world.now)
    assert throttled_share(world, web, 20) == 0.0
    update(world, web, {"NanoCpus": int(0.2e9)}, world.now)
    assert throttled_share(world, web, 20) > 0.9


def test_single_thread_at_a_fifth_of_a_cpu_is_stalled_like_on_a_real_kernel() -> None:
    world = world_of("throttled")
    spin = world.find("spin")
    used, stalled = spin.counters.cpu_ns, spin.counters.throttled_ns
    advance_by(world, 10)
    assert (spin.counters.cpu_ns - used) / 1e10 == pytest.approx(0.2, rel=0.01)
    assert 0.6e9 < (spin.counters.throttled_ns - stalled) / 10 < 0.8e9


def test_leak_is_killed_and_restarted_in_cycles() -> None:
    world = world_of()
    advance_by(world, 600)
    seen = actions(world, "shop-worker-1")
    assert seen[:5] == ["oom", "oom", "die", "start", "oom"]
    worker = world.find("shop-worker-1")
    dies = [m for m in world.event_log.all if m["Action"] == "die" and m["Actor"]["ID"] == worker.id]
    assert {m["Actor"]["Attributes"]["exitCode"] for m in dies} == {"137"}
    assert all(150 < (b["timeNano"] - a["timeNano"]) / 1e9 < 400 for a, b in pairwise(dies))


def test_raising_memory_delays_the_oom_kill() -> None:
    def seconds_to_oom(memory: int) -> float:
        world = world_of("leak")
        if memory:
            update(world, world.find("grow"), {"Memory": memory, "MemorySwap": memory}, world.now)
        while "oom" not in actions(world, "grow"):
            advance_by(world, 1)
        return world.now - START

    assert seconds_to_oom(96 * MIB) > seconds_to_oom(0) + 50


def test_lowering_memory_below_use_is_accepted_and_kills_on_v2() -> None:
    world = world_of()
    worker = world.find("shop-cache-1")
    assert update(world, worker, {"Memory": 64 * MIB, "MemorySwap": 64 * MIB}, world.now) == []
    advance_by(world, 0.5)
    assert actions(world, "shop-cache-1")[:4] == ["update", "oom", "oom", "die"]
    assert worker.oom_killed and worker.exit_code == 137


def test_lowering_memory_below_use_is_refused_on_v1() -> None:
    world = World(replace(scenario("fleet"), cgroup_version=1), 1, START)
    container = world.find("shop-cache-1")
    with pytest.raises(
        EngineRefusal, match=r"unable to set memory limit to 67108864 \(current usage: \d+, peak"
    ) as refused:
        update(world, container, {"Memory": 64 * MIB, "MemorySwap": 64 * MIB}, world.now)
    assert refused.value.status == 500
    assert container.host_config["Memory"] == 256 * MIB


def test_page_cache_is_reclaimed_and_never_kills() -> None:
    world = world_of()
    db = world.find("shop-db-1")
    advance_by(world, 300)
    stats = world.stats(db, world.now)["memory_stats"]
    assert 0.95 < stats["usage"] / stats["limit"] <= 1.0
    assert stats["stats"]["anon"] < 0.2 * stats["limit"]
    assert "oom" not in actions(world, "shop-db-1")


def test_child_oom_leaves_pid_1_alive() -> None:
    world = world_of()
    container = world.find("obs-collector-1")
    started = container.started_at
    advance_by(world, 700)
    assert "oom" in actions(world, "obs-collector-1")
    assert "die" not in actions(world, "obs-collector-1")
    assert (container.status, container.oom_killed, container.started_at) == ("running", True, started)
    assert world.stats(container, world.now)["memory_stats"]["failcnt"] >= 1


def test_counters_begin_again_on_restart() -> None:
    world = world_of()
    web = world.find("shop-web-1")
    before = web.counters.cpu_ns
    lifecycle.restart(world, web, advance_by(world, 1))
    advance_by(world, 2)
    assert 0 < web.counters.cpu_ns < before / 100
    assert actions(world, "shop-web-1") == ["kill", "die", "stop", "start", "restart"]


def test_quota_of_minus_one_wins_over_nano_cpus_at_the_next_start() -> None:
    world = world_of("throttled")
    spin = world.find("spin")
    update(world, spin, {"CpuQuota": -1}, world.now)
    assert spin.limits.cores is None
    update(world, spin, {"NanoCpus": 3 * 10**8}, world.now)
    assert spin.limits.cores == 0.3
    lifecycle.restart(world, spin, world.now)
    assert spin.limits.cores is None
    assert spin.host_config["NanoCpus"] == 3 * 10**8


def test_removing_the_memory_limit_shows_the_hosts_memory() -> None:
    world = world_of("leak")
    container = world.find("grow")
    update(world, container, {"Memory": 9223372036854771712, "MemorySwap": 9223372036854771712}, world.now)
    assert world.stats(container, world.now)["memory_stats"]["limit"] == world.scenario.memory_bytes


def test_memory_swap_of_minus_one_is_stored_and_not_written() -> None:
    world = world_of("leak")
    container = world.find("grow")
    update(world, container, {"Memory": 80 * MIB, "MemorySwap": -1}, world.now)
    assert (container.host_config["MemorySwap"], container.limits.memory_swap_bytes) == (-1, 64 * MIB)


def test_restart_loop_continues_and_counts() -> None:
    world = world_of()
    container = world.find("cron-sync")
    before = container.restart_count
    advance_by(world, 40)
    assert container.restart_count - before == pytest.approx(5, abs=1)
    assert actions(world, "cron-sync").count("die") >= 4


def test_a_container_is_older_than_all_its_restarts() -> None:
    container = world_of().find("cron-sync")
    assert START - container.created_at >= 8 * 1204


def test_a_container_stopped_by_the_user_is_not_restarted_by_its_policy() -> None:
    world = world_of()
    container = world.find("cron-sync")
    lifecycle.stop(world, container, advance_by(world, 1))
    advance_by(world, 30)
    assert container.status == "exited"


@pytest.mark.parametrize(("code", "most", "again"), [(1, 0, True), (0, 0, False), (1, 3, False)])
def test_on_failure_restarts_after_failures_only(code: int, most: int, again: bool) -> None:
    policy = {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": most}}
    spec = ContainerSpec(
        "fails", host_config=policy, age_seconds=1.0, lifetime_seconds=2.0, exit_code=code, restart_count=3
    )
    world = World(Scenario("one", "", (spec,), warmup_seconds=0.0), 1, START)
    advance_by(world, 3)
    assert (world.find("fails").restart_count > 3) is again


def test_a_health_change_emits_one_event() -> None:
    world = world_of("incident", warmup_seconds=900.0)
    changes = [m for m in world.past_events() if m["Action"].startswith("health_status")]
    assert {m["Action"] for m in changes} == {"health_status: unhealthy"}
    assert {m["Actor"]["Attributes"]["name"] for m in changes} == {"shop-web-1", "shop-web-2"}


def test_every_event_is_later_than_the_one_before() -> None:
    world = world_of("incident")
    advance_by(world, 400)
    assert all(a["timeNano"] < b["timeNano"] for a, b in pairwise(world.event_log.all))
    assert len(world.event_log.replayed) == 256


def test_history_ends_where_the_live_world_begins() -> None:
    world = world_of(warmup_seconds=900.0)
    history = world.history(world.find("shop-web-1").id)
    assert len(history) == 900
    totals = [row["cpu_stats"]["cpu_usage"]["total_usage"] for row in history]
    assert totals == sorted(totals)
    assert totals[-1] <= world.stats(world.find("shop-web-1"), START + 1)["cpu_stats"]["cpu_usage"]["total_usage"]
    assert history[1]["preread"] == history[0]["read"]
    assert len(world.history("shop-web-1", seconds=100, step=10)) == pytest.approx(10, abs=1)


def test_shared_network_shows_the_counters_of_its_owner() -> None:
    world = world_of()
    owner, sharer = world.history("obs-api-1"), world.history("obs-sidecar-1")
    assert [row["networks"] for row in owner] == [row["networks"] for row in sharer]
    assert "networks" not in world.history("node-exporter")[0]


def test_containers_in_a_pid_namespace_end_with_its_owner() -> None:
    owner = ContainerSpec("owner", age_seconds=5.0)
    world = World(Scenario("pair", "", (owner,), warmup_seconds=0.0), 1, START)
    container = world.find("owner")
    guest = ContainerSpec("guest", host_config={"PidMode": f"container:{container.id}"}, age_seconds=1.0)
    world = World(Scenario("pair", "", (owner, guest), warmup_seconds=0.0), 1, START)
    lifecycle.stop(world, world.find("owner"), START)
    assert (world.find("guest").status, world.find("guest").exit_code) == ("exited", 137)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_runs(name: str) -> None:
    world = world_of(name)
    advance_by(world, 5)
    up = [
        container
        for container in world.containers.values()
        if container.status == "running" and world.now - container.started_at > 1
    ]
    assert all(container.counters.cpu_ns > 0 and container.counters.usage_bytes > 0 for container in up)


def test_v1_payload_has_v1_keys() -> None:
    world = World(replace(scenario("leak"), cgroup_version=1), 1, START)
    stats = world.stats(world.find("grow"), START)
    assert stats["memory_stats"]["max_usage"] > 0
    assert stats["memory_stats"]["stats"]["total_rss"] == stats["memory_stats"]["stats"]["rss"]
    assert len(stats["cpu_stats"]["cpu_usage"]["percpu_usage"]) == world.scenario.cpus
    assert stats["blkio_stats"]["io_service_bytes_recursive"] == []


def pause(world: World, container: SimulatedContainer) -> None:
    lifecycle.pause(world, container, world.now)


def unpause(world: World, container: SimulatedContainer) -> None:
    lifecycle.unpause(world, container, world.now)


def kill(world: World, container: SimulatedContainer) -> None:
    lifecycle.kill(world, container, world.now, 9)


def remove(world: World, container: SimulatedContainer) -> None:
    lifecycle.remove(world, container, world.now)


@pytest.mark.parametrize(
    ("action", "name", "message"),
    [
        (pause, "staging-worker", "is already paused"),
        (pause, "report-2024-q4", "is not running"),
        (unpause, "shop-web-1", "is not paused"),
        (kill, "report-2024-q4", "is not running"),
        (remove, "shop-web-1", "stop the container before removing or force remove"),
    ],
)
def test_an_action_that_does_not_fit_the_state_is_a_conflict(
    action: Callable[..., Any], name: str, message: str
) -> None:
    world = world_of("fleet")
    with pytest.raises(EngineRefusal, match=message) as refused:
        action(world, world.find(name))
    assert refused.value.status == 409


def test_paused_containers_stand_still() -> None:
    world = world_of()
    container = world.find("shop-web-1")
    pause(world, container)
    before = container.counters.cpu_ns
    advance_by(world, 10)
    assert container.counters.cpu_ns == before
    unpause(world, container)
    advance_by(world, 10)
    assert container.counters.cpu_ns > before
    assert actions(world, "shop-web-1") == ["pause", "unpause"]


@pytest.mark.parametrize(
    ("limits", "status", "message"),
    [
        ({"CpuShares": 1}, 500, "minimum allowed cpu-shares is 2"),
        ({"NanoCpus": 1_000_000}, 500, "invalid argument"),
        ({"Memory": 64 * MIB, "MemorySwap": 32 * MIB}, 400, "Minimum memoryswap limit"),
    ],
)
def test_bad_limits_of_a_stopped_container_fail_at_its_start(limits: dict[str, int], status: int, message: str) -> None:
    spec = ContainerSpec("stopped", host_config=limits, state="exited")
    world = World(Scenario("one", "", (spec,), warmup_seconds=0.0), 1, START)
    with pytest.raises(EngineRefusal, match=message) as refused:
        lifecycle.start(world, world.find("stopped"), START)
    assert refused.value.status == status
