"""Plans for updates of limits.

LimitRequest ─► update_body ─► Plan(body, undo_body, expected, …) ─► engine ─► limit_mismatches(expected, …)
                                      │
                                      └─► plan_undo: the Plan of undo_body
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockpit.metrics.samples import Sample
from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import LimitError
from dockpit.model.plans import Change, Plan
from dockpit.tuning.compose_lines import compose_lines
from dockpit.tuning.docker_command import update_command
from dockpit.tuning.kill_danger import kill_danger
from dockpit.tuning.limit_request import LIMIT_LABELS, LimitContext, LimitRequest
from dockpit.tuning.limit_rules import update_body
from dockpit.tuning.limit_text import format_limit
from dockpit.tuning.update_effect import limit_mismatches, limits_after_update
from dockpit.tuning.update_undo import undo_body
from dockpit.tuning.update_warnings import update_warnings

_UNDO_UNKNOWN = "undo will leave the CPU or memory-node list alone: the host's full list is not known here"


def plan_update(
    container: Container,
    engine: EngineInfo,
    request: LimitRequest,
    sample: Sample | None = None,
    cpus: frozenset[int] = frozenset(),
    mems: frozenset[int] = frozenset(),
) -> Plan:
    """The plan that carries out `request` on `container`.

    `sample` is the container's latest, None if there is none; `cpus` and `mems` are the host's CPUs and memory nodes,
    empty if not known. Memory and memory + swap always go together: a new memory limit keeps the swap allowance of the
    old one. Raises LimitError, with the field, for a limit that the engine or the kernel would refuse, and without one
    if nothing would change.
    """
    context = LimitContext(container, engine, sample, cpus, mems)
    body, errors = update_body(request, context)
    for field, sentence in errors.items():
        label = LIMIT_LABELS.get(field, "")
        starts_with_label = not label or sentence.lower().startswith(f"{label.lower()} ")
        raise LimitError(sentence if starts_with_label else f"{label}: {sentence}", field)
    plan = _plan(body, undo_body(body, context), context, undoes=False)
    if not plan.changes:
        reason = "; ".join(plan.warnings) or f"{container.name} has these limits already"
        raise LimitError(f"nothing would change: {reason}")
    return plan


def plan_undo(plan: Plan, container: Container, engine: EngineInfo, sample: Sample | None = None) -> Plan:
    """The plan that undoes `plan`, for `container` as it is now; its own undo restores the limits in force now.

    Make it again with a new `sample` before it is carried out: the memory in use may have grown. `changes` is empty if
    there is nothing to undo.
    """
    context = LimitContext(container, engine, sample)
    body = dict(plan.undo_body or {})
    return _plan(body, undo_body(body, context), context, undoes=True)


def _plan(body: Mapping[str, Any], undo: Mapping[str, Any], context: LimitContext, *, undoes: bool) -> Plan:
    container, engine = context.container, context.engine
    expected = limits_after_update(container.limits, body, engine)
    changes = _changes(body, expected, context)
    undo_incomplete = any(key not in undo for key in body)
    undo_changes_anything = bool(limit_mismatches(limits_after_update(expected, undo, engine), expected))
    return Plan(
        kind="update",
        container_id=container.id,
        container_name=container.name,
        engine_id=engine.id,
        summary=_summary(container, changes, undoes),
        command=update_command(body, container, engine),
        danger="kill" if kill_danger(expected, context) else "confirm",
        changes=changes,
        body=dict(body),
        undo_body=dict(undo) if undo_changes_anything else None,
        warnings=update_warnings(body, context) + ((_UNDO_UNKNOWN,) if undo_incomplete else ()),
        compose=compose_lines(body, container, expected, engine),
        expected=expected,
        before=container.limits,
        undoes=undoes,
    )


def _changes(body: Mapping[str, Any], expected: Limits, context: LimitContext) -> tuple[Change, ...]:
    """The limits whose text differs afterwards.

    A CPU limit that a stored quota of -1 may have lifted counts as different.
    """
    changes = []
    for field, label in LIMIT_LABELS.items():
        before = format_limit(field, context.container.limits, context.engine)
        after = format_limit(field, expected, context.engine)
        may_be_lifted = field == "cpus" and "NanoCpus" in body and expected.cpu_quota_us < 0
        if before != after or may_be_lifted:
            changes.append(Change(field, label, before, after))
    return tuple(changes)


def _summary(container: Container, changes: tuple[Change, ...], undoes: bool) -> str:
    text = ", ".join(f"{change.label} {change.before} → {change.after}" for change in changes)
    return f"{container.name}: {'undo: ' if undoes else ''}{text or 'nothing to change'}"
