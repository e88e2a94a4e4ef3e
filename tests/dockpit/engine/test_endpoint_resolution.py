"""The engine is found in the docker CLI's order of flags, environment, contexts and sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dockpit.engine.endpoint_resolution import Endpoint, is_local, is_socket
from dockpit.model.errors import EndpointError
from tests.dockpit.engine.docker_config_folder import PROD, context_meta, resolve_in, write_config, write_context

ENV_HOST = {"DOCKER_HOST": "tcp://from-environment:1"}


@dataclass(frozen=True)
class Case:
    """One rule of the order: who names an engine, and which one results."""

    rule: str
    url: str
    origin: str
    name: str = "default"
    context: str | None = None
    host: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    current: str | None = None


DEFAULT = "unix:///var/run/docker.sock"
CASES = [
    Case("nothing at all", DEFAULT, "default socket"),
    Case("currentContext", PROD, "context prod (currentContext in {config})", "prod", current="prod"),
    Case("currentContext default is no file", DEFAULT, "default socket", current="default"),
    Case("currentContext empty", DEFAULT, "default socket", current=""),
    Case(
        "DOCKER_CONTEXT beats currentContext",
        "unix:///other.sock",
        "context other (DOCKER_CONTEXT)",
        "other",
        environ={"DOCKER_CONTEXT": "other"},
        current="prod",
    ),
    Case(
        "DOCKER_CONTEXT=default beats currentContext",
        DEFAULT,
        "default socket",
        environ={"DOCKER_CONTEXT": "default"},
        current="prod",
    ),
    Case(
        "empty variables name nothing",
        PROD,
        "context prod (currentContext in {config})",
        "prod",
        environ={"DOCKER_HOST": "", "DOCKER_CONTEXT": ""},
        current="prod",
    ),
    Case(
        "DOCKER_HOST beats DOCKER_CONTEXT",
        "tcp://from-environment:1",
        "DOCKER_HOST",
        environ={**ENV_HOST, "DOCKER_CONTEXT": "other"},
    ),
    Case(
        "DOCKER_HOST beats currentContext", "tcp://from-environment:1", "DOCKER_HOST", environ=ENV_HOST, current="prod"
    ),
    Case(
        "DOCKER_HOST beats a DOCKER_CONTEXT that does not exist",
        "tcp://from-environment:1",
        "DOCKER_HOST",
        environ={**ENV_HOST, "DOCKER_CONTEXT": "nope"},
    ),
    Case(
        "a blank DOCKER_HOST still means the default context",
        DEFAULT,
        "default socket",
        environ={"DOCKER_HOST": "  ", "DOCKER_CONTEXT": "other"},
        current="prod",
    ),
    Case("DOCKER_HOST is trimmed", "tcp://h:5", "DOCKER_HOST", environ={"DOCKER_HOST": " tcp://h:5 "}),
    Case("--host beats DOCKER_HOST", "tcp://flag:1", "--host", host="tcp://flag:1", environ=ENV_HOST, current="prod"),
    Case("--host beats contexts", "tcp://flag:1", "--host", host="flag:1", environ={"DOCKER_CONTEXT": "nope"}),
    Case("--context beats DOCKER_HOST", PROD, "context prod (--context)", "prod", context="prod", environ=ENV_HOST),
    Case(
        "--context beats DOCKER_CONTEXT",
        PROD,
        "context prod (--context)",
        "prod",
        context="prod",
        environ={"DOCKER_CONTEXT": "other"},
        current="other",
    ),
    Case(
        "--context default is the environment's engine",
        "tcp://from-environment:1",
        "DOCKER_HOST",
        context="default",
        environ=ENV_HOST,
        current="prod",
    ),
    Case("--context default without a host", DEFAULT, "default socket", context="default", current="prod"),
    Case("empty flags name nothing", DEFAULT, "default socket", context="", host=""),
    Case("names are case-sensitive", "tcp://capital:1", "context Default (--context)", "Default", context="Default"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_order_is_that_of_the_docker_cli(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / ".docker"
    write_context(folder, "prod", context_meta())
    write_context(folder, "other", context_meta("unix:///other.sock"))
    write_context(folder, "Default", context_meta("tcp://capital:1"))
    write_config(folder, {} if case.current is None else {"currentContext": case.current})
    endpoint = resolve_in(tmp_path, context=case.context, host=case.host, environ=case.environ)
    assert endpoint.url == case.url
    assert endpoint.origin == case.origin.format(config=folder / "config.json")
    assert endpoint.context == case.name
    assert endpoint.tls is None


@pytest.mark.parametrize("context", ["prod", "default", "nope"])
def test_a_context_and_a_host_together_are_refused(context: str, tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match="either specify --host or --context, not both"):
        resolve_in(tmp_path, context=context, host="tcp://h")


@pytest.mark.parametrize(
    ("context", "environ", "current"),
    [("nope", {}, None), (None, {"DOCKER_CONTEXT": "nope"}, None), (None, {}, "nope"), ("a/b", {}, None)],
)
def test_a_missing_context_never_falls_back(
    context: str | None, environ: dict[str, str], current: str | None, tmp_path: Path
) -> None:
    write_config(tmp_path / ".docker", {"currentContext": current} if current else {})
    with pytest.raises(EndpointError, match=r"does not exist: there is no .*meta\.json"):
        resolve_in(tmp_path, context=context, environ=environ, exists=lambda path: True)


SOCKETS = [
    ("/var/run/docker.sock", "default socket"),
    ("/run/user/1000/docker.sock", "rootless socket"),
    ("{home}/.docker/run/docker.sock", "Docker Desktop socket"),
    ("{home}/.docker/desktop/docker.sock", "Docker Desktop socket"),
    ("/run/user/1000/podman/podman.sock", "Podman socket"),
    ("/run/podman/podman.sock", "Podman socket"),
]


@pytest.mark.parametrize("first", range(len(SOCKETS)))
def test_the_first_existing_socket_wins(first: int, tmp_path: Path) -> None:
    paths = [Path(path.format(home=tmp_path)) for path, _ in SOCKETS]
    endpoint = resolve_in(tmp_path, exists=lambda path: path in paths[first:])
    assert (endpoint.url, endpoint.origin) == (f"unix://{paths[first]}", SOCKETS[first][1])


def test_the_runtime_folder_comes_from_the_environment(tmp_path: Path) -> None:
    wanted = Path("/my/run/docker.sock")
    endpoint = resolve_in(tmp_path, environ={"XDG_RUNTIME_DIR": "/my/run"}, exists=lambda path: path == wanted)
    assert endpoint.url == f"unix://{wanted}"


def test_the_config_folder_comes_from_the_flag_then_from_the_variable(tmp_path: Path) -> None:
    for name in ("flag", "variable", ".docker"):
        write_config(tmp_path / name, {"currentContext": "prod"})
        write_context(tmp_path / name, "prod", context_meta(f"tcp://{name.strip('.')}:1"))
    environ = {"DOCKER_CONFIG": str(tmp_path / "variable")}
    assert resolve_in(tmp_path).url == "tcp://docker:1"
    assert resolve_in(tmp_path, environ=environ).url == "tcp://variable:1"
    assert resolve_in(tmp_path, environ=environ, config=tmp_path / "flag").url == "tcp://flag:1"


# API version and ssh options


@pytest.mark.parametrize(("value", "version"), [("1.45", "1.45"), ("v1.45", "1.45"), ("", None)])
def test_the_api_version_comes_from_the_environment(value: str, version: str | None, tmp_path: Path) -> None:
    assert resolve_in(tmp_path, environ={"DOCKER_API_VERSION": value}).api_version == version


def test_an_invalid_api_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match="DOCKER_API_VERSION"):
        resolve_in(tmp_path, environ={"DOCKER_API_VERSION": "x"})


def test_options_for_ssh_are_split_as_a_shell_does(tmp_path: Path) -> None:
    assert resolve_in(tmp_path, environ={"DOCKPIT_SSH_OPTS": "-i 'my key' -v"}).ssh_options == ("-i", "my key", "-v")
    with pytest.raises(EndpointError, match="DOCKPIT_SSH_OPTS"):
        resolve_in(tmp_path, environ={"DOCKPIT_SSH_OPTS": "'"})


# the endpoint itself


def test_secrets_are_neither_shown_nor_in_the_repr() -> None:
    endpoint = Endpoint("tcp://token:secret@h:1", headers={"Authorization": "secret"})
    assert endpoint.display == "tcp://***@h:1"
    assert "secret" not in repr(endpoint)


def test_a_unix_socket_counts_as_local() -> None:
    assert is_local(Endpoint("unix:///x"))
    assert not is_local(Endpoint("ssh://h"))


def test_a_path_that_may_not_be_read_is_not_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_socket(tmp_path)

    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_socket", refuse)
    assert not is_socket(tmp_path)


@pytest.mark.parametrize(
    ("endpoint", "flags"),
    [
        (Endpoint("unix:///var/run/docker.sock"), ()),
        (Endpoint("tcp://h:2375", origin="DOCKER_HOST"), ()),
        (Endpoint("tcp://h:2375", origin="--host"), ("--host", "tcp://h:2375")),
        (
            Endpoint("unix:///run/podman/podman.sock", origin="Podman socket"),
            ("--host", "unix:///run/podman/podman.sock"),
        ),
        (Endpoint("ssh://h", context="prod", origin="--context"), ("--context", "prod")),
        (Endpoint("unix:///tmp/x", context="demo fleet", origin="--demo", simulated=True), ()),
    ],
)
def test_the_flags_point_the_docker_command_at_the_same_engine(endpoint: Endpoint, flags: tuple[str, ...]) -> None:
    assert endpoint.docker_flags == flags
