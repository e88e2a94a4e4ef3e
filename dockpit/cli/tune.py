"""`dockpit tune`: plan a change of limits, show it, confirm it, apply it, and report the limits in force."""

from __future__ import annotations

from collections.abc import Mapping

import click

from dockpit.cli.container_lookup import find_container
from dockpit.cli.live_session import LiveSession, live_session, run_until_complete
from dockpit.cli.output import visible, write
from dockpit.config.options import Options
from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import DockpitError, LimitError, ReadOnlyError, UsageError
from dockpit.model.plans import Outcome, Plan
from dockpit.tuning.host_cpus_and_memory_nodes import host_cpus_and_memory_nodes
from dockpit.tuning.limit_request import LIMIT_LABELS, LimitContext, LimitRequest
from dockpit.tuning.limit_text import format_limit
from dockpit.tuning.limit_validation import validate_limits
from dockpit.tuning.update_plans import plan_update

FIRST_SAMPLE_SECONDS = 6.0
"""Maximum wait for the first sample, which decides whether a smaller memory limit could kill processes."""


def run(options: Options, name: str, limits: Mapping[str, str], *, dry_run: bool, yes: bool, force: bool) -> int:
    """Change the limits of the container called `name`; returns the exit code."""
    request = LimitRequest(**limits)
    if not request.given:
        raise UsageError("no limit is given: name one, as in --memory 512m or --cpus 1.5")
    if options.read_only and not dry_run:
        raise ReadOnlyError("dockpit is read-only: nothing was changed; --dry-run shows what would be")

    async def command() -> int:
        async with live_session(options) as running:
            plan = await _plan_update(running, name, request)
            if plan is None:
                write(f"{visible(name)} has these limits already: nothing to do\n")
                return 0
            write(format_plan(plan))
            if dry_run:
                return 0
            confirm(plan, yes=yes, force=force)
            return _report_outcome(await running.session.act(plan), running.snapshot().engine)

    return run_until_complete(command)


async def _plan_update(running: LiveSession, name: str, request: LimitRequest) -> Plan | None:
    """The plan that carries out `request`, None if nothing would change. Raises LimitError for an invalid limit."""
    entries = running.snapshot().entries
    found = find_container(name, [entry.container for entry in entries.values()])
    if found.live:
        await running.until(
            lambda now: found.id in now.entries and _is_sampled(now.entries[found.id]), FIRST_SAMPLE_SECONDS
        )
    snapshot = running.snapshot()
    entry = snapshot.entries.get(found.id)
    if entry is None:
        raise DockpitError(f"{visible(found.name)} is gone")
    cpus, mems = host_cpus_and_memory_nodes(snapshot.engine)
    try:
        return plan_update(entry.container, snapshot.engine, request, entry.sample, cpus, mems)
    except LimitError as error:
        context = LimitContext(entry.container, snapshot.engine, entry.sample, cpus, mems)
        if error.field or not (result := validate_limits(request, context)).ok or result.warnings:
            raise
        return None


def _is_sampled(entry: Entry) -> bool:
    return entry.sample is not None or entry.stale


def format_plan(plan: Plan) -> str:
    """A plan as text: limits before and after, warnings, docker command, and Compose lines."""
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
    """Ask for confirmation, for the container's name if the plan may kill. Raises DockpitError if it is refused."""
    may_kill = plan.danger == "kill"
    if yes and (force or not may_kill):
        return
    if yes:
        raise DockpitError("nothing was changed: this may kill processes; add --force to allow that")
    try:
        if may_kill:
            name = visible(plan.container_name)
            agreed = click.prompt(f"This may kill processes. Type {name} to continue", err=True) == plan.container_name
        else:
            agreed = click.confirm("Change it?", err=True)
    except click.Abort:
        click.echo(err=True)
        agreed = False
    if not agreed:
        raise DockpitError("nothing was changed")


def _report_outcome(outcome: Outcome, engine: EngineInfo) -> int:
    """Print the outcome and return the exit code. Raises DockpitError if the plan failed."""
    if not outcome.ok:
        raise DockpitError(_failure_text(outcome, engine))
    write(f"done: {visible(_limits_in_force(outcome, engine), 1000)}\n")
    for warning in outcome.warnings:
        write(f"the engine says: {visible(warning, 1000)}\n")
    if outcome.undo is not None:
        write(f"undo: {visible(outcome.undo.command, 1000)}\n")
    return 0


def _failure_text(outcome: Outcome, engine: EngineInfo) -> str:
    in_force = _limits_in_force(outcome, engine)
    return f"{outcome.text}; now {in_force}" if in_force else outcome.text


def _limits_in_force(outcome: Outcome, engine: EngineInfo) -> str:
    """The values in force of the limits that the plan changes, as text; "" if not known."""
    if outcome.in_force is None or outcome.plan is None:
        return ""
    words = (
        f"{LIMIT_LABELS[one.field]} {format_limit(one.field, outcome.in_force, engine)}" for one in outcome.plan.changes
    )
    return ", ".join(words)
