"""Sentences are broken between words, stay visible whatever is in them, and can be copied."""

from __future__ import annotations

from textual.selection import SELECT_ALL

from tests.widgets.host_app import HostApp, drawn_lines
from widgets.text.wrapped_text import WrappedText


async def test_paragraphs_take_the_height_they_need() -> None:
    prose = WrappedText([("one two three", "normal"), ("", "dim"), ("[red]\x1b", "high")])
    async with HostApp(prose).run_test(size=(8, 10)) as pilot:
        assert [line.rstrip() for line in drawn_lines(prose)] == ["one two", "three", "", "[red]␛"]
        prose.paragraphs = [("one", "normal")]
        await pilot.pause()
        assert [line.rstrip() for line in drawn_lines(prose)] == ["one"]
        prose.paragraphs = [("one", "normal")]
        assert prose.paragraphs == (("one", "normal"),)
        assert not prose.render_line(5).text.strip()


async def test_what_is_selected_can_be_copied() -> None:
    prose = WrappedText([("docker update --cpus 1 web", "normal")])
    app = HostApp(prose)
    async with app.run_test(size=(60, 4)) as pilot:
        await pilot.mouse_down(prose, offset=(7, 0))
        await pilot.hover(prose, offset=(13, 0))
        await pilot.mouse_up(prose, offset=(13, 0))
        await pilot.pause()
        assert (app.screen.get_selected_text() or "").startswith("update")
        assert len({segment.style for segment in prose.render_line(0)}) > 1
        assert prose.get_selection(SELECT_ALL) == ("docker update --cpus 1 web", "\n")
        assert prose.get_content_width(app.size, app.size) == 26
