"""dockpit over the transport that DOCKER_HOST names: connect, stream, and report errors."""

from __future__ import annotations

from tests.engine.conftest import Run
from tests.engine.dockpit_process import KEYS, parse_record, run_dockpit


async def test_two_containers_are_measured_each_with_its_own_figures(engine_url: str, run: Run) -> None:
    busy, idle = run("busy", "spin", "1", cpus=0.5, memory="64m"), run("idle", memory="32m")
    status, out, error = await run_dockpit(
        engine_url, "stats", str(busy.name), str(idle.name), "--json", "--samples", "3", "--interval", "1"
    )
    assert status == 0, error
    records = [parse_record(line) for line in out.splitlines()]
    assert all(set(record) == KEYS for record in records)
    last = {record["name"]: record for record in records}
    assert set(last) == {busy.name, idle.name}
    assert last[busy.name]["cpu_cores"] > 0.2 > last[idle.name]["cpu_cores"]
    assert last[busy.name]["memory_limit_bytes"] == 64 * 2**20
    assert last[idle.name]["memory_used_bytes"] > 0


async def test_an_unknown_name_gives_one_sentence_and_no_traceback(engine_url: str) -> None:
    status, _, error = await run_dockpit(engine_url, "stats", "no-such-container", "--json", "--samples", "1")
    assert status != 0
    assert "no-such-container" in error
    assert "Traceback" not in error


async def test_doctor_names_the_engine(engine_url: str) -> None:
    status, out, error = await run_dockpit(engine_url, "doctor")
    assert status == 0, error
    assert "cgroup" in out
