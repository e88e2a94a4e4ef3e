"""The engine as `dockpit doctor` reports it: its record, its text, and remedies if it does not answer."""

from __future__ import annotations

from typing import Any

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.metrics import formatting
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.errors import EngineUnreachable

Facts = list[tuple[str, str]]
"""(label, text), in the order in which they are printed."""


def engine_record(snapshot: Snapshot, endpoint: Endpoint) -> dict[str, Any]:
    """The JSON record of the engine and its endpoint."""
    engine = snapshot.engine
    return {
        "product": engine.product,
        "version": engine.version,
        "api_version": engine.api_version,
        "name": engine.name,
        "address": endpoint.display,
        "origin": endpoint.origin,
        "context": endpoint.context,
        "local": engine.local,
        "simulated": endpoint.simulated,
        "os": engine.os,
        "kernel": engine.kernel,
        "cgroup_version": engine.cgroup_version,
        "cgroup_driver": engine.cgroup_driver,
        "rootless": engine.rootless,
        "cpus": engine.cpus,
        "memory_bytes": engine.memory_bytes,
        "containers": len(snapshot.entries),
        "running": sum(entry.container.live for entry in snapshot.entries.values()),
        "warnings": [*endpoint.warnings, *engine.warnings],
    }


def engine_facts(record: dict[str, Any]) -> Facts:
    """The facts of an engine_record() as text."""
    return [
        ("engine", f"{record['product']} {record['version']} at {record['address']}"),
        ("named by", f"{record['origin']}, context {record['context']}"),
        ("API", record["api_version"]),
        ("where", _location(record)),
        ("cgroup", _cgroup(record)),
        ("machine", _machine(record)),
        ("containers", f"{record['containers']}, {record['running']} of them up"),
    ]


def _location(record: dict[str, Any]) -> str:
    if record["simulated"]:
        return "nowhere: it is simulated"
    return "on this machine" if record["local"] else "on another machine, or in a virtual one"


def _cgroup(record: dict[str, Any]) -> str:
    version = f"v{record['cgroup_version']}" if record["cgroup_version"] else "of unknown version"
    return f"{version}, {record['cgroup_driver'] or 'unknown'} driver{', rootless' if record['rootless'] else ''}"


def _machine(record: dict[str, Any]) -> str:
    memory = formatting.bytes_long(record["memory_bytes"] or None)
    return f"{formatting.plural(record['cpus'], 'CPU')}, {memory}, {record['os']} {record['kernel']}"


def unreachable_record(error: EngineUnreachable) -> dict[str, Any]:
    """The JSON record of an engine that does not answer."""
    return {
        "engine": None,
        "address": error.address,
        "origin": error.origin,
        "reason": error.reason,
        "try": list(remedies(error)),
    }


def unreachable_facts(error: EngineUnreachable) -> Facts:
    """The facts of an engine that does not answer as text."""
    return [
        ("engine", "none answers"),
        ("address", error.address),
        ("named by", error.origin),
        ("reason", error.reason),
        *(("try" if number == 0 else "", remedy) for number, remedy in enumerate(remedies(error))),
    ]


def remedies(error: EngineUnreachable) -> tuple[str, ...]:
    """Things to try if an engine does not answer, the most likely first."""
    scheme, _, location = error.address.partition("://")
    check = {
        "unix": "systemctl status docker: is it running on this machine?",
        "ssh": f"ssh {location.partition('/')[0]} docker version: does the engine answer on that host?",
    }.get(scheme, "is the address right, the engine running, and no firewall between?")
    of_origin = {"DOCKER_HOST": ("unset DOCKER_HOST: the engine of the current context is taken then",)}
    return (
        check,
        *of_origin.get(error.origin, ()),
        "docker context ls: which engines there are, for --context NAME",
        "dockpit --log FILE doctor: what was tried, step by step",
    )
