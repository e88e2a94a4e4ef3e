"""`dockpit doctor`: which engine answers, which figures it gives, and why others are not to be had."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dockpit import __version__
from dockpit.cli.live_session import live_session, run_to_end
from dockpit.cli.output import aligned, visible, write
from dockpit.config.options import Options
from dockpit.engine.endpoint import Endpoint
from dockpit.metrics import formatting
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.errors import EngineUnreachable
from dockpit.monitor.capabilities import Capability, figure_capabilities, limit_capabilities

SAMPLE_SECONDS = 4.0
"""How long the first samples are waited for."""
PRESSURE = Path("/proc/pressure/memory")


def run(options: Options, *, as_json: bool) -> int:
    """Look at the engine and say what was found; the exit code. Raises EngineUnreachable."""

    async def command() -> int:
        async with live_session(options) as running:
            snapshot = await running.until(_measured, SAMPLE_SECONDS)
            found = doctor_report(snapshot, running.session.endpoint, options, _pressure())
            write(json.dumps(found, indent=2) + "\n" if as_json else report(found))
        return 0

    try:
        return run_to_end(command)
    except EngineUnreachable as error:
        write(json.dumps(without_engine(error, options), indent=2) + "\n" if as_json else silence(error, options))
        raise
    finally:
        for problem in () if as_json else options.loaded.problems:
            write(f"config problem: {visible(problem, 1000)}\n")


def without_engine(error: EngineUnreachable, options: Options) -> dict[str, Any]:
    """What doctor has to say where no engine answers, as plain values."""
    return {
        "dockpit": __version__,
        "engine": None,
        "address": error.address,
        "origin": error.origin,
        "reason": error.reason,
        "try": list(remedies(error)),
        "config": {"path": str(options.loaded.path or ""), "problems": list(options.loaded.problems)},
    }


def silence(error: EngineUnreachable, options: Options) -> str:
    """The same as text."""
    facts = [
        ("engine", "none answers"),
        ("address", error.address),
        ("named by", error.origin),
        ("reason", error.reason),
        *(("try" if number == 0 else "", remedy) for number, remedy in enumerate(remedies(error))),
        ("config", str(options.loaded.path or "")),
    ]
    return aligned([(label, visible(text, 1000)) for label, text in facts], left=frozenset({0, 1}))


def remedies(error: EngineUnreachable) -> tuple[str, ...]:
    """What to do about an engine that does not answer, the likeliest first."""
    scheme, _, place = error.address.partition("://")
    reached = {
        "unix": "systemctl status docker: is it running on this machine?",
        "ssh": f"ssh {place.partition('/')[0]} docker version: does it answer over there?",
    }.get(scheme, "is the address right, the engine running, and no firewall between?")
    named = {"DOCKER_HOST": ("unset DOCKER_HOST: the engine of the current context is taken then",)}
    return (
        reached,
        *named.get(error.origin, ()),
        "docker context ls: which engines there are, for --context NAME",
        "dockpit --log FILE doctor: what was tried, step by step",
    )


def _measured(snapshot: Snapshot) -> bool:
    return all(_settled(entry) for entry in snapshot.entries.values())


def _settled(entry: Entry) -> bool:
    return not entry.container.live or entry.stale or entry.sample is not None


def _pressure() -> bool:
    try:
        return bool(PRESSURE.read_text())
    except OSError:
        return False


def doctor_report(snapshot: Snapshot, endpoint: Endpoint, options: Options, pressure: bool) -> dict[str, Any]:
    """Everything that doctor has to say, as plain values; `pressure` is whether this machine gives PSI."""
    engine = snapshot.engine
    return {
        "dockpit": __version__,
        "engine": {
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
        },
        "sources": {
            "choice": options.config.source,
            "kernel": snapshot.sources.kernel,
            "engine": snapshot.sources.engine,
            "why_engine": list(snapshot.sources.whys),
        },
        "read_only": options.read_only,
        "config": {"path": str(options.loaded.path or ""), "problems": list(options.loaded.problems)},
        "figures": [_plain(check) for check in figure_capabilities(snapshot, pressure)],
        "limits": [_plain(check) for check in limit_capabilities(engine)],
    }


def _plain(check: Capability) -> dict[str, Any]:
    return {"name": check.name, "available": check.available, "why": check.why}


def report(found: dict[str, Any]) -> str:
    """The findings as text."""
    engine = found["engine"]
    facts = [
        ("engine", f"{engine['product']} {engine['version']} at {engine['address']}"),
        ("named by", f"{engine['origin']}, context {engine['context']}"),
        ("API", engine["api_version"]),
        ("where", _where(engine)),
        ("cgroup", _cgroup(engine)),
        ("machine", _machine(engine)),
        ("containers", f"{engine['containers']}, {engine['running']} of them up"),
        ("figures", _sources(found["sources"])),
        ("actions", "refused: dockpit is read-only" if found["read_only"] else "allowed"),
        ("config", found["config"]["path"]),
    ]
    text = aligned([(label, visible(str(value), 1000)) for label, value in facts], left=frozenset({0, 1}))
    text += "".join(f"warning     {visible(warning, 1000)}\n" for warning in engine["warnings"])
    return (
        text + "\nfigures\n" + _checks(found["figures"]) + "\nlimits that can be changed\n" + _checks(found["limits"])
    )


def _sources(sources: dict[str, Any]) -> str:
    """Where figures come from, and why not all from the kernel."""
    counted = ((sources["kernel"], "the kernel's files"), (sources["engine"], "the engine's stats"))
    words = [f"{number} from {where}" for number, where in counted if number]
    if not words:
        words = ["none" if sources["why_engine"] else "no container is up"]
    return "; ".join([", ".join(words), *sources["why_engine"]])


def _where(engine: dict[str, Any]) -> str:
    if engine["simulated"]:
        return "nowhere: it is simulated"
    return "on this machine" if engine["local"] else "on another machine, or in a virtual one"


def _cgroup(engine: dict[str, Any]) -> str:
    version = f"v{engine['cgroup_version']}" if engine["cgroup_version"] else "of unknown version"
    return f"{version}, {engine['cgroup_driver'] or 'unknown'} driver{', rootless' if engine['rootless'] else ''}"


def _machine(engine: dict[str, Any]) -> str:
    memory = formatting.bytes_long(engine["memory_bytes"] or None)
    return f"{formatting.plural(engine['cpus'], 'CPU')}, {memory}, {engine['os']} {engine['kernel']}"


def _checks(checks: list[dict[str, Any]]) -> str:
    signs = {True: "yes", False: "no", None: "?"}
    rows = [(f"  {signs[check['available']]}", check["name"], check["why"]) for check in checks]
    return aligned(rows, left=frozenset({0, 1, 2}))
