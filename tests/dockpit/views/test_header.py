"""The header: what it says, and what goes first where room is short."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from dockpit.metrics.snapshot import Snapshot
from dockpit.model.engine_info import Link, SourceCounts
from dockpit.views.header import header
from dockpit.views.view_context import ViewContext
from tests.builders import NOW, alert, engine, entry, snapshot

CONTEXT = ViewContext(NOW, NOW, UTC)


def texts(snap: Snapshot, width: int = 0, **options: Any) -> list[str]:
    known: dict[str, Any] = {"paused": False, "filtered": "", "interval": 1.0, **options}
    return [figure.text for figure in header(snap, CONTEXT, width, **known)]


def test_with_room_the_header_says_everything() -> None:
    raised = (alert("a"), alert("a", "oom", "critical"))
    snap = snapshot([entry("a", alerts=raised)], read_only=True, sources=SourceCounts(engine=1))
    assert texts(snap, paused=True, filtered="web") == [
        "dockpit", "prod · ssh://ops@web-07", "Docker 26.1 · cgroup v2", "16 CPUs · 64 GiB", "engine 1 s", "read-only",
        "web", "paused", "2 alerts", "22:13:20",
    ]  # fmt: skip


def test_alerts_have_the_tone_of_the_worst() -> None:
    snap = snapshot([entry("a", alerts=(alert("a"), alert("a", "oom", "critical")))])
    figures = header(snap, CONTEXT, 0, paused=False, filtered="", interval=1.0)
    assert [figure.tone for figure in figures if "alert" in figure.text] == ["critical"]
    assert "no alerts" in texts(snapshot())
    assert "no alerts" not in texts(snapshot(ready=False))


def test_the_header_loses_the_least_important_first() -> None:
    assert texts(snapshot(), 80) == [
        "dockpit",
        "prod · ssh://ops@web-07",
        "Docker 26.1 · cgroup v2",
        "no alerts",
        "22:13:20",
    ]
    assert texts(snapshot(), 20, paused=True) == ["dockpit", "paused", "no alerts", "22:13:20"]


def test_an_engine_that_has_not_answered_is_not_described() -> None:
    snap = Snapshot(link=Link("connecting", "unix:///run/docker.sock"))
    assert texts(snap) == ["dockpit", "unix:///run/docker.sock", "1 s", "22:13:20"]


def test_the_header_has_the_sources_the_interval_and_late_samples() -> None:
    def source_text(sources: SourceCounts) -> str:
        return texts(snapshot(sources=sources), interval=0.2)[4]

    assert source_text(SourceCounts(kernel=3)) == "kernel 0.2 s"
    assert source_text(SourceCounts(kernel=97, engine=3, whys=("another machine",))) == "kernel 97 · engine 3 · 0.2 s"
    assert source_text(SourceCounts(kernel=1, late=4)) == "kernel 0.2 s · 4 late"


def test_a_rootless_podman_is_named() -> None:
    snap = snapshot(
        engine=engine(product="Podman", version="5.0+dev", rootless=True, address="", context="c"), link=Link("up")
    )
    assert texts(snap)[1:3] == ["c", "Podman 5.0 · cgroup v2 · rootless"]
