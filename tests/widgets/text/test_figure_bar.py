"""A figure bar keeps the positions of its figures, drops those that do not fit and never wraps."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from dockpit.model.view_models import LabelledText
from tests.widgets.host_app import HostApp, drawn_lines
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.text.figure_bar import FigureBar

HEADER = (
    LabelledText("", "dockpit", "accent"),
    LabelledText("", "prod · ssh://ops@web-07"),
    LabelledText("", "Docker 26.1 · cgroup v2 · 16 CPUs"),
    LabelledText("", "kernel 1 s", "dim"),
    LabelledText("", "2 alerts", "critical"),
    LabelledText("", "14:03:07"),
)
HOST = (
    LabelledText("CPU", "42 %", spark=(0.0, 0.5, 1.0)),
    LabelledText("MEM", "31.2 of 62.7 GiB", spark=(1.0,) * 9),
    LabelledText("IO", "12 MB/s"),
)


def bar(figures: tuple[LabelledText, ...], keep: int = 1) -> FigureBar:
    widget = FigureBar(keep=keep)
    widget.figures = figures
    return widget


@pytest.mark.parametrize(
    ("width", "shown", "dropped"),
    [
        (200, ["dockpit", "kernel", "alerts", "14:03"], []),
        (80, ["dockpit", "prod", "2 alerts", "14:03:07"], ["kernel", "Docker"]),
        (40, ["dockpit", "2 alerts", "14:03:07"], ["prod"]),
        (22, ["2 alerts", "14:03:07"], ["dockpit"]),
    ],
)
async def test_left_figures_are_dropped_from_the_right(width: int, shown: list[str], dropped: list[str]) -> None:
    widget = bar(HEADER, keep=2)
    async with HostApp(widget).run_test(size=(width, 3)):
        (line,) = drawn_lines(widget)
        assert cell_len(line) == width and line.endswith("14:03:07 ")
        assert all(word in line for word in shown) and not any(word in line for word in dropped)


async def test_pinned_figures_are_cut_on_a_very_narrow_line() -> None:
    widget = bar(HEADER, keep=2)
    async with HostApp(widget).run_test(size=(10, 3)):
        assert drawn_lines(widget) == ["2 alerts …"]


async def test_labels_sparklines_and_texts() -> None:
    widget = bar(HOST, keep=0)
    async with HostApp(widget).run_test(size=(80, 3)):
        assert drawn_lines(widget)[0].startswith(" CPU      ▁▅█ 42 %      MEM ████████ 31.2 of 62.7 GiB")


async def test_sparklines_are_dropped_before_figures() -> None:
    widget = bar(HOST, keep=0)
    async with HostApp(widget).run_test(size=(50, 3)):
        assert drawn_lines(widget)[0].split() == [
            "CPU",
            "42",
            "%",
            "MEM",
            "31.2",
            "of",
            "62.7",
            "GiB",
            "IO",
            "12",
            "MB/s",
        ]


async def test_nothing_moves_when_a_text_gets_shorter() -> None:
    widget = bar(HOST, keep=0)
    async with HostApp(widget).run_test(size=(80, 3)) as pilot:
        before = drawn_lines(widget)[0].index("MEM")
        widget.figures = (LabelledText("CPU", "7 %", spark=(0.0,)), *HOST[1:])
        await pilot.pause()
        assert drawn_lines(widget)[0].index("MEM") == before
        await pilot.resize_terminal(81, 3)
        await pilot.pause()
        assert drawn_lines(widget)[0].index("MEM") == before - 1


async def test_a_resize_resets_the_reserved_widths() -> None:
    long, short = LabelledText("CPU", "83 %  some 35 %"), LabelledText("CPU", "83 %")
    more = LabelledText("NET in/out", "5.5M/16M")
    widget = bar((short, more), keep=0)
    async with HostApp(widget).run_test(size=(60, 3)) as pilot:
        widget.figures = (long, more)
        await pilot.resize_terminal(34, 3)
        widget.figures = (short, more)
        await pilot.pause()
        assert "5.5M/16M" in drawn_lines(widget)[0]


async def test_sparklines_return_after_a_long_text() -> None:
    widget = bar(HOST, keep=0)
    async with HostApp(widget).run_test(size=(64, 3)) as pilot:
        assert "▁▅█ 42 %" in drawn_lines(widget)[0]
        widget.figures = (LabelledText("CPU", "83 %  some 35 %"), *HOST[1:])
        await pilot.pause()
        assert "83 %  some 35 %" in drawn_lines(widget)[0]
        widget.figures = HOST
        await pilot.pause()
        assert "▁▅█ 42 %" in drawn_lines(widget)[0]


async def test_control_characters_and_ascii() -> None:
    widget = bar((LabelledText("[b]", "a\x1b[2J·", spark=(0.5,)), LabelledText("", "")))
    app = HostApp(widget)
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(40, 3)):
        assert drawn_lines(widget)[0].strip() == "[b]        = a?[2J."


async def test_equal_figures_repaint_nothing_and_no_figures_are_blank() -> None:
    widget = bar(())
    async with HostApp(widget).run_test(size=(20, 3)) as pilot:
        assert drawn_lines(widget) == [" " * 20]
        widget.figures = HOST
        drawn = widget.render_line(0)
        widget.figures = tuple(HOST)
        assert widget.render_line(0) is drawn
        await pilot.pause()
