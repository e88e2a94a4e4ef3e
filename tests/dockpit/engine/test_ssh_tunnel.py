"""Engines behind ssh, with a stand-in for the ssh program; a real server where DOCKPIT_V2_SSH names one."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dockpit.engine import dial_stdio_bridge, ssh_process, ssh_tunnel
from dockpit.engine.endpoint import Endpoint, resolve
from dockpit.engine.engine_address import SshTarget
from dockpit.engine.failure_reasons import failure_reason
from dockpit.engine.ssh_process import SshProcess
from dockpit.engine.ssh_tunnel import open_tunnel
from dockpit.engine.transport import open_transport, ping
from dockpit.model.errors import EngineUnreachable
from tests.dockpit.engine.remote_side import FakeSsh, speaking, stand_in

ENDPOINT = Endpoint("ssh://ops@far:2222", ssh_options=("-i", "my key"))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def bridge_tasks() -> list[object]:
    """The connections that are bridged just now."""
    return [task for task in asyncio.all_tasks() if task.get_name() == "ssh dial-stdio"]


@pytest.fixture
async def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSsh]:
    program = FakeSsh(tmp_path, tmp_path / "engine.sock")
    monkeypatch.setenv("PATH", str(program.folder))
    async with stand_in(tmp_path / "engine.sock"):
        yield program


async def reason(endpoint: Endpoint = ENDPOINT) -> str:
    with pytest.raises(EngineUnreachable) as caught:
        async with open_transport(endpoint):
            raise AssertionError("a tunnel stands")
    assert caught.value.address == endpoint.display
    return caught.value.reason


async def test_one_process_forwards_all_connections(fake: FakeSsh) -> None:
    fake.does("forward")
    async with open_transport(ENDPOINT, "v1.45") as way:
        streams = [await way.docker._do_query("events", "GET") for _ in range(30)]
        assert (await ping(way))[1] == 200
        assert way.closed_reason() is None
        for stream in streams:
            stream.close()
    assert len(fake.calls) == 1


async def test_what_ssh_is_asked_for(fake: FakeSsh) -> None:
    fake.does("forward")
    async with open_transport(Endpoint("ssh://ops@far:2222/run/my.sock", ssh_options=("-i", "my key"))):
        (call,) = fake.calls
    assert call[:2] == ["-i", "my key"]
    assert call[-6:] == ["-l", "ops", "-p", "2222", "--", "far"]
    assert {"-N", "BatchMode=yes", "ControlMaster=no", "ExitOnForwardFailure=yes"} <= set(call)
    local, remote = call[call.index("-L") + 1].split(":")
    assert remote == "/run/my.sock"
    assert not Path(local).parent.exists()


async def test_the_socket_is_the_users_own(fake: FakeSsh) -> None:
    fake.does("forward")
    async with open_transport(ENDPOINT):
        local = fake.calls[0][fake.calls[0].index("-L") + 1].split(":")[0]
        assert Path(local).parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", ["refuse", "old"])
async def test_a_server_that_does_not_forward_is_dialled(mode: str, fake: FakeSsh) -> None:
    fake.does(mode, "dial")
    async with open_transport(ENDPOINT, "v1.45") as way:
        stream = await way.docker._do_query("events", "GET")
        assert await stream.content.readline() == b"{}\n"
        assert (await way.docker.version())["Version"] == "26"
        assert way.closed_reason() is None
        stream.close()
    assert fake.calls[-1][-3:] == ["--", "far", "docker system dial-stdio"]


async def test_a_path_that_ssh_would_read_in_its_own_way_is_dialled(fake: FakeSsh) -> None:
    fake.does("forward", "dial")
    async with open_transport(Endpoint("ssh://far/a:b%c.sock")) as way:
        assert (await ping(way))[1] == 200
    assert all("-N" not in call for call in fake.calls)
    assert fake.calls[0][-1] == "docker --host=unix:///a:b%c.sock system dial-stdio"


@pytest.mark.parametrize(
    ("forwarding", "dialling", "words"),
    [
        ("denied", "dial", "ssh: permission denied: no key was accepted"),
        ("mute", "dial", "ssh ended with status 1"),
        ("refuse", "missing", "the docker command is not installed"),
        ("refuse", "mute", "ssh ended with status 1"),
    ],
)
async def test_why_there_is_no_tunnel(forwarding: str, dialling: str, words: str, fake: FakeSsh) -> None:
    fake.does(forwarding, dialling)
    assert words in await reason()


async def test_a_login_that_takes_for_ever(fake: FakeSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_tunnel, "START_SECONDS", 0.1)
    fake.does("hang")
    assert await reason() == "ssh: logging in took too long"


async def test_an_ssh_that_is_no_program(fake: FakeSsh) -> None:
    fake.does("forward")
    (fake.folder / "ssh").write_bytes(b"rubbish")
    assert "ssh cannot be started" in await reason()


async def test_an_ssh_that_goes_between_two_connections(fake: FakeSsh) -> None:
    fake.does("refuse", "dial")
    async with open_transport(ENDPOINT) as way:
        (fake.folder / "ssh").unlink()
        with pytest.raises(EngineUnreachable, match="ssh cannot be started"):
            await ping(way)


async def test_the_death_of_ssh_is_noticed_and_told(fake: FakeSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[SshProcess] = []
    start = SshProcess.start

    async def remember(words: list[str]) -> SshProcess:
        started.append(await start(words))
        return started[-1]

    monkeypatch.setattr(SshProcess, "start", remember)
    fake.does("forward")
    async with open_transport(ENDPOINT) as way:
        await ping(way)
        started[0].process.kill()
        await until(way.closed_reason)
        with pytest.raises(EngineUnreachable, match="ssh was ended by signal 9"):
            await ping(way)
        with pytest.raises(Exception, match="signal 9") as caught:
            await way.docker.version()
        assert failure_reason(caught.value, ENDPOINT) == "ssh was ended by signal 9"


async def test_ssh_is_out_of_reach_of_the_terminal_and_ends_with_the_tunnel(
    fake: FakeSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    init = SshProcess.__init__

    def remember(self: SshProcess, process: asyncio.subprocess.Process) -> None:
        init(self, process)
        started.append(process.pid)

    monkeypatch.setattr(SshProcess, "__init__", remember)
    fake.does("refuse", "dial")
    async with open_transport(ENDPOINT, "v1.45") as way:
        stream = await way.docker._do_query("events", "GET")
        assert os.getsid(started[-1]) == started[-1]
        stream.close()
    assert len(started) == 3
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_connection_that_the_client_ends_takes_its_process_with_it(
    fake: FakeSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial_stdio_bridge, "GRACE_SECONDS", 0.01)
    fake.does("refuse", "dial")
    async with open_transport(ENDPOINT, "v1.45") as way:
        await until(lambda: not bridge_tasks())
        stream = await way.docker._do_query("events", "GET")
        assert len(bridge_tasks()) == 1
        stream.close()
        await until(lambda: not bridge_tasks())


async def test_a_client_that_leaves_without_a_word_is_no_failure(fake: FakeSsh) -> None:
    fake.does("refuse", "dial")
    async with open_tunnel(SshTarget("far")) as way:
        _, writer = await asyncio.open_unix_connection(way.socket)
        await until(lambda: len(fake.calls) == 3)
        writer.close()
        await writer.wait_closed()
        await until(lambda: not bridge_tasks())
        assert way.closed_reason() is None


async def test_a_way_that_works_again_is_not_called_dead(fake: FakeSsh) -> None:
    fake.does("refuse", "dial")
    async with open_transport(ENDPOINT, "v1.45") as way:
        fake.does("refuse", "missing")
        with pytest.raises(EngineUnreachable, match="docker command is not installed"):
            await ping(way)
        fake.does("refuse", "dial")
        stream = await way.docker._do_query("events", "GET")
        assert way.closed_reason() is None
        stream.close()


async def test_a_process_that_ignores_being_asked_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_process, "END_SECONDS", 0.2)
    process = await SshProcess.start(
        ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do read x || sleep 0.1; done"], piped=True
    )
    assert process.process.stdout is not None
    await process.process.stdout.readline()
    await process.close()
    assert process.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", "has changed"),
        ("Host key verification failed.", "is not known: connect once with ssh"),
        ("ssh: Could not resolve hostname h: Name or service not known", "the name of the host cannot be resolved"),
        ("ssh: connect to host h port 22: Connection refused", "no ssh server listens there"),
        ("ssh: connect to host h port 22: Connection timed out", "connecting took too long"),
        ("ssh: connect to host h port 22: No route to host", "no route to the host"),
        ("Timeout, server h not responding.", "does not answer any more"),
        ("something \x1b[31m new", "ssh: something \\x1b[31m new"),
        ("channel 2: open failed: connect failed: open failed", "ssh ended with status 3"),
    ],
)
async def test_the_last_words_of_ssh(said: str, words: str) -> None:
    process = await SshProcess.start(["/bin/sh", "-c", 'printf %s "$0" >&2; exit 3', said])
    assert words in await process.wait_for_end()
    assert process.closed_reason() == process.reason()
    await process.close()


async def test_a_ping_into_the_void(tmp_path: Path) -> None:
    assert not await ssh_tunnel.answers_ping(tmp_path / "nope", 1)


async def test_a_silent_engine_is_no_fault_of_the_tunnel(tmp_path: Path) -> None:
    async with speaking(None, tmp_path / "x"):
        assert await ssh_tunnel.answers_ping(tmp_path / "x", 0.01)


async def test_a_connection_reset_is_no_answer(tmp_path: Path) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_unix_server(reset, tmp_path / "x")
    async with server:
        assert not await ssh_tunnel.answers_ping(tmp_path / "x", 5)


@pytest.mark.parametrize(("folder", "short"), [("/var/tmp", "/var/tmp"), ("/" + "x" * 90, "/tmp"), ("/a:b", "/tmp")])
def test_sockets_are_put_where_their_path_fits(folder: str, short: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: folder)
    assert ssh_tunnel.socket_folder() == short


@asynccontextmanager
async def _no_forward(*args: object) -> AsyncIterator[None]:
    yield None


@pytest.mark.v2
@pytest.mark.skipif("DOCKPIT_V2_SSH" not in os.environ, reason="DOCKPIT_V2_SSH names no ssh:// address")
@pytest.mark.parametrize("plain", [True, False], ids=["forwarded", "dialled"])
async def test_a_real_server(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = resolve(
        context=None, host=os.environ["DOCKPIT_V2_SSH"], environ=os.environ, home=Path.home(), uid=os.getuid()
    )
    if not plain:
        monkeypatch.setattr(ssh_tunnel, "_forward", _no_forward)
    async with open_transport(endpoint) as way:
        headers, status = await ping(way)
        assert status == 200
        way.use_api_version(headers["Api-Version"])
        count = 30 if plain else 3
        streams = await asyncio.gather(*(way.docker._do_query("events", "GET") for _ in range(count)))
        assert (await way.docker.version())["ApiVersion"] == headers["Api-Version"]
        for stream in streams:
            stream.close()
