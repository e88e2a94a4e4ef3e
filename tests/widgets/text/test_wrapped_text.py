"""Paragraphs are wrapped between words, printable whatever they contain, and can be copied."""

from __future__ import annotations

from textual.selection import SELECT_ALL

from tests.widgets.host_app import HostApp, drawn_lines
from widgets.text.wrapped_text import WrappedText


async def test_paragraphs_take_the_height_they_need() -> None:
    text = WrappedText([("one two three", "normal"), ("", "dim"), ("[red]\x1b", "high")])
    async with HostApp(text).run_test(size=(8, 10)) as pilot:
        assert [line.rstrip() for line in drawn_lines(text)] == ["one two", "three", "", "[red]␛"]
        text.paragraphs = [("one", "normal")]
        await pilot.pause()
        assert [line.rstrip() for line in drawn_lines(text)] == ["one"]
        text.paragraphs = [("one", "normal")]
        assert text.paragraphs == (("one", "normal"),)
        assert not text.render_line(5).text.strip()


async def test_selected_text_can_be_copied() -> None:
    text = WrappedText([("docker update --cpus 1 web", "normal")])
    app = HostApp(text)
    async with app.run_test(size=(60, 4)) as pilot:
        await pilot.mouse_down(text, offset=(7, 0))
        await pilot.hover(text, offset=(13, 0))
        await pilot.mouse_up(text, offset=(13, 0))
        await pilot.pause()
        assert (app.screen.get_selected_text() or "").startswith("update")
        assert len({segment.style for segment in text.render_line(0)}) > 1
        assert text.get_selection(SELECT_ALL) == ("docker update --cpus 1 web", "\n")
        assert text.get_content_width(app.size, app.size) == 26
