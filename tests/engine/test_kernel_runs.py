"""What happens to a container while the kernel's files are read: kills, new limits, pauses, new runs and the end."""

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

from tests.engine import kernel
from tests.engine.command import Record, streaming
from tests.engine.conftest import Run
from tests.engine.container_factory import FIRST_IN_LINE, Bed
from tests.engine.kernel import CGROUPS, Watched, cgroup_file, held_open, watching
from tests.engine.waiting import until

pytestmark = pytest.mark.usefixtures("here")

OPEN_SECONDS = 30.0
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may write to cgroups and networks of others")


def pid_of(bed: Bed, container: Container) -> int:
    """Its first process."""
    return int(bed.state(container)["Pid"])


def update(container: Container, **body: int) -> None:
    """POST /containers/{id}/update as it is: docker-py knows no NanoCpus."""
    api: Any = container.client.api if container.client else None
    api._raise_for_status(api._post_json(api._url("/containers/{0}/update", container.id), data=body))


# kills


def kernels_count(pid: int) -> int:
    """How many processes the kernel has killed in a cgroup for want of memory."""
    text = cgroup_file(pid, "memory", "memory.oom_control", "memory.events").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill "))


@pytest.mark.slow
async def test_kills_of_a_child_are_counted_as_the_kernel_does_while_pid_1_lives(
    engine_url: str, bed: Bed, run: Run
) -> None:
    container = run("k-childoom", "childoom", "64", "1", memory="24m", network_mode="none")
    pid = pid_of(bed, container)
    async with watching(engine_url, container) as watched:
        for more in range(3):
            least = kernels_count(pid) + 1
            seen = await until(partial(sample_with, watched, "oom_kills", least), 20, f"kill number {more + 1}")
            assert seen <= kernels_count(pid)
        assert watched.entry.memory.kills == (watched.sample and watched.sample.oom_kills)
    assert bed.state(container)["Running"] and pid_of(bed, container) == pid


async def sample_with(watched: Watched, name: str, least: int) -> int | None:
    """A count of the newest sample once it is at least `least`."""
    value: int | None = getattr(watched.sample, name, None)
    return value if value is not None and value >= least else None


# limits


@pytest.mark.slow
async def test_a_new_cpu_limit_is_in_force_with_the_next_sample(engine_url: str, run: Run) -> None:
    container = run("k-limit", "idle", cpus=0.5, network_mode="none")
    async with watching(engine_url, container) as watched:
        await until(lambda: cores_in_force(watched, 0.5), 20)
        update(container, NanoCpus=300_000_000)
        in_force = (await kernel.read_once(engine_url, container)).in_force
        assert in_force is not None and in_force.cpu_cores == 0.3
        await until(lambda: cores_in_force(watched, 0.3), 20, "the new limit")
        assert watched.entry.cpu_limit_cores == 0.3 and not watched.differences


async def cores_in_force(watched: Watched, cores: float | None) -> bool:
    """Whether the newest sample was read under this limit."""
    sample = watched.sample
    return sample is not None and sample.in_force is not None and sample.in_force.cpu_cores == cores


@pytest.mark.slow
async def test_a_limit_that_a_stored_quota_takes_away_at_the_next_start_is_told_of_before_and_gone_after(
    engine_url: str, run: Run
) -> None:
    container = run("k-trap", "idle", cpus=0.5, network_mode="none")
    update(container, CpuQuota=-1)
    update(container, NanoCpus=300_000_000)
    async with watching(engine_url, container) as watched:
        await until(lambda: told(watched, "CPUs: 0.3", "in force until the next start"), 20, "the warning")
        container.restart(timeout=0)
        await until(lambda: cores_in_force(watched, None), 30, "the loss")
        assert watched.entry.container.limits.nano_cpus == 300_000_000
        assert watched.entry.cpu_limit_cores is None


async def told(watched: Watched, *words: str) -> bool:
    """Whether a sentence about the limits has all these words."""
    return any(all(word in said for word in words) for said in watched.differences)


@pytest.fixture
def parent(bed: Bed) -> Iterator[str]:
    """The name of a cgroup for containers to be below, removed again."""
    systemd = bed.engine.info()["CgroupDriver"] == "systemd"
    name = f"dockpit{bed.session}.slice" if systemd else f"/dockpit-{bed.session}"
    yield name
    for folder in [CGROUPS / name.strip("/"), *CGROUPS.glob(f"*/{name.strip('/')}")]:
        with suppress(OSError):
            folder.rmdir()


@pytest.mark.slow
@AS_ROOT
async def test_a_tighter_quota_of_the_cgroup_above_is_named_with_its_cgroup(
    engine_url: str, bed: Bed, parent: str, run: Run
) -> None:
    container = run("k-below", "spin", "1", cgroup_parent=parent, network_mode="none")
    above = cgroup_file(pid_of(bed, container), "cpu", "cpu.cfs_quota_us", "cpu.max").parents[1]
    for name, text in (("cpu.cfs_quota_us", "30000"), ("cpu.max", "30000 100000")):
        if (above / name).exists():
            (above / name).write_text(text)
    in_force = (await kernel.read_once(engine_url, container)).in_force
    assert in_force is not None
    assert (in_force.cpu_cores, in_force.parent_cpu_cores) == (None, 0.3)
    assert in_force.parent == f"/{parent.strip('/')}"
    async with watching(engine_url, container) as watched:
        await until(lambda: told(watched, f"the cgroup above ({in_force.parent}) holds it to 0.3"), 20)
        await until(lambda: stopped_by(watched, in_force.parent), 20, "throttling of the cgroup above")
        before, asked = watched.sample, counted(above)
        assert before is not None and before.quota_above is not None
        assert before.quota_above.periods <= asked[0] and before.quota_above.throttled_periods <= asked[1]
        assert not before.throttled_periods, "its own cgroup was never stopped"


async def stopped_by(watched: Watched, path: str) -> bool:
    """Whether most of its periods are lost to the cgroup above, in its figures and in its alerts."""
    throttling = watched.entry.throttling
    said = [alert.text for alert in watched.entry.alerts if alert.kind == "throttled"]
    held = throttling.level == "high" and throttling.above == path and (throttling.percent or 0.0) > 60
    return held and said == [f"throttled {throttling.percent:.0f} % of periods by the cgroup above ({path})"]


def counted(cgroup: Path) -> tuple[int, int]:
    """Periods and throttled periods of a cgroup."""
    found = dict(line.split() for line in (cgroup / "cpu.stat").read_text().splitlines())
    return int(found["nr_periods"]), int(found["nr_throttled"])


# runs


def moment(text: str) -> float:
    """A time of inspect, in seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def measured(records: list[Record], since: float = 0.0) -> list[Record]:
    """Those with a rate of CPU, from a moment on."""
    return [record for record in records if record["cpu_cores"] is not None and record["at"] > since]


@pytest.mark.slow
async def test_figures_go_on_from_the_kernel_after_a_restart_and_the_gap_is_a_gap(
    engine_url: str, bed: Bed, run: Run
) -> None:
    container = run("k-again", "spin", "1", cpus=0.2, cpu_shares=FIRST_IN_LINE)
    name, before = str(container.name), pid_of(bed, container)
    async with streaming(engine_url, name, "--interval", "0.5") as stream:
        await until(lambda: len(measured(stream.of(name))) > 3, OPEN_SECONDS, "figures before")
        assert held_open(stream.pid, before)
        container.kill("SIGKILL")
        await until(lambda: not held_open(stream.pid, before), 20, "the files of the dead to be closed")
        died = moment(bed.state(container)["FinishedAt"])
        container.start()
        began = moment(bed.state(container)["StartedAt"])
        await until(lambda: len(measured(stream.of(name), began)) > 3, OPEN_SECONDS, "figures after")
        assert held_open(stream.pid, pid_of(bed, container))
    found = stream.of(name)
    assert {record["source"] for record in measured(found)} == {"kernel"}
    assert not [record for record in measured(found) if died + 0.1 < record["at"] < began]
    assert max(record["cpu_cores"] for record in measured(found)) < 0.4


@pytest.mark.slow
async def test_a_paused_container_stands_still_and_goes_on(engine_url: str, run: Run) -> None:
    container = run("k-pause", "spin", "1", cpus=0.2, cpu_shares=FIRST_IN_LINE)
    name = str(container.name)
    async with streaming(engine_url, name, "--interval", "0.5") as stream:
        await until(lambda: measured(stream.of(name)), OPEN_SECONDS, "figures")
        container.pause()
        await until(lambda: stands_still(stream.of(name)), OPEN_SECONDS, "a paused container without CPU")
        container.unpause()
        await until(lambda: runs(stream.of(name)), OPEN_SECONDS, "CPU again")
    assert {record["source"] for record in stream.of(name)} == {"kernel"}


def stands_still(records: list[Record]) -> bool:
    """Whether the newest record is of a paused container that uses no CPU: a measured 0, not a gap."""
    return bool(records) and records[-1]["state"] == "paused" and records[-1]["cpu_cores"] == 0


def runs(records: list[Record]) -> bool:
    """Whether the newest record is of a running container that uses CPU."""
    return records[-1]["state"] == "running" and (records[-1]["cpu_cores"] or 0) > 0.1


# the end


@pytest.fixture
def witness(bed: Bed) -> Iterator[str]:
    """The name of a network device that is gone once the network its other end is in has been let go."""
    if shutil.which("ip") is None:
        pytest.skip("no ip on this machine: apt-get install iproute2")
    name = f"dp{bed.session}"
    yield name
    subprocess.run(["ip", "link", "del", name], capture_output=True, check=False)


def reach_into(pid: int, device: str) -> None:
    """Put the other end of a new device into the network of a process."""
    ends = ["ip", "link", "add", device, "type", "veth", "peer", "name", "dp0", "netns", str(pid)]
    subprocess.run(ends, check=True)


@pytest.mark.slow
@AS_ROOT
async def test_the_network_of_a_container_that_died_is_let_go(
    engine_url: str, bed: Bed, run: Run, witness: str
) -> None:
    container = run("k-end", "idle", network_mode="none")
    name, pid = str(container.name), pid_of(bed, container)
    reach_into(pid, witness)
    async with streaming(engine_url, name, "--interval", "1") as stream:
        await until(lambda: measured(stream.of(name)), OPEN_SECONDS, "figures")
        assert [link for link in held_open(stream.pid, pid) if link.endswith("/net/dev")]
        container.kill("SIGKILL")
        await until(lambda: not Path(f"/sys/class/net/{witness}").exists(), 20, "the end of its network")
        assert not held_open(stream.pid, pid)
