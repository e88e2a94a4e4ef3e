"""The engine's address, resolved in the docker CLI's order of flags, environment, contexts and sockets.

--context > --host > DOCKER_HOST > DOCKER_CONTEXT > currentContext of config.json > the first existing socket
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dockpit.engine.docker_cli_config import CONFIG_FILE, custom_headers, read_config, read_context
from dockpit.engine.engine_address import DEFAULT_SOCKET, normalise_address, without_credentials
from dockpit.engine.tls_settings import TlsSettings, environment_wants_tls, tls_from_environment
from dockpit.model.errors import EndpointError

DEFAULT_CONTEXT = "default"
"""The context that has no file: DOCKER_HOST or the default socket."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of one engine and how it was found; `url` is complete: unix, npipe, ssh, tcp, http or https."""

    url: str = field(repr=False)
    context: str = DEFAULT_CONTEXT
    origin: str = "default socket"
    """What named it, in words: "--host", "DOCKER_HOST", "context prod (currentContext in …/config.json)", …"""
    tls: TlsSettings | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """HTTP headers of each request: DOCKER_CUSTOM_HEADERS, or else HttpHeaders of config.json."""
    api_version: str | None = None
    """DOCKER_API_VERSION without its "v"; None to negotiate."""
    ssh_options: tuple[str, ...] = ()
    """DOCKPIT_SSH_OPTS split into arguments ("-i", "key", "-o", …); they win over ~/.ssh/config and dockpit's own."""
    warnings: tuple[str, ...] = ()
    """Faults of the docker CLI's configuration that do not prevent connecting."""
    simulated: bool = False
    """Whether this is the simulated engine of the demo: its socket is not shown, and its host is simulated too."""

    @property
    def display(self) -> str:
        """The address without credentials, for the screen and for messages."""
        return "simulated engine" if self.simulated else without_credentials(self.url)

    @property
    def docker_flags(self) -> tuple[str, ...]:
        """Flags that point the docker command at this engine; empty where it finds it by itself, or it is simulated."""
        if self.simulated or self.origin in ("DOCKER_HOST", "default socket"):
            return ()
        if self.context != DEFAULT_CONTEXT:
            return ("--context", self.context)
        return ("--host", self.url)

    @property
    def scheme(self) -> str:
        """The part of the url before "://"."""
        return self.url.partition("://")[0]


def is_local(endpoint: Endpoint) -> bool:
    """Whether the engine is probably on this machine; a unix socket may be forwarded from anywhere."""
    return endpoint.scheme == "unix"


def is_socket(path: Path) -> bool:
    """Whether `path` is a socket; False where it may not be looked at."""
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
    """The engine that the docker CLI would use with the same flags, environment and files. Raises EndpointError.

    `config` is the folder of --config; `exists` says whether a socket is there.
    """
    if context and host:
        raise EndpointError("conflicting options: either specify --host or --context, not both")
    folder = config or Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    cli_config, warnings = read_config(folder)
    name, origin = _context_in_force(context, host, environ, cli_config, folder)
    if name == DEFAULT_CONTEXT:
        endpoint = _default_endpoint(host, environ, folder, _candidate_sockets(environ, home, uid), exists)
    else:
        endpoint = _context_endpoint(name, origin, folder)
    return replace(
        endpoint,
        headers=custom_headers(environ, cli_config),
        api_version=_api_version(environ),
        ssh_options=_ssh_options(environ),
        warnings=warnings,
    )


def _context_in_force(
    context: str | None, host: str | None, environ: Mapping[str, str], cli_config: Mapping[str, object], folder: Path
) -> tuple[str, str]:
    """The context in force and its source in words."""
    if context:
        return context, "--context"
    if host or environ.get("DOCKER_HOST"):
        return DEFAULT_CONTEXT, ""
    if environ.get("DOCKER_CONTEXT"):
        return environ["DOCKER_CONTEXT"], "DOCKER_CONTEXT"
    current = cli_config.get("currentContext") or DEFAULT_CONTEXT
    if not isinstance(current, str):
        raise EndpointError(f"{folder / CONFIG_FILE}: currentContext is not a name")
    return current, f"currentContext in {folder / CONFIG_FILE}"


def _default_endpoint(
    host: str | None,
    environ: Mapping[str, str],
    folder: Path,
    sockets: Iterator[tuple[Path, str]],
    exists: Callable[[Path], bool],
) -> Endpoint:
    """The engine of the default context: --host, DOCKER_HOST, or the first existing socket."""
    address = host or environ.get("DOCKER_HOST", "").strip()
    if not address:
        for path, origin in sockets:
            if exists(path):
                return Endpoint(f"unix://{path}", origin=origin)
        return Endpoint(f"unix://{DEFAULT_SOCKET}")
    tls = environment_wants_tls(environ)
    origin = "--host" if host else "DOCKER_HOST"
    endpoint = Endpoint(normalise_address(address, origin, tls=tls), origin=origin)
    if tls and endpoint.scheme in ("tcp", "http", "https"):
        return replace(endpoint, tls=tls_from_environment(environ, folder))
    return endpoint


def _candidate_sockets(environ: Mapping[str, str], home: Path, uid: int) -> Iterator[tuple[Path, str]]:
    """The usual sockets of engines and what each is called, in order of preference."""
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}")
    yield Path(DEFAULT_SOCKET), "default socket"
    yield runtime / "docker.sock", "rootless socket"
    yield home / ".docker/run/docker.sock", "Docker Desktop socket"
    yield home / ".docker/desktop/docker.sock", "Docker Desktop socket"
    yield runtime / "podman/podman.sock", "Podman socket"
    yield Path("/run/podman/podman.sock"), "Podman socket"


def _context_endpoint(name: str, origin: str, folder: Path) -> Endpoint:
    """The docker endpoint of a stored context."""
    stored = read_context(name, origin, folder)
    origin = f"context {name} ({origin})"
    url = normalise_address(stored.host or f"unix://{DEFAULT_SOCKET}", origin, tls=stored.tls is not None)
    return Endpoint(url, name, origin, stored.tls)


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
