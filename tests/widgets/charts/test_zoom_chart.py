"""The zoomed chart has axes with units and times, and is drawn again only for a new revision, size or theme."""

from __future__ import annotations

import re
from dataclasses import replace
from math import nan

import pytest
from rich.cells import cell_len

from dockpit.model.view_models import ChartLane, ChartMark, ChartView, Curve
from tests.widgets.host_app import HostApp, drawn_lines
from widgets.charts.zoom_chart import ZoomChart, tick_labels
from widgets.drawing.terminal_text import ASCII_CLASS

VIEW = ChartView(
    "MEM",
    tuple(
        Curve(name, tuple(nan if 20 <= at < 30 else 100.0 for at in range(60)), tone="info", stacked=True)
        for name in "ab"
    ),
    top=400,
    top_text="400 MiB",
    now_text="200 MiB",
    limit=300,
    limit_text="limit 300 MiB",
    lanes=(ChartLane("thr", "throttled", (0.0,) * 30 + (1.0,) * 30),),
    marks=(ChartMark(0.5, "✗", "critical", "OOM kill"),),
    span_text="15 min",
    revision=1,
)


@pytest.mark.parametrize("size", [(24, 8), (80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("ascii", [False, True])
async def test_every_size_is_filled_exactly(size: tuple[int, int], ascii: bool) -> None:
    chart = ZoomChart(VIEW)
    app = HostApp(chart)
    app.set_class(ascii, ASCII_CLASS)
    async with app.run_test(size=size):
        drawn = drawn_lines(chart)
        assert [cell_len(line) for line in drawn] == [size[0]] * size[1]
        assert not ascii or all(line.isascii() for line in drawn)
        assert chart.plot_count == 1


async def test_axes_have_units_and_times() -> None:
    chart = ZoomChart(VIEW)
    async with HostApp(chart).run_test(size=(100, 30)):
        drawn = drawn_lines(chart)
        assert drawn[0].rstrip() == "MEM  200 MiB  a  b  limit 300 MiB  ✗ OOM kill"
        for label in ("400 MiB┤", "300 MiB", "200 MiB┤", "100 MiB┤", "0┤"):
            assert label in "".join(drawn[1:])
        assert drawn[-2].split() == ["-15", "min", "-10", "min", "-5", "min", "now"]
        assert drawn[-1].rstrip().endswith("█" * 40) and "thro" in drawn[-1]


async def test_every_lane_has_a_row_in_a_tall_chart() -> None:
    pressed = ChartLane("psi", "pressure", (0.0,) * 30 + (0.05,) * 30, 0.1, 0.4, 0.01)
    chart = ZoomChart(replace(VIEW, lanes=(*VIEW.lanes, pressed)))
    async with HostApp(chart).run_test(size=(100, 30)) as pilot:
        drawn = drawn_lines(chart)
        assert "thro" in drawn[-2] and drawn[-2].rstrip().endswith("█" * 40)
        assert "pres" in drawn[-1] and drawn[-1].rstrip().endswith("▁" * 40)
        assert [cell_len(line) for line in drawn] == [100] * 30
        await pilot.resize_terminal(100, 7)
        await pilot.pause()
        assert "thro" in drawn_lines(chart)[-1]


async def test_a_gap_is_not_bridged() -> None:
    chart = ZoomChart(replace(VIEW, limit=None, marks=(), lanes=()))
    async with HostApp(chart).run_test(size=(100, 30)):
        curve = next(line for line in drawn_lines(chart)[1:] if any("\u2800" < cell <= "\u28ff" for cell in line))
        assert re.search("[\u2801-\u28ff] {10,}[\u2801-\u28ff]", curve)


async def test_it_is_drawn_again_only_for_another_revision_size_or_theme() -> None:
    chart = ZoomChart(VIEW)
    app = HostApp(chart)
    async with app.run_test(size=(80, 20)) as pilot:
        for view in (VIEW, replace(VIEW), replace(VIEW, now_text="1")):
            chart.view = view
            await pilot.pause()
        assert chart.plot_count == 1 and chart.view is VIEW
        chart.view = replace(VIEW, revision=2)
        await pilot.pause()
        assert chart.plot_count == 1
        chart.view = replace(VIEW, revision=3, now_text="more")
        await pilot.pause()
        assert chart.plot_count == 2
        await pilot.resize_terminal(90, 20)
        await pilot.pause()
        assert chart.plot_count == 3
        for theme in ("textual-light", "ansi-dark"):
            app.theme = theme
            await pilot.pause()
        assert chart.plot_count == 5


async def test_control_characters_never_reach_the_plot() -> None:
    untrusted = "[red]\x1b[31m漢"
    view = replace(
        VIEW,
        title=untrusted,
        top_text=untrusted,
        span_text=untrusted,
        marks=(ChartMark(-3, untrusted, text=untrusted),),
        top=0,
        limit_text="",
    )
    chart = ZoomChart(view)
    async with HostApp(chart).run_test(size=(90, 24)):
        drawn = drawn_lines(chart)
        assert not any("\x1b" in line for line in drawn) and "[red]␛[31m" in drawn[0]
        assert [cell_len(line) for line in drawn] == [90] * 24


@pytest.mark.parametrize(("view", "words"), [(ChartView("x"), "no figures yet"), (ChartView("x", empty="off"), "off")])
async def test_without_points_the_reason_is_shown(view: ChartView, words: str) -> None:
    chart = ZoomChart(view)
    async with HostApp(chart).run_test(size=(60, 12)):
        assert words in "".join(drawn_lines(chart)) and chart.plot_count == 0


async def test_a_chart_too_small_tells_so() -> None:
    chart = ZoomChart(VIEW)
    async with HostApp(chart).run_test(size=(20, 5)):
        assert "not enough room" in " ".join("".join(drawn_lines(chart)[1:]).split()) and chart.plot_count == 0


async def test_without_colour_curves_have_one_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    chart = ZoomChart(VIEW)
    async with HostApp(chart).run_test(size=(80, 20)):
        strips = [chart.render_line(y) for y in range(20)]
        curve = next(strip for strip in strips[1:] if any("\u2800" < cell <= "\u28ff" for cell in strip.text))
        assert len({segment.style.color for segment in curve if segment.style}) == 1


def test_tick_labels_divide_a_quantity() -> None:
    assert tick_labels("600 MiB", 4) == ["0", "150 MiB", "300 MiB", "450 MiB", "600 MiB"]
    assert tick_labels("1", 2) == ["0", "0.5", "1"]
    assert tick_labels("much", 2) == ["0", "", "much"]


@pytest.mark.parametrize("ascii", [False, True])
async def test_each_limit_is_drawn_where_it_held(ascii: bool) -> None:
    chart = ZoomChart(replace(VIEW, lines=(Curve("a", (1.0,) * 60),), marks=(), limit_steps=((0.0, 100), (0.5, 300))))
    app = HostApp(chart)
    app.set_class(ascii, ASCII_CLASS)
    async with app.run_test(size=(100, 30)):
        rule = ("-" if ascii else "─") * 30
        upper, lower = (line for line in drawn_lines(chart)[2:-4] if rule in line)
        assert upper.index(rule) > 50 > lower.index(rule)
