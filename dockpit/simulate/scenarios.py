"""The scenarios of the simulated engine by name.

Each builder takes the number after the colon of `NAME:NUMBER`, None without one: the size of the crowd, the log lines
per second of fleet and flood; the others ignore it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from dockpit.model.errors import UsageError
from dockpit.simulate import fleet_containers, workloads
from dockpit.simulate.fleet_containers import HOUR, run_options
from dockpit.simulate.scenario_spec import GIB, MIB, ContainerSpec, HealthCheck, LogSpec, Scenario

CROWD_SIZE = 150


def _fleet(lines_per_second: int | None) -> Scenario:
    containers: tuple[ContainerSpec, ...] = fleet_containers.FLEET
    if lines_per_second:
        loud = replace(
            fleet_containers.GATEWAY,
            logs=replace(fleet_containers.GATEWAY.logs, lines_per_second=float(lines_per_second)),
        )
        containers = tuple(loud if spec is fleet_containers.GATEWAY else spec for spec in containers)
    return Scenario("fleet", "a believable host with one of everything", containers, memory_bytes=32 * GIB)


def _incident(_: int | None) -> Scenario:
    fast_leak = replace(
        fleet_containers.WORKER,
        workload=workloads.leak(80 * MIB, 4.1 * MIB, cpu_cores=0.9),
        age_seconds=20.0,
        restart_count=204,
    )
    starved = replace(
        fleet_containers.DB,
        workload=workloads.database(1380 * MIB, 6 * GIB, cpu_cores=0.9),
        labels=fleet_containers.DB.labels,
    )
    sick = HealthCheck(fails_after_seconds=2 * HOUR + 600, output="HTTP 502 from upstream")
    web = replace(fleet_containers.WEB, health=sick, age_seconds=2 * HOUR)
    second = replace(
        web, name="shop-web-2", labels=fleet_containers.compose_labels("shop", "web", 2), ports=((8081, 8080),)
    )
    rest = (
        fleet_containers.CACHE,
        fleet_containers.GATEWAY,
        fleet_containers.COLLECTOR,
        fleet_containers.API,
        fleet_containers.CRASH_LOOPING,
        fleet_containers.FORKER,
        fleet_containers.KILLED,
    )
    return Scenario(
        "incident", "several things wrong at once", (web, second, fast_leak, starved, *rest), memory_bytes=32 * GIB
    )


def _calm(_: int | None) -> Scenario:
    web = replace(fleet_containers.WEB, host_config=run_options(cpus=2.0, memory=512 * MIB, restart="unless-stopped"))
    worker = replace(
        fleet_containers.WORKER, workload=workloads.service(0.2, 120 * MIB), age_seconds=5 * HOUR, restart_count=0
    )
    api = replace(fleet_containers.API, health=HealthCheck())
    return Scenario(
        "calm",
        "nothing is wrong",
        (web, worker, fleet_containers.DB, fleet_containers.CACHE, api, fleet_containers.UNLIMITED),
    )


def _crowd(size: int | None) -> Scenario:
    kinds = (
        workloads.idle(),
        workloads.service(0.08, 40 * MIB, rx_bytes_per_s=20_000),
        workloads.service(0.3, 90 * MIB, rx_bytes_per_s=90_000),
        workloads.database(60 * MIB, 80 * MIB),
        workloads.leak(30 * MIB, 0.02 * MIB, cpu_cores=0.05),
    )
    specs = tuple(
        ContainerSpec(
            name=f"crowd-{number:03d}",
            image=f"example.org/app-{number % 7}:1.{number % 10}",
            workload=kinds[number % len(kinds)],
            host_config=run_options(cpus=(0.1, 0.25, 0.5, 1.0)[number % 4], memory=(128, 256, 512)[number % 3] * MIB),
            labels=fleet_containers.compose_labels(f"team-{number % 12:02d}", f"svc-{number // 12:02d}"),
            age_seconds=600.0 + 137.0 * number,
            network=f"team-{number % 12:02d}_default",
        )
        for number in range(CROWD_SIZE if size is None else size)
    )
    return Scenario("crowd", "very many containers", specs, cpus=32, memory_bytes=256 * GIB, warmup_seconds=60.0)


def _empty(_: int | None) -> Scenario:
    return Scenario("empty", "an engine without containers", warmup_seconds=0.0)


def _throttled(_: int | None) -> Scenario:
    spinning = ContainerSpec(
        "spin", workload=workloads.spinner(), host_config=run_options(cpus=0.2, memory=64 * MIB), age_seconds=120.0
    )
    idle = ContainerSpec("idle", workload=workloads.idle(), age_seconds=120.0)
    return Scenario("throttled", "one busy loop at 0.2 CPUs, one idle", (spinning, idle), warmup_seconds=30.0)


def _leak(_: int | None) -> Scenario:
    growing = ContainerSpec(
        "grow",
        workload=workloads.leak(8 * MIB, 0.5 * MIB, cpu_cores=0.1),
        host_config=run_options(memory=64 * MIB, restart="always"),
        age_seconds=10.0,
    )
    return Scenario(
        "leak", "one that grows towards 64 MiB and is killed after two minutes", (growing,), warmup_seconds=30.0
    )


def _cache(_: int | None) -> Scenario:
    reading = ContainerSpec(
        "reread",
        workload=workloads.cache_reader(200 * MIB),
        host_config=run_options(memory=64 * MIB),
        age_seconds=120.0,
    )
    return Scenario("cache", "one that re-reads a file bigger than its limit", (reading,), warmup_seconds=30.0)


def _flood(lines_per_second: int | None) -> Scenario:
    logs = LogSpec(fleet_containers.GATEWAY.logs.lines, float(lines_per_second or 50_000), 0.0)
    flooding = replace(fleet_containers.GATEWAY, name="flood", logs=logs, age_seconds=60.0)
    return Scenario("flood", "one that prints 50,000 lines a second", (flooding,), warmup_seconds=0.0)


_BUILDERS: Mapping[str, Callable[[int | None], Scenario]] = {
    "fleet": _fleet,
    "incident": _incident,
    "calm": _calm,
    "crowd": _crowd,
    "empty": _empty,
    "throttled": _throttled,
    "leak": _leak,
    "cache": _cache,
    "flood": _flood,
}

SCENARIOS: Mapping[str, Scenario] = {name: build(None) for name, build in _BUILDERS.items()}
"""Every scenario with its default size and rate."""


def scenario(name: str) -> Scenario:
    """The scenario `name`; a number after a colon sets its size or rate (`crowd:500`). Raises UsageError."""
    plain, colon, number = name.partition(":")
    build = _BUILDERS.get(plain)
    if build is None:
        raise UsageError(f"no scenario is called {plain!r}; there are {', '.join(_BUILDERS)}")
    if not colon:
        return build(None)
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise UsageError(f"{name!r}: what follows the colon is a whole number, as in crowd:500")
    return build(int(number))
