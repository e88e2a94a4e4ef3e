"""The screen of one container."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from dockpit.metrics.snapshot import Entry
from dockpit.model.view_models import ContainerView
from dockpit.views.container_view import container_view
from tests.builders import NOW, alert, entry, event, full_id, metric_ring, snapshot


def show(found: Entry, **fields: Any) -> ContainerView:
    return container_view(snapshot([found], **fields), found.container.id, 300.0, 50, NOW, UTC)


def facts(found: Entry) -> dict[str, str]:
    return {figure.label: figure.text for figure in show(found).facts}


def test_the_facts_describe_the_container() -> None:
    about = {
        "image": "nginx:1.27", "project": "shop", "service": "web", "restarts": 2, "ports": ("80/tcp",),
        "network_mode": "bridge", "command": "nginx -g", "health": "healthy",
    }  # fmt: skip
    assert facts(entry("a", about=about)) == {
        "state": "running for 1 h · healthy", "image": "nginx:1.27", "id": full_id("a")[:12], "project": "shop",
        "service": "web", "pid": "4242", "restarts": "2", "ports": "80/tcp", "network": "bridge", "command": "nginx -g",
        "figures": "engine",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "text", "tone"),
    [
        ({"about": {"state": "exited", "finished_at": NOW - 60}}, "exited 0, 1 min ago", "dim"),
        ({"about": {"state": "exited", "exit_code": 137, "oom_killed": True}}, "exited 137, OOM-killed", "normal"),
        ({"about": {"state": "paused"}}, "paused for 1 h", "info"),
        ({"about": {"health": "unhealthy"}}, "running for 1 h · unhealthy", "high"),
        ({"stale": True}, "running for 1 h · no figures come from the engine", "normal"),
        ({"about": {"started_at": 0.0}}, "running", "normal"),
    ],
)
def test_the_state_is_a_sentence(fields: dict[str, Any], text: str, tone: str) -> None:
    state = show(entry("a", **fields)).facts[0]
    assert (state.text, state.tone) == (text, tone)


def test_it_has_charts_events_and_alerts() -> None:
    found = entry("a", past=metric_ring(cpu_cores=0.1), alerts=(alert("a"),), about={"labels": {"team": "x"}})
    view = show(found, events=(event("a", "start", 5), event("b", "start", 5)))
    assert [len(chart.lines) for chart in view.charts] == [1, 0, 0, 0]
    assert [line.text for line in view.events] == ["throttled 99 %", "started"]
    assert (view.title, view.live, view.gone, view.revision, view.labels) == ("a", True, False, 3, {"team": "x"})


def test_a_removed_container_keeps_its_events() -> None:
    snap = snapshot(events=(event("a", "destroy", 5),))
    view = container_view(snap, full_id("a"), 60.0, 10, NOW, UTC)
    assert (view.gone, view.live, view.charts) == (True, False, ())
    assert [line.text for line in view.events] == ["removed"]
    assert view.banner is not None


def test_a_paused_view_keeps_its_figures() -> None:
    snap = snapshot([entry("a", past=metric_ring(cpu_cores=0.1))])
    later = container_view(snap, full_id("a"), 60.0, 10, NOW + 500, UTC, paused=True)
    assert later.facts == show(entry("a", past=metric_ring(cpu_cores=0.1))).facts
    assert later.banner is not None
