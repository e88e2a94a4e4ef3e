"""An event list shows the newest first and keeps its scroll position when events arrive."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.strip import Strip

from dockpit.model.view_models import EventLine
from tests.widgets.host_app import HostApp, drawn_lines
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.lists.event_list import EventList


class RecordingList(EventList):
    """Event list that records the lines it was asked to draw."""

    drawn: list[int]

    def render_line(self, y: int) -> Strip:
        self.drawn = [*getattr(self, "drawn", []), y]
        return super().render_line(y)


def event(number: int, text: str = "start") -> EventLine:
    return EventLine(f"14:00:{number:02}", f"c{number}", text, container_id=f"id{number}")


def filled(count: int) -> EventList:
    widget = EventList(empty="Nothing happened yet.")
    widget.events = tuple(event(number) for number in reversed(range(count)))
    return widget


async def test_time_name_and_text() -> None:
    widget = filled(2)
    async with HostApp(widget).run_test(size=(60, 4)):
        assert [line.split() for line in drawn_lines(widget)[:2]] == [
            ["14:00:01", "c1", "start"],
            ["14:00:00", "c0", "start"],
        ]
        assert not "".join(drawn_lines(widget)[2:]).strip()


@pytest.mark.parametrize(
    ("width", "words"), [(80, ["14:00:00", "c0", "start"]), (30, ["14:00:00", "start"]), (15, ["start"]), (3, ["…"])]
)
async def test_a_narrow_list_drops_name_and_time(width: int, words: list[str]) -> None:
    widget = filled(1)
    async with HostApp(widget).run_test(size=(width, 3)):
        line = drawn_lines(widget)[0]
        assert line.split() == words and cell_len(line) == width


async def test_without_names_the_text_takes_their_width() -> None:
    widget = filled(2)
    async with HostApp(widget).run_test(size=(60, 3)):
        named = drawn_lines(widget)[0].index("start")
        widget.events = tuple(replace(found, name="") for found in widget.events)
        assert drawn_lines(widget)[0].index("start") == len(" 14:00:01  ") < named
        widget.events = (event(3), *widget.events)
        assert {line.index("start") for line in drawn_lines(widget)} == {named}


async def test_an_empty_list_shows_its_message() -> None:
    widget = filled(0)
    app = HostApp(widget)
    async with app.run_test(size=(60, 3)) as pilot:
        assert drawn_lines(widget)[0].strip() == "Nothing happened yet."
        await pilot.click(EventList, offset=(3, 0))
        await pilot.pause()
        assert app.received == []


async def test_control_characters_are_visible_and_signs_replace_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    widget = EventList()
    widget.events = (EventLine("14:00:00", "[b]\x1b", "oom\n[/]", "critical"),)
    app = HostApp(widget)
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(60, 3)):
        assert drawn_lines(widget)[0].split() == ["14:00:00", "[b]?", "!", "oom?[/]"]


async def test_a_scrolled_list_keeps_its_lines() -> None:
    widget = filled(50)
    async with HostApp(widget).run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        widget.scroll_to(y=20, animate=False)
        await pilot.pause()
        before = drawn_lines(widget)
        widget.events = (event(98, "oom"), event(99, "die"), *widget.events)
        await pilot.pause()
        assert drawn_lines(widget) == before
        widget.events = widget.events[:5]
        await pilot.pause()
        assert drawn_lines(widget)[0].split()[-1] == "oom"


async def test_only_changed_lines_are_redrawn() -> None:
    widget = RecordingList()
    widget.events = tuple(event(number) for number in range(5))
    async with HostApp(widget).run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        widget.drawn = []
        widget.events = tuple(event(number) for number in range(5))
        await pilot.pause()
        assert widget.drawn == []
        widget.events = (*widget.events[:4], event(9))
        await pilot.pause()
        assert widget.drawn == [4]


async def test_a_click_opens_the_container_and_the_text_can_be_copied() -> None:
    widget = filled(3)
    app = HostApp(widget)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.click(EventList, offset=(3, 1))
        await pilot.click(EventList, offset=(3, 8))
        await pilot.pause()
        assert app.received == ["Opened id1"]
        widget.text_select_all()
        text = widget.screen.get_selected_text()
        assert text is not None and [line.split()[1] for line in text.splitlines()] == ["c2", "c1", "c0"]
        await pilot.pause()
