"""The screen of one container: what it is, its charts, its events and its limits."""

from __future__ import annotations

from datetime import tzinfo

from dockpit.metrics import formatting
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.container import Container
from dockpit.model.view_models import Banner, ContainerView, LabelledText, Tone
from dockpit.views.chart_context import STALE
from dockpit.views.charts import charts
from dockpit.views.event_lines import alert_lines, event_lines
from dockpit.views.limits_table import limits_table
from dockpit.views.status_banner import banner
from dockpit.views.table_cells import NAME_LENGTH, ended_text, ended_tone
from dockpit.views.view_context import LEVEL_TONES, ViewContext, shown_time, view_context

MAX_EVENTS = 200


def container_view(
    snapshot: Snapshot,
    container_id: str,
    span_seconds: float,
    points: int,
    now: float,
    tz: tzinfo,
    *,
    ascii: bool = False,
    paused: bool = False,
    interval: float = 1.0,
) -> ContainerView:
    """One container at `now` (epoch seconds of this machine), its charts over `span_seconds` in `points` values.

    The view of a container that the engine no longer has is `gone` and holds its events only.
    """
    shown = shown_time(snapshot, now, paused)
    context = view_context(snapshot, shown, tz, interval=interval, ascii=ascii)
    events = event_lines(snapshot.events, [container_id], context, MAX_EVENTS)
    entry = snapshot.entries.get(container_id)
    if entry is None:
        return ContainerView(
            container_id=container_id,
            title=container_id[:12],
            events=events,
            banner=Banner("this container was removed", "watch"),
            gone=True,
            revision=snapshot.revision,
        )
    container = entry.container
    clock = view_context(snapshot, now, tz, interval=interval, ascii=ascii)
    return ContainerView(
        container_id=container_id,
        title=container.name[:NAME_LENGTH],
        facts=_facts(entry, context),
        charts=charts(entry, snapshot.engine, snapshot.events, context, span_seconds, points, snapshot.revision),
        events=alert_lines([entry], context) + events,
        limits=limits_table(entry, context),
        banner=banner(snapshot, clock, paused=paused),
        live=container.live,
        revision=snapshot.revision,
        labels=container.labels,
    )


def _facts(entry: Entry, context: ViewContext) -> tuple[LabelledText, ...]:
    container = entry.container
    facts = (
        _state(entry, context),
        LabelledText("image", container.image[:NAME_LENGTH]),
        LabelledText("id", container.short_id),
        LabelledText("project", container.project[:NAME_LENGTH]),
        LabelledText("service", container.service[:NAME_LENGTH]),
        LabelledText("pid", str(container.pid) if container.live and container.pid else ""),
        LabelledText("restarts", str(container.restarts) if container.restarts else "", _restart_tone(entry)),
        LabelledText("ports", ", ".join(container.ports)[:NAME_LENGTH]),
        LabelledText("network", container.network_mode[:NAME_LENGTH]),
        LabelledText("figures", entry.figures_source if entry.current_sample else ""),
        LabelledText("command", container.command[:NAME_LENGTH], "dim"),
    )
    return tuple(fact for fact in facts if fact.text)


def _state(entry: Entry, context: ViewContext) -> LabelledText:
    container = entry.container
    if not container.live:
        return LabelledText("state", context.text(ended_text(container, context.at)), ended_tone(entry))
    words = [_running_text(container, context)]
    if container.health != "none":
        words.append(container.health)
    if entry.stale:
        words.append(STALE)
    tone: Tone = "info" if container.state == "paused" else "normal"
    return LabelledText("state", context.text(" · ".join(words)), "high" if container.health == "unhealthy" else tone)


def _running_text(container: Container, context: ViewContext) -> str:
    if not container.started_at:
        return container.state
    return f"{container.state} for {formatting.duration(max(0.0, context.at - container.started_at))}"


def _restart_tone(entry: Entry) -> Tone:
    return LEVEL_TONES[next((alert.level for alert in entry.alerts if alert.kind == "restart-loop"), "ok")]
