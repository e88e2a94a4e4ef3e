from __future__ import annotations

from typing import Any

import pytest

from dockpit.simulate import World, scenario
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.limit_update import update
from dockpit.simulate.scenario_spec import MIB, ContainerSpec, Scenario

START = 1_700_000_000.0


def one_container_world(limits: dict[str, Any], state: Any = "running") -> World:
    return World(
        Scenario("one", "", (ContainerSpec("one", host_config=limits, state=state),), cpus=2, warmup_seconds=0.0),
        1,
        START,
    )


REFUSED: list[tuple[dict[str, Any], dict[str, Any], int, str]] = [
    ({}, {"NanoCpus": 3 * 10**9}, 400, "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"),
    ({}, {"NanoCpus": -1}, 400, "Range of CPUs"),
    ({}, {"NanoCpus": 10**6}, 500, "runc did not terminate successfully: exit status 1"),
    ({}, {"NanoCpus": 10**9, "CpuQuota": 50_000}, 400, "Nano CPUs and CPU Quota cannot both be set"),
    ({}, {"NanoCpus": 10**9, "CpuPeriod": 50_000}, 400, "Nano CPUs and CPU Period cannot both be set"),
    ({}, {"CpuPeriod": 999}, 400, "CPU cfs period can not be less than 1ms"),
    ({}, {"CpuQuota": 999}, 400, "CPU cfs quota can not be less than 1ms (i.e. 1000)"),
    ({"NanoCpus": 10**9}, {"CpuQuota": 50_000}, 409, "CPU Quota cannot be updated as NanoCPUs has already been set"),
    ({"CpuQuota": 50_000}, {"NanoCpus": 10**9}, 409, "Nano CPUs cannot be updated as CPU Quota has already been set"),
    ({"CpuPeriod": 50_000}, {"NanoCpus": 10**9}, 409, "Nano CPUs cannot be updated as CPU Period has already been"),
    ({}, {"CpuShares": 1}, 500, "unable to set unit properties"),
    ({}, {"CpuShares": 300_000}, 500, "the maximum allowed cpu-shares is 262144"),
    ({}, {"CpusetCpus": "3"}, 400, "Requested CPUs are not available - requested 3, available: 0-1"),
    ({}, {"CpusetCpus": "abc"}, 400, "Invalid value abc for cpuset cpus: invalid format: abc"),
    ({}, {"CpusetMems": "1"}, 400, "Requested memory nodes are not available - requested 1, available: 0"),
    ({}, {"Memory": 1}, 400, "Minimum memory limit allowed is 6MB"),
    ({}, {"Memory": -1}, 400, "Minimum memory limit allowed is 6MB"),
    ({}, {"Memory": 64 * MIB}, 409, "Memory limit should be smaller than already set memoryswap limit, update the"),
    ({}, {"Memory": 64 * MIB, "MemorySwap": 32 * MIB}, 400, "Minimum memoryswap limit should be larger"),
    ({"Memory": 64 * MIB}, {"MemorySwap": 32 * MIB}, 500, "unable to set swap limit without memory limit"),
    ({}, {"MemoryReservation": 5}, 400, "Minimum memory reservation allowed is 6MB"),
    ({}, {"Memory": 7 * MIB, "MemorySwap": 9 * MIB, "MemoryReservation": 8 * MIB}, 400, "memory reservation limit"),
    ({}, {"PidsLimit": 5_000_000}, 500, "invalid argument"),
    ({}, {"BlkioWeight": 5}, 400, "Range of blkio weight is from 10 to 1000"),
    ({}, {"RestartPolicy": {"Name": "bogus"}}, 400, "invalid restart policy 'bogus'"),
    ({}, {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 2}}, 400, "maximum retry count cannot be used"),
    ({}, {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": -2}}, 400, "cannot be negative"),
    ({"AutoRemove": True}, {"RestartPolicy": {"Name": "always"}}, 409, "because AutoRemove is enabled"),
    (
        {},
        {"Memory": "64m"},
        500,
        "json: cannot unmarshal string into Go struct field UpdateConfig.Memory of type int64",
    ),
    ({}, {"CpusetCpus": 3}, 500, "cannot unmarshal number into Go struct field UpdateConfig.CpusetCpus of type string"),
]


@pytest.mark.parametrize(("before", "body", "status", "message"), REFUSED)
def test_refusals_use_the_engines_words_and_change_nothing(
    before: dict[str, Any], body: dict[str, Any], status: int, message: str
) -> None:
    world = one_container_world(before)
    container = world.find("one")
    configured, in_force = dict(container.host_config), repr(container.limits)
    with pytest.raises(EngineRefusal) as refused:
        update(world, container, body, START)
    assert message in refused.value.message
    assert refused.value.status == status
    assert refused.value.message.startswith(f"Cannot update container {container.id}: ") == (
        status == 409 or (status == 500 and "json" not in message and "unmarshal" not in message)
    )
    assert (container.host_config, repr(container.limits)) == (configured, in_force)
    assert not world.event_log.all


def test_accepted_changes_are_stored_and_in_force() -> None:
    world = one_container_world({})
    container = world.find("one")
    body = {
        "nanocpus": 500_000_000,
        "CpuShares": 512,
        "CpusetCpus": "0",
        "Memory": 64 * MIB,
        "MemorySwap": 128 * MIB,
        "PidsLimit": 50,
        "BlkioWeight": 300,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "Unknown": "ignored",
        "MemoryReservation": None,
    }
    assert update(world, container, body, START) == []
    assert (container.limits.cores, container.limits.memory, container.limits.pids, container.limits.cpuset_cpus) == (
        0.5,
        64 * MIB,
        50,
        1,
    )
    assert (
        container.host_config["NanoCpus"],
        container.host_config["CpuShares"],
        container.host_config["BlkioWeight"],
    ) == (
        500_000_000,
        512,
        300,
    )
    assert container.host_config["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}
    assert "Unknown" not in container.host_config
    assert [message["Action"] for message in world.event_log.all] == ["update"]


def test_zero_means_unchanged_but_for_pids() -> None:
    world = one_container_world({"NanoCpus": 10**9, "Memory": 64 * MIB, "PidsLimit": 10})
    container = world.find("one")
    update(world, container, {"NanoCpus": 0, "Memory": 0, "PidsLimit": 0, "RestartPolicy": {"Name": ""}}, START)
    assert (container.limits.cores, container.limits.memory, container.limits.pids) == (1.0, 64 * MIB, 0)
    assert container.host_config["RestartPolicy"] == {"Name": "no", "MaximumRetryCount": 0}


def test_a_stopped_container_is_not_checked_by_the_kernel() -> None:
    world = one_container_world({}, "exited")
    update(world, world.find("one"), {"CpuShares": 1}, START)
    assert world.find("one").host_config["CpuShares"] == 1


def test_v1_discards_the_weight_with_a_warning() -> None:
    world = World(Scenario("one", "", (ContainerSpec("one"),), cgroup_version=1, warmup_seconds=0.0), 1, START)
    warnings = update(world, world.find("one"), {"BlkioWeight": 100}, START)
    assert warnings == ["Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."]
    assert world.find("one").host_config["BlkioWeight"] == 0
    with pytest.raises(EngineRefusal, match="the minimum allowed cpu-shares is 2"):
        update(world, world.find("one"), {"CpuShares": 1}, START)


def test_a_recommended_memory_limit_is_accepted() -> None:
    world = World(scenario("calm"), 1, START)
    assert update(world, world.find("shop-db-1"), {"Memory": 1800 * MIB, "MemorySwap": 1800 * MIB}, START) == []
