"""The command lines that do by hand what a plan does."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from dockpit.model.container import Container
from dockpit.model.container_limits import UNLIMITED_BYTES
from dockpit.model.engine_info import EngineInfo
from dockpit.tuning.units import format_cpus, format_size

DEFAULT_SOCKET = "/var/run/docker.sock"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")


def docker(engine: EngineInfo, *words: str) -> str:
    """A docker command line for `engine`, quoted for a shell."""
    return shlex.join(("docker", *engine.docker_flags, *words))


def target(container: Container) -> str:
    """The container's name, or its short id where the name is not one docker would take."""
    return container.name if _NAME.fullmatch(container.name) else container.short_id


def update_command(body: Mapping[str, Any], container: Container, engine: EngineInfo) -> str:
    """The `docker update` line for `body`; a call of the engine's API for what docker update cannot do."""
    if body.get("MemoryReservation") == -1:
        return _curl(body, container, engine)
    words: list[str] = []
    for key, flag in _FLAGS.items():
        if key in body:
            words += [flag, _value(key, body[key])]
    return docker(engine, "update", *words, target(container))


_FLAGS: Mapping[str, str] = {
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


def _value(key: str, value: Any) -> str:
    if key == "NanoCpus":
        return format_cpus(value)
    if key in ("Memory", "MemorySwap", "MemoryReservation"):
        return str(value) if value == UNLIMITED_BYTES else format_size(value)
    if key == "RestartPolicy":
        retries = value["MaximumRetryCount"]
        return f"{value['Name']}:{retries}" if retries else str(value["Name"])
    return str(value)


def _curl(body: Mapping[str, Any], container: Container, engine: EngineInfo) -> str:
    scheme, _, rest = engine.address.partition("://")
    where = ["http://localhost"]
    if scheme == "tcp":
        where = [f"http://{rest}"]
    else:
        where = ["--unix-socket", rest if scheme == "unix" else DEFAULT_SOCKET, *where]
    where[-1] += f"/containers/{target(container)}/update"
    return shlex.join(["curl", "-H", "Content-Type: application/json", "-d", json.dumps(dict(body)), *where])
