"""The docker command lines equivalent to plans."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from dockpit.engine.engine_address import DEFAULT_SOCKET
from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.units import format_cpus, format_size

_DOCKER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")


def docker_command(engine: EngineInfo, *words: str) -> str:
    """A docker command line with the options that select `engine`, quoted for a shell."""
    return shlex.join(("docker", *engine.docker_flags, *words))


def container_argument(container: Container) -> str:
    """The container's name, or its short id if docker would not accept the name."""
    return container.name if _DOCKER_NAME.fullmatch(container.name) else container.short_id


def update_command(body: Mapping[str, Any], container: Container, engine: EngineInfo) -> str:
    """The `docker update` command for `body`, or a curl command to the engine's API for what that cannot do."""
    if body.get("MemoryReservation") == -1:
        return _curl_command(body, container, engine)
    words: list[str] = []
    for key, flag in _UPDATE_FLAGS.items():
        if key in body:
            words += [flag, _flag_value(key, body[key])]
    return docker_command(engine, "update", *words, container_argument(container))


_UPDATE_FLAGS: Mapping[str, str] = {
    "NanoCpus": "--cpus",
    "CpuQuota": "--cpu-quota",
    "CpuShares": "--cpu-shares",
    "CpusetCpus": "--cpuset-cpus",
    "CpusetMems": "--cpuset-mems",
    "Memory": "--memory",
    "MemorySwap": "--memory-swap",
    "MemoryReservation": "--memory-reservation",
    "PidsLimit": "--pids-limit",
    "BlkioWeight": "--blkio-weight",
    "RestartPolicy": "--restart",
}


def _flag_value(key: str, value: Any) -> str:
    if key == "NanoCpus":
        return format_cpus(value)
    if key in ("Memory", "MemorySwap", "MemoryReservation"):
        return str(value) if value == UNLIMITED_BYTES else format_size(value)
    if key == "RestartPolicy":
        retries = value["MaximumRetryCount"]
        return f"{value['Name']}:{retries}" if retries else str(value["Name"])
    return str(value)


def _curl_command(body: Mapping[str, Any], container: Container, engine: EngineInfo) -> str:
    scheme, _, rest = engine.address.partition("://")
    path = f"/containers/{container_argument(container)}/update"
    if scheme in ("tcp", "http", "https"):
        destination = [f"{'https' if scheme == 'https' else 'http'}://{rest}{path}"]
    else:
        destination = ["--unix-socket", rest if scheme == "unix" else DEFAULT_SOCKET, f"http://localhost{path}"]
    return shlex.join(["curl", "-H", "Content-Type: application/json", "-d", json.dumps(dict(body)), *destination])
