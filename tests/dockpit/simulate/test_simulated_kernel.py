"""Samples of the simulated kernel: complete, growing, and continuous with the past."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from dockpit.engine import stats_parsing
from dockpit.metrics import derive
from dockpit.metrics.samples import Pressure, Rates, Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import EnforcedLimits
from dockpit.simulate import World, lifecycle, scenario, workloads
from dockpit.simulate.fleet_containers import run_options
from dockpit.simulate.scenario_spec import MIB, ContainerSpec, Scenario
from dockpit.simulate.simulated_container import CgroupLimits as Cgroup
from dockpit.simulate.simulated_container import SimulatedContainer
from dockpit.simulate.simulated_kernel import SimulatedKernel, enforced_limits

START = 1_700_000_000.0
PRESSURES = ("cpu_pressure", "memory_pressure", "io_pressure")


def world_with(*specs: ContainerSpec, version: int = 2, seconds: float = 30.0) -> World:
    scenario_v2 = Scenario("test", "", specs, warmup_seconds=seconds)
    return World(replace(scenario_v2, cgroup_version=1) if version == 1 else scenario_v2, 1, START)


def take(world: World, name: str) -> tuple[SimulatedKernel, SimulatedContainer]:
    kernel, container = SimulatedKernel(world), world.find(name)
    assert kernel.take(Container(container.id, name)) == ""
    return kernel, container


def read_sample(kernel: SimulatedKernel, container: SimulatedContainer, at: float) -> Sample:
    sample = kernel.read(container.id, lambda: at)
    assert sample is not None
    return sample


def stall_growth(before: Sample, after: Sample) -> list[tuple[int, int]]:
    """Growth of the PSI totals of each resource in microseconds: (some, full)."""
    pairs = [(getattr(before, name), getattr(after, name)) for name in PRESSURES]
    return [(now.some_us - then.some_us, now.full_us - then.full_us) for then, now in pairs]


def rates_over(world: World, name: str, seconds: float = 10.0) -> Rates:
    """The rates of a container over the next `seconds`."""
    kernel, container = take(world, name)
    rates = derive.rates(read_sample(kernel, container, world.now), read_sample(kernel, container, world.now + seconds))
    assert rates is not None
    return rates


def test_a_sample_adds_the_kernels_fields_to_the_engines() -> None:
    world = World(scenario("fleet"), 1, START)
    kernel, container = take(world, "shop-db-1")
    sample = read_sample(kernel, container, START + 2.1)
    known = stats_parsing.parse_stats(container.id, world.stats(container, START + 2.1))
    assert known is not None and sample.source == "kernel" and sample.at == START + 2
    added = {"source", "memory_peak_bytes", "oom_kills", "swap_bytes", "kernel_bytes", "shmem_bytes", "refaults"}
    added |= {"in_force", "bursts", "burst_ns", "swapped_in_bytes", "tcp_retransmits", *PRESSURES}
    for name in Sample._fields:
        if name not in added:
            assert getattr(sample, name) == getattr(known, name)
        assert name in ("memory_failures", "throttling_above") or getattr(sample, name) is not None
    parts = (sample.anon_bytes, sample.file_bytes, sample.kernel_bytes)
    assert sum(part or 0 for part in parts) == pytest.approx(container.counters.usage_bytes, abs=3 * 4096)
    assert sample.in_force == EnforcedLimits(cpu_cores=2.0, memory_bytes=1536 * MIB, swap_bytes=0, pids=200)


def test_version_1_has_no_pressure() -> None:
    kernel, container = take(world_with(ContainerSpec("a"), version=1), "a")
    sample = read_sample(kernel, container, START)
    assert [getattr(sample, name) for name in PRESSURES] == [None] * 3
    assert sample.oom_kills == 0 and sample.kernel_bytes and sample.in_force == EnforcedLimits()


def test_only_running_containers_can_be_taken_and_only_taken_ones_read() -> None:
    world = World(scenario("fleet"), 1, START)
    kernel, stopped = SimulatedKernel(world), world.find("shop-migrate-1")
    assert kernel.take(Container(stopped.id, "shop-migrate-1")) != ""
    assert kernel.take(Container("0" * 64, "gone")) != ""
    assert kernel.read(world.find("shop-db-1").id, lambda: START) is None
    kernel, container = take(world, "shop-db-1")
    kernel.drop(container.id)
    kernel.drop(container.id)
    kernel.settle()
    assert kernel.read(container.id, lambda: START + 1) is None
    assert world.now == START + 1


def test_a_restarted_container_must_be_taken_again() -> None:
    world = world_with(ContainerSpec("a", workload=workloads.spinner()))
    kernel, container = take(world, "a")
    before = read_sample(kernel, container, START + 5)
    lifecycle.restart(world, container, world.now)
    assert kernel.read(container.id, lambda: START + 6) is None
    kernel, container = take(world, "a")
    after = read_sample(kernel, container, START + 7)
    assert before.cpu_ns and after.cpu_ns and after.cpu_ns < before.cpu_ns
    lifecycle.remove(world, container, world.now, force=True)
    assert kernel.read(container.id, lambda: START + 8) is None
    assert kernel.past_samples(container.id) == []


@pytest.mark.parametrize("name", ["fleet", "incident", "leak"])
def test_totals_never_fall_within_a_run_nor_between_past_and_present(name: str) -> None:
    world = World(scenario(name), 1, START)
    kernel = SimulatedKernel(world)
    for container in [container for container in world.containers.values() if container.live]:
        samples = kernel.past_samples(container.id)
        assert kernel.take(Container(container.id, container.name)) == ""
        now = kernel.read(container.id, lambda: START + 1)
        for before, after in pairwise([*samples, *([now] if now else [])]):
            if derive.counters_fell(before, after):
                continue
            for some, full in stall_growth(before, after):
                assert 0 <= full <= some + 1 <= (after.at - before.at) * 1e6 + 2
            assert (after.refaults or 0) >= (before.refaults or 0) and (after.oom_kills or 0) >= (before.oom_kills or 0)


def test_the_same_world_gives_the_same_figures() -> None:
    worlds = [World(scenario("leak"), 4, START) for _ in range(2)]
    one, two = ([SimulatedKernel(world).past_samples(key) for key in world.containers] for world in worlds)
    assert one == two and len(one[0]) > 20


def test_cpu_pressure_comes_with_throttling_and_with_too_few_cpus() -> None:
    held = ContainerSpec("held", workload=workloads.spinner(), host_config=run_options(cpus=0.2))
    free = ContainerSpec("free", workload=workloads.spinner())
    many = ContainerSpec("many", workload=workloads.spinner(8.0, threads=8))
    world = world_with(held, free, many)
    assert rates_over(world, "held").cpu_some_percent == pytest.approx(77, abs=5)
    assert 0 < (rates_over(world, "free").cpu_some_percent or 0) < 1
    assert rates_over(world, "many").cpu_some_percent == pytest.approx(50, abs=1)


def test_memory_pressure_is_low_with_a_full_cache_and_high_before_an_oom_kill() -> None:
    cached = ContainerSpec(
        "cached", workload=workloads.cache_reader(200 * MIB), host_config=run_options(memory=64 * MIB)
    )
    leaking = ContainerSpec(
        "leaking", workload=workloads.leak(30 * MIB, MIB), host_config=run_options(memory=64 * MIB), age_seconds=0.0
    )
    world = world_with(cached, leaking, seconds=5.0)
    full = rates_over(world, "cached")
    assert 0 < (full.memory_some_percent or 0) < 2 and (full.refaults_per_s or 0) > 500
    kernel, container = take(world, "leaking")
    before = None
    worst = 0.0
    while (sample := kernel.read(container.id, lambda: world.now + 1)) is not None:
        rates = derive.rates(before, sample) if before else None
        worst, before = max(worst, (rates.memory_some_percent or 0.0) if rates else 0.0), sample
    assert worst > 20 and container.counters.oom_kills == 1


def test_an_oom_kill_of_a_child_is_counted() -> None:
    leaking = ContainerSpec(
        "a", workload=workloads.leak(30 * MIB, 2 * MIB), host_config=run_options(memory=64 * MIB), oom_kills_child=True
    )
    kernel, container = take(world_with(replace(leaking, age_seconds=0.0), seconds=5.0), "a")
    assert read_sample(kernel, container, START).oom_kills == 0
    assert read_sample(kernel, container, START + 15).oom_kills == 1


def test_disk_pressure_grows_with_traffic_and_a_paused_container_waits_for_nothing() -> None:
    world = world_with(
        ContainerSpec("slow", workload=workloads.backup(1.0, 0.0)),
        ContainerSpec("fast", workload=workloads.backup(3e8, 0)),
    )
    slow, fast = rates_over(world, "slow"), rates_over(world, "fast")
    assert (slow.io_some_percent or 0) < 1 < 30 < (fast.io_some_percent or 0)
    assert (fast.io_full_percent or 0) < (fast.io_some_percent or 0)
    lifecycle.pause(world, world.find("fast"), world.now)
    assert rates_over(world, "fast").io_some_percent == 0


@pytest.mark.parametrize(
    ("cgroup", "wanted"),
    [
        (Cgroup(), EnforcedLimits()),
        (Cgroup(cores=0.5, pids=7), EnforcedLimits(cpu_cores=0.5, pids=7)),
        (Cgroup(memory=100.0, memory_swap_bytes=100), EnforcedLimits(memory_bytes=100, swap_bytes=0)),
        (Cgroup(memory=100.0, memory_swap_bytes=-1), EnforcedLimits(memory_bytes=100)),
    ],
)
def test_limits_in_force_are_those_of_the_cgroup(cgroup: Cgroup, wanted: EnforcedLimits) -> None:
    assert enforced_limits(cgroup) == wanted


def test_pressure_starts_at_zero_with_each_run() -> None:
    world = world_with(ContainerSpec("a", workload=workloads.spinner(), host_config=run_options(cpus=0.5)))
    kernel, container = take(world, "a")
    lifecycle.restart(world, container, world.now)
    kernel, container = take(world, "a")
    assert read_sample(kernel, container, world.now).cpu_pressure == Pressure(0, 0)
