"""An engine that goes away under the cockpit and comes back: a banner, the next attempt, and on by itself.

What the kernel shows goes on meanwhile; what only the engine told has a gap.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import own_engine, screen
from tests.engine.command import Record, streaming
from tests.engine.conftest import REQUIRED
from tests.engine.container_factory import FIRST_IN_LINE
from tests.engine.images import CannotBuild, build_busybox
from tests.engine.own_engine import OwnEngine
from tests.engine.screen import cockpit
from tests.engine.waiting import until

NAME = "dockpit-own-spin"
LIMIT_CORES = 0.2
BANNER = "engine unreachable"
STILL_READ = "figures go on from the kernel"
ATTEMPT = r"next attempt in \d|trying again now"
THROTTLED = rf"{NAME}.*\d+ % high"
START_SECONDS = 30.0
NOTICE_SECONDS = 45.0
"""A hang shows by silence only: a ping every five seconds that may take fifteen, on a busy machine."""
RECOVER_SECONDS = 60.0


@pytest.fixture
def engine() -> Iterator[OwnEngine]:
    """Gone afterwards, whatever state it was left in."""
    reason = own_engine.missing() or screen.missing()
    if reason:
        (pytest.fail if REQUIRED and own_engine.possible() else pytest.skip)(reason)
    with own_engine.own_engine() as engine:
        yield engine


async def inhabit(engine: OwnEngine) -> None:
    """Wait for the engine and start a throttled container that it will start again with itself."""
    client = await engine.answers()
    try:
        image = build_busybox(client)
        client.containers.run(
            image,
            ["sh", "-c", "while :; do :; done"],
            name=NAME,
            nano_cpus=round(LIMIT_CORES * 1e9),
            cpu_shares=FIRST_IN_LINE,
            network_mode="none",
            stop_signal="SIGKILL",
            restart_policy={"Name": "always"},
            detach=True,
        )
    except CannotBuild as error:
        (pytest.fail if REQUIRED else pytest.skip)(str(error))
    finally:
        client.close()


def cores(records: list[Record], since: float = 0.0) -> list[tuple[float, float]]:
    """When CPU was measured, and how many cores were in use, from a moment on."""
    return [(one["at"], one["cpu_cores"]) for one in records if one["cpu_cores"] is not None and one["at"] > since]


@pytest.mark.slow
async def test_an_engine_that_is_killed_and_started_again_is_found_again_and_the_gap_stays_a_gap(
    engine: OwnEngine, tmp_path: Path
) -> None:
    await inhabit(engine)
    async with (
        streaming(engine.url, "--source", "engine", "--interval", "1") as stream,
        streaming(engine.url, "--interval", "1") as kernels,
    ):
        with cockpit(engine.url, tmp_path) as window:
            await window.sees(THROTTLED, START_SECONDS)
            await until(lambda: cores(stream.of(NAME)), START_SECONDS, "figures before")
            await until(lambda: cores(kernels.of(NAME)), START_SECONDS, "figures of the kernel before")

            engine.kill()
            killed = time.time()
            await window.sees(BANNER, NOTICE_SECONDS)
            await window.sees(ATTEMPT)
            await window.sees(STILL_READ)
            await window.changes(f"{NAME}.*")
            await until(lambda: len(cores(kernels.of(NAME), since=killed + 1)) > 3, START_SECONDS, "figures meanwhile")

            started = time.time()
            engine.start()
            (await engine.answers()).close()
            await window.loses(BANNER, RECOVER_SECONDS)
            await window.sees(THROTTLED, RECOVER_SECONDS)
            await window.changes(f"{NAME}.*", RECOVER_SECONDS)
        await until(lambda: cores(stream.of(NAME), since=started), RECOVER_SECONDS, "figures after")
    assert not [at for at, _ in cores(stream.of(NAME)) if killed + 1 < at < started]
    meanwhile = [record for record in kernels.of(NAME) if killed + 1 < record["at"] < started]
    alone = [value for _, value in cores(meanwhile)]
    assert sum(alone) / len(alone) == pytest.approx(LIMIT_CORES, rel=0.2)
    assert {record["source"] for record in meanwhile} == {"kernel"}
    for records in (stream.of(NAME), kernels.of(NAME)):
        assert max(value for _, value in cores(records)) < 2 * LIMIT_CORES


@pytest.mark.slow
async def test_an_engine_that_hangs_is_told_of_and_taken_up_again(engine: OwnEngine, tmp_path: Path) -> None:
    await inhabit(engine)
    with cockpit(engine.url, tmp_path) as window:
        await window.sees(THROTTLED, START_SECONDS)
        engine.send(signal.SIGSTOP)
        await window.sees(BANNER, NOTICE_SECONDS)
        await window.sees(ATTEMPT)
        await window.sees(STILL_READ)
        await window.changes(f"{NAME}.*")
        engine.send(signal.SIGCONT)
        await window.loses(BANNER, RECOVER_SECONDS)
        await window.sees(THROTTLED, RECOVER_SECONDS)
        await window.changes(f"{NAME}.*", RECOVER_SECONDS)
