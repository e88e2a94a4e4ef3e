"""Plans for limits: from what a user typed to what would be sent, the way back, and the check afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import LimitError
from dockpit.model.plans import Change, Plan
from dockpit.tuning.cautions import cautions
from dockpit.tuning.compose_lines import compose_lines
from dockpit.tuning.docker_command import update_command
from dockpit.tuning.kill_danger import kill_danger
from dockpit.tuning.limit_rules import LABELS, Context, Request, body
from dockpit.tuning.update_effect import applied, describe, undoing, verify

__all__ = ["plan_undo", "plan_update", "verify"]


def plan_update(
    container: Container,
    engine: EngineInfo,
    request: Request,
    sample: Sample | None = None,
    cpus: frozenset[int] = frozenset(),
    mems: frozenset[int] = frozenset(),
) -> Plan:
    """The plan that does what `request` asks of `container`.

    `sample` is its latest, None where there is none; `cpus` and `mems` are the host's numbers where they are known.
    Memory and memory + swap always go together: a new memory limit keeps the swap allowance of the old one. Raises
    LimitError with the field that the engine or the kernel would refuse, or when nothing would change.
    """
    context = Context(container, engine, sample, cpus, mems)
    wanted, errors = body(request, context)
    for field, sentence in errors.items():
        label = LABELS.get(field, "")
        named = not label or sentence.lower().startswith(f"{label.lower()} ")
        raise LimitError(sentence if named else f"{label}: {sentence}", field)
    plan = _plan(wanted, undoing(wanted, context), context, undoes=False)
    if not plan.changes:
        why = "; ".join(plan.warnings) or f"{container.name} has these limits already"
        raise LimitError(f"nothing would change: {why}")
    return plan


def plan_undo(plan: Plan, container: Container, engine: EngineInfo, sample: Sample | None = None) -> Plan:
    """The plan that takes back `plan`, made for `container` as it is now; its own undo is what is in force now.

    Judge it again with a new `sample` before it is carried out: what is in use may have grown since. `changes` is empty
    when there is nothing to take back.
    """
    context = Context(container, engine, sample)
    back = dict(plan.undo_body or {})
    return _plan(back, undoing(back, context), context, undoes=True)


def _plan(wanted: Mapping[str, Any], back: Mapping[str, Any], context: Context, *, undoes: bool) -> Plan:
    container, engine = context.container, context.engine
    expected = applied(container.limits, wanted, engine)
    changes = _changes(wanted, expected, context)
    lost = any(key not in back for key in wanted)
    restored = applied(expected, back, engine)
    unknown = ("undo will leave the CPU or memory-node list alone: the host's full list is not known here",)
    return Plan(
        kind="update",
        container_id=container.id,
        container_name=container.name,
        engine_id=engine.id,
        summary=_summary(container, changes, undoes),
        command=update_command(wanted, container, engine),
        danger="kill" if kill_danger(expected, context) else "confirm",
        changes=changes,
        body=dict(wanted),
        undo_body=dict(back) if verify(restored, expected) else None,
        warnings=cautions(wanted, context) + (unknown if lost else ()),
        compose=compose_lines(wanted, container, expected, engine),
        expected=expected,
        before=container.limits,
        undoes=undoes,
    )


def _changes(wanted: Mapping[str, Any], expected: Limits, context: Context) -> tuple[Change, ...]:
    """What reads differently afterwards; a CPU limit that a stored quota of -1 may have undone counts as different."""
    found = []
    for name, label in LABELS.items():
        before = describe(name, context.container.limits, context.engine)
        after = describe(name, expected, context.engine)
        lost = name == "cpus" and "NanoCpus" in wanted and expected.cpu_quota_us < 0
        if before != after or lost:
            found.append(Change(name, label, before, after))
    return tuple(found)


def _summary(container: Container, changes: tuple[Change, ...], undoes: bool) -> str:
    what = ", ".join(f"{change.label} {change.before} → {change.after}" for change in changes)
    return f"{container.name}: {'undo: ' if undoes else ''}{what or 'nothing to take back'}"
