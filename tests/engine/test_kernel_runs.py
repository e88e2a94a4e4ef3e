"""Events of a container while the kernel's files are read: kills, new limits, pauses, restarts and the end."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from docker.models.containers import Container

from tests.engine import kernel_readings
from tests.engine.conftest import Run
from tests.engine.container_factory import MAX_CPU_SHARES, ContainerFactory
from tests.engine.dockpit_process import Record, stats_stream
from tests.engine.kernel_readings import CGROUPS, WatchedContainer, cgroup_file, open_proc_files, watch_container
from tests.engine.waiting import until

pytestmark = pytest.mark.usefixtures("local_engine")

START_SECONDS = 30.0
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may write to cgroups and networks of others")


def pid_of(factory: ContainerFactory, container: Container) -> int:
    """The process id of the container's first process."""
    return int(factory.state(container)["Pid"])


def update(container: Container, **body: int) -> None:
    """POST /containers/{id}/update with `body`: docker-py does not know NanoCpus."""
    api: Any = container.client.api if container.client else None
    api._raise_for_status(api._post_json(api._url("/containers/{0}/update", container.id), data=body))


# kills


def kernel_oom_kills(pid: int) -> int:
    """The number of processes that the kernel has killed in the process's cgroup for lack of memory."""
    text = cgroup_file(pid, "memory", "memory.oom_control", "memory.events").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill "))


@pytest.mark.slow
async def test_kills_of_a_child_are_counted_as_by_the_kernel_while_pid_1_lives(
    engine_url: str, factory: ContainerFactory, run: Run
) -> None:
    container = run("k-childoom", "childoom", "64", "1", memory="24m", network_mode="none")
    pid = pid_of(factory, container)
    async with watch_container(engine_url, container) as watched:
        for number in range(3):
            least = kernel_oom_kills(pid) + 1
            counted = await until(
                partial(count_of_at_least, watched, "oom_kills", least), 20, f"kill number {number + 1}"
            )
            assert counted <= kernel_oom_kills(pid)
        assert watched.entry.memory.kills == (watched.sample and watched.sample.oom_kills)
    assert factory.state(container)["Running"] and pid_of(factory, container) == pid


async def count_of_at_least(watched: WatchedContainer, name: str, least: int) -> int | None:
    """The count `name` of the newest sample if it is at least `least`, else None."""
    value: int | None = getattr(watched.sample, name, None)
    return value if value is not None and value >= least else None


# limits


@pytest.mark.slow
async def test_a_new_cpu_limit_is_in_force_with_the_next_sample(engine_url: str, run: Run) -> None:
    container = run("k-limit", "idle", cpus=0.5, network_mode="none")
    async with watch_container(engine_url, container) as watched:
        await until(lambda: cores_in_force(watched, 0.5), 20)
        update(container, NanoCpus=300_000_000)
        in_force = (await kernel_readings.read_kernel_sample(engine_url, container)).in_force
        assert in_force is not None and in_force.cpu_cores == 0.3
        await until(lambda: cores_in_force(watched, 0.3), 20, "the new limit")
        assert watched.entry.cpu_limit_cores == 0.3 and not watched.differences


async def cores_in_force(watched: WatchedContainer, cores: float | None) -> bool:
    """Whether the newest sample was read under this limit."""
    sample = watched.sample
    return sample is not None and sample.in_force is not None and sample.in_force.cpu_cores == cores


@pytest.mark.slow
async def test_a_limit_that_a_stored_quota_removes_at_the_next_start_is_warned_of_before_and_gone_after(
    engine_url: str, run: Run
) -> None:
    container = run("k-trap", "idle", cpus=0.5, network_mode="none")
    update(container, CpuQuota=-1)
    update(container, NanoCpus=300_000_000)
    async with watch_container(engine_url, container) as watched:
        await until(lambda: warns_of(watched, "CPUs: 0.3", "in force until the next start"), 20, "the warning")
        container.restart(timeout=0)
        await until(lambda: cores_in_force(watched, None), 30, "the loss")
        assert watched.entry.container.limits.nano_cpus == 300_000_000
        assert watched.entry.cpu_limit_cores is None


async def warns_of(watched: WatchedContainer, *words: str) -> bool:
    """Whether a sentence about the limits has all these words."""
    return any(all(word in sentence for word in words) for sentence in watched.differences)


@pytest.fixture
def parent_cgroup(factory: ContainerFactory) -> Iterator[str]:
    """The name of a parent cgroup for containers, removed again."""
    systemd = factory.engine.info()["CgroupDriver"] == "systemd"
    name = f"dockpit{factory.session}.slice" if systemd else f"/dockpit-{factory.session}"
    yield name
    for folder in [CGROUPS / name.strip("/"), *CGROUPS.glob(f"*/{name.strip('/')}")]:
        with suppress(OSError):
            folder.rmdir()


@pytest.mark.slow
@AS_ROOT
async def test_a_tighter_quota_of_the_cgroup_above_is_named_with_its_cgroup(
    engine_url: str, factory: ContainerFactory, parent_cgroup: str, run: Run
) -> None:
    container = run("k-below", "spin", "1", cgroup_parent=parent_cgroup, network_mode="none")
    above = cgroup_file(pid_of(factory, container), "cpu", "cpu.cfs_quota_us", "cpu.max").parents[1]
    for name, text in (("cpu.cfs_quota_us", "30000"), ("cpu.max", "30000 100000")):
        if (above / name).exists():
            (above / name).write_text(text)
    in_force = (await kernel_readings.read_kernel_sample(engine_url, container)).in_force
    assert in_force is not None
    assert (in_force.cpu_cores, in_force.parent_cpu_cores) == (None, 0.3)
    assert in_force.parent == f"/{parent_cgroup.strip('/')}"
    async with watch_container(engine_url, container) as watched:
        await until(lambda: warns_of(watched, f"the cgroup above ({in_force.parent}) limits it to 0.3"), 20)
        await until(lambda: throttled_by(watched, in_force.parent), 20, "throttling of the cgroup above")
        sample, (periods, throttled_periods) = watched.sample, read_period_counters(above)
        assert sample is not None and sample.throttling_above is not None
        assert (
            sample.throttling_above.periods <= periods
            and sample.throttling_above.throttled_periods <= throttled_periods
        )
        assert not sample.throttled_periods, "its own cgroup was never throttled"


async def throttled_by(watched: WatchedContainer, path: str) -> bool:
    """Whether most of its periods are throttled by the cgroup above, in its figures and in its alerts."""
    throttling = watched.entry.throttling
    alerts = [alert.text for alert in watched.entry.alerts if alert.kind == "throttled"]
    throttled = throttling.level == "high" and throttling.above == path and (throttling.percent or 0.0) > 60
    return throttled and alerts == [f"throttled {throttling.percent:.0f} % of periods by the cgroup above ({path})"]


def read_period_counters(cgroup: Path) -> tuple[int, int]:
    """Periods and throttled periods of a cgroup."""
    counters = dict(line.split() for line in (cgroup / "cpu.stat").read_text().splitlines())
    return int(counters["nr_periods"]), int(counters["nr_throttled"])


# restarts and pauses


def epoch_seconds(text: str) -> float:
    """A time of inspect in seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def measured(records: list[Record], since: float = 0.0) -> list[Record]:
    """The records after `since` that have a CPU rate."""
    return [record for record in records if record["cpu_cores"] is not None and record["at"] > since]


@pytest.mark.slow
async def test_figures_go_on_from_the_kernel_after_a_restart_with_a_gap_between(
    engine_url: str, factory: ContainerFactory, run: Run
) -> None:
    container = run("k-again", "spin", "1", cpus=0.2, cpu_shares=MAX_CPU_SHARES)
    name, before = str(container.name), pid_of(factory, container)
    async with stats_stream(engine_url, name, "--interval", "0.5") as stream:
        await until(lambda: len(measured(stream.records_of(name))) > 3, START_SECONDS, "figures before")
        assert open_proc_files(stream.pid, before)
        container.kill("SIGKILL")
        await until(lambda: not open_proc_files(stream.pid, before), 20, "the files of the dead process to be closed")
        died = epoch_seconds(factory.state(container)["FinishedAt"])
        container.start()
        began = epoch_seconds(factory.state(container)["StartedAt"])
        await until(lambda: len(measured(stream.records_of(name), began)) > 3, START_SECONDS, "figures after")
        assert open_proc_files(stream.pid, pid_of(factory, container))
    records = stream.records_of(name)
    assert {record["source"] for record in measured(records)} == {"kernel"}
    assert not [record for record in measured(records) if died + 0.1 < record["at"] < began]
    assert max(record["cpu_cores"] for record in measured(records)) < 0.4


@pytest.mark.slow
async def test_a_paused_container_uses_no_cpu_and_continues_afterwards(engine_url: str, run: Run) -> None:
    container = run("k-pause", "spin", "1", cpus=0.2, cpu_shares=MAX_CPU_SHARES)
    name = str(container.name)
    async with stats_stream(engine_url, name, "--interval", "0.5") as stream:
        await until(lambda: measured(stream.records_of(name)), START_SECONDS, "figures")
        container.pause()
        await until(
            lambda: is_paused_without_cpu(stream.records_of(name)), START_SECONDS, "a paused container without CPU"
        )
        container.unpause()
        await until(lambda: runs_with_cpu(stream.records_of(name)), START_SECONDS, "CPU again")
    assert {record["source"] for record in stream.records_of(name)} == {"kernel"}


def is_paused_without_cpu(records: list[Record]) -> bool:
    """Whether the newest record is of a paused container that uses no CPU: a measured 0, not a gap."""
    return bool(records) and records[-1]["state"] == "paused" and records[-1]["cpu_cores"] == 0


def runs_with_cpu(records: list[Record]) -> bool:
    """Whether the newest record is of a running container that uses CPU."""
    return records[-1]["state"] == "running" and (records[-1]["cpu_cores"] or 0) > 0.1


# the end


@pytest.fixture
def network_witness(factory: ContainerFactory) -> Iterator[str]:
    """The name of a network device that disappears once the network of its other end has no user left."""
    if shutil.which("ip") is None:
        pytest.skip("no ip on this machine: apt-get install iproute2")
    name = f"dp{factory.session}"
    yield name
    subprocess.run(["ip", "link", "del", name], capture_output=True, check=False)


def add_device_pair(pid: int, device: str) -> None:
    """Create a pair of devices, `device` here and its other end in the network of a process."""
    command = ["ip", "link", "add", device, "type", "veth", "peer", "name", "dp0", "netns", str(pid)]
    subprocess.run(command, check=True)


@pytest.mark.slow
@AS_ROOT
async def test_the_network_of_a_dead_container_is_released(
    engine_url: str, factory: ContainerFactory, run: Run, network_witness: str
) -> None:
    container = run("k-end", "idle", network_mode="none")
    name, pid = str(container.name), pid_of(factory, container)
    add_device_pair(pid, network_witness)
    async with stats_stream(engine_url, name, "--interval", "1") as stream:
        await until(lambda: measured(stream.records_of(name)), START_SECONDS, "figures")
        assert [link for link in open_proc_files(stream.pid, pid) if link.endswith("/net/dev")]
        container.kill("SIGKILL")
        await until(lambda: not Path(f"/sys/class/net/{network_witness}").exists(), 20, "the end of its network")
        assert not open_proc_files(stream.pid, pid)
