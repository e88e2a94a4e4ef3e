from __future__ import annotations

import time

import pytest

from dockpit.engine.stream_decoding import LogDemultiplexer, LogLineAssembler
from dockpit.model.container import LogLine
from dockpit.simulate import World, log_output, scenario
from dockpit.simulate.engine_refusal import EngineRefusal
from dockpit.simulate.scenario_spec import ContainerSpec, LogSpec, Scenario
from dockpit.simulate.timestamps import parse_timestamp
from tests.dockpit.simulate.conftest import START, ServeWorld

CHATTY = Scenario(
    "chatty",
    "",
    (
        ContainerSpec("chatty", age_seconds=100.0, logs=LogSpec(("line {n}",), 2.0, 0.5)),
        ContainerSpec("term", tty=True),
    ),
    warmup_seconds=0.0,
)


def parse(data: bytes, *, timestamps: bool = False) -> list[LogLine]:
    frames, lines = LogDemultiplexer(tty=False), LogLineAssembler(timestamps)
    return [line for stream, chunk in frames.feed(data) for line in lines.feed(stream, chunk)]


@pytest.mark.parametrize(
    ("query", "count", "first"),
    [
        ("stdout=1&stderr=1", 200, "line 1"),
        ("stdout=1&stderr=1&tail=3", 3, "line 198"),
        ("stdout=1&stderr=1&tail=0", 0, ""),
        (f"stdout=1&stderr=1&since={START - 5}", 11, "line 190"),
        (f"stdout=1&stderr=1&until={START - 90}", 20, "line 1"),
    ],
)
async def test_tail_since_and_until_select_lines(serve_world: ServeWorld, query: str, count: int, first: str) -> None:
    async with serve_world(CHATTY) as served, served.http.get(f"/containers/chatty/logs?{query}") as answer:
        got = parse(await answer.read())
        assert len(got) == count
        assert not got or got[0].text == first


async def test_streams_are_separate_and_have_timestamps(serve_world: ServeWorld) -> None:
    async with serve_world(CHATTY) as served:
        async with served.http.get("/containers/chatty/logs?stderr=1&timestamps=1") as answer:
            got = parse(await answer.read(), timestamps=True)
        assert {line.stream for line in got} == {"stderr"}
        assert 50 < len(got) < 150
        assert all(START - 100 < line.at <= START for line in got)


async def test_terminal_logs_are_plain(serve_world: ServeWorld) -> None:
    async with serve_world(CHATTY) as served, served.http.get("/containers/term/logs?stdout=1&tail=1") as answer:
        assert answer.content_type == "application/vnd.docker.raw-stream"
        assert (await answer.read()).startswith(b"tick ")


async def test_following_ends_with_the_container(serve_world: ServeWorld) -> None:
    async with (
        serve_world(CHATTY) as served,
        served.http.get("/containers/chatty/logs?stdout=1&stderr=1&tail=1&follow=1") as answer,
    ):
        data = await served.advancing(answer.content.readany())
        while b"line 204\n" not in data:
            data += await served.advancing(answer.content.readany())
        assert [line.text for line in parse(data)][:4] == ["line 200", "line 201", "line 202", "line 203"]
        await served.json("POST", "/containers/chatty/stop")
        assert b"line 200" not in await served.advancing(answer.content.read())


def test_a_second_of_flood_is_encoded_in_less_than_two_cpu_seconds() -> None:
    world = World(scenario("flood"), 1, START)
    container = world.find("flood")
    begun = time.process_time()
    printed = log_output.encode_lines(
        log_output.lines_between(container, START, START + 1), tty=False, timestamps=True, streams={1, 2}
    )
    assert printed.count(b"HTTP/2") == 50_000
    assert time.process_time() - begun < 2.0


def test_lines_of_a_pause_are_missing() -> None:
    world = World(CHATTY, 1, START)
    container = world.find("chatty")
    container.run_periods = [(START - 10, START - 5), (START - 2, float("inf"))]
    assert len(list(log_output.lines_between(container, START - 10, START))) == 14
    assert len(log_output.last_lines(container, START, 12)) == 12


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        (None, None),
        ("0", None),
        ("12", 12 * 10**9),
        ("12.000000001", 12 * 10**9 + 1),
        ("1h30m", round((START - 5400) * 1e9)),
        ("250ms", round((START - 0.25) * 1e9)),
        ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123_456_000),
    ],
)
def test_parse_timestamp(text: str | None, ns: int | None) -> None:
    got = parse_timestamp(text, START)
    assert got == (None if ns is None else pytest.approx(ns, abs=1000 if ns > 10**15 else 0))


def test_parse_timestamp_refuses_other_text() -> None:
    with pytest.raises(EngineRefusal, match="failed to parse"):
        parse_timestamp("soon", START)
