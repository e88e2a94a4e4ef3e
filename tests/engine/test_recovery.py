"""An engine that goes away under the cockpit and comes back: a banner, the next attempt, and recovery by itself.

Figures read from the kernel go on meanwhile; figures that only the engine gives have a gap.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import own_engine, tmux_terminal
from tests.engine.conftest import REQUIRED
from tests.engine.container_factory import MAX_CPU_SHARES
from tests.engine.dockpit_process import Record, stats_stream
from tests.engine.image_builds import CannotBuild, build_busybox
from tests.engine.own_engine import OwnEngine
from tests.engine.tmux_terminal import cockpit
from tests.engine.waiting import until

NAME = "dockpit-own-spin"
LIMIT_CORES = 0.2
BANNER = "engine unreachable"
STILL_READ = "kernel figures continue"
ATTEMPT = r"next attempt in \d|trying again now"
THROTTLED = rf"{NAME}.*\d+ % high"
START_SECONDS = 30.0
NOTICE_SECONDS = 45.0
"""Maximum time to notice a hang, which shows only by silence: a ping every five seconds may take fifteen."""
RECOVER_SECONDS = 60.0


@pytest.fixture
def engine() -> Iterator[OwnEngine]:
    """A private engine, removed afterwards whatever state it is in."""
    reason = own_engine.missing_requirement() or tmux_terminal.missing_requirement()
    if reason:
        (pytest.fail if REQUIRED and own_engine.can_run() else pytest.skip)(reason)
    with own_engine.own_engine() as engine:
        yield engine


async def start_throttled_container(engine: OwnEngine) -> None:
    """Wait for the engine and start a throttled container, which it restarts whenever it starts itself."""
    client = await engine.wait_until_ready()
    try:
        image = build_busybox(client)
        client.containers.run(
            image,
            ["sh", "-c", "while :; do :; done"],
            name=NAME,
            nano_cpus=round(LIMIT_CORES * 1e9),
            cpu_shares=MAX_CPU_SHARES,
            network_mode="none",
            stop_signal="SIGKILL",
            restart_policy={"Name": "always"},
            detach=True,
        )
    except CannotBuild as error:
        (pytest.fail if REQUIRED else pytest.skip)(str(error))
    finally:
        client.close()


def cores_over_time(records: list[Record], since: float = 0.0) -> list[tuple[float, float]]:
    """(time, cores in use) of the records after `since`, without gaps."""
    return [
        (record["at"], record["cpu_cores"])
        for record in records
        if record["cpu_cores"] is not None and record["at"] > since
    ]


@pytest.mark.slow
async def test_an_engine_that_is_killed_and_started_again_is_found_again_and_its_gap_stays_a_gap(
    engine: OwnEngine, tmp_path: Path
) -> None:
    await start_throttled_container(engine)
    async with (
        stats_stream(engine.url, "--source", "engine", "--interval", "1") as by_engine,
        stats_stream(engine.url, "--interval", "1") as by_kernel,
    ):
        with cockpit(engine.url, tmp_path) as window:
            await window.wait_for(THROTTLED, START_SECONDS)
            await until(lambda: cores_over_time(by_engine.records_of(NAME)), START_SECONDS, "figures before")
            await until(
                lambda: cores_over_time(by_kernel.records_of(NAME)), START_SECONDS, "figures of the kernel before"
            )

            engine.kill()
            killed = time.time()
            await window.wait_for(BANNER, NOTICE_SECONDS)
            await window.wait_for(ATTEMPT)
            await window.wait_for(STILL_READ)
            await window.wait_for_change(f"{NAME}.*")
            await until(
                lambda: len(cores_over_time(by_kernel.records_of(NAME), since=killed + 1)) > 3,
                START_SECONDS,
                "figures meanwhile",
            )

            started = time.time()
            engine.start()
            (await engine.wait_until_ready()).close()
            await window.wait_until_gone(BANNER, RECOVER_SECONDS)
            await window.wait_for(THROTTLED, RECOVER_SECONDS)
            await window.wait_for_change(f"{NAME}.*", RECOVER_SECONDS)
        await until(
            lambda: cores_over_time(by_engine.records_of(NAME), since=started), RECOVER_SECONDS, "figures after"
        )
    assert not [at for at, _ in cores_over_time(by_engine.records_of(NAME)) if killed + 1 < at < started]
    meanwhile = [record for record in by_kernel.records_of(NAME) if killed + 1 < record["at"] < started]
    cores = [value for _, value in cores_over_time(meanwhile)]
    assert sum(cores) / len(cores) == pytest.approx(LIMIT_CORES, rel=0.2)
    assert {record["source"] for record in meanwhile} == {"kernel"}
    for records in (by_engine.records_of(NAME), by_kernel.records_of(NAME)):
        assert max(value for _, value in cores_over_time(records)) < 2 * LIMIT_CORES


@pytest.mark.slow
async def test_an_engine_that_hangs_is_reported_and_used_again_when_it_answers(
    engine: OwnEngine, tmp_path: Path
) -> None:
    await start_throttled_container(engine)
    with cockpit(engine.url, tmp_path) as window:
        await window.wait_for(THROTTLED, START_SECONDS)
        engine.send_signal(signal.SIGSTOP)
        await window.wait_for(BANNER, NOTICE_SECONDS)
        await window.wait_for(ATTEMPT)
        await window.wait_for(STILL_READ)
        await window.wait_for_change(f"{NAME}.*")
        engine.send_signal(signal.SIGCONT)
        await window.wait_until_gone(BANNER, RECOVER_SECONDS)
        await window.wait_for(THROTTLED, RECOVER_SECONDS)
        await window.wait_for_change(f"{NAME}.*", RECOVER_SECONDS)
