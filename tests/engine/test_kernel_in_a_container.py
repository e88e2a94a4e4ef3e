"""dockpit in a container itself: it reads the kernel's files of the others through what is mounted into it."""

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

from tests.engine import kernel
from tests.engine.command import Record, record
from tests.engine.container_factory import FIRST_IN_LINE, Bed, engine_address

pytestmark = [
    pytest.mark.usefixtures("here"),
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="the interpreter may lie where only root lets others look"),
]

SAMPLES = 4
CHECKOUT = Path(__file__).parents[2]
PACKAGES = Path(aiohttp.__file__).parents[1]
PYTHON = Path(sys.executable).resolve()
NOBODY = 65534
CGROUPS = "/sys/fs/cgroup:/sys/fs/cgroup:ro"
SEEING: dict[str, dict[str, Any]] = {
    "host processes": {"pid_mode": "host", "volumes": [CGROUPS]},
    "host proc": {"environment": ["HOST_PROC=/host/proc"], "volumes": [CGROUPS, "/proc:/host/proc:ro"]},
}
"""The two ways to show it the machine's processes."""


@pytest.fixture(scope="module")
def spin(bed: Bed, busybox_image: str) -> Iterable[Container]:
    """A container that is throttled, and whose memory hardly moves."""
    container = bed.run("in-spin", "spin", "1", cpus=0.2, memory="32m", cpu_shares=FIRST_IN_LINE)
    yield container
    bed.remove([container])


def mounted() -> list[str]:
    """What Python needs, the checkout and the engine's socket, each in its own place."""
    socket = urlsplit(engine_address()).path
    wanted = [Path(path) for path in ("/usr", "/lib", "/lib64", sys.base_prefix)] + [PACKAGES, CHECKOUT]
    within = {path for path in wanted if any(path != other and other in path.parents for other in wanted)}
    shown = sorted({str(path) for path in wanted if path not in within and path.exists()})
    return [f"{path}:{path}:ro" for path in shown] + [f"{socket}:{socket}"]


def said_inside(bed: Bed, image: str, **how: Any) -> list[Record]:
    """The records of `dockpit stats --json --samples …` in a container that sees the machine `how`."""
    environment = [f"PYTHONPATH={CHECKOUT}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE=1", *how.pop("environment", [])]
    command = [str(PYTHON), "-m", "dockpit", "stats", "--json", "--samples", str(SAMPLES)]
    volumes = [*mounted(), *how.pop("volumes", [])]
    inside = bed.run(
        "inside", *command, image=image, network_mode="none", volumes=volumes, environment=environment, **how
    )
    try:
        code = inside.wait()["StatusCode"]
        output = inside.logs(stdout=True, stderr=False).decode()
        assert code == 0, inside.logs().decode()
    finally:
        bed.remove([inside])
    return [record(line) for line in output.splitlines()]


def nobody() -> str:
    """A user who is nothing but a member of the group that may speak to the engine."""
    return f"{NOBODY}:{Path(urlsplit(engine_address()).path).stat().st_gid}"


async def check(url: str, bed: Bed, image: str, spin: Container, **how: Any) -> None:
    """All figures come from the kernel, dockpit's own too, and those of the one that is known are right."""
    async with kernel.reading(url, spin) as seen:
        found = await asyncio.to_thread(said_inside, bed, image, **how)
    used = [sample.memory_used_bytes or 0 for sample in seen]
    measured = [one for one in found if one["cpu_cores"] is not None]
    assert {one["source"] for one in measured} == {"kernel"}
    assert bed.name("inside") in {one["name"] for one in measured}
    own = [one for one in measured if one["name"] == spin.name]
    assert len(own) == SAMPLES
    assert sum(one["cpu_cores"] for one in own) / SAMPLES == pytest.approx(0.2, rel=0.25)
    assert {one["cpu_limit_cores"] for one in own} == {0.2} and {one["limits_differ"] for one in own} == {None}
    assert all(min(used) <= one["memory_used_bytes"] <= max(used) for one in own)
    assert all(one["cpu_pressure_some_percent"] > 20 for one in own)
    assert all(one["net_rx_bytes_per_s"] is not None for one in own)


@pytest.mark.parametrize("namespace", ["host", "private"])
@pytest.mark.parametrize("seeing", SEEING)
async def test_it_reads_the_others_from_the_kernel(
    engine_url: str, bed: Bed, busybox_image: str, spin: Container, seeing: str, namespace: str
) -> None:
    await check(engine_url, bed, busybox_image, spin, cgroupns=namespace, **SEEING[seeing])


@pytest.mark.parametrize("seeing", SEEING)
async def test_it_needs_no_root_but_the_group_of_the_socket(
    engine_url: str, bed: Bed, busybox_image: str, spin: Container, seeing: str
) -> None:
    await check(engine_url, bed, busybox_image, spin, cgroupns="private", user=nobody(), **SEEING[seeing])


async def test_where_it_is_shown_only_its_own_cgroup_it_asks_the_engine(
    bed: Bed, busybox_image: str, spin: Container
) -> None:
    found = said_inside(bed, busybox_image, cgroupns="private", pid_mode="host")
    own = [one for one in found if one["name"] == spin.name]
    assert {one["source"] for one in own} == {"engine"}
    assert own[-1]["cpu_cores"] == pytest.approx(0.2, rel=0.25)
