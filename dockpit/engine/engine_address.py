"""Engine addresses in docker's notation (DOCKER_HOST): parsed, completed, and shown without credentials."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from dockpit.model.errors import EndpointError

DEFAULT_SOCKET = "/var/run/docker.sock"
DEFAULT_PIPE = "//./pipe/docker_engine"

_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.]+(%[\w.-]+)?\]")


@dataclass(frozen=True, slots=True)
class SshTarget:
    """The parts of ssh://[user@]host[:port][/path]; `path` is the engine's socket on that host, "" for the default."""

    host: str
    user: str = ""
    port: int | None = None
    path: str = ""

    @property
    def ssh_arguments(self) -> list[str]:
        """The arguments for ssh, ending with "--" and the host, so that no host name can become an option."""
        user = ["-l", self.user] if self.user else []
        port = ["-p", str(self.port)] if self.port else []
        return [*user, *port, "--", self.host.strip("[]")]

    @property
    def dial_stdio_command(self) -> str:
        """The command the docker CLI runs on the host for each connection, quoted for the remote shell."""
        host = f"--host={shlex.quote('unix://' + self.path)} " if self.path else ""
        return f"docker {host}system dial-stdio"


def without_credentials(url: str) -> str:
    """The address without its credentials; the user name of an ssh address is not a credential and stays."""
    scheme, sep, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    userinfo, at, host = authority.rpartition("@")
    if not sep or not at or scheme in ("unix", "npipe"):
        return url
    shown = userinfo.partition(":")[0] if scheme == "ssh" else "***"
    return f"{scheme}://{shown}@{host}{slash}{path}"


def normalise_address(text: str, origin: str, *, tls: bool) -> str:
    """`text` completed as docker does, with scheme, host and port; `origin` says in errors who named it.

    Raises EndpointError.
    """
    if not text.isprintable() or " " in text:
        raise EndpointError(f"{origin}: {text!r} is not an address: it has spaces or control characters")
    scheme, sep, rest = text.partition("://")
    if not sep:
        return _normalise_without_scheme(text, origin, tls)
    if scheme == "unix":
        return f"unix://{rest or DEFAULT_SOCKET}"
    if scheme == "npipe":
        return f"npipe://{rest or DEFAULT_PIPE}"
    if scheme == "ssh":
        parse_ssh_address(text, origin)
        return text
    if scheme in ("tcp", "http", "https"):
        return _normalise_tcp(scheme, rest, origin, tls)
    raise EndpointError(
        f"{origin}: unable to parse docker host `{without_credentials(text)}`:"
        " it must begin with unix://, tcp:// or ssh://"
    )


def _normalise_without_scheme(text: str, origin: str, tls: bool) -> str:
    if text.startswith("/"):
        raise EndpointError(f"{origin}: {text} is a path: write unix://{text}")
    return _normalise_tcp("tcp", text, origin, tls)


def _normalise_tcp(scheme: str, rest: str, origin: str, tls: bool) -> str:
    """host[:port][/path] completed: host localhost, and for tcp port 2375, or 2376 with TLS."""
    authority, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    userinfo, at, host_and_port = authority.rpartition("@")
    host, port = _split_host_port(host_and_port, f"{scheme}://{host_and_port}", origin)
    number = port or (2376 if tls else 2375 if scheme == "tcp" else None)
    shown = f":{number}" if number else ""
    return f"{scheme}://{userinfo}{at}{host or 'localhost'}{shown}{slash}{path}".rstrip("/")


def parse_ssh_address(url: str, origin: str = "ssh") -> SshTarget:
    """An ssh:// address as an SshTarget, refused where docker refuses it. Raises EndpointError."""
    rest = url.removeprefix("ssh://")
    for separator, parts in (("?", "query parameters are"), ("#", "fragments are")):
        if separator in rest:
            raise EndpointError(f"{origin}: invalid SSH URL: {parts} not allowed")
    authority, slash, path = rest.partition("/")
    user, _, host_and_port = authority.rpartition("@")
    if ":" in user:
        raise EndpointError(f"{origin}: invalid SSH URL: plain-text password is not supported")
    host, port = _split_host_port(host_and_port, f"ssh://{host_and_port}", origin)
    if not host:
        raise EndpointError(f"{origin}: invalid SSH URL: hostname is empty")
    if host.startswith("-") or user.startswith("-"):
        raise EndpointError(f"{origin}: invalid SSH URL: a host or user cannot begin with a dash")
    return SshTarget(host, user, port, slash + path if path.strip("/") else "")


def _split_host_port(text: str, shown: str, origin: str) -> tuple[str, int | None]:
    """host[:port] as (host, port), "" and None where missing; an IPv6 address keeps its brackets."""
    host, colon, digits = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, digits = text, ""
    if host and not _HOST.fullmatch(host):
        raise EndpointError(f"{origin}: {shown} has no valid host name (an IPv6 address goes in brackets)")
    if digits and not (digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) < 65536):
        raise EndpointError(f"{origin}: {shown} has no valid port: {digits!r}")
    return host, int(digits) if digits else None
