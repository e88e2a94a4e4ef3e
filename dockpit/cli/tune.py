"""`dockpit tune`: a change of limits shown, confirmed, made, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from dockpit.cli.container_names import one_named
from dockpit.cli.live_session import LiveSession, live_session, run_to_end
from dockpit.cli.output import visible, write
from dockpit.config.options import Options
from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import DockpitError, LimitError, ReadOnlyError, UsageError
from dockpit.model.plans import Outcome, Plan
from dockpit.tuning.limit_request import LABELS, Context, Request
from dockpit.tuning.limit_text import format_limit
from dockpit.tuning.limit_validation import validate
from dockpit.tuning.units import parse_cpuset
from dockpit.tuning.update_plans import plan_update

SAMPLE_SECONDS = 6.0
"""How long the first sample is waited for, which tells whether a smaller memory limit could kill."""
LISTS = ("/sys/devices/system/cpu/online", "/sys/devices/system/node/has_memory")


def run(options: Options, name: str, limits: Mapping[str, str], *, dry_run: bool, yes: bool, force: bool) -> int:
    """Change the limits of the container called `name`; the exit code."""
    request = Request(**limits)
    if not request.given:
        raise UsageError("no limit is given: name one, as in --memory 512m or --cpus 1.5")
    if options.read_only and not dry_run:
        raise ReadOnlyError("dockpit is read-only: nothing was changed; --dry-run shows what would be")

    async def command() -> int:
        async with live_session(options) as running:
            plan = await _plan(running, name, request)
            if plan is None:
                write(f"{visible(name)} has these limits already: nothing to do\n")
                return 0
            write(explained(plan))
            if dry_run:
                return 0
            confirm(plan, yes=yes, force=force)
            return _concluded(await running.session.act(plan), running.snapshot().engine)

    return run_to_end(command)


async def _plan(running: LiveSession, name: str, request: Request) -> Plan | None:
    """What is to be done, None where nothing would change. Raises LimitError."""
    entries = running.snapshot().entries
    found = one_named(name, [entry.container for entry in entries.values()])
    if found.live:
        await running.until(lambda now: found.id in now.entries and _measured(now.entries[found.id]), SAMPLE_SECONDS)
    snapshot = running.snapshot()
    entry = snapshot.entries.get(found.id)
    if entry is None:
        raise DockpitError(f"{visible(found.name)} is gone")
    cpus, mems = host_lists(snapshot.engine)
    try:
        return plan_update(entry.container, snapshot.engine, request, entry.sample, cpus, mems)
    except LimitError as error:
        context = Context(entry.container, snapshot.engine, entry.sample, cpus, mems)
        if error.field or not (verdict := validate(request, context)).ok or verdict.warnings:
            raise
        return None


def _measured(entry: Entry) -> bool:
    return entry.sample is not None or entry.stale


def host_lists(engine: EngineInfo, root: Path = Path("/")) -> tuple[frozenset[int], frozenset[int]]:
    """The host's CPUs and memory nodes; empty where they are not known, as those of a remote engine."""
    if not engine.local:
        return frozenset(), frozenset()
    found = []
    for path in LISTS:
        try:
            found.append(frozenset(parse_cpuset((root / path.lstrip("/")).read_text())))
        except (OSError, LimitError):
            found.append(frozenset())
    return found[0], found[1]


def explained(plan: Plan) -> str:
    """A plan in full: before and after, what to know, the command, and what makes it last."""
    lines = [visible(plan.container_name)]
    width = max(len(change.label) for change in plan.changes)
    lines += [f"  {change.label.ljust(width)}  {change.before} → {change.after}" for change in plan.changes]
    lines += [f"  note: {visible(warning, 1000)}" for warning in plan.warnings]
    lines += ["", f"  {visible(plan.command, 1000)}"]
    if plan.compose:
        lines += ["", "  to make it last in a Compose file:"]
        lines += [f"    {visible(line)}" for line in plan.compose.splitlines()]
    return "\n".join(lines) + "\n\n"


def confirm(plan: Plan, *, yes: bool, force: bool) -> None:
    """Have the plan confirmed as its danger deserves. Raises DockpitError where it is not."""
    deadly = plan.danger == "kill"
    if yes and (force or not deadly):
        return
    if yes:
        raise DockpitError("nothing was changed: this may kill processes; add --force if that is meant")
    try:
        if deadly:
            name = visible(plan.container_name)
            agreed = click.prompt(f"This may kill processes. Type {name} to go on", err=True) == plan.container_name
        else:
            agreed = click.confirm("Change it?", err=True)
    except click.Abort:
        click.echo(err=True)
        agreed = False
    if not agreed:
        raise DockpitError("nothing was changed")


def _concluded(outcome: Outcome, engine: EngineInfo) -> int:
    """Say what became of it; the exit code."""
    if not outcome.ok:
        raise DockpitError(_sentence(outcome, engine))
    write(f"done: {visible(_in_force(outcome, engine), 1000)}\n")
    for warning in outcome.warnings:
        write(f"the engine says: {visible(warning, 1000)}\n")
    if outcome.undo is not None:
        write(f"undo: {visible(outcome.undo.command, 1000)}\n")
    return 0


def _sentence(outcome: Outcome, engine: EngineInfo) -> str:
    now = _in_force(outcome, engine)
    return f"{outcome.text}; now {now}" if now else outcome.text


def _in_force(outcome: Outcome, engine: EngineInfo) -> str:
    """What holds now of the limits that were to change."""
    if outcome.in_force is None or outcome.plan is None:
        return ""
    words = (f"{LABELS[one.field]} {format_limit(one.field, outcome.in_force, engine)}" for one in outcome.plan.changes)
    return ", ".join(words)
