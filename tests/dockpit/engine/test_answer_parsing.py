"""Containers, processes, events and the engine's info parsed from answers of docker, Podman and old engines."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from dockpit.engine.container_parsing import parse_container, parse_processes
from dockpit.engine.engine_info_parsing import parse_engine_info
from dockpit.engine.event_parsing import parse_event
from dockpit.engine.json_values import as_object
from tests.dockpit.engine.json_strategies import any_json, json_object


@settings(max_examples=300, deadline=None)
@given(
    any_json | json_object(State=any_json, Config=any_json, HostConfig=any_json, NetworkSettings=any_json, Id=any_json)
)
def test_any_json_is_parsed_as_an_inspect_an_event_a_top_and_a_version(value: Any) -> None:
    answer = as_object(value)
    parse_container(answer)
    parse_event(answer)
    parse_processes(answer)
    parse_engine_info(answer, answer, api_version="1.45")


def test_the_detail_of_an_event_is_split_off_and_podmans_died_is_die() -> None:
    health = parse_event(
        {"Type": "container", "Action": "health_status: unhealthy", "timeNano": 5, "Actor": {"ID": "x"}}
    )
    assert health is not None and (health.action, health.detail, health.actor_id) == ("health_status", "unhealthy", "x")
    died = parse_event({"Type": "container", "Action": "died", "time": 3, "Actor": {"ID": "x"}})
    assert died is not None and (died.action, died.at) == ("die", 3.0)
    assert parse_event({"Type": "container"}) is None


def test_podman_and_the_capabilities_are_recognised() -> None:
    info = parse_engine_info(
        {"Version": "5.0", "Components": [{"Name": "Podman Engine"}]},
        {"ID": "i", "CgroupVersion": "2", "SwapLimit": False, "SecurityOptions": ["name=rootless"], "NCPU": 4},
        api_version="1.41",
    )
    assert (info.product, info.cgroup_version, info.swap_limit, info.rootless, info.cpus) == (
        "Podman",
        2,
        False,
        True,
        4,
    )


def test_states_of_podman_and_old_engines() -> None:
    assert parse_container({"State": {"Status": "stopped"}}).state == "exited"
    assert parse_container({"State": {"Running": True}}).state == "running"
    assert parse_container({"State": {"Running": True, "Paused": True}}).state == "paused"


def test_processes_find_their_columns_by_title() -> None:
    processes = parse_processes(
        {"Titles": ["UID", "PID", "PPID", "CMD"], "Processes": [["root", "7", "1", "sh -c x"], "odd"]}
    )
    assert [(p.pid, p.ppid, p.user, p.command) for p in processes] == [(7, 1, "root", "sh -c x")]


def test_the_time_of_an_event_is_before_the_year_3000_and_that_of_the_engine_is_read() -> None:
    assert parse_event({"Action": "start", "time": 2**62, "Actor": {"ID": "x"}}) is None
    assert parse_engine_info({}, {"SystemTime": "2026-11-23T19:00:00Z"}, api_version="").system_time > 1.7e9


def test_podman_gives_the_verdict_of_a_health_check_beside_the_action() -> None:
    message = {"Type": "container", "Action": "health_status", "Actor": {"ID": "a"}, "timeNano": 5 * 10**18 // 10**3}
    found = parse_event({**message, "HealthStatus": "unhealthy"})
    assert found is not None and (found.action, found.detail) == ("health_status", "unhealthy")
    assert parse_event(message) is None, "a check without a verdict is no event"
    docker = parse_event({**message, "Action": "health_status: healthy"})
    assert docker is not None and docker.detail == "healthy"
