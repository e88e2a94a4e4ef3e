"""Events of the engine as lines and as marks on charts, in words; alerts as lines above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dockpit.metrics.snapshot import Entry
from dockpit.model.events import Event
from dockpit.model.view_models import ChartMark, EventLine, Tone
from dockpit.views.view_context import LEVEL_TONES, TEXT_LENGTH, ViewContext

OOM_SECONDS = 2.0
"""An OOM kill and the death of pid 1 within this time are reported as one."""
NEIGHBOURS = 20
"""Number of events before and after one that are searched for what belongs to it."""

_ACTION_TEXTS: dict[str, tuple[str, Tone]] = {
    "create": ("created", "dim"),
    "start": ("started", "normal"),
    "restart": ("restarted", "normal"),
    "stop": ("stopped", "normal"),
    "pause": ("paused", "info"),
    "unpause": ("unpaused", "normal"),
    "destroy": ("removed", "dim"),
    "update": ("limits changed", "info"),
}
_HIDDEN_ACTIONS = ("exec_create", "exec_start", "exec_die", "exec_detach", "top", "resize", "attach", "detach")
_MARKS: dict[str, tuple[str, Tone, str]] = {
    "oom": ("✖", "critical", "OOM kill"),
    "start": ("↻", "info", "started"),
    "update": ("Δ", "info", "limits changed"),
}


def event_lines(
    events: Sequence[Event], container_ids: Iterable[str], context: ViewContext, limit: int = 50
) -> tuple[EventLine, ...]:
    """The newest `limit` events of the containers, newest first; an OOM kill that is reported twice is one line."""
    wanted = set(container_ids)
    own = [event for event in events if event.actor_id in wanted and event.action not in _HIDDEN_ACTIONS]
    found: list[EventLine] = []
    for index in range(len(own) - 1, -1, -1):
        event = own[index]
        first = max(0, index - NEIGHBOURS)
        around = own[first : index + NEIGHBOURS + 1]
        if event.action == "oom" and _is_duplicate_oom(event, own[first:index], around):
            continue
        text, tone = _event_text(event, around, context.at)
        found.append(EventLine(context.clock(event.at), event.name, context.text(text), tone, event.actor_id))
        if len(found) == limit:
            break
    return tuple(found)


def alert_lines(entries: Iterable[Entry], context: ViewContext) -> tuple[EventLine, ...]:
    """The alerts of `entries` as lines, each with the time at which it was raised, "now" if that is unknown."""
    return tuple(
        EventLine(
            context.clock(alert.since) if alert.since else "now",
            entry.container.name,
            context.text(alert.text),
            LEVEL_TONES[alert.level],
            entry.container.id,
        )
        for entry in entries
        for alert in entry.alerts
    )


def _is_duplicate_oom(event: Event, before: Iterable[Event], around: Iterable[Event]) -> bool:
    """Whether another line reports this OOM event: an earlier OOM event, or the death that it led to."""
    return _has_nearby(event, around, "die") or _has_nearby(event, before, "oom")


def _has_nearby(event: Event, others: Iterable[Event], action: str) -> bool:
    """Whether the same container had an event `action` within OOM_SECONDS of `event`."""
    return any(
        other.action == action and other.actor_id == event.actor_id and abs(other.at - event.at) < OOM_SECONDS
        for other in others
    )


def _event_text(event: Event, around: Sequence[Event], at: float) -> tuple[str, Tone]:
    """One event in words at `at` (epoch seconds), judged with the events around it; may quote the engine."""
    if event.action == "oom":
        survived = at - event.at > OOM_SECONDS and not _has_nearby(event, around, "die")
        return ("OOM-killed (a child; pid 1 survived)" if survived else "OOM kill"), "critical"
    if event.action == "die":
        return _death_text(event, around)
    if event.action == "kill":
        return f"signal {event.attributes.get('signal', '?')[:TEXT_LENGTH]} sent", "normal"
    if event.action == "health_status":
        return f"became {event.detail[:TEXT_LENGTH]}", "high" if event.detail == "unhealthy" else "good"
    if event.action == "rename":
        return f"renamed from {event.attributes.get('oldName', '?').lstrip('/')[:TEXT_LENGTH]}", "info"
    known = _ACTION_TEXTS.get(event.action)
    return known or (f"{event.action} {event.detail}".strip()[:TEXT_LENGTH], "dim")


def _death_text(event: Event, around: Sequence[Event]) -> tuple[str, Tone]:
    code = event.attributes.get("exitCode", "?")[:TEXT_LENGTH]
    if _has_nearby(event, around, "oom") or event.attributes.get("oomKilled") == "true":
        return f"died, exit {code} (OOM)", "critical"
    return f"died, exit {code}", "normal" if code in ("0", "143") else "watch"


def event_marks(
    events: Iterable[Event], container_id: str, begin: float, end: float, context: ViewContext
) -> tuple[ChartMark, ...]:
    """OOM kills, starts and changes of limits between `begin` and `end` (epoch seconds), as marks on a chart."""
    found: list[ChartMark] = []
    last_oom = -OOM_SECONDS
    for event in events:
        if event.actor_id != container_id or event.action not in _MARKS or not begin <= event.at <= end:
            continue
        if event.action == "oom":
            if event.at - last_oom < OOM_SECONDS:
                continue
            last_oom = event.at
        sign, tone, text = _MARKS[event.action]
        found.append(ChartMark((event.at - begin) / (end - begin), context.text(sign), tone, text))
    return tuple(found)
