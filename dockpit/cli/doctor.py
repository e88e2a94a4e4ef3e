"""`dockpit doctor`: which engine answers and which figures it gives; doctor_availability.py says why others are n/a."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dockpit import __version__
from dockpit.cli.doctor_availability import Capability, figure_capabilities, limit_capabilities
from dockpit.cli.engine_report import (
    Facts,
    engine_facts,
    engine_record,
    unreachable_facts,
    unreachable_record,
)
from dockpit.cli.live_session import live_session, run_until_complete
from dockpit.cli.output import align_columns, visible, write
from dockpit.config.options import Options
from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.errors import EngineUnreachable

FIRST_SAMPLES_SECONDS = 4.0
"""Maximum wait for the first sample of each container."""
PRESSURE_FILE = Path("/proc/pressure/memory")


def run(options: Options, *, as_json: bool) -> int:
    """Examine the engine and print a report; returns the exit code. Raises EngineUnreachable."""

    async def command() -> int:
        async with live_session(options) as running:
            snapshot = await running.until(_all_sampled, FIRST_SAMPLES_SECONDS)
            report = doctor_report(snapshot, running.session.endpoint, options, _has_pressure())
            write(_json_text(report) if as_json else format_report(report))
        return 0

    try:
        return run_until_complete(command)
    except EngineUnreachable as error:
        write(_json_text(unreachable_report(error, options)) if as_json else format_unreachable(error, options))
        raise
    finally:
        for problem in () if as_json else options.loaded.problems:
            write(f"config problem: {visible(problem, 1000)}\n")


def _json_text(report: dict[str, Any]) -> str:
    return json.dumps(report, indent=2) + "\n"


def _all_sampled(snapshot: Snapshot) -> bool:
    return all(_has_sample(entry) for entry in snapshot.entries.values())


def _has_sample(entry: Entry) -> bool:
    return not entry.container.live or entry.stale or entry.sample is not None


def _has_pressure() -> bool:
    try:
        return bool(PRESSURE_FILE.read_text())
    except OSError:
        return False


def unreachable_report(error: EngineUnreachable, options: Options) -> dict[str, Any]:
    """The JSON report if no engine answers."""
    return {"dockpit": __version__, **unreachable_record(error), "config": _config_record(options)}


def format_unreachable(error: EngineUnreachable, options: Options) -> str:
    """The text report if no engine answers."""
    return _align_facts([*unreachable_facts(error), ("config", str(options.loaded.path or ""))])


def doctor_report(snapshot: Snapshot, endpoint: Endpoint, options: Options, pressure: bool) -> dict[str, Any]:
    """The JSON report; `pressure` is whether this machine has pressure stall information (PSI)."""
    return {
        "dockpit": __version__,
        "engine": engine_record(snapshot, endpoint),
        "sources": {
            "choice": options.config.source,
            "kernel": snapshot.sources.kernel,
            "engine": snapshot.sources.engine,
            "why_engine": list(snapshot.sources.whys),
        },
        "read_only": options.read_only,
        "config": _config_record(options),
        "figures": [_capability_record(one) for one in figure_capabilities(snapshot, pressure)],
        "limits": [_capability_record(one) for one in limit_capabilities(snapshot.engine)],
    }


def _config_record(options: Options) -> dict[str, Any]:
    return {"path": str(options.loaded.path or ""), "problems": list(options.loaded.problems)}


def _capability_record(capability: Capability) -> dict[str, Any]:
    return {"name": capability.name, "available": capability.available, "why": capability.why}


def format_report(report: dict[str, Any]) -> str:
    """A doctor_report() as text."""
    facts = [
        *engine_facts(report["engine"]),
        ("figures", _sources_text(report["sources"])),
        ("actions", "refused: dockpit is read-only" if report["read_only"] else "allowed"),
        ("config", report["config"]["path"]),
    ]
    warnings = "".join(f"warning     {visible(warning, 1000)}\n" for warning in report["engine"]["warnings"])
    figures, limits = _capability_rows(report["figures"]), _capability_rows(report["limits"])
    return f"{_align_facts(facts)}{warnings}\nfigures\n{figures}\nlimits that can be changed\n{limits}"


def _align_facts(facts: Facts) -> str:
    return align_columns([(label, visible(str(text), 1000)) for label, text in facts], left=frozenset({0, 1}))


def _sources_text(sources: dict[str, Any]) -> str:
    """The number of containers sampled from each source, and why not all are from the kernel."""
    counts = ((sources["kernel"], "the kernel's files"), (sources["engine"], "the engine's stats"))
    parts = [f"{number} from {source}" for number, source in counts if number]
    if not parts:
        parts = ["none" if sources["why_engine"] else "no container is running"]
    return "; ".join([", ".join(parts), *sources["why_engine"]])


def _capability_rows(capabilities: list[dict[str, Any]]) -> str:
    words = {True: "yes", False: "no", None: "?"}
    rows = [(f"  {words[one['available']]}", one["name"], one["why"]) for one in capabilities]
    return align_columns(rows, left=frozenset({0, 1, 2}))
