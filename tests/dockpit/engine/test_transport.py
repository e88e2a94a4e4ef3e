"""Connections to an engine over sockets, TCP and TLS, and the reasons given when there is none."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest
from aiodocker.exceptions import DockerError

from dockpit.engine import transport
from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.failure_reasons import failure_reason
from dockpit.engine.tls_settings import TlsSettings
from dockpit.engine.transport import open_transport, ping
from dockpit.model.errors import EndpointError, EngineUnreachable
from tests.dockpit.engine.stub_engine import raw_server, stub_engine


async def ping_endpoint(endpoint: Endpoint) -> tuple[Mapping[str, str], int]:
    async with open_transport(endpoint) as opened:
        return await ping(opened)


async def unreachable_reason(endpoint: Endpoint) -> str:
    with pytest.raises(EngineUnreachable) as caught:
        await ping_endpoint(endpoint)
    assert caught.value.address == endpoint.display
    return caught.value.reason


async def test_the_api_version_can_be_set_after_connecting(tmp_path: Path) -> None:
    async with stub_engine(tmp_path / "x"), open_transport(Endpoint(f"unix://{tmp_path}/x")) as opened:
        headers, status = await ping(opened)
        assert (headers["Api-Version"], status) == ("1.45", 200)
        assert opened.docker.api_version == "auto"
        opened.use_api_version("1.44")
        assert (await opened.docker.version())["Path"] == "/v1.44/version"
        assert opened.closed_reason() is None


async def test_the_api_version_can_be_given_when_connecting(tmp_path: Path) -> None:
    async with stub_engine(tmp_path / "x"), open_transport(Endpoint(f"unix://{tmp_path}/x"), "v1.42") as opened:
        assert (await opened.docker.version())["Path"] == "/v1.42/version"


async def test_requests_over_tcp_have_the_base_path_and_the_custom_headers() -> None:
    async with stub_engine() as port:
        headers, _ = await ping_endpoint(Endpoint(f"tcp://127.0.0.1:{port}/base", headers={"X-Echo": "hello"}))
    assert headers["X-Echo"] == "hello"


async def test_more_streams_than_a_pool_holds_leave_room_for_a_request(tmp_path: Path) -> None:
    async with stub_engine(tmp_path / "x"), open_transport(Endpoint(f"unix://{tmp_path}/x"), "v1.45") as opened:
        streams = [await opened.docker._do_query("events", "GET") for _ in range(120)]
        async with asyncio.timeout(20):
            assert (await opened.docker.version())["Version"] == "26"
        for stream in streams:
            stream.close()


async def test_the_session_and_its_connector_are_closed_in_the_end(tmp_path: Path) -> None:
    async with stub_engine(tmp_path / "x"):
        async with open_transport(Endpoint(f"unix://{tmp_path}/x")) as opened:
            await ping(opened)
        assert opened.docker.session.closed
        assert opened.docker.connector.closed


async def test_no_socket_and_no_listener(tmp_path: Path, unused_tcp_port: int) -> None:
    assert "there is no socket" in await unreachable_reason(Endpoint(f"unix://{tmp_path}/nope"))
    assert "nothing listens" in await unreachable_reason(Endpoint(f"tcp://127.0.0.1:{unused_tcp_port}"))
    (tmp_path / "file").touch()
    assert "nothing listens on the socket" in await unreachable_reason(Endpoint(f"unix://{tmp_path}/file"))


async def test_a_host_name_that_does_not_resolve() -> None:
    assert "cannot be resolved" in await unreachable_reason(Endpoint("tcp://nosuch.invalid:2375"))


async def test_a_host_that_drops_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    async def swallow(*args: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", swallow)
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.01)
    assert "connecting took too long" in await unreachable_reason(Endpoint("tcp://127.0.0.1:1"))


async def test_an_engine_that_does_not_answer() -> None:
    async with raw_server(None) as port, open_transport(Endpoint(f"tcp://127.0.0.1:{port}")) as opened:
        with pytest.raises(EngineUnreachable, match="no answer in time"):
            await ping(opened, seconds=0.05)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not a Docker engine"),
        (b"HTTP/1.1 9\r\n\r\n", "not a Docker engine"),
        (b"\x15\x03\x01\x00\x02\x02", "it expects TLS"),
        (b"", "it ended the connection without an answer"),
    ],
)
async def test_a_server_that_is_no_engine(answer: bytes, words: str) -> None:
    async with raw_server(answer) as port:
        assert words in await unreachable_reason(Endpoint(f"tcp://127.0.0.1:{port}"))


async def test_a_web_server_is_not_taken_for_an_engine() -> None:
    async with stub_engine(kind="web page") as port:
        assert await unreachable_reason(Endpoint(f"tcp://127.0.0.1:{port}")) == (
            "the server there is not a Docker engine (HTTP 200)"
        )


async def test_a_proxy_that_forbids_the_ping_is_let_through() -> None:
    async with stub_engine(kind="forbidding proxy") as port:
        assert (await ping_endpoint(Endpoint(f"tcp://127.0.0.1:{port}")))[1] == 403


async def test_an_engine_that_expects_tls_is_recognised() -> None:
    async with stub_engine(kind="tls expected") as port:
        assert "it expects TLS" in await unreachable_reason(Endpoint(f"tcp://127.0.0.1:{port}"))


async def test_the_reason_of_a_failed_call_of_aiodocker_is_found(tmp_path: Path) -> None:
    endpoint = Endpoint(f"unix://{tmp_path}/nope")
    async with open_transport(endpoint) as opened:
        with pytest.raises(DockerError) as caught:
            await opened.docker.version()
    assert "there is no socket" in failure_reason(caught.value, endpoint)


async def test_a_windows_pipe_is_refused() -> None:
    with pytest.raises(EndpointError, match="named pipe of Windows"):
        await ping_endpoint(Endpoint("npipe:////./pipe/docker_engine"))


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ca.pem, cert.pem and key.pem for 127.0.0.1, signed by themselves."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificates")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = [
        "-days",
        "2",
        "-subj",
        "/CN=h",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        "key.pem",
        "-out",
        "ca.pem",
    ]
    subprocess.run([*made, *names], cwd=folder, check=True, capture_output=True)
    shutil.copy(folder / "ca.pem", folder / "cert.pem")
    lock = ["openssl", "ec", "-aes128", "-passout", "pass:secret", "-in", "key.pem", "-out", "locked.pem"]
    subprocess.run(lock, cwd=folder, check=True, capture_output=True)
    return folder


def server_context(folder: Path, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.pem")
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED if mutual else ssl.CERT_NONE
    return context


async def test_mutual_tls(certificates: Path) -> None:
    tls = TlsSettings(certificates / "ca.pem", certificates / "cert.pem", certificates / "key.pem")
    async with stub_engine(tls=server_context(certificates, mutual=True)) as port:
        assert (await ping_endpoint(Endpoint(f"tcp://127.0.0.1:{port}", tls=tls)))[1] == 200
        reason = await unreachable_reason(Endpoint(f"tcp://127.0.0.1:{port}", tls=TlsSettings(certificates / "ca.pem")))
    assert "client certificate" in reason


async def test_tls_without_verification_accepts_any_certificate(certificates: Path) -> None:
    async with stub_engine(tls=server_context(certificates)) as port:
        assert (await ping_endpoint(Endpoint(f"tcp://127.0.0.1:{port}", tls=TlsSettings(verify=False))))[1] == 200


async def test_an_unknown_authority_is_not_trusted(certificates: Path) -> None:
    async with stub_engine(tls=server_context(certificates)) as port:
        assert "its certificate is not trusted" in await unreachable_reason(Endpoint(f"https://127.0.0.1:{port}"))


async def test_a_certificate_for_another_host_is_not_trusted(certificates: Path) -> None:
    async with stub_engine(tls=server_context(certificates)) as port:
        reason = await unreachable_reason(Endpoint(f"tcp://localhost:{port}", tls=TlsSettings(certificates / "ca.pem")))
    assert "its certificate is not trusted" in reason


async def test_tls_toward_plain_http() -> None:
    async with stub_engine() as port:
        assert "it speaks plain HTTP" in await unreachable_reason(
            Endpoint(f"tcp://127.0.0.1:{port}", tls=TlsSettings(verify=False))
        )


async def test_an_invalid_certificate_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("rubbish")
    with pytest.raises(EndpointError, match=r"TLS cannot be set up with .*ca\.pem"):
        await ping_endpoint(Endpoint("tcp://h:1", tls=TlsSettings(tmp_path / "ca.pem")))


async def test_a_key_with_a_passphrase_is_an_error_and_not_a_prompt(certificates: Path) -> None:
    with pytest.raises(EndpointError, match="TLS cannot be set up"):
        await ping_endpoint(
            Endpoint("tcp://h:1", tls=TlsSettings(cert=certificates / "cert.pem", key=certificates / "locked.pem"))
        )


# without an ssh client


async def test_without_any_ssh_client_the_cure_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(transport, "find_spec", lambda name: None)
    with pytest.raises(EndpointError, match=r"install openssh-client or dockpit\[ssh\]"):
        await ping_endpoint(Endpoint("ssh://h"))


class FakeSshConnector(aiohttp.UnixConnector):
    """A stand-in for aiodocker's SSHConnector, which needs asyncssh."""

    def __init__(self, url: str) -> None:
        if "refused" in url:
            raise DockerError(400, "Host key verification is required")
        super().__init__("/nope")


async def test_asyncssh_is_used_where_there_is_no_ssh_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = ModuleType("aiodocker.ssh")
    monkeypatch.setattr(module, "SSHConnector", FakeSshConnector, raising=False)
    monkeypatch.setitem(sys.modules, "aiodocker.ssh", module)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(transport, "find_spec", lambda name: object())
    async with open_transport(Endpoint("ssh://h")) as opened:
        assert isinstance(opened.docker.connector, FakeSshConnector)
    assert opened.docker.connector.closed
    with pytest.raises(EndpointError, match="Host key verification is required"):
        await ping_endpoint(Endpoint("ssh://refused"))
    with pytest.raises(EndpointError, match="install openssh-client"):
        await ping_endpoint(Endpoint("ssh://h/other.sock"))
