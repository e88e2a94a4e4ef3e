"""Shell completion: the script, and the names that can be told at the touch of a key."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import click
from click.shell_completion import ShellComplete, get_completion_class

from dockpit.engine.endpoint import resolve
from dockpit.model.errors import DockpitError

ANSWER_SECONDS = 0.5
"""A key that is answered later than this is a key that hangs."""


def script(command: click.Command, shell: str) -> str:
    """The completion script of `command` for bash, zsh or fish."""
    kind = get_completion_class(shell)
    assert kind is not None
    return ShellComplete.source(kind(command, {}, "dockpit", "_DOCKPIT_COMPLETE"))


def contexts(environ: Mapping[str, str], home: Path) -> list[str]:
    """The names of the docker contexts there are."""
    folder = Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "contexts" / "meta"
    found = {"default"}
    for path in folder.glob("*/meta.json"):
        try:
            found.add(str(json.loads(path.read_bytes())["Name"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(found)


def containers(context: str | None, host: str | None, *, demo: str | None = None) -> list[str]:
    """Names of the containers of an engine behind a unix socket; others would take too long to ask."""
    if demo is not None:
        return []
    try:
        endpoint = resolve(context=context, host=host, environ=os.environ, home=Path.home(), uid=os.getuid())
        if endpoint.scheme != "unix":
            return []
        rows = _listed(endpoint.url.removeprefix("unix://"))
    except (DockpitError, OSError, ValueError, http.client.HTTPException):
        return []
    names = (str(name).removeprefix("/") for row in rows for name in row.get("Names") or ())
    return sorted(name for name in names if name.isprintable() and "/" not in name)


def _listed(path: str) -> list[dict[str, list[object]]]:
    connection = http.client.HTTPConnection("localhost", timeout=ANSWER_SECONDS)
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.sock.settimeout(ANSWER_SECONDS)
        connection.sock.connect(path)
        connection.request("GET", "/containers/json?all=1")
        rows = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
