"""Fixtures of a real engine; where none answers, tests skip with the reason, or fail if one is required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import docker
import pytest
from docker.errors import DockerException
from docker.models.containers import Container

from dockpit.engine.engine_client import process_is_in_container
from tests.engine import image_builds
from tests.engine.container_factory import ContainerFactory, connect, docker_py_address, engine_address
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


def _skip_or_fail(reason: str) -> NoReturn:
    if REQUIRED:
        pytest.fail(f"{reason} (and DOCKPIT_REQUIRE_ENGINE=1)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """docker-py's client of the engine, with which tests arrange and check."""
    try:
        connect(docker_py_address(), CONNECT_SECONDS * PATIENCE).close()
    except DockerException as error:
        _skip_or_fail(str(error))
    client = connect(docker_py_address(), REQUEST_SECONDS * PATIENCE)
    yield client
    client.close()


@pytest.fixture(scope="session")
def engine_url(engine: docker.DockerClient) -> str:
    """The address to give to dockpit; an engine answers there."""
    return engine_address()


@pytest.fixture(scope="session")
def patience() -> float:
    """The factor by which the engine may be slower than on an ordinary machine."""
    return PATIENCE


@pytest.fixture(scope="session")
def busybox_image(engine: docker.DockerClient) -> str:
    """An image with a shell and busybox's applets."""
    try:
        return image_builds.build_busybox(engine)
    except image_builds.CannotBuild as error:
        _skip_or_fail(str(error))


@pytest.fixture(scope="session")
def workload_image(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image whose entry point is workload.c."""
    try:
        return image_builds.build_workload(engine, tmp_path_factory.mktemp("workload"))
    except image_builds.CannotBuild as error:
        _skip_or_fail(str(error))


@pytest.fixture(scope="session")
def netshoot_image(engine: docker.DockerClient) -> Iterator[str]:
    """nicolaka/netshoot: the engine's own, or busybox under its name until the tests end."""
    is_stand_in = image_builds.image_label(engine, image_builds.NETSHOOT_IMAGE, image_builds.STAND_IN_LABEL) is not None
    if engine.images.list(name=image_builds.NETSHOOT_IMAGE) and not is_stand_in:
        yield image_builds.NETSHOOT_IMAGE
        return
    try:
        yield image_builds.build_netshoot_stand_in(engine)
    except image_builds.CannotBuild as error:
        _skip_or_fail(str(error))
    engine.images.remove(image_builds.NETSHOOT_IMAGE, force=True)


@pytest.fixture(scope="session")
def factory(engine: docker.DockerClient, workload_image: str) -> Iterator[ContainerFactory]:
    """The session's container factory; its containers are removed at the end."""
    factory = ContainerFactory(engine, workload_image)
    factory.remove_all()
    yield factory
    factory.remove_all()


@pytest.fixture
def run(factory: ContainerFactory) -> Iterator[Run]:
    """`run(name, *command, cpus=, memory=, **settings)`: a container of the workload image for one test."""
    started: list[Container] = []

    def start(name: str, *command: str, **settings: Any) -> Container:
        container = factory.run(name, *command, **settings)
        started.append(container)
        return container

    yield start
    factory.remove(started)


@pytest.fixture(scope="session")
def local_engine(factory: ContainerFactory) -> None:
    """Skip the tests where the engine's containers are not processes of this machine."""
    container = factory.run("here", "idle", network_mode="none")
    try:
        if not process_is_in_container(int(factory.state(container)["Pid"]), str(container.id)):
            pytest.skip(f"the containers of {engine_address()} run on another machine")
    finally:
        factory.remove([container])
