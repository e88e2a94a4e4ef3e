"""Containers, their limits and their processes, parsed from the answers of /containers."""

from __future__ import annotations

import re
from typing import Any, cast, get_args

from dockpit.engine.json_values import (
    JsonObject,
    as_count,
    as_epoch_seconds,
    as_integer,
    as_list,
    as_object,
    as_string_map,
    as_text,
)
from dockpit.model.container import Container, Health, ListedContainer, Process, State
from dockpit.model.container_limits import Limits

_STATES = frozenset(get_args(State))
_EXIT_CODE = re.compile(r"Exited \((-?[0-9]{1,6})\)")


def parse_container(inspected: JsonObject) -> Container:
    """The answer of GET /containers/{id}/json."""
    state = as_object(inspected.get("State"))
    config = as_object(inspected.get("Config"))
    host = as_object(inspected.get("HostConfig"))
    labels = as_string_map(config.get("Labels"))
    return Container(
        id=as_text(inspected.get("Id")),
        name=_name(inspected.get("Name")),
        image=as_text(config.get("Image")) or as_text(inspected.get("ImageName")) or as_text(inspected.get("Image")),
        image_id=as_text(inspected.get("Image")),
        command=" ".join([as_text(inspected.get("Path")), *map(as_text, as_list(inspected.get("Args")))]).strip(),
        project=labels.get("com.docker.compose.project", ""),
        service=labels.get("com.docker.compose.service", ""),
        state=_state(state),
        health=_health(as_object(state.get("Health") or state.get("Healthcheck")).get("Status")),
        created_at=as_epoch_seconds(inspected.get("Created")),
        started_at=as_epoch_seconds(state.get("StartedAt")),
        finished_at=as_epoch_seconds(state.get("FinishedAt")),
        exit_code=as_integer(state.get("ExitCode")),
        error=as_text(state.get("Error")),
        oom_killed=state.get("OOMKilled") is True,
        restarts=as_count(inspected.get("RestartCount")) or 0,
        pid=as_count(state.get("Pid")) or 0,
        limits=parse_limits(host),
        network_mode=as_text(host.get("NetworkMode")),
        pid_mode=as_text(host.get("PidMode")),
        auto_remove=host.get("AutoRemove") is True,
        stop_seconds=as_count(config.get("StopTimeout")),
        tty=config.get("Tty") is True,
        ports=_ports(as_object(inspected.get("NetworkSettings")).get("Ports")),
        labels=labels,
    )


def parse_listed_container(row: JsonObject) -> ListedContainer:
    """One row of GET /containers/json; its status text has health and exit code: "Up 3 hours (healthy)"."""
    names = [_name(name) for name in as_list(row.get("Names"))]
    state = as_text(row.get("State")).lower()
    status = as_text(row.get("Status"))
    health = status.rpartition("(")[2].removesuffix(")").removeprefix("health: ")
    exited = _EXIT_CODE.match(status)
    return ListedContainer(
        id=as_text(row.get("Id")),
        names=tuple(names),
        state=cast(State, state) if state in _STATES else None,
        health=_health(health),
        image=as_text(row.get("Image")),
        created_at=float(as_count(row.get("Created")) or 0),
        exit_code=int(exited[1]) if exited else 0,
        labels=as_string_map(row.get("Labels")),
    )


def _name(value: object) -> str:
    return as_text(value).removeprefix("/")


def _state(state: JsonObject) -> State:
    status = as_text(state.get("Status")).lower()
    if status in _STATES:
        return cast(State, status)
    if status in ("stopped", "stopping"):
        return "exited"
    if state.get("Paused") is True:
        return "paused"
    return "running" if state.get("Running") is True else "created"


def _health(value: object) -> Health:
    status = as_text(value)
    if status == "healthy":
        return "healthy"
    if status == "unhealthy":
        return "unhealthy"
    return "starting" if status == "starting" else "none"


def parse_limits(host: JsonObject) -> Limits:
    """The limits in the HostConfig of an inspect."""
    policy = as_object(host.get("RestartPolicy"))
    pids = host.get("PidsLimit")
    return Limits(
        nano_cpus=as_integer(host.get("NanoCpus")),
        cpu_quota_us=as_integer(host.get("CpuQuota")),
        cpu_period_us=as_integer(host.get("CpuPeriod")),
        cpu_shares=as_integer(host.get("CpuShares")),
        cpuset_cpus=as_text(host.get("CpusetCpus")),
        cpuset_mems=as_text(host.get("CpusetMems")),
        memory_bytes=as_integer(host.get("Memory")),
        memory_swap_bytes=as_integer(host.get("MemorySwap")),
        memory_reservation_bytes=as_integer(host.get("MemoryReservation")),
        pids_limit=None if pids is None else as_integer(pids),
        blkio_weight=as_integer(host.get("BlkioWeight")),
        restart_policy=as_text(policy.get("Name")) or "no",
        restart_max_retries=as_integer(policy.get("MaximumRetryCount")),
    )


def _ports(value: object) -> tuple[str, ...]:
    """Published ports as "address:port->container port", each once."""
    ports: list[str] = []
    for container_port, bindings in as_object(value).items():
        for binding in as_list(bindings):
            address = as_object(binding)
            ports.append(f"{as_text(address.get('HostIp'))}:{as_text(address.get('HostPort'))}->{container_port}")
    return tuple(dict.fromkeys(ports))


def parse_processes(top: JsonObject) -> tuple[Process, ...]:
    """The answer of GET /containers/{id}/top; columns are found by title, a missing one stays empty or n/a."""
    titles = {as_text(title).upper(): index for index, title in enumerate(as_list(top.get("Titles")))}

    def column(row: list[Any], *names: str) -> str:
        index = next((titles[name] for name in names if name in titles), None)
        return as_text(row[index]) if index is not None and index < len(row) else ""

    def process_id(value: str) -> int | None:
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None

    rows = [row for row in as_list(top.get("Processes")) if isinstance(row, list)]
    return tuple(
        Process(
            pid=process_id(column(row, "PID", "HPID")) or 0,
            user=column(row, "UID", "USER", "HUSER"),
            command=column(row, "CMD", "COMMAND", "ARGS"),
            ppid=process_id(column(row, "PPID")),
        )
        for row in rows
    )
