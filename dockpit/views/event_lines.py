"""Events of the engine as lines and as marks on charts, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dockpit.metrics.snapshot import Entry
from dockpit.model.events import Event
from dockpit.model.view_models import EventLine, Mark, Tone
from dockpit.views.view_context import LEVEL_TONES, ViewContext

OOM_SECONDS = 2.0
"""An OOM kill and the death of pid 1 this near to each other are one happening."""
NEIGHBOURS = 20
"""How many events before and after one are looked at to tell what belongs together."""
DETAIL_LENGTH = 200

_WORDS: dict[str, tuple[str, Tone]] = {
    "create": ("created", "dim"),
    "start": ("started", "normal"),
    "restart": ("restarted", "normal"),
    "stop": ("stopped", "normal"),
    "pause": ("paused", "info"),
    "unpause": ("unpaused", "normal"),
    "destroy": ("removed", "dim"),
    "update": ("limits changed", "info"),
}
_HIDDEN = ("exec_create", "exec_start", "exec_die", "exec_detach", "top", "resize", "attach", "detach")


def lines(events: Sequence[Event], ids: Iterable[str], scene: ViewContext, limit: int = 50) -> tuple[EventLine, ...]:
    """The newest `limit` events of the containers `ids`, the newest first; an OOM kill told twice is one line."""
    wanted = set(ids)
    own = [event for event in events if event.actor_id in wanted and event.action not in _HIDDEN]
    found: list[EventLine] = []
    for index in range(len(own) - 1, -1, -1):
        near = own[max(0, index - NEIGHBOURS) : index + NEIGHBOURS + 1]
        event = own[index]
        if event.action == "oom" and _told(event, near, before=own[max(0, index - NEIGHBOURS) : index]):
            continue
        text, tone = words(event, near, scene.at)
        found.append(EventLine(scene.clock(event.at), event.name, scene.text(text), tone, event.actor_id))
        if len(found) == limit:
            break
    return tuple(found)


def standing(entries: Iterable[Entry], scene: ViewContext) -> tuple[EventLine, ...]:
    """The alerts of `entries` as lines, with the time since when they stand."""
    return tuple(
        EventLine(
            scene.clock(alert.since) if alert.since else "now",
            entry.container.name,
            scene.text(alert.text),
            LEVEL_TONES[alert.level],
            entry.container.id,
        )
        for entry in entries
        for alert in entry.alerts
    )


def _told(event: Event, near: Iterable[Event], before: Iterable[Event]) -> bool:
    """Whether this OOM event is a double: of an earlier one, or of the death that it led to."""
    return _near(event, near, "die") or _near(event, before, "oom")


def _near(event: Event, others: Iterable[Event], action: str) -> bool:
    """Whether the same container had an event `action` within OOM_SECONDS of `event`."""
    return any(
        other.action == action and other.actor_id == event.actor_id and abs(other.at - event.at) < OOM_SECONDS
        for other in others
    )


def words(event: Event, near: Sequence[Event], at: float) -> tuple[str, Tone]:
    """One event in words at `at` (epoch seconds), told with those around it; may hold what the engine said."""
    if event.action == "oom":
        survived = at - event.at > OOM_SECONDS and not _near(event, near, "die")
        return ("OOM-killed (a child; pid 1 survived)" if survived else "OOM kill"), "critical"
    if event.action == "die":
        return _died(event, near)
    if event.action == "kill":
        return f"signal {event.attributes.get('signal', '?')[:DETAIL_LENGTH]} sent", "normal"
    if event.action == "health_status":
        return f"became {event.detail[:DETAIL_LENGTH]}", "high" if event.detail == "unhealthy" else "good"
    if event.action == "rename":
        return f"renamed from {event.attributes.get('oldName', '?').lstrip('/')[:DETAIL_LENGTH]}", "info"
    known = _WORDS.get(event.action)
    return known or (f"{event.action} {event.detail}".strip()[:DETAIL_LENGTH], "dim")


def _died(event: Event, near: Sequence[Event]) -> tuple[str, Tone]:
    code = event.attributes.get("exitCode", "?")[:DETAIL_LENGTH]
    if _near(event, near, "oom") or event.attributes.get("oomKilled") == "true":
        return f"died, exit {code} (OOM)", "critical"
    return f"died, exit {code}", "normal" if code in ("0", "143") else "watch"


def marks(events: Iterable[Event], container_id: str, begin: float, end: float, scene: ViewContext) -> tuple[Mark, ...]:
    """OOM kills, starts and changes of limits between `begin` and `end` (epoch seconds), as marks on a chart."""
    signs: dict[str, tuple[str, Tone, str]] = {
        "oom": ("✖", "critical", "OOM kill"),
        "start": ("↻", "info", "started"),
        "update": ("Δ", "info", "limits changed"),
    }
    found: list[Mark] = []
    last_oom = -OOM_SECONDS
    for event in events:
        if event.actor_id != container_id or event.action not in signs or not begin <= event.at <= end:
            continue
        if event.action == "oom":
            if event.at - last_oom < OOM_SECONDS:
                continue
            last_oom = event.at
        sign, tone, text = signs[event.action]
        found.append(Mark((event.at - begin) / (end - begin), scene.text(sign), tone, text))
    return tuple(found)
