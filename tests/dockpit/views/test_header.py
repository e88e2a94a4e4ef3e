"""Header, host line and banner: what fits, and what must not be missed."""

from __future__ import annotations

import math
from datetime import UTC
from typing import Any

import pytest

from dockpit.metrics.series import MetricRing
from dockpit.metrics.snapshot import HOST_METRICS, Snapshot
from dockpit.model.engine_info import Link, SourceCounts
from dockpit.model.host_figures import HostFigures
from dockpit.model.plans import Outcome, Plan
from dockpit.views.header import banner, header, host
from dockpit.views.view_context import ViewContext
from tests.builders import GIB, NOW, alert, engine, entry, snapshot

SCENE = ViewContext(NOW, NOW, UTC)
HOST = HostFigures(NOW, 42.0, int(31.2 * GIB), 64 * GIB, 12e6, 3e6, 4.1e6, 0.9e6, 3.0, 0.0, 12.0)


def texts(snap: Snapshot, width: int = 0, **options: Any) -> list[str]:
    known: dict[str, Any] = {"paused": False, "filtered": "", "interval": 1.0, **options}
    return [figure.text for figure in header(snap, SCENE, width, **known)]


def test_with_room_the_header_says_everything() -> None:
    raised = (alert("a"), alert("a", "oom", "critical"))
    snap = snapshot([entry("a", alerts=raised)], read_only=True, sources=SourceCounts(engine=1))
    assert texts(snap, paused=True, filtered="web") == [
        "dockpit", "prod · ssh://ops@web-07", "Docker 26.1 · cgroup v2", "16 CPUs · 64 GiB", "engine 1 s", "read-only",
        "web", "paused", "2 alerts", "22:13:20",
    ]  # fmt: skip


def test_alerts_have_the_tone_of_the_worst() -> None:
    snap = snapshot([entry("a", alerts=(alert("a"), alert("a", "oom", "critical")))])
    figures = header(snap, SCENE, 0, paused=False, filtered="", interval=1.0)
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


def test_an_engine_that_is_not_known_yet_is_not_described() -> None:
    snap = Snapshot(link=Link("connecting", "unix:///run/docker.sock"))
    assert texts(snap) == ["dockpit", "unix:///run/docker.sock", "1 s", "22:13:20"]


def test_it_says_where_figures_come_from_how_often_and_when_they_are_late() -> None:
    def said(sources: SourceCounts) -> str:
        return texts(snapshot(sources=sources), interval=0.2)[4]

    assert said(SourceCounts(kernel=3)) == "kernel 0.2 s"
    assert said(SourceCounts(kernel=97, engine=3, whys=("another machine",))) == "kernel 97 · engine 3 · 0.2 s"
    assert said(SourceCounts(kernel=1, late=4)) == "kernel 0.2 s · 4 late"


def test_a_rootless_podman_is_named() -> None:
    snap = snapshot(
        engine=engine(product="Podman", version="5.0+dev", rootless=True, address="", context="c"), link=Link("up")
    )
    assert texts(snap)[1:3] == ["c", "Podman 5.0 · cgroup v2 · rootless"]


def measured(seconds: int = 60) -> Snapshot:
    past = MetricRing(200, HOST_METRICS)
    for age in range(seconds, -1, -1):
        past.append(NOW - age, [50.0, 32 * GIB, math.nan, 3e6, 5e5, 0.0, 3.0, 0.0, 12.0])
    return snapshot(host=HOST, host_window=past.window(), engine=engine(local=True))


def test_the_host_line_has_figures_pressure_and_sparklines() -> None:
    line = {figure.label: figure for figure in host(measured(), SCENE, 0)}
    assert line["CPU"].text == "42 %  some 3 %"
    assert set(line["CPU"].spark) == {0.5}
    assert line["MEM"].text == "31.2 of 64.0 GiB  some 0 %"
    assert (line["IO r/w"].text, line["IO r/w"].tone) == ("12M/3M  some 12 %", "watch")
    assert set(line["IO r/w"].spark) == {1.0}
    assert (line["NET in/out"].text, set(line["NET in/out"].spark)) == ("4.1M/900k", {0.5})


@pytest.mark.parametrize("width", [80, 90, 100, 120])
def test_the_host_line_fits(width: int) -> None:
    line = host(measured(), SCENE, width)
    drawn = "  ".join(" ".join(filter(None, (figure.label, "x" * len(figure.spark), figure.text))) for figure in line)
    assert len(drawn) <= width - 2


def test_pressure_that_matters_stays_when_room_is_short() -> None:
    line = {figure.label: figure.text for figure in host(measured(), SCENE, 100)}
    assert "some" not in line["CPU"]
    assert "some 12 %" in line["IO r/w"]


def test_memory_that_is_nearly_gone_has_a_tone() -> None:
    full = HostFigures(NOW, 1.0, 62 * GIB, 64 * GIB, cpu_some_percent=60.0)
    line = {figure.label: figure for figure in host(snapshot(host=full), SCENE, 0)}
    assert (line["MEM"].tone, line["CPU"].tone, line["IO r/w"].text) == ("high", "high", "–")
    assert line["CPU"].spark == ()


def test_without_host_figures_the_line_says_why() -> None:
    assert [figure.text for figure in host(snapshot(), SCENE, 0)] == ["host figures need a local engine"]
    waiting = host(snapshot(engine=engine(local=True)), SCENE, 0)
    assert [figure.text for figure in waiting] == ["host figures are on their way"]
    assert host(snapshot(ready=False), SCENE, 0) == ()


PLAN = Plan("update", "a", "a", "E", "raise", "docker update a")
LIVE = (entry("a"), entry("x", about={"state": "exited"}))
SILENT = (entry("b", stale=True),)
DONE = Outcome(True, "memory of web is 512M now", PLAN, PLAN, NOW - 3)


@pytest.mark.parametrize(
    ("fields", "text", "tone"),
    [
        ({"link": Link("lost", "x", "refused", NOW - 669, NOW + 3.2)},
         "engine unreachable · next attempt in 4 s · figures are from 22:02:11 · refused", "critical"),
        ({"link": Link("lost", "x", "refused", NOW - 669), "entries": LIVE},
         "engine unreachable · figures go on from the kernel, states are from 22:02:11 · refused", "critical"),
        ({"link": Link("lost"), "entries": LIVE},
         "engine unreachable · figures go on from the kernel, states are old", "critical"),
        ({"link": Link("lost", "x", "", NOW - 669), "entries": (*LIVE, *SILENT)},
         "engine unreachable · 1 of 2 containers are read from the kernel, all else is from 22:02:11", "critical"),
        ({"link": Link("lost", "x", "", NOW - 669), "entries": SILENT},
         "engine unreachable · figures are from 22:02:11", "critical"),
        ({"link": Link("lost", "x", "", 0.0, NOW - 1)}, "engine unreachable · trying again now", "critical"),
        ({"link": Link("lost")}, "engine unreachable", "critical"),
        ({"link": Link("connecting", "x"), "ready": False}, "connecting to x …", "info"),
        ({"link": Link("connecting"), "ready": False}, "connecting to the engine …", "info"),
        ({"link": Link("closed")}, "the connection is closed", "info"),
        ({"outcomes": (DONE,), "can_undo": True}, "memory of web is 512M now · U undoes it", "good"),
        ({"outcomes": (DONE,)}, "memory of web is 512M now", "good"),
        ({"outcomes": (Outcome(False, "refused", at=NOW),)}, "refused", "high"),
    ],
)  # fmt: skip
def test_the_banner_says_what_must_not_be_missed(fields: dict[str, Any], text: str, tone: str) -> None:
    found = banner(snapshot(**fields), SCENE, paused=False)
    assert found is not None
    assert (found.text, found.tone) == (text, tone)


def test_there_is_no_banner_when_all_is_well_or_long_past() -> None:
    assert banner(snapshot(), SCENE, paused=False) is None
    assert banner(snapshot(outcomes=(Outcome(True, "done", at=NOW - 3600),)), SCENE, paused=False) is None


def test_a_lost_engine_is_said_before_anything_else() -> None:
    found = banner(snapshot(link=Link("lost")), SCENE, paused=True, trouble="filter: wrong")
    assert found is not None
    assert found.tone == "critical"
    wrong = banner(snapshot(outcomes=(DONE,)), SCENE, paused=True, trouble="filter: wrong")
    assert wrong is not None
    assert wrong.text == "filter: wrong"
