"""Addresses are completed and refused as in the docker CLI."""

from __future__ import annotations

import pytest

from dockpit.engine.engine_address import SshTarget, normalise_address, parse_ssh_address, without_credentials
from dockpit.model.errors import EndpointError

ACCEPTED = [
    ("unix:///var/run/docker.sock", False, "unix:///var/run/docker.sock"),
    ("unix://", False, "unix:///var/run/docker.sock"),
    ("unix:///a:b@c", False, "unix:///a:b@c"),
    ("npipe://", False, "npipe:////./pipe/docker_engine"),
    ("npipe:////./pipe/other", False, "npipe:////./pipe/other"),
    ("tcp://h", False, "tcp://h:2375"),
    ("tcp://h", True, "tcp://h:2376"),
    ("tcp://h:1", True, "tcp://h:1"),
    ("tcp://", False, "tcp://localhost:2375"),
    ("tcp://h:1/base/", False, "tcp://h:1/base"),
    ("tcp://h:1/base?x=1#y", False, "tcp://h:1/base"),
    ("tcp://[::1]", False, "tcp://[::1]:2375"),
    ("tcp://[::1]:5", False, "tcp://[::1]:5"),
    ("tcp://[fe80::1%eth0]:5", False, "tcp://[fe80::1%eth0]:5"),
    ("tcp://u:p@h", False, "tcp://u:p@h:2375"),
    ("h", False, "tcp://h:2375"),
    ("h:1", False, "tcp://h:1"),
    (":2375", False, "tcp://localhost:2375"),
    ("[::1]:1", False, "tcp://[::1]:1"),
    ("http://h", False, "http://h"),
    ("https://h:8443", False, "https://h:8443"),
    ("https://h", True, "https://h:2376"),
    ("ssh://ops@Web-07", False, "ssh://ops@Web-07"),
    ("ssh://ops@h:22/run/user/1000/docker.sock", False, "ssh://ops@h:22/run/user/1000/docker.sock"),
]

REFUSED = [
    ("fd://", "unable to parse docker host"),
    ("foo://x", "unable to parse docker host"),
    ("UNIX:///x", "unable to parse docker host"),
    ("/var/run/docker.sock", "write unix:///var/run/docker.sock"),
    ("tcp://h:99999", "no valid port"),
    ("tcp://h:0", "no valid port"),
    ("tcp://h:²", "no valid port"),
    ("tcp://h:1234567", "no valid port"),
    ("tcp://::1", "no valid host name"),
    ("tcp://a b", "spaces or control characters"),
    ("tcp://a\x1b[31m", "spaces or control characters"),
    ("ssh://", "hostname is empty"),
    ("ssh://u@", "hostname is empty"),
    ("ssh://u:secret@h", "plain-text password is not supported"),
    ("ssh://u@h?x=1", "query parameters are not allowed"),
    ("ssh://u@h#f", "fragments are not allowed"),
    ("ssh://h:22x", "no valid port"),
    ("ssh://-oProxyCommand=x", "no valid host name"),
    ("ssh://-v", "cannot begin with a dash"),
    ("ssh://-lroot@h", "cannot begin with a dash"),
]


@pytest.mark.parametrize(("text", "tls", "url"), ACCEPTED)
def test_an_address_is_completed_as_docker_does(text: str, tls: bool, url: str) -> None:
    assert normalise_address(text, "--host", tls=tls) == url


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_an_address_that_docker_refuses_is_refused(text: str, words: str) -> None:
    with pytest.raises(EndpointError, match=words) as caught:
        normalise_address(text, "DOCKER_HOST", tls=False)
    assert str(caught.value).startswith("DOCKER_HOST: ")
    assert "secret" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("tcp://token:secret@h:1/base", "tcp://***@h:1/base"),
        ("tcp://token@h:1", "tcp://***@h:1"),
        ("ssh://ops@h:22/x.sock", "ssh://ops@h:22/x.sock"),
        ("ssh://ops:secret@h", "ssh://ops@h"),
        ("unix:///a@b", "unix:///a@b"),
        ("tcp://h:1/x@y", "tcp://h:1/x@y"),
        ("rubbish@", "rubbish@"),
    ],
)
def test_credentials_are_not_shown(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_an_ssh_address_is_taken_apart_and_keeps_its_case() -> None:
    assert parse_ssh_address("ssh://ops@Web-07:2222/run/docker.sock") == SshTarget(
        "Web-07", "ops", 2222, "/run/docker.sock"
    )
    assert parse_ssh_address("ssh://h/") == SshTarget("h")


def test_the_host_cannot_become_an_option_of_ssh() -> None:
    assert SshTarget("h").ssh_arguments == ["--", "h"]
    assert SshTarget("[::1]", "ops", 2222).ssh_arguments == ["-l", "ops", "-p", "2222", "--", "::1"]


def test_the_remote_command_is_quoted_for_the_remote_shell() -> None:
    assert SshTarget("h").dial_stdio_command == "docker system dial-stdio"
    command = SshTarget("h", path="/x; rm -rf $HOME").dial_stdio_command
    assert command == "docker --host='unix:///x; rm -rf $HOME' system dial-stdio"
