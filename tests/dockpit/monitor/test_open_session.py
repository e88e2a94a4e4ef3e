"""Sessions are opened on a real engine by its address, or on a simulated one with its past."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dockpit.config.defaults import Config
from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.model.errors import EndpointError, EngineUnreachable, UsageError
from dockpit.monitor import open_session
from dockpit.simulate.demo_session import open_demo_session


async def test_a_demo_has_a_past(tmp_path: Path) -> None:
    async with open_demo_session("leak", 3, Config()) as session:
        task = asyncio.create_task(session.run())
        async with asyncio.timeout(20):
            while not session.snapshot().ready:
                await asyncio.sleep(0.02)
        entry = next(e for e in session.snapshot().entries.values() if e.container.name == "grow")
        assert len(entry.window) > 5
        assert session.endpoint.origin == "--demo"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="fleet"):
        async with open_demo_session("nonsense", 1, Config()):
            pass


async def test_a_session_on_a_real_engine_takes_its_options_from_the_config() -> None:
    async with open_session.open_session(Endpoint("unix:///nowhere"), Config(read_only=True)) as session:
        assert session.read_only and session.snapshot().read_only


@pytest.mark.parametrize(
    ("origin", "words"),
    [("DOCKER_HOST", "tcp://a, named by DOCKER_HOST: no answer"), ("default socket", "tcp://a, the default socket: ")],
)
async def test_the_error_of_an_unreachable_engine_says_who_named_it(origin: str, words: str) -> None:
    with pytest.raises(EngineUnreachable, match=words):
        async with open_session.open_session(Endpoint("tcp://a", origin=origin), Config()):
            raise EngineUnreachable("tcp://a", "no answer")


def test_contradicting_flags_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_session.resolve_endpoint(None, "tcp://h:2375").url == "tcp://h:2375"
    with pytest.raises(EndpointError):
        open_session.resolve_endpoint("a", "tcp://h")
