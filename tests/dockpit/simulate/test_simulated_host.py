"""The machine of a simulated engine."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import pytest

from dockpit.simulate import World, scenario
from dockpit.simulate.simulated_host import BASE_CPU_PERCENT, BASE_MEMORY_BYTES, SimulatedHost

START = 1_700_000_000.0


@pytest.fixture(scope="module")
def world() -> World:
    return World(scenario("throttled"), 1, START)


def test_the_first_read_has_no_rates_and_the_next_has_all(world: World) -> None:
    host = SimulatedHost(world)
    first, second = host.read(START, 0.0), host.read(START + 1, 1.0)
    assert first.cpu_percent is None
    assert first.memory_used_bytes is not None and first.memory_used_bytes > BASE_MEMORY_BYTES
    assert all(getattr(second, field.name) is not None for field in fields(second))


def test_cpu_is_that_of_the_containers_on_all_cores(world: World) -> None:
    host = SimulatedHost(world)
    at = world.now
    host.read(at, 0.0)
    later = host.read(at + 10, 10.0)
    assert later.cpu_percent == pytest.approx(BASE_CPU_PERCENT + 0.2 / world.scenario.cpus * 100, abs=0.5)


def test_the_past_has_one_value_a_second_up_to_the_start() -> None:
    past = list(SimulatedHost(World(scenario("throttled"), 1, START)).past())
    assert len(past) == 30
    assert [round(after.at - before.at, 3) for before, after in pairwise(past)] == [1.0] * 29
    assert past[-1].at <= START
    assert all(host.cpu_percent is not None for host in past[1:])


def test_a_restarted_container_makes_no_negative_rate() -> None:
    past = list(SimulatedHost(World(scenario("incident"), 1, START)).past())
    rates = [host.cpu_percent for host in past if host.cpu_percent is not None]
    assert len(rates) > 800
    assert min(rates) >= BASE_CPU_PERCENT and max(rates) <= 100
    assert all((host.net_rx_bytes_per_s or 0) >= 0 for host in past)
