"""The client on the simulated engine: negotiation, refusals, logs, events, pulls and what is not an engine."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from dockpit.clock import SystemClock
from dockpit.engine.client import EngineClient, connect, names_container, negotiate
from dockpit.engine.endpoint import Endpoint
from dockpit.errors import Conflict, EngineError, EngineUnreachable, Forbidden, NotFound
from dockpit.model import LogLine
from dockpit.simulate import World, scenario, serve
from tests.dockpit.bench import live, watched


@pytest.mark.parametrize(
    ("offered", "wanted", "spoken"),
    [
        ("1.41", None, "v1.41"),
        ("1.45", None, "v1.45"),
        ("1.99", None, "v1.51"),
        ("2.0", None, "v1.51"),
        ("", None, "v1.41"),
        ("1.45", "1.43", "v1.43"),
        ("1.45", "v1.43", "v1.43"),
    ],
)
def test_the_lower_of_two_versions_is_spoken(offered: str, wanted: str | None, spoken: str) -> None:
    assert negotiate(offered, wanted) == spoken


async def logs(client: EngineClient, container_id: str, count: int, *, follow: bool) -> list[LogLine]:
    found: list[LogLine] = []
    async with asyncio.timeout(20), aclosing(client.logs(container_id, tty=False, follow=follow, tail=50)) as batches:
        async for batch in batches:
            found += batch
            if len(found) >= count:
                break
    return found


async def test_logs_have_their_streams_and_times(tmp_path: Path) -> None:
    async with watched(tmp_path, "fleet") as bench:
        await bench.until(lambda s: s.ready)
        container = bench.entry("obs-gateway-1").container
        found = await logs(bench.session.client, container.id, 60, follow=True)
        assert all(line.at > 0 for line in found)
        assert [line.at for line in found] == sorted(line.at for line in found)


async def test_refusals_keep_the_engines_words_and_their_kind(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        client, spin = bench.session.client, bench.entry("spin").container
        with pytest.raises(NotFound, match="No such container"):
            await client.inspect("nothing")
        with pytest.raises(EngineError) as caught:
            await client.update(spin.id, {"Memory": 1024})
        assert caught.value.status == 400 and "6MB" in caught.value.message
        bench.engine.refuse("^POST .*/pause", 409, "it is being removed")
        with pytest.raises(Conflict, match="being removed"):
            await client.send(f"containers/{spin.id}/pause", {})
        bench.engine.refuse("^POST .*/kill", 403, "<html>no</html>")
        with pytest.raises(Forbidden, match="lets only reads through"):
            await client.send(f"containers/{spin.id}/kill", {})


async def test_a_sample_can_be_asked_for_once(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        sample = await bench.session.client.stats_once(bench.entry("spin").container.id)
        assert sample is not None and sample.cpu_ns


async def test_processes_are_listed_and_not_enriched_for_a_strange_machine(tmp_path: Path) -> None:
    async with watched(tmp_path) as bench:
        await bench.until(live)
        found = await bench.session.processes(bench.entry("spin").container.id)
        assert found and all(process.command for process in found)
        assert not bench.session.client.info.local, "its pids are not in this machine's /proc"


async def test_events_replay_from_a_moment_on(tmp_path: Path) -> None:
    async with watched(tmp_path, "leak") as bench:
        await bench.until(live)
        client = bench.session.client
        await client.send(f"containers/{bench.entry('grow').container.id}/pause", {})
        await bench.until(lambda s: any(event.action == "pause" for event in s.events))
        since = next(event.at_ns for event in bench.session.snapshot().events if event.action == "pause")
        async with asyncio.timeout(10), client.events(since) as replayed:
            first = await anext(aiter(replayed))
        assert (first.action, first.at_ns) == ("pause", since), "since is inclusive"


async def test_what_answers_but_is_no_engine(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, str(tmp_path / "web.sock"))
    async with server:
        with pytest.raises(EngineError, match="not an engine"):
            async with connect(Endpoint(f"unix://{tmp_path}/web.sock")):
                pass


async def test_an_engine_that_hangs_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpit.engine.client.REQUEST_SECONDS", 0.3)
    clock = SystemClock()
    async with serve(tmp_path / "e.sock", World(scenario("empty"), 1, clock.wall()), clock) as engine:
        engine.hang()
        with pytest.raises(EngineUnreachable):
            async with connect(Endpoint(engine.url)):
                pass


async def test_a_failure_of_the_caller_is_not_blamed_on_the_engine(tmp_path: Path) -> None:
    async with watched(tmp_path, "empty") as bench:
        await bench.until(lambda s: s.ready)
        with pytest.raises(BrokenPipeError):
            async with bench.session.client.events():
                raise BrokenPipeError("the caller's own")


def test_locality_is_a_fact_of_proc(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text(f"0::/system.slice/docker-{'a' * 64}.scope\n")
    assert names_container(7, "a" * 64, tmp_path)
    assert not names_container(7, "b" * 64, tmp_path)
    assert not names_container(8, "a" * 64, tmp_path)
