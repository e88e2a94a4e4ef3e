"""A progress list has a line per layer and one for the total."""

from __future__ import annotations

from typing import Self

import pytest
from rich.cells import cell_len
from textual.geometry import Region
from textual.selection import SELECT_ALL

from tests.widgets.host_app import HostApp, drawn_lines
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.lists.progress_list import ProgressItem, ProgressList, total_progress

ROWS = (
    ProgressItem("a", "4abcf2066143", 3.4e6, 3.4e6, "Pull complete", "done"),
    ProgressItem("b", "9f1c0a77be21", 64e6, 128e6, "Downloading"),
    ProgressItem("c", "77aa01b2c3d4", text="Waiting", state="waiting"),
    ProgressItem("d", "[red]\x1b", 2e6, 9e6, "error: [/] \x07", "failed"),
)


class RecordingList(ProgressList):
    """Progress list that records the regions of its repaint requests."""

    refreshed: tuple[tuple[Region, ...], ...] = ()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self.refreshed = (*self.refreshed, regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("ascii", [False, True])
async def test_every_width_is_filled_exactly(width: int, ascii: bool) -> None:
    widget = ProgressList(ROWS, text="nicolaka/netshoot")
    app = HostApp(widget)
    app.set_class(ascii, ASCII_CLASS)
    async with app.run_test(size=(width, 12)):
        drawn = drawn_lines(widget)
        assert [cell_len(line) for line in drawn] == [width] * 5
        assert not ascii or all(line.isascii() for line in drawn)


async def test_content_of_each_line() -> None:
    widget = ProgressList(ROWS, text="nicolaka/netshoot")
    async with HostApp(widget).run_test(size=(100, 12)):
        drawn = drawn_lines(widget)
        assert drawn[0].startswith("✗ 1 of 4") and "69.4 MB of 140.4 MB" in drawn[0] and "netshoot" in drawn[0]
        assert drawn[1].startswith("✓ 4abcf2066143") and "━" * 33 in drawn[1] and "─" not in drawn[1]
        assert drawn[2].startswith("▸ ") and drawn[2].count("━") == 16 and "64.0 MB of 128.0 MB" in drawn[2]
        assert drawn[3].startswith("· ") and "━" not in drawn[3] and "Waiting" in drawn[3]
        assert drawn[4].startswith("✗ [red]␛") and "error: [/] ␇" in drawn[4]


async def test_only_changed_lines_are_repainted() -> None:
    widget = RecordingList(ROWS)
    async with HostApp(widget).run_test(size=(100, 12)) as pilot:
        await pilot.pause()
        widget.refreshed = widget.refreshed[:0]
        widget.rows = list(ROWS)
        assert not widget.refreshed
        widget.rows = (*ROWS[:1], ProgressItem("b", "9f1c0a77be21", 65e6, 128e6, "Downloading"), *ROWS[2:])
        assert widget.refreshed == ((Region(0, 0, 100, 1), Region(0, 2, 100, 1)),)
        widget.text = "nearly"
        widget.text = "nearly"
        await pilot.pause()
        assert "nearly" in drawn_lines(widget)[0] and len(widget.refreshed) == 2


async def test_more_layers_take_more_lines_and_can_be_scrolled() -> None:
    widget = ProgressList()
    async with HostApp(widget).run_test(size=(60, 6)) as pilot:
        assert drawn_lines(widget)[0].startswith("▸ 0 of 0")
        widget.rows = [ProgressItem(str(number), f"layer-{number}") for number in range(20)]
        await pilot.pause()
        widget.focus()
        await pilot.press("j", "j")
        assert "layer-1" in drawn_lines(widget)[0]
        assert widget.get_selection(SELECT_ALL) is not None
        widget.rows = []
        await pilot.pause()
        assert not widget.render_line(3).text.strip()


def test_total_progress() -> None:
    done = ProgressItem("a", "a", 1, 10, state="done")
    assert total_progress([done, done]).state == "done" and total_progress([done, done]).share == 1.0
    assert total_progress([done, ProgressItem("b", "b", 5, 10)]) == ProgressItem("", "1 of 2", 15, 20, "", "running")
    assert total_progress([]).share is None and ProgressItem("a", "a", 30, 10).share == 1.0
