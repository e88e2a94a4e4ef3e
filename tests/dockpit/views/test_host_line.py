"""The host line: figures, pressure and sparklines as far as they fit."""

from __future__ import annotations

import math
from datetime import UTC

import pytest

from dockpit.metrics.metric_ring import MetricRing
from dockpit.metrics.snapshot import HOST_METRICS, Snapshot
from dockpit.model.host_figures import HostFigures
from dockpit.views.host_line import host_line
from dockpit.views.view_context import ViewContext
from tests.builders import GIB, NOW, engine, snapshot

CONTEXT = ViewContext(NOW, NOW, UTC)
HOST = HostFigures(NOW, 42.0, int(31.2 * GIB), 64 * GIB, 12e6, 3e6, 4.1e6, 0.9e6, 3.0, 0.0, 12.0)


def measured(seconds: int = 60) -> Snapshot:
    past = MetricRing(200, HOST_METRICS)
    for age in range(seconds, -1, -1):
        past.append(NOW - age, [50.0, 32 * GIB, math.nan, 3e6, 5e5, 0.0, 3.0, 0.0, 12.0])
    return snapshot(host=HOST, host_window=past.window(), engine=engine(local=True))


def test_the_host_line_has_figures_pressure_and_sparklines() -> None:
    line = {figure.label: figure for figure in host_line(measured(), CONTEXT, 0)}
    assert line["CPU"].text == "42 %  some 3 %"
    assert set(line["CPU"].spark) == {0.5}
    assert line["MEM"].text == "31.2 of 64.0 GiB  some 0 %"
    assert (line["IO r/w"].text, line["IO r/w"].tone) == ("12M/3M  some 12 %", "watch")
    assert set(line["IO r/w"].spark) == {1.0}
    assert (line["NET in/out"].text, set(line["NET in/out"].spark)) == ("4.1M/900k", {0.5})


@pytest.mark.parametrize("width", [80, 90, 100, 120])
def test_the_host_line_fits(width: int) -> None:
    line = host_line(measured(), CONTEXT, width)
    drawn = "  ".join(" ".join(filter(None, (figure.label, "x" * len(figure.spark), figure.text))) for figure in line)
    assert len(drawn) <= width - 2


def test_pressure_that_matters_stays_when_room_is_short() -> None:
    line = {figure.label: figure.text for figure in host_line(measured(), CONTEXT, 100)}
    assert "some" not in line["CPU"]
    assert "some 12 %" in line["IO r/w"]


def test_memory_that_is_nearly_gone_has_a_tone() -> None:
    full = HostFigures(NOW, 1.0, 62 * GIB, 64 * GIB, cpu_some_percent=60.0)
    line = {figure.label: figure for figure in host_line(snapshot(host=full), CONTEXT, 0)}
    assert (line["MEM"].tone, line["CPU"].tone, line["IO r/w"].text) == ("high", "high", "–")
    assert line["CPU"].spark == ()


def test_without_host_figures_the_line_says_why() -> None:
    assert [figure.text for figure in host_line(snapshot(), CONTEXT, 0)] == ["host figures need a local engine"]
    waiting = host_line(snapshot(engine=engine(local=True)), CONTEXT, 0)
    assert [figure.text for figure in waiting] == ["waiting for host figures"]
    assert host_line(snapshot(ready=False), CONTEXT, 0) == ()
