"""Shell completion: the script for a shell, and the values that are looked up when Tab is pressed."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import click
from click.shell_completion import ShellComplete, get_completion_class

from dockpit.engine.endpoint_resolution import resolve
from dockpit.model.errors import DockpitError

ENGINE_TIMEOUT_SECONDS = 0.5
"""Timeout of the engine's answer: a shell that waits longer for Tab seems to hang."""


def completion_script(command: click.Command, shell: str) -> str:
    """The completion script of `command` for bash, zsh or fish."""
    completer = get_completion_class(shell)
    assert completer is not None
    return ShellComplete.source(completer(command, {}, "dockpit", "_DOCKPIT_COMPLETE"))


def context_names(environ: Mapping[str, str], home: Path) -> list[str]:
    """Names of the docker contexts, sorted."""
    folder = Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "contexts" / "meta"
    names = {"default"}
    for path in folder.glob("*/meta.json"):
        try:
            names.add(str(json.loads(path.read_bytes())["Name"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(names)


def container_names(context: str | None, host: str | None, *, demo: str | None = None) -> list[str]:
    """Names of the containers of an engine behind a unix socket, sorted; [] for any other, which may be too slow."""
    if demo is not None:
        return []
    try:
        endpoint = resolve(context=context, host=host, environ=os.environ, home=Path.home(), uid=os.getuid())
        if endpoint.scheme != "unix":
            return []
        containers = _list_containers(endpoint.url.removeprefix("unix://"))
    except (DockpitError, OSError, ValueError, http.client.HTTPException):
        return []
    names = (str(name).removeprefix("/") for container in containers for name in container.get("Names") or ())
    return sorted(name for name in names if name.isprintable() and "/" not in name)


def _list_containers(socket_path: str) -> list[dict[str, list[object]]]:
    """The answer of GET /containers/json, read without the engine client because that takes long to import."""
    connection = http.client.HTTPConnection("localhost", timeout=ENGINE_TIMEOUT_SECONDS)
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.sock.settimeout(ENGINE_TIMEOUT_SECONDS)
        connection.sock.connect(socket_path)
        connection.request("GET", "/containers/json?all=1")
        containers = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return [one for one in containers if isinstance(one, dict)] if isinstance(containers, list) else []
