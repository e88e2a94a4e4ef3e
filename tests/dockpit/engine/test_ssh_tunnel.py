"""Engines behind ssh, with a fake ssh program; a real server where DOCKPIT_V2_SSH names one."""

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
from dockpit.engine.endpoint_resolution import Endpoint, resolve
from dockpit.engine.engine_address import SshTarget
from dockpit.engine.failure_reasons import failure_reason
from dockpit.engine.ssh_process import SshProcess
from dockpit.engine.ssh_tunnel import open_tunnel
from dockpit.engine.transport import open_transport, ping
from dockpit.model.errors import EngineUnreachable
from tests.dockpit.engine.fake_ssh import FakeSsh
from tests.dockpit.engine.stub_engine import raw_server, stub_engine

ENDPOINT = Endpoint("ssh://ops@far:2222", ssh_options=("-i", "my key"))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def bridge_tasks() -> list[object]:
    """The tasks of connections that are bridged now."""
    return [task for task in asyncio.all_tasks() if task.get_name() == "ssh dial-stdio"]


@pytest.fixture
async def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSsh]:
    program = FakeSsh(tmp_path, tmp_path / "engine.sock")
    monkeypatch.setenv("PATH", str(program.folder))
    async with stub_engine(tmp_path / "engine.sock"):
        yield program


async def unreachable_reason(endpoint: Endpoint = ENDPOINT) -> str:
    with pytest.raises(EngineUnreachable) as caught:
        async with open_transport(endpoint):
            raise AssertionError("a tunnel stands")
    assert caught.value.address == endpoint.display
    return caught.value.reason


async def test_one_process_forwards_all_connections(fake: FakeSsh) -> None:
    fake.set_modes("forward")
    async with open_transport(ENDPOINT, "v1.45") as transport:
        streams = [await transport.docker._do_query("events", "GET") for _ in range(30)]
        assert (await ping(transport))[1] == 200
        assert transport.closed_reason() is None
        for stream in streams:
            stream.close()
    assert len(fake.calls) == 1


async def test_the_arguments_of_ssh(fake: FakeSsh) -> None:
    fake.set_modes("forward")
    async with open_transport(Endpoint("ssh://ops@far:2222/run/my.sock", ssh_options=("-i", "my key"))):
        (call,) = fake.calls
    assert call[:2] == ["-i", "my key"]
    assert call[-6:] == ["-l", "ops", "-p", "2222", "--", "far"]
    assert {"-N", "BatchMode=yes", "ControlMaster=no", "ExitOnForwardFailure=yes"} <= set(call)
    local, remote = call[call.index("-L") + 1].split(":")
    assert remote == "/run/my.sock"
    assert not Path(local).parent.exists()


async def test_the_folder_of_the_socket_is_private_to_the_user(fake: FakeSsh) -> None:
    fake.set_modes("forward")
    async with open_transport(ENDPOINT):
        local = fake.calls[0][fake.calls[0].index("-L") + 1].split(":")[0]
        assert Path(local).parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", ["refuse", "old"])
async def test_a_server_that_refuses_to_forward_is_reached_by_dial_stdio(mode: str, fake: FakeSsh) -> None:
    fake.set_modes(mode, "dial")
    async with open_transport(ENDPOINT, "v1.45") as transport:
        stream = await transport.docker._do_query("events", "GET")
        assert await stream.content.readline() == b"{}\n"
        assert (await transport.docker.version())["Version"] == "26"
        assert transport.closed_reason() is None
        stream.close()
    assert fake.calls[-1][-3:] == ["--", "far", "docker system dial-stdio"]


async def test_a_path_that_ssh_does_not_take_literally_is_reached_by_dial_stdio(fake: FakeSsh) -> None:
    fake.set_modes("forward", "dial")
    async with open_transport(Endpoint("ssh://far/a:b%c.sock")) as transport:
        assert (await ping(transport))[1] == 200
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
async def test_the_reason_why_there_is_no_tunnel(forwarding: str, dialling: str, words: str, fake: FakeSsh) -> None:
    fake.set_modes(forwarding, dialling)
    assert words in await unreachable_reason()


async def test_a_login_that_takes_too_long(fake: FakeSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_tunnel, "START_SECONDS", 0.1)
    fake.set_modes("hang")
    assert await unreachable_reason() == "ssh: logging in took too long"


async def test_an_ssh_that_cannot_be_executed(fake: FakeSsh) -> None:
    fake.set_modes("forward")
    (fake.folder / "ssh").write_bytes(b"rubbish")
    assert "ssh cannot be started" in await unreachable_reason()


async def test_an_ssh_that_disappears_between_two_connections(fake: FakeSsh) -> None:
    fake.set_modes("refuse", "dial")
    async with open_transport(ENDPOINT) as transport:
        (fake.folder / "ssh").unlink()
        with pytest.raises(EngineUnreachable, match="ssh cannot be started"):
            await ping(transport)


async def test_the_end_of_ssh_is_noticed_and_its_reason_given(fake: FakeSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[SshProcess] = []
    start = SshProcess.start

    async def remember(words: list[str]) -> SshProcess:
        started.append(await start(words))
        return started[-1]

    monkeypatch.setattr(SshProcess, "start", remember)
    fake.set_modes("forward")
    async with open_transport(ENDPOINT) as transport:
        await ping(transport)
        started[0].process.kill()
        await until(transport.closed_reason)
        with pytest.raises(EngineUnreachable, match="ssh was ended by signal 9"):
            await ping(transport)
        with pytest.raises(Exception, match="signal 9") as caught:
            await transport.docker.version()
        assert failure_reason(caught.value, ENDPOINT) == "ssh was ended by signal 9"


async def test_ssh_has_its_own_session_and_ends_with_the_tunnel(fake: FakeSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    init = SshProcess.__init__

    def remember(self: SshProcess, process: asyncio.subprocess.Process) -> None:
        init(self, process)
        started.append(process.pid)

    monkeypatch.setattr(SshProcess, "__init__", remember)
    fake.set_modes("refuse", "dial")
    async with open_transport(ENDPOINT, "v1.45") as transport:
        stream = await transport.docker._do_query("events", "GET")
        assert os.getsid(started[-1]) == started[-1]
        stream.close()
    assert len(started) == 3
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_connection_closed_by_the_client_ends_its_process(
    fake: FakeSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial_stdio_bridge, "GRACE_SECONDS", 0.01)
    fake.set_modes("refuse", "dial")
    async with open_transport(ENDPOINT, "v1.45") as transport:
        await until(lambda: not bridge_tasks())
        stream = await transport.docker._do_query("events", "GET")
        assert len(bridge_tasks()) == 1
        stream.close()
        await until(lambda: not bridge_tasks())


async def test_a_client_that_leaves_without_sending_is_not_a_failure(fake: FakeSsh) -> None:
    fake.set_modes("refuse", "dial")
    async with open_tunnel(SshTarget("far")) as transport:
        _, writer = await asyncio.open_unix_connection(transport.socket)
        await until(lambda: len(fake.calls) == 3)
        writer.close()
        await writer.wait_closed()
        await until(lambda: not bridge_tasks())
        assert transport.closed_reason() is None


async def test_a_bridge_that_works_again_has_no_closed_reason(fake: FakeSsh) -> None:
    fake.set_modes("refuse", "dial")
    async with open_transport(ENDPOINT, "v1.45") as transport:
        fake.set_modes("refuse", "missing")
        with pytest.raises(EngineUnreachable, match="docker command is not installed"):
            await ping(transport)
        fake.set_modes("refuse", "dial")
        stream = await transport.docker._do_query("events", "GET")
        assert transport.closed_reason() is None
        stream.close()


async def test_a_process_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_process, "END_SECONDS", 0.2)
    process = await SshProcess.start(
        ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do read x || sleep 0.1; done"], piped=True
    )
    assert process.process.stdout is not None
    await process.process.stdout.readline()
    await process.close()
    assert process.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("stderr", "words"),
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
async def test_the_reason_is_taken_from_the_stderr_of_ssh(stderr: str, words: str) -> None:
    process = await SshProcess.start(["/bin/sh", "-c", 'printf %s "$0" >&2; exit 3', stderr])
    assert words in await process.wait_for_end()
    assert process.closed_reason() == process.reason()
    await process.close()


async def test_a_socket_that_is_missing_does_not_answer(tmp_path: Path) -> None:
    assert not await ssh_tunnel.answers_ping(tmp_path / "nope", 1)


async def test_a_silent_engine_does_not_count_against_the_tunnel(tmp_path: Path) -> None:
    async with raw_server(None, tmp_path / "x"):
        assert await ssh_tunnel.answers_ping(tmp_path / "x", 0.01)


async def test_a_connection_reset_is_no_answer(tmp_path: Path) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_unix_server(reset, tmp_path / "x")
    async with server:
        assert not await ssh_tunnel.answers_ping(tmp_path / "x", 5)


@pytest.mark.parametrize(("folder", "chosen"), [("/var/tmp", "/var/tmp"), ("/" + "x" * 90, "/tmp"), ("/a:b", "/tmp")])
def test_the_folder_of_sockets_is_short_and_literal(folder: str, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: folder)
    assert ssh_tunnel.socket_folder() == chosen


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
    async with open_transport(endpoint) as transport:
        headers, status = await ping(transport)
        assert status == 200
        transport.use_api_version(headers["Api-Version"])
        count = 30 if plain else 3
        streams = await asyncio.gather(*(transport.docker._do_query("events", "GET") for _ in range(count)))
        assert (await transport.docker.version())["ApiVersion"] == headers["Api-Version"]
        for stream in streams:
            stream.close()
