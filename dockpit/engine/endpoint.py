"""Which engine is meant: the docker CLI's own order of flags, environment, contexts and sockets.

The context store is read here and not by docker-py: that library takes a missing context for the local socket and a
missing SkipTLSVerify for true, and passes over broken files, each of which could act on another engine than the one
meant; and two small JSON files are not worth 0.13 s of import.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dockpit.engine.address import DEFAULT_SOCKET, display, normalise
from dockpit.model.errors import EndpointError

DEFAULT_CONTEXT = "default"
"""The context that is no file: DOCKER_HOST or the default socket."""


@dataclass(frozen=True, slots=True)
class TLS:
    """What TLS is made with: PEM files; no `ca` is the system's trust store, no `cert` no client certificate."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    verify: bool = True
    """False for SkipTLSVerify and for DOCKER_TLS without DOCKER_TLS_VERIFY: whoever answers is believed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of one engine and how it was found; `url` is complete: unix, npipe, ssh, tcp, http or https."""

    url: str = field(repr=False)
    context: str = DEFAULT_CONTEXT
    origin: str = "default socket"
    """Who named it, in words: "--host", "DOCKER_HOST", "context prod (currentContext in …/config.json)" …"""
    tls: TLS | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request: HttpHeaders of config.json, or DOCKER_CUSTOM_HEADERS in their place."""
    api_version: str | None = None
    """DOCKER_API_VERSION without its "v"; None to negotiate."""
    ssh_options: tuple[str, ...] = ()
    """DOCKPIT_SSH_OPTS in words, like "-i key -o UserKnownHostsFile=…"; they win over ~/.ssh/config and over ours."""
    warnings: tuple[str, ...] = ()
    """What is wrong in the configuration, but not in the way."""
    simulated: bool = False
    """Whether it is the demo's own: its socket is nobody's business, and its host is simulated too."""

    @property
    def display(self) -> str:
        """The address without credentials, for the screen and for messages."""
        return "simulated engine" if self.simulated else display(self.url)

    @property
    def docker_flags(self) -> tuple[str, ...]:
        """What the docker command needs to reach the same engine; nothing where it finds it as we did.

        A simulated engine is reached by none.
        """
        if self.simulated or self.origin in ("DOCKER_HOST", "default socket"):
            return ()
        if self.context != DEFAULT_CONTEXT:
            return ("--context", self.context)
        return ("--host", self.url)

    @property
    def scheme(self) -> str:
        """The part of the url before ://."""
        return self.url.partition("://")[0]


def is_local(endpoint: Endpoint) -> bool:
    """Whether the engine is probably on this machine: a hint, since a unix socket may be forwarded from anywhere."""
    return endpoint.scheme == "unix"


def is_socket(path: Path) -> bool:
    """Whether there is a socket at `path`, as far as may be seen."""
    try:
        return path.is_socket()
    except OSError:
        return False


def resolve(
    *,
    context: str | None,
    host: str | None,
    environ: Mapping[str, str],
    home: Path,
    uid: int,
    exists: Callable[[Path], bool] = is_socket,
    config: Path | None = None,
) -> Endpoint:
    """The engine that the docker CLI would speak to, given the same flags, environment and files.

    --context > --host > DOCKER_HOST > DOCKER_CONTEXT > currentContext > the first socket there is; `config` is the
    folder of --config. Raises EndpointError.
    """
    if context and host:
        raise EndpointError("conflicting options: either specify --host or --context, not both")
    folder = config or Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    settings, warnings = _settings(folder, needed=not (context or host or _named_by(environ)))
    name, origin = _context_name(context, host, environ, settings, folder)
    if name == DEFAULT_CONTEXT:
        endpoint = _default(host, environ, folder, _sockets(environ, home, uid), exists)
    else:
        endpoint = _from_context(name, origin, folder)
    return replace(
        endpoint,
        headers=_headers(environ, settings),
        api_version=_api_version(environ),
        ssh_options=_ssh_options(environ),
        warnings=warnings,
    )


def _named_by(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("DOCKER_HOST") or environ.get("DOCKER_CONTEXT"))


def _context_name(
    context: str | None, host: str | None, environ: Mapping[str, str], settings: Mapping[str, object], folder: Path
) -> tuple[str, str]:
    """The context in force and who named it."""
    if context:
        return context, "--context"
    if host or environ.get("DOCKER_HOST"):
        return DEFAULT_CONTEXT, ""
    if environ.get("DOCKER_CONTEXT"):
        return environ["DOCKER_CONTEXT"], "DOCKER_CONTEXT"
    current = settings.get("currentContext") or DEFAULT_CONTEXT
    if not isinstance(current, str):
        raise EndpointError(f"{folder / 'config.json'}: currentContext is not a name")
    return current, f"currentContext in {folder / 'config.json'}"


# the default context: flags, environment, sockets


def _default(
    host: str | None,
    environ: Mapping[str, str],
    folder: Path,
    sockets: Iterator[tuple[Path, str]],
    exists: Callable[[Path], bool],
) -> Endpoint:
    given = host or environ.get("DOCKER_HOST", "").strip()
    if not given:
        for path, origin in sockets:
            if exists(path):
                return Endpoint(f"unix://{path}", origin=origin)
        return Endpoint(f"unix://{DEFAULT_SOCKET}")
    tls = _wants_tls(environ)
    origin = "--host" if host else "DOCKER_HOST"
    endpoint = Endpoint(normalise(given, origin, tls=tls), origin=origin)
    if tls and endpoint.scheme in ("tcp", "http", "https"):
        return replace(endpoint, tls=_tls_of_environ(environ, folder))
    return endpoint


def _sockets(environ: Mapping[str, str], home: Path, uid: int) -> Iterator[tuple[Path, str]]:
    """Where engines listen when nobody says otherwise, in order of preference."""
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}")
    yield Path(DEFAULT_SOCKET), "default socket"
    yield runtime / "docker.sock", "rootless socket"
    yield home / ".docker/run/docker.sock", "Docker Desktop socket"
    yield home / ".docker/desktop/docker.sock", "Docker Desktop socket"
    yield runtime / "podman/podman.sock", "Podman socket"
    yield Path("/run/podman/podman.sock"), "Podman socket"


def _wants_tls(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("DOCKER_TLS") or environ.get("DOCKER_TLS_VERIFY"))


def _tls_of_environ(environ: Mapping[str, str], folder: Path) -> TLS:
    """DOCKER_TLS and DOCKER_TLS_VERIFY, on by any value; the files are in DOCKER_CERT_PATH or the config folder."""
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    tls = _pems(Path(environ.get("DOCKER_CERT_PATH") or folder), verify)
    if verify and tls.ca is None:
        where = Path(environ.get("DOCKER_CERT_PATH") or folder) / "ca.pem"
        raise EndpointError(f"DOCKER_TLS_VERIFY asks for TLS, but there is no {where}")
    return tls


def _pems(folder: Path, verify: bool) -> TLS:
    ca, cert, key = (_readable(folder / f"{stem}.pem") for stem in ("ca", "cert", "key"))
    if (cert is None) != (key is None):
        raise EndpointError(f"{folder}: a client certificate takes both cert.pem and key.pem")
    return TLS(ca, cert, key, verify)


def _readable(path: Path) -> Path | None:
    try:
        return path if path.is_file() else None
    except OSError as error:
        raise EndpointError(f"{path} cannot be read: {error.strerror}") from error


# contexts


def _from_context(name: str, origin: str, folder: Path) -> Endpoint:
    """The docker endpoint of a stored context."""
    key = hashlib.sha256(name.encode()).hexdigest()
    path = folder / "contexts" / "meta" / key / "meta.json"
    meta = _json(path)
    if meta is None:
        raise EndpointError(f'context "{name}" ({origin}) does not exist: there is no {path}')
    endpoints = meta.get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(docker, dict):
        raise EndpointError(f'context "{name}" has no docker endpoint in {path}')
    host, skip = docker.get("Host") or "", docker.get("SkipTLSVerify") or False
    if not isinstance(host, str) or not isinstance(skip, bool):
        raise EndpointError(f'context "{name}": Host or SkipTLSVerify in {path} is of the wrong type')
    tls = _tls_of_context(folder / "contexts" / "tls" / key / "docker", skip)
    said = f"context {name} ({origin})"
    return Endpoint(normalise(host or f"unix://{DEFAULT_SOCKET}", said, tls=tls is not None), name, said, tls)


def _tls_of_context(folder: Path, skip_verify: bool) -> TLS | None:
    """None when the context says nothing about TLS: plain for tcp://, the system's trust store for https://."""
    tls = _pems(folder, not skip_verify)
    return tls if skip_verify or tls != TLS() else None


# config.json and what goes with each request


def _settings(folder: Path, *, needed: bool) -> tuple[Mapping[str, object], tuple[str, ...]]:
    """config.json and warnings about it; a broken one is an error only where it would name the engine."""
    try:
        return _json(folder / "config.json") or {}, ()
    except EndpointError as error:
        if needed:
            raise
        return {}, (str(error),)


def _json(path: Path) -> dict[str, object] | None:
    """A JSON object from a file, None when there is no such file."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EndpointError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise EndpointError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise EndpointError(f"{path} is not a JSON object")
    return content


def _headers(environ: Mapping[str, str], settings: Mapping[str, object]) -> Mapping[str, str]:
    """DOCKER_CUSTOM_HEADERS, or else HttpHeaders: like the CLI, the variable takes the place of all of them."""
    given = environ.get("DOCKER_CUSTOM_HEADERS", "").strip()
    if not given.isprintable():
        raise EndpointError("DOCKER_CUSTOM_HEADERS has control characters in it")
    stored = settings.get("HttpHeaders")
    if given:
        headers = dict(_pair(pair) for row in csv.reader([given]) for pair in row)
    elif isinstance(stored, dict):
        headers = {str(name): str(value) for name, value in stored.items()}
    else:
        return {}
    for name, value in headers.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
            raise EndpointError(f"a custom HTTP header is not a valid one: {name!r}")
    return headers


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise EndpointError("DOCKER_CUSTOM_HEADERS is not a list of name=value pairs with commas between them")
    return name.strip(), value


def _api_version(environ: Mapping[str, str]) -> str | None:
    version = environ.get("DOCKER_API_VERSION", "").strip().removeprefix("v")
    if version and not re.fullmatch(r"\d+\.\d+", version):
        raise EndpointError(f"DOCKER_API_VERSION is not a version like 1.45: {version!r}")
    return version or None


def _ssh_options(environ: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(environ.get("DOCKPIT_SSH_OPTS", "")))
    except ValueError as error:
        raise EndpointError(f"DOCKPIT_SSH_OPTS cannot be split into words: {error}") from error
