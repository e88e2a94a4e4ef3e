"""A banner takes a line only while it has a text, and shows its tone as a sign."""

from __future__ import annotations

from dockpit.model.view_models import Banner
from tests.widgets.host_app import HostApp, drawn_lines
from widgets.text.banner_line import BannerLine


async def test_an_empty_banner_takes_no_line() -> None:
    widget = BannerLine()
    async with HostApp(widget).run_test(size=(40, 5)) as pilot:
        assert not widget.display and drawn_lines(widget) == []
        widget.banner = Banner("No answer from [/]\x1b: refused, next try in 4 s.", "high")
        await pilot.pause()
        assert drawn_lines(widget) == [" ! No answer from [/]␛: refused, next t…"]
        widget.banner = None
        await pilot.pause()
        assert not widget.display and widget.banner is None


async def test_an_equal_banner_repaints_nothing() -> None:
    widget = BannerLine()
    async with HostApp(widget).run_test(size=(40, 5)) as pilot:
        widget.banner = Banner("Paused.")
        await pilot.pause()
        drawn = widget.render_line(0)
        widget.banner = Banner("Paused.")
        assert widget.render_line(0) is drawn


async def test_a_banner_can_be_copied() -> None:
    widget = BannerLine()
    async with HostApp(widget).run_test(size=(40, 5)) as pilot:
        widget.banner = Banner("Done: docker update --cpus 1 web", "good")
        await pilot.pause()
        widget.text_select_all()
        assert widget.screen.get_selected_text() == " + Done: docker update --cpus 1 web"
        await pilot.pause()
