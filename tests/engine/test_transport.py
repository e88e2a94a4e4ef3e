"""One way to the engine, whichever DOCKER_HOST names: connect, stream, and say what is there."""

from __future__ import annotations

from tests.engine.command import KEYS, dockpit, record
from tests.engine.conftest import Run


async def test_two_containers_are_told_apart_and_measured(engine_url: str, run: Run) -> None:
    busy, idle = run("busy", "spin", "1", cpus=0.5, memory="64m"), run("idle", memory="32m")
    status, out, error = await dockpit(
        engine_url, "stats", str(busy.name), str(idle.name), "--json", "--samples", "3", "--interval", "1"
    )
    assert status == 0, error
    records = [record(line) for line in out.splitlines()]
    assert all(set(one) == set(KEYS.split()) for one in records)
    last = {one["name"]: one for one in records}
    assert set(last) == {busy.name, idle.name}
    assert last[busy.name]["cpu_cores"] > 0.2 > last[idle.name]["cpu_cores"]
    assert last[busy.name]["memory_limit_bytes"] == 64 * 2**20
    assert last[idle.name]["memory_used_bytes"] > 0


async def test_a_name_that_is_not_there_is_one_sentence_and_no_traceback(engine_url: str) -> None:
    status, _, error = await dockpit(engine_url, "stats", "no-such-container", "--json", "--samples", "1")
    assert status != 0
    assert "no-such-container" in error
    assert "Traceback" not in error


async def test_doctor_names_the_engine(engine_url: str) -> None:
    status, out, error = await dockpit(engine_url, "doctor")
    assert status == 0, error
    assert "cgroup" in out
