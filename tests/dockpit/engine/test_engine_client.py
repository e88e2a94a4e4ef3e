"""The client on the simulated engine: negotiation, refusals, logs, events, stops, and servers that are no engine."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.engine_client import EngineClient, connect, negotiate_api_version, process_is_in_container
from dockpit.engine.engine_requests import EngineRequests, resource_path
from dockpit.model.container import LogLine
from dockpit.model.errors import Conflict, EngineError, EngineUnreachable, Forbidden, NotFound
from dockpit.model.plans import Plan
from dockpit.process.clock import SystemClock
from dockpit.simulate import World, scenario, serve
from tests.dockpit.simulated_session import all_have_rates, running_session


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
def test_the_lower_of_the_two_api_versions_is_negotiated(offered: str, wanted: str | None, spoken: str) -> None:
    assert negotiate_api_version(offered, wanted) == spoken


async def logs(client: EngineClient, container_id: str, count: int, *, follow: bool) -> list[LogLine]:
    found: list[LogLine] = []
    async with asyncio.timeout(20), aclosing(client.logs(container_id, tty=False, follow=follow, tail=50)) as batches:
        async for batch in batches:
            found += batch
            if len(found) >= count:
                break
    return found


async def test_log_lines_have_times_in_order(tmp_path: Path) -> None:
    async with running_session(tmp_path, "fleet") as running:
        await running.until(lambda s: s.ready)
        container = running.entry("obs-gateway-1").container
        found = await logs(running.session.client, container.id, 60, follow=True)
        assert all(line.at > 0 for line in found)
        assert [line.at for line in found] == sorted(line.at for line in found)


async def test_a_refusal_keeps_the_engines_message_and_its_kind(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        client, spin = running.session.client, running.entry("spin").container
        with pytest.raises(NotFound, match="No such container"):
            await client.inspect("nothing")
        with pytest.raises(EngineError) as caught:
            await client.update(spin.id, {"Memory": 1024})
        assert caught.value.status == 400 and "6MB" in caught.value.message
        running.engine.refuse("^POST .*/pause", 409, "it is being removed")
        with pytest.raises(Conflict, match="being removed"):
            await client.requests.send(f"containers/{spin.id}/pause", {})
        running.engine.refuse("^POST .*/kill", 403, "<html>no</html>")
        with pytest.raises(Forbidden, match="allows only reads"):
            await client.requests.send(f"containers/{spin.id}/kill", {})


async def test_one_sample_can_be_fetched(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        sample = await running.session.client.stats_once(running.entry("spin").container.id)
        assert sample is not None and sample.cpu_ns


async def test_processes_of_another_machine_are_listed_without_details_from_proc(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        found = await running.session.processes(running.entry("spin").container.id)
        assert found and all(process.command for process in found)
        assert not running.session.client.info.local, "its pids are not in this machine's /proc"


async def test_events_are_replayed_from_a_time_on(tmp_path: Path) -> None:
    async with running_session(tmp_path, "leak") as running:
        await running.until(all_have_rates)
        client = running.session.client
        await client.requests.send(f"containers/{running.entry('grow').container.id}/pause", {})
        await running.until(lambda s: any(event.action == "pause" for event in s.events))
        since = next(event.at_ns for event in running.session.snapshot().events if event.action == "pause")
        async with asyncio.timeout(10), client.events(since) as replayed:
            first = await anext(aiter(replayed))
        assert (first.action, first.at_ns) == ("pause", since), "since is inclusive"


async def test_a_web_server_is_not_an_engine(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, str(tmp_path / "web.sock"))
    async with server:
        with pytest.raises(EngineError, match="not a Docker engine"):
            async with connect(Endpoint(f"unix://{tmp_path}/web.sock")):
                pass


async def test_an_engine_that_hangs_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockpit.engine.engine_client.REQUEST_SECONDS", 0.3)
    clock = SystemClock()
    async with serve(tmp_path / "e.sock", World(scenario("empty"), 1, clock.wall()), clock) as engine:
        engine.hang()
        with pytest.raises(EngineUnreachable):
            async with connect(Endpoint(engine.url)):
                pass


async def test_an_error_of_the_caller_is_not_taken_for_one_of_the_connection(tmp_path: Path) -> None:
    async with running_session(tmp_path, "empty") as running:
        await running.until(lambda s: s.ready)
        with pytest.raises(BrokenPipeError):
            async with running.session.client.events():
                raise BrokenPipeError("the caller's own")


def test_the_cgroup_of_a_process_names_its_container(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text(f"0::/system.slice/docker-{'a' * 64}.scope\n")
    assert process_is_in_container(7, "a" * 64, tmp_path)
    assert not process_is_in_container(7, "b" * 64, tmp_path)
    assert not process_is_in_container(8, "a" * 64, tmp_path)


def test_an_id_cannot_lead_to_another_path() -> None:
    assert resource_path("containers", "a" * 64, "json") == f"containers/{'a' * 64}/json"
    assert resource_path("containers", "web_1.b-2") == "containers/web_1.b-2"
    for hostile in ("", "..", "../images", "a/b", "a?force=1", "a#b", "a%2fb", "x\n", "é"):
        with pytest.raises(NotFound, match="No such container"):
            resource_path("containers", hostile, "json")


@asynccontextmanager
async def engine_answering(payload: bytes) -> AsyncIterator[Endpoint]:
    """An engine whose answers below /containers are `payload`, and {} otherwise."""

    async def answer(request: web.Request) -> web.Response:
        below_containers = "/containers/" in request.path
        return web.Response(body=payload if below_containers else b"{}", content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    with tempfile.TemporaryDirectory() as folder:
        await web.UnixSite(runner, f"{folder}/s").start()
        try:
            yield Endpoint(f"unix://{folder}/s")
        finally:
            await runner.cleanup()


async def test_an_answer_nested_too_deep_or_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with engine_answering(b"[" * 200_000) as endpoint, connect(endpoint) as client:
        with pytest.raises(EngineError, match="is not a Docker engine"):
            await client.list_containers()
    monkeypatch.setattr("dockpit.engine.engine_requests.MAX_BODY_BYTES", 1 << 20)
    async with engine_answering(b" " * (3 << 20)) as endpoint, connect(endpoint) as client:
        with pytest.raises(EngineError, match="larger than 1 MiB"):
            await client.list_containers()


async def test_the_first_sample_of_a_run_is_marked() -> None:
    def stats(second: int, preread: str) -> dict[str, object]:
        read = f"2026-11-23T19:00:{second:02}Z"
        return {"read": read, "preread": preread, "cpu_stats": {"cpu_usage": {"total_usage": second}}}

    never = "0001-01-01T00:00:00Z"
    answers = [stats(1, never), stats(2, "2026-11-23T19:00:01Z"), {"read": never}, stats(5, never), stats(6, "2026")]
    payload = b"\n".join(json.dumps(one).encode() for one in answers)
    async with (
        engine_answering(payload) as endpoint,
        connect(endpoint) as client,
        aclosing(client.stats("a")) as samples,
    ):
        assert [(sample.cpu_ns, sample.first) async for sample in samples] == [
            (1, False),
            (2, False),
            (5, True),
            (6, False),
        ]


async def test_a_request_on_a_closed_connection_is_engine_unreachable(tmp_path: Path) -> None:
    clock = SystemClock()
    async with serve(tmp_path / "e.sock", World(scenario("empty"), 1, clock.wall()), clock) as engine:
        async with connect(Endpoint(engine.url)) as client:
            assert client.info.system_time > 0 and client.info_request_seconds > 0
        with pytest.raises(EngineUnreachable, match="connection is closed"):
            await client.ping()


@pytest.mark.parametrize(
    ("body", "stop_seconds", "waits"),
    [({}, None, 60.0), ({}, 120, 180.0), ({"t": 5}, 120, 65.0), ({"t": -1}, None, None), ({}, -1, None)],
)
async def test_a_stop_may_take_the_stop_timeout_of_the_container(
    body: dict[str, object], stop_seconds: int | None, waits: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float | None] = []

    async def send(self: object, path: str, params: object, method: str = "POST", seconds: float | None = 0.0) -> None:
        given.append(seconds)

    monkeypatch.setattr(EngineRequests, "send", send)
    client = EngineClient.__new__(EngineClient)
    client.requests = EngineRequests.__new__(EngineRequests)
    await client.perform(Plan("stop", "a" * 64, "a", "e", "stop a", "docker stop a", body=body), stop_seconds)
    assert given == [waits]


async def test_starting_a_container_that_runs_is_not_an_error(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        idle = running.entry("idle").container
        plan = Plan("start", idle.id, "idle", "", "start idle", "docker start idle")
        assert await running.session.client.perform(plan) == ()
