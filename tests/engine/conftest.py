"""Fixtures of a real engine. Where none answers these tests skip with the reason, or fail if one is required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import docker
import pytest
from docker.errors import DockerException
from docker.models.containers import Container

from dockpit.engine.client import names_container
from tests.engine import images
from tests.engine.container_factory import Bed, bed_address, connect, engine_address
from tests.engine.waiting import PATIENCE

REQUIRED = os.environ.get("DOCKPIT_REQUIRE_ENGINE") == "1"
CONNECT_SECONDS = 5
REQUEST_SECONDS = 60
TEST_SECONDS = 300

Run = Callable[..., Container]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and give them time in proportion to the engine's speed."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)
            item.add_marker(pytest.mark.timeout(TEST_SECONDS * PATIENCE))


def _miss(reason: str) -> NoReturn:
    if REQUIRED:
        pytest.fail(f"{reason} (and DOCKPIT_REQUIRE_ENGINE=1)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """docker-py's client of the engine: what tests arrange and check with."""
    try:
        connect(bed_address(), CONNECT_SECONDS * PATIENCE).close()
    except DockerException as error:
        _miss(str(error))
    client = connect(bed_address(), REQUEST_SECONDS * PATIENCE)
    yield client
    client.close()


@pytest.fixture(scope="session")
def engine_url(engine: docker.DockerClient) -> str:
    """The address dockpit is to be pointed at; an engine answers there."""
    return engine_address()


@pytest.fixture(scope="session")
def patience() -> float:
    """How many times slower than an ordinary machine the engine may be."""
    return PATIENCE


@pytest.fixture(scope="session")
def busybox_image(engine: docker.DockerClient) -> str:
    """An image with a shell and busybox's applets."""
    try:
        return images.build_busybox(engine)
    except images.CannotBuild as error:
        _miss(str(error))


@pytest.fixture(scope="session")
def workload_image(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image whose entry point is workload.c."""
    try:
        return images.build_workload(engine, tmp_path_factory.mktemp("workload"))
    except images.CannotBuild as error:
        _miss(str(error))


@pytest.fixture(scope="session")
def netshoot_image(engine: docker.DockerClient) -> Iterator[str]:
    """nicolaka/netshoot: the engine's own, or busybox under its name for as long as the tests run."""
    stands_in = images.image_label(engine, images.NETSHOOT_IMAGE, images.STAND_IN_LABEL) is not None
    if engine.images.list(name=images.NETSHOOT_IMAGE) and not stands_in:
        yield images.NETSHOOT_IMAGE
        return
    try:
        yield images.build_netshoot_stand_in(engine)
    except images.CannotBuild as error:
        _miss(str(error))
    engine.images.remove(images.NETSHOOT_IMAGE, force=True)


@pytest.fixture(scope="session")
def bed(engine: docker.DockerClient, workload_image: str) -> Iterator[Bed]:
    """The session's test bed; its containers go with it."""
    bed = Bed(engine, workload_image)
    bed.clear()
    yield bed
    bed.clear()


@pytest.fixture
def run(bed: Bed) -> Iterator[Run]:
    """`run(name, *command, cpus=, memory=, **settings)`: a container of the workload image for one test."""
    started: list[Container] = []

    def start(name: str, *command: str, **settings: Any) -> Container:
        container = bed.run(name, *command, **settings)
        started.append(container)
        return container

    yield start
    bed.remove(started)


@pytest.fixture(scope="session")
def here(bed: Bed) -> None:
    """The engine's containers are processes of this machine; where they are not the tests skip."""
    container = bed.run("here", "idle", network_mode="none")
    try:
        if not names_container(int(bed.state(container)["Pid"]), str(container.id)):
            pytest.skip(f"the containers of {engine_address()} run on another machine")
    finally:
        bed.remove([container])
