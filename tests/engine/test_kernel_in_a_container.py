"""dockpit in a container: it reads the kernel's files of other containers through the mounts it is given."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from docker.models.containers import Container

from tests.engine import kernel_readings
from tests.engine.container_factory import MAX_CPU_SHARES, ContainerFactory, engine_address
from tests.engine.dockpit_process import Record, parse_record

pytestmark = [
    pytest.mark.usefixtures("local_engine"),
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="the interpreter may lie in a folder that only root can share"),
]

SAMPLES = 4
CHECKOUT = Path(__file__).parents[2]
PACKAGES = Path(aiohttp.__file__).parents[1]
PYTHON = Path(sys.executable).resolve()
NOBODY = 65534
CGROUPS = "/sys/fs/cgroup:/sys/fs/cgroup:ro"
HOST_VIEWS: dict[str, dict[str, Any]] = {
    "host processes": {"pid_mode": "host", "volumes": [CGROUPS]},
    "host proc": {"environment": ["HOST_PROC=/host/proc"], "volumes": [CGROUPS, "/proc:/host/proc:ro"]},
}
"""The two ways to give it access to the host's processes."""


@pytest.fixture(scope="module")
def spin(factory: ContainerFactory, busybox_image: str) -> Iterable[Container]:
    """A throttled container whose memory hardly changes."""
    container = factory.run("in-spin", "spin", "1", cpus=0.2, memory="32m", cpu_shares=MAX_CPU_SHARES)
    yield container
    factory.remove([container])


def code_and_socket_volumes() -> list[str]:
    """Volumes of Python's files, the checkout and the engine's socket, each at its own path."""
    socket = urlsplit(engine_address()).path
    wanted = [Path(path) for path in ("/usr", "/lib", "/lib64", sys.base_prefix)] + [PACKAGES, CHECKOUT]
    nested = {path for path in wanted if any(path != other and other in path.parents for other in wanted)}
    folders = sorted({str(path) for path in wanted if path not in nested and path.exists()})
    return [f"{path}:{path}:ro" for path in folders] + [f"{socket}:{socket}"]


def records_inside(factory: ContainerFactory, image: str, **settings: Any) -> list[Record]:
    """The records of `dockpit stats --json --samples …` in a container with these settings."""
    environment = [f"PYTHONPATH={CHECKOUT}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE=1", *settings.pop("environment", [])]
    command = [str(PYTHON), "-m", "dockpit", "stats", "--json", "--samples", str(SAMPLES)]
    volumes = [*code_and_socket_volumes(), *settings.pop("volumes", [])]
    inside = factory.run(
        "inside", *command, image=image, network_mode="none", volumes=volumes, environment=environment, **settings
    )
    try:
        code = inside.wait()["StatusCode"]
        output = inside.logs(stdout=True, stderr=False).decode()
        assert code == 0, inside.logs().decode()
    finally:
        factory.remove([inside])
    return [parse_record(line) for line in output.splitlines()]


def user_in_socket_group() -> str:
    """A user without rights but those of the group of the engine's socket, as "uid:gid"."""
    return f"{NOBODY}:{Path(urlsplit(engine_address()).path).stat().st_gid}"


async def check_records_inside(
    url: str, factory: ContainerFactory, image: str, spin: Container, **settings: Any
) -> None:
    """All figures come from the kernel, those of dockpit's own container too, and those of `spin` are right."""
    async with kernel_readings.kernel_samples(url, spin) as samples:
        found = await asyncio.to_thread(records_inside, factory, image, **settings)
    used = [sample.memory_used_bytes or 0 for sample in samples]
    measured = [record for record in found if record["cpu_cores"] is not None]
    assert {record["source"] for record in measured} == {"kernel"}
    assert factory.name("inside") in {record["name"] for record in measured}
    of_spin = [record for record in measured if record["name"] == spin.name]
    assert len(of_spin) == SAMPLES
    assert sum(record["cpu_cores"] for record in of_spin) / SAMPLES == pytest.approx(0.2, rel=0.25)
    assert {record["cpu_limit_cores"] for record in of_spin} == {0.2} and {
        record["limits_differ"] for record in of_spin
    } == {None}
    assert all(min(used) <= record["memory_used_bytes"] <= max(used) for record in of_spin)
    assert all(record["cpu_pressure_some_percent"] > 20 for record in of_spin)
    assert all(record["net_rx_bytes_per_s"] is not None for record in of_spin)


@pytest.mark.parametrize("namespace", ["host", "private"])
@pytest.mark.parametrize("host_view", HOST_VIEWS)
async def test_dockpit_in_a_container_reads_other_containers_from_the_kernel(
    engine_url: str, factory: ContainerFactory, busybox_image: str, spin: Container, host_view: str, namespace: str
) -> None:
    await check_records_inside(engine_url, factory, busybox_image, spin, cgroupns=namespace, **HOST_VIEWS[host_view])


@pytest.mark.parametrize("host_view", HOST_VIEWS)
async def test_dockpit_in_a_container_needs_not_root_but_the_group_of_the_socket(
    engine_url: str, factory: ContainerFactory, busybox_image: str, spin: Container, host_view: str
) -> None:
    await check_records_inside(
        engine_url,
        factory,
        busybox_image,
        spin,
        cgroupns="private",
        user=user_in_socket_group(),
        **HOST_VIEWS[host_view],
    )


async def test_dockpit_that_sees_only_its_own_cgroup_reads_from_the_engine(
    factory: ContainerFactory, busybox_image: str, spin: Container
) -> None:
    found = records_inside(factory, busybox_image, cgroupns="private", pid_mode="host")
    of_spin = [record for record in found if record["name"] == spin.name]
    assert {record["source"] for record in of_spin} == {"engine"}
    assert of_spin[-1]["cpu_cores"] == pytest.approx(0.2, rel=0.25)
