"""config.json, contexts, certificates and headers are read as by the docker CLI, and every fault in them is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockpit.engine.tls_settings import TlsSettings
from dockpit.model.errors import EndpointError
from tests.dockpit.engine.docker_config_folder import context_meta, resolve_in, write_config, write_context

DEFAULT = "unix:///var/run/docker.sock"
ENV_HOST = {"DOCKER_HOST": "tcp://from-environment:1"}


# broken files


@pytest.mark.parametrize("content", ["{broken", "[]", '"x"', "\x00", "[" * 100_000])
def test_a_broken_config_is_a_warning_and_the_default_engine_is_used(content: str, tmp_path: Path) -> None:
    write_config(tmp_path / ".docker", content)
    found = resolve_in(tmp_path)
    assert found.url == DEFAULT
    assert "config.json is not" in found.warnings[0] and "going on without it" in found.warnings[0]


@pytest.mark.parametrize("content", ["", "\n", "  \n\n"])
def test_an_empty_config_says_nothing(content: str, tmp_path: Path) -> None:
    write_config(tmp_path / ".docker", content)
    found = resolve_in(tmp_path)
    assert (found.url, found.warnings) == (DEFAULT, ())


def test_a_broken_config_is_a_warning_where_the_engine_is_named_otherwise(tmp_path: Path) -> None:
    write_config(tmp_path / ".docker", "{broken")
    write_context(tmp_path / ".docker", "prod", context_meta())
    found = [
        resolve_in(tmp_path, host="tcp://h"),
        resolve_in(tmp_path, environ=ENV_HOST),
        resolve_in(tmp_path, context="prod"),
        resolve_in(tmp_path, environ={"DOCKER_CONTEXT": "prod"}),
    ]
    assert [endpoint.context for endpoint in found] == ["default", "default", "prod", "prod"]
    assert all("config.json is not valid JSON" in endpoint.warnings[0] for endpoint in found)


def test_a_config_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".docker" / "config.json").mkdir(parents=True)
    found = resolve_in(tmp_path)
    assert found.url == DEFAULT
    assert "config.json cannot be read: Is a directory" in found.warnings[0]


def test_a_config_folder_that_is_a_file_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / ".docker").touch()
    assert resolve_in(tmp_path).url == DEFAULT


def test_a_current_context_that_is_not_a_string_is_an_error(tmp_path: Path) -> None:
    write_config(tmp_path / ".docker", {"currentContext": 7})
    with pytest.raises(EndpointError, match="currentContext is not a name"):
        resolve_in(tmp_path)


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ("{oops", "not valid JSON"),
        ("[]", "not a JSON object"),
        ({"Name": "x"}, "has no docker endpoint"),
        ({"Endpoints": []}, "has no docker endpoint"),
        ({"Endpoints": {"docker": "tcp://h"}}, "has no docker endpoint"),
        (context_meta(7), "wrong type"),
        (context_meta(SkipTLSVerify="yes"), "wrong type"),
        (context_meta("fd://"), "context prod .--context.: unable to parse"),
    ],
)
def test_a_broken_context_is_named(meta: object, words: str, tmp_path: Path) -> None:
    write_context(tmp_path / ".docker", "prod", meta)
    with pytest.raises(EndpointError, match=words):
        resolve_in(tmp_path, context="prod")


def test_a_context_without_a_host_is_the_default_socket(tmp_path: Path) -> None:
    write_context(tmp_path / ".docker", "prod", {"Endpoints": {"docker": {}}})
    assert resolve_in(tmp_path, context="prod").url == DEFAULT


# TLS


def test_a_contexts_certificates_are_used(tmp_path: Path) -> None:
    write_context(tmp_path / ".docker", "prod", context_meta("tcp://h"), pems=("ca.pem", "cert.pem", "key.pem"))
    endpoint = resolve_in(tmp_path, context="prod")
    assert endpoint.url == "tcp://h:2376"
    assert endpoint.tls is not None
    assert endpoint.tls.verify
    assert [path and path.name for path in (endpoint.tls.ca, endpoint.tls.cert, endpoint.tls.key)] == [
        "ca.pem",
        "cert.pem",
        "key.pem",
    ]


def test_skip_tls_verify_alone_asks_for_tls(tmp_path: Path) -> None:
    write_context(tmp_path / ".docker", "prod", context_meta("tcp://h", SkipTLSVerify=True))
    assert resolve_in(tmp_path, context="prod").tls == TlsSettings(verify=False)


def test_the_tls_variables_do_not_touch_a_named_context(tmp_path: Path) -> None:
    write_context(tmp_path / ".docker", "prod", context_meta("tcp://h"))
    endpoint = resolve_in(tmp_path, context="prod", environ={"DOCKER_TLS_VERIFY": "1"})
    assert (endpoint.tls, endpoint.url) == (None, "tcp://h:2375")


def test_half_a_client_certificate_is_an_error(tmp_path: Path) -> None:
    write_context(tmp_path / ".docker", "prod", context_meta("tcp://h"), pems=("cert.pem",))
    with pytest.raises(EndpointError, match=r"both cert\.pem and key\.pem"):
        resolve_in(tmp_path, context="prod")


@pytest.mark.parametrize("value", ["1", "0", "no"])
def test_any_value_of_the_variable_asks_for_verified_tls(value: str, tmp_path: Path) -> None:
    certificates = tmp_path / "certs"
    certificates.mkdir()
    (certificates / "ca.pem").touch()
    environ = {"DOCKER_TLS_VERIFY": value, "DOCKER_CERT_PATH": str(certificates)}
    endpoint = resolve_in(tmp_path, host="tcp://h", environ=environ)
    assert endpoint.tls == TlsSettings(ca=certificates / "ca.pem")
    assert endpoint.url == "tcp://h:2376"


def test_verified_tls_without_an_authority_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=r"there is no .*\.docker/ca\.pem"):
        resolve_in(tmp_path, host="tcp://h", environ={"DOCKER_TLS_VERIFY": "1"})


def test_tls_without_verification_needs_no_file(tmp_path: Path) -> None:
    assert resolve_in(tmp_path, host="tcp://h", environ={"DOCKER_TLS": "1"}).tls == TlsSettings(verify=False)
    assert resolve_in(tmp_path, host="tcp://h", environ={"DOCKER_TLS": "", "DOCKER_TLS_VERIFY": ""}).tls is None


def test_a_socket_has_no_tls(tmp_path: Path) -> None:
    assert resolve_in(tmp_path, host="unix:///x", environ={"DOCKER_TLS_VERIFY": "1"}).tls is None


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(EndpointError, match=r"ca\.pem cannot be read: Permission denied"):
        resolve_in(tmp_path, host="tcp://h", environ={"DOCKER_TLS": "1"})


# headers


def test_headers_come_from_the_config_or_else_from_the_variable(tmp_path: Path) -> None:
    write_config(tmp_path / ".docker", {"HttpHeaders": {"X-A": "b"}})
    assert resolve_in(tmp_path).headers == {"X-A": "b"}
    endpoint = resolve_in(tmp_path, environ={"DOCKER_CUSTOM_HEADERS": 'a=b=c,"d=e,f"'})
    assert endpoint.headers == {"a": "b=c", "d": "e,f"}


@pytest.mark.parametrize("value", ["ab", "=b", "a b=c", "a=b\x01", "a=b\nc=d"])
def test_invalid_headers_are_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=r"(?i)header"):
        resolve_in(tmp_path, environ={"DOCKER_CUSTOM_HEADERS": value})
