"""The screen of one container: what it is, its charts, its events and its limits."""

from __future__ import annotations

from datetime import tzinfo

from dockpit.metrics import formatting
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.container import Container
from dockpit.model.view_models import Banner, ContainerView, LabelledText, Tone
from dockpit.views.charts import charts
from dockpit.views.event_lines import lines, standing
from dockpit.views.header import banner
from dockpit.views.limits_table import limits_table
from dockpit.views.table_cells import NAME_LENGTH, fate, fate_tone
from dockpit.views.view_context import LEVEL_TONES, ViewContext, view_context

EVENTS = 200


def container_view(
    snapshot: Snapshot,
    container_id: str,
    span: float,
    points: int,
    now: float,
    tz: tzinfo,
    *,
    ascii: bool = False,
    paused: bool = False,
    interval: float = 1.0,
) -> ContainerView:
    """One container at `now` (epoch seconds of this machine), its charts over `span` seconds in `points` values.

    `gone` where the engine has it no more: the view then holds its events only.
    """
    shown = snapshot.at if paused and snapshot.at else now
    stage = view_context(snapshot, shown, tz, interval=interval, ascii=ascii)
    happened = lines(snapshot.events, [container_id], stage, EVENTS)
    entry = snapshot.entries.get(container_id)
    if entry is None:
        return ContainerView(
            container_id=container_id,
            title=container_id[:12],
            events=happened,
            banner=Banner("this container was removed", "watch"),
            gone=True,
            revision=snapshot.revision,
        )
    container = entry.container
    clock = view_context(snapshot, now, tz, interval=interval, ascii=ascii)
    return ContainerView(
        container_id=container_id,
        title=container.name[:NAME_LENGTH],
        facts=_facts(entry, stage),
        charts=charts(entry, snapshot.engine, snapshot.events, stage, span, points, snapshot.revision),
        events=standing([entry], stage) + happened,
        limits=limits_table(entry, stage),
        banner=banner(snapshot, clock, paused=paused),
        live=container.live,
        revision=snapshot.revision,
        labels=container.labels,
    )


def _facts(entry: Entry, stage: ViewContext) -> tuple[LabelledText, ...]:
    container = entry.container
    facts = (
        _state(entry, stage),
        LabelledText("image", container.image[:NAME_LENGTH]),
        LabelledText("id", container.short_id),
        LabelledText("project", container.project[:NAME_LENGTH]),
        LabelledText("service", container.service[:NAME_LENGTH]),
        LabelledText("pid", str(container.pid) if container.live and container.pid else ""),
        LabelledText("restarts", str(container.restarts) if container.restarts else "", _restart_tone(entry)),
        LabelledText("ports", ", ".join(container.ports)[:NAME_LENGTH]),
        LabelledText("network", container.network_mode[:NAME_LENGTH]),
        LabelledText("figures", (entry.figures_source if entry.current_sample else "")),
        LabelledText("command", container.command[:NAME_LENGTH], "dim"),
    )
    return tuple(figure for figure in facts if figure.text)


def _state(entry: Entry, stage: ViewContext) -> LabelledText:
    container = entry.container
    if not container.live:
        return LabelledText("state", stage.text(fate(container, stage.at)), fate_tone(entry))
    words = [_running(container, stage)]
    if container.health != "none":
        words.append(container.health)
    if entry.stale:
        words.append("no figures come from the engine")
    if container.health == "unhealthy":
        return LabelledText("state", stage.text(" · ".join(words)), "high")
    return LabelledText("state", stage.text(" · ".join(words)), "info" if container.state == "paused" else "normal")


def _running(container: Container, stage: ViewContext) -> str:
    if not container.started_at:
        return container.state
    return f"{container.state} for {formatting.duration(max(0.0, stage.at - container.started_at))}"


def _restart_tone(entry: Entry) -> Tone:
    return LEVEL_TONES[next((alert.level for alert in entry.alerts if alert.kind == "restart-loop"), "ok")]
