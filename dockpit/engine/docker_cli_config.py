"""The docker CLI's own files: config.json with its HTTP headers, and the store of contexts.

The context store is read here and not by docker-py: that library takes a missing context for the local socket and a
missing SkipTLSVerify for true, and passes over broken files, each of which could act on another engine than the one
meant; and two small JSON files are not worth 0.13 s of import.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dockpit.engine.tls_settings import TlsSettings, read_pem_folder
from dockpit.model.errors import EndpointError

CONFIG_FILE = "config.json"

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class StoredContext:
    """The docker endpoint of a stored context; `host` is "" where the context names none."""

    host: str
    tls: TlsSettings | None
    """None when the context says nothing about TLS: plain for tcp://, the system's trust store for https://."""


def read_config(folder: Path) -> tuple[Mapping[str, object], tuple[str, ...]]:
    """config.json and warnings about it; a broken one counts as missing, as it does for the docker CLI."""
    path = folder / CONFIG_FILE
    try:
        if path.is_file() and not path.read_bytes().strip():
            return {}, ()
        return _read_json_object(path) or {}, ()
    except EndpointError as error:
        return {}, (f"{error}; going on without it",)
    except OSError as error:
        return {}, (f"{path} cannot be read: {error.strerror}; going on without it",)


def read_context(name: str, origin: str, folder: Path) -> StoredContext:
    """The context `name` from the store in `folder`; `origin` says in errors who named it. Raises EndpointError."""
    key = hashlib.sha256(name.encode()).hexdigest()
    path = folder / "contexts" / "meta" / key / "meta.json"
    meta = _read_json_object(path)
    if meta is None:
        raise EndpointError(f'context "{name}" ({origin}) does not exist: there is no {path}')
    endpoints = meta.get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(docker, dict):
        raise EndpointError(f'context "{name}" has no docker endpoint in {path}')
    host, skip_verify = docker.get("Host") or "", docker.get("SkipTLSVerify") or False
    if not isinstance(host, str) or not isinstance(skip_verify, bool):
        raise EndpointError(f'context "{name}": Host or SkipTLSVerify in {path} is of the wrong type')
    tls = read_pem_folder(folder / "contexts" / "tls" / key / "docker", not skip_verify)
    return StoredContext(host, tls if skip_verify or tls != TlsSettings() else None)


def custom_headers(environ: Mapping[str, str], config: Mapping[str, object]) -> Mapping[str, str]:
    """Headers from DOCKER_CUSTOM_HEADERS, or else HttpHeaders; like in the CLI, the variable replaces all of them.

    Raises EndpointError.
    """
    variable = environ.get("DOCKER_CUSTOM_HEADERS", "").strip()
    if not variable.isprintable():
        raise EndpointError("DOCKER_CUSTOM_HEADERS has control characters in it")
    stored = config.get("HttpHeaders")
    if variable:
        headers = dict(_split_pair(pair) for row in csv.reader([variable]) for pair in row)
    elif isinstance(stored, dict):
        headers = {str(name): str(value) for name, value in stored.items()}
    else:
        return {}
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or _CONTROL_CHARACTER.search(value):
            raise EndpointError(f"a custom HTTP header is not a valid one: {name!r}")
    return headers


def _split_pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise EndpointError("DOCKER_CUSTOM_HEADERS is not a list of name=value pairs with commas between them")
    return name.strip(), value


def _read_json_object(path: Path) -> dict[str, object] | None:
    """A JSON object from a file, None when the file does not exist. Raises EndpointError."""
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
