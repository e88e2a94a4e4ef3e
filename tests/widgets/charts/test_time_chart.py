"""A time chart fills every size, and repaints changed rows only."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import Self

import pytest
from rich.cells import cell_len
from textual.geometry import Region, Size

from dockpit.model.view_models import ChartLane, ChartMark, ChartView, Curve
from tests.widgets.host_app import HostApp, drawn_lines
from widgets.charts.chart_plot import fitting_lanes, plot_lane
from widgets.charts.time_chart import TimeChart
from widgets.drawing.terminal_text import ASCII_CLASS, TerminalFeatures

CPU = ChartView(
    "CPU",
    (Curve("cpu", tuple(nan if 400 <= at < 500 else 0.15 for at in range(900))),),
    top=0.25,
    top_text="0.25",
    now_text="0.20 cores",
    now_tone="high",
    limit=0.2,
    limit_text="limit 0.20",
    lanes=(ChartLane("thr", "throttled", tuple(0.0 if at < 450 else 1.0 for at in range(900))),),
    marks=(ChartMark(0.25, "✗", "critical", "OOM kill"), ChartMark(0.75, "↻", "watch")),
    span_text="15 min",
)
MEMORY = ChartView(
    "MEM",
    tuple(Curve(name, (100.0,) * 60, stacked=True) for name in ("anon", "file", "kernel")),
    top=400,
    top_text="400 MiB",
    span_text="1 min",
)


class RecordingChart(TimeChart):
    """Chart that records the regions of its repaint requests."""

    def __init__(self, view: ChartView) -> None:
        super().__init__(view)
        self.refreshed: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self.refreshed = [*getattr(self, "refreshed", []), regions]
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class ResizableChart(TimeChart):
    """Chart whose size can be overridden, like that of one that is hidden for a while."""

    size_override: Size | None = None

    @property
    def size(self) -> Size:
        return self.size_override or super().size


async def test_a_view_set_at_another_size_is_drawn_when_the_size_returns() -> None:
    chart = ResizableChart(ChartView(""))
    async with HostApp(chart).run_test(size=(80, 24)):
        assert "CPU" not in "\n".join(drawn_lines(chart))
        chart.size_override = Size(0, 0)
        chart.view = CPU
        chart.size_override = None
        assert "CPU" in "\n".join(drawn_lines(chart))


@pytest.mark.parametrize("size", [(20, 4), (20, 1), (1, 1), (80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("view", [CPU, MEMORY, ChartView("nothing", empty="no samples yet")])
@pytest.mark.parametrize("ascii", [False, True])
async def test_every_size_is_filled_exactly(view: ChartView, size: tuple[int, int], ascii: bool) -> None:
    chart, app = TimeChart(view), None
    app = HostApp(chart)
    app.set_class(ascii, ASCII_CLASS)
    async with app.run_test(size=size):
        drawn = drawn_lines(chart)
        assert [cell_len(line) for line in drawn] == [size[0]] * size[1]
        assert not ascii or all(line.isascii() for line in drawn)
        assert view.title[: size[0] - 1] in drawn[0]


async def test_title_scale_limit_marks_lane_and_span() -> None:
    chart = TimeChart(CPU)
    async with HostApp(chart).run_test(size=(80, 20)):
        drawn = drawn_lines(chart)
        assert drawn[0].rstrip() == "CPU  0.20 cores"
        assert drawn[1].startswith("0.25 ") and "✗ OOM kill" in drawn[1] and "↻" in drawn[1]
        assert "limit 0.20" in "".join(drawn[2:8]) and "┈┈┈┈" in "".join(drawn)
        assert drawn[-3].startswith("   0 ")
        assert drawn[-2].startswith(" thr ") and drawn[-2].rstrip().endswith("█" * 37)
        assert drawn[-1].endswith("─ 15 min")


async def test_a_gap_is_empty_from_top_to_bottom() -> None:
    chart = TimeChart(replace(CPU, limit=None, marks=()))
    async with HostApp(chart).run_test(size=(95, 20)):
        floor = drawn_lines(chart)[-3][5:]
        assert floor == "⣿" * 40 + " " * 10 + "⣿" * 40


async def test_a_small_chart_keeps_title_scale_and_lane() -> None:
    chart = TimeChart(CPU)
    async with HostApp(chart).run_test(size=(30, 5)):
        drawn = drawn_lines(chart)
        assert drawn[0].startswith("CPU  0.20 cores") and drawn[0].endswith("15 min  0.25")
        assert drawn[-1].rstrip().endswith("█████")


async def test_stacked_curves_are_named() -> None:
    chart = TimeChart(MEMORY)
    async with HostApp(chart).run_test(size=(60, 12)) as pilot:
        assert drawn_lines(chart)[0].rstrip() == "MEM  ■ anon  ■ file  ■ kernel"
        await pilot.resize_terminal(16, 6)
        await pilot.pause()
        assert drawn_lines(chart)[0].rstrip() == "MEM  ■ anon"


async def test_the_name_of_the_thinnest_area_or_the_last_line_is_dropped_first() -> None:
    thin = replace(MEMORY, lines=(MEMORY.lines[0], replace(MEMORY.lines[1], points=(nan, 1.0)), MEMORY.lines[2]))
    chart = TimeChart(thin)
    async with HostApp(chart).run_test(size=(26, 12)) as pilot:
        assert drawn_lines(chart)[0].rstrip() == "MEM  ■ anon  ■ kernel"
        chart.view = replace(thin, lines=tuple(replace(line, stacked=False) for line in thin.lines))
        await pilot.pause()
        assert drawn_lines(chart)[0].rstrip() == "MEM  ━ anon  ╌ file"


async def test_without_points_the_reason_is_shown() -> None:
    view = ChartView("DISK", (Curve("r", (nan, nan)),), empty="n/a: the engine counts no block I/O here")
    chart = TimeChart(view)
    async with HostApp(chart).run_test(size=(30, 7)):
        assert " ".join(" ".join(drawn_lines(chart)[1:]).split()) == view.empty
    chart = TimeChart(replace(view, lines=(Curve("r", (nan, 1.0)),)))
    async with HostApp(chart).run_test(size=(30, 7)):
        assert "n/a" not in "".join(drawn_lines(chart))


async def test_control_characters_and_markup_are_visible() -> None:
    untrusted = "[red]\x1b[31m漢字\n"
    view = replace(
        CPU,
        title=untrusted,
        now_text=untrusted,
        limit_text=untrusted,
        top_text=untrusted,
        span_text=untrusted,
        marks=(ChartMark(0.5, untrusted, text=untrusted),),
    )
    chart = TimeChart(view)
    async with HostApp(chart).run_test(size=(80, 12)):
        drawn = drawn_lines(chart)
        assert not any("\x1b" in line or "\n" in line for line in drawn)
        assert "[red]␛[31m" in drawn[0]
        assert [cell_len(line) for line in drawn] == [80] * 12


async def test_an_equal_view_repaints_nothing_and_another_only_its_rows() -> None:
    chart = RecordingChart(CPU)
    async with HostApp(chart).run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        chart.refreshed.clear()
        chart.view = replace(CPU)
        assert chart.refreshed == []
        chart.view = replace(CPU, now_text="0.19 cores")
        assert chart.refreshed == [(Region(0, 0, 80, 1),)]
        assert "0.19" in drawn_lines(chart)[0]


async def test_a_view_set_before_mounting_is_drawn() -> None:
    chart = TimeChart()
    chart.view = MEMORY
    async with HostApp(chart).run_test(size=(60, 12)):
        assert chart.view is MEMORY and "anon" in drawn_lines(chart)[0]


async def test_a_new_theme_redraws() -> None:
    chart = TimeChart(CPU)
    app = HostApp(chart)
    async with app.run_test(size=(60, 12)) as pilot:
        dark = [segment.style for segment in chart.render_line(5)]
        app.theme = "textual-light"
        await pilot.pause()
        assert [segment.style for segment in chart.render_line(5)] != dark
        for theme in ("ansi-dark", "nord"):
            app.theme = theme
            await pilot.pause()
            assert "⣿" in chart.render_line(8).text


async def test_without_colour_stacked_curves_differ_by_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    chart = TimeChart(MEMORY)
    async with HostApp(chart).run_test(size=(60, 16)):
        glyphs = {line[20] for line in drawn_lines(chart)[1:-1]}
        assert {"⣿", "⢕"} <= glyphs


async def test_a_label_never_covers_a_mark() -> None:
    marks = tuple(ChartMark(at / 20, "✗") for at in range(21))
    chart = TimeChart(replace(CPU, marks=marks, limit=0.25))
    async with HostApp(chart).run_test(size=(80, 14)):
        assert drawn_lines(chart)[1].count("✗") == 21


async def test_a_limit_outside_the_scale_is_not_drawn() -> None:
    chart = TimeChart(replace(CPU, limit=9.0, marks=(ChartMark(nan, "", text=""),)))
    async with HostApp(chart).run_test(size=(80, 14)):
        assert "limit" not in "".join(drawn_lines(chart)) and drawn_lines(chart)[1].endswith("!")


def test_lane_bars_grow_with_the_share() -> None:
    grid = plot_lane(ChartLane("thr", "throttled", (0.0, 0.1, 0.5, 1.0, nan)), 5, TerminalFeatures())
    assert "".join(grid.glyphs[0]) == " ▁▄█ "
    assert grid.owners[0] == [0, "watch", "high", "high", 0]


def test_a_lane_is_blank_below_its_least_share_and_dim_below_the_watch_share() -> None:
    shown = ChartLane("psi", "pressure", (0.005, 0.05, 0.1, 0.4, 7.0), 0.1, 0.4, 0.01)
    grid = plot_lane(shown, 5, TerminalFeatures(ascii=True))
    assert "".join(grid.glyphs[0]) == " ..:#"
    assert grid.owners[0] == [0, "dim", "watch", "high", "high"]


THROTTLED = ChartLane("thr", "throttled", (0.0, 0.9))
PRESSED = ChartLane("psi", "pressure", (0.0, 0.3), 0.1, 0.4, 0.01)
QUIET = replace(PRESSED, shares=(0.0, 0.004))


@pytest.mark.parametrize(
    ("lanes", "height", "drawn"),
    [
        ((THROTTLED, PRESSED), 3, ()),
        ((THROTTLED, PRESSED), 4, (THROTTLED,)),
        ((THROTTLED, PRESSED), 7, (THROTTLED,)),
        ((THROTTLED, PRESSED), 8, (THROTTLED, PRESSED)),
        ((PRESSED,), 4, (PRESSED,)),
        ((QUIET,), 7, ()),
        ((QUIET,), 8, (QUIET,)),
        ((THROTTLED, QUIET), 6, (THROTTLED,)),
    ],
)
def test_a_small_chart_drops_lanes(lanes: tuple[ChartLane, ...], height: int, drawn: tuple[ChartLane, ...]) -> None:
    assert fitting_lanes(replace(CPU, lanes=lanes), height) == drawn


@pytest.mark.parametrize("ascii", [False, True])
async def test_lanes_are_drawn_under_the_curves_in_order(ascii: bool) -> None:
    chart = TimeChart(replace(CPU, lanes=(THROTTLED, PRESSED)))
    app = HostApp(chart)
    app.set_class(ascii, ASCII_CLASS)
    async with app.run_test(size=(40, 9)) as pilot:
        drawn = drawn_lines(chart)
        assert [line[:5] for line in drawn[-3:-1]] == [" thr ", " psi "]
        assert [line[-1] for line in drawn[-3:-1]] == (["#", "."] if ascii else ["▇", "▂"])
        assert len(drawn) == 9
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert [line[:5] for line in drawn_lines(chart)[-2:]] == ["   0 ", " thr "]


async def test_each_limit_is_drawn_where_it_held() -> None:
    steps = ((0.0, 0.05), (0.5, 0.2))
    chart = TimeChart(replace(CPU, lines=(Curve("cpu", (0.0,) * 900),), lanes=(), marks=(), limit_steps=steps))
    async with HostApp(chart).run_test(size=(85, 14)):
        upper, lower = (line for line in drawn_lines(chart)[1:-2] if "┈" in line)
        assert "┈" not in upper[:44] and "limit 0.20" in upper
        assert "┈" not in lower[46:] and lower.count("┈") >= 35


async def test_a_removed_limit_has_a_line_without_label() -> None:
    chart = TimeChart(replace(CPU, limit=None, limit_text="no limit", limit_steps=((0.0, 0.2), (0.5, None))))
    async with HostApp(chart).run_test(size=(85, 14)):
        assert "┈" in "".join(drawn_lines(chart)) and "no limit" not in "".join(drawn_lines(chart))
