"""A log view follows, scrolls, searches, filters and copies, whatever is printed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.selection import SELECT_ALL

from dockpit.model.container import LogLine
from tests.widgets.host_app import HostApp, drawn_lines
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.logs.log_view import LogView, local_time


def log_lines(count: int, first: int = 0) -> list[LogLine]:
    return [LogLine("stdout", f"line {number}", 1_000.0 + number) for number in range(first, first + count)]


def shown(tail: LogView) -> list[str]:
    return [text.strip() for text in drawn_lines(tail)]


def count_messages(messages: Sequence[Message], kind: type[Message]) -> int:
    return len({id(message) for message in messages if isinstance(message, kind)})


async def focused(pilot: Pilot[None], tail: LogView) -> None:
    tail.focus()
    await pilot.pause()


async def test_it_follows_the_end() -> None:
    tail = LogView()
    async with HostApp(tail).run_test(size=(40, 5)) as pilot:
        tail.append(log_lines(20))
        await pilot.pause()
        assert shown(tail) == [f"line {number}" for number in range(15, 20)]
        tail.append(log_lines(2, 20))
        await pilot.pause()
        assert shown(tail)[-1] == "line 21" and tail.follow
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert shown(tail)[-1] == "line 21" and tail.follow


@pytest.mark.parametrize("key", ["end", "G", "f"])
async def test_scrolling_up_stops_following_and_a_key_resumes_it(key: str) -> None:
    tail, messages = LogView(), list[Message]()
    async with HostApp(tail).run_test(size=(40, 5), message_hook=messages.append) as pilot:
        tail.append(log_lines(20))
        await focused(pilot, tail)
        await pilot.press("up")
        assert not tail.follow
        tail.append(log_lines(5, 20))
        await pilot.pause()
        assert shown(tail)[0] == "line 14"
        await pilot.press(key)
        await pilot.pause()
        assert tail.follow and shown(tail)[-1] == "line 24"
        assert count_messages(messages, LogView.FollowChanged) == 2


async def test_a_scrolled_view_stays_on_its_line_while_old_ones_are_dropped() -> None:
    tail, messages = LogView(capacity=50), list[Message]()
    async with HostApp(tail).run_test(size=(40, 5), message_hook=messages.append) as pilot:
        tail.append(log_lines(50))
        await focused(pilot, tail)
        await pilot.press("k")
        top = shown(tail)[0]
        tail.append(log_lines(30, 50))
        await pilot.pause()
        assert shown(tail)[0] == top
        assert (tail.kept, tail.dropped, tail.shown) == (50, 30, 50)
        assert count_messages(messages, LogView.Counted) == 2
        await pilot.press("home")
        assert shown(tail)[0] == "line 30"


async def test_streams_have_different_signs() -> None:
    tail = LogView()
    async with HostApp(tail).run_test(size=(40, 4)) as pilot:
        tail.append([LogLine("stdout", "out"), LogLine("stderr", "err"), LogLine("note", "gone")])
        await pilot.pause()
        assert [text.rstrip() for text in drawn_lines(tail)[:3]] == ["  out", "▎ err", "• gone"]
    tail, app = LogView(), None
    app = HostApp(tail)
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(40, 4)) as pilot:
        tail.append([LogLine("stderr", "é" * 60), LogLine("note", "gone")])
        await pilot.pause()
        assert (
            drawn_lines(tail)[0].startswith("! ???")
            and drawn_lines(tail)[0].endswith("~")
            and drawn_lines(tail)[1].startswith("# ")
        )


async def test_times_are_shown_on_demand() -> None:
    tail = LogView(time_text=lambda at: f"<{at:.0f}>")
    async with HostApp(tail).run_test(size=(40, 4)) as pilot:
        tail.append([*log_lines(1), LogLine("stdout", "no time")])
        await focused(pilot, tail)
        await pilot.press("t")
        assert [text.rstrip() for text in drawn_lines(tail)[:2]] == ["<1000>   line 0", "  no time"]
        assert tail.timestamps
    assert local_time(1_700_000_000.25) == "22:13:20.250"


async def test_long_lines_are_cut_and_scroll_sideways() -> None:
    tail = LogView()
    async with HostApp(tail).run_test(size=(40, 4)) as pilot:
        tail.append([LogLine("stdout", "0123456789" * 200_000)])
        await focused(pilot, tail)
        assert drawn_lines(tail)[0] == "  " + ("0123456789" * 4)[:37] + "…"
        await pilot.press("l")
        assert drawn_lines(tail)[0].startswith("456789")
        await pilot.press("h", "h")
        assert drawn_lines(tail)[0].startswith("  0123")
        assert tail.lines[0].endswith("… +2.0 MB")


async def test_search_wraps_around_and_highlights_matches() -> None:
    tail = LogView()
    async with HostApp(tail).run_test(size=(40, 5)) as pilot:
        tail.append([*log_lines(30), LogLine("stdout", "Payment [red] failed"), *log_lines(30, 31)])
        await focused(pilot, tail)
        assert tail.search("payment [RED]".lower()) and tail.words == "payment [red]"
        await pilot.pause()
        assert not tail.follow and shown(tail)[2] == "Payment [red] failed"
        marked = [segment for segment in tail.render_line(2) if segment.style and segment.style.reverse]
        assert "".join(segment.text for segment in marked) == "Payment [red]"
        assert not tail.search("Payment [RED]")
        assert tail.search("line 5")
        await pilot.press("n")
        assert "line 51" in shown(tail)[2]
        await pilot.press("N", "N")
        assert shown(tail)[2] == "line 5"
        await pilot.press("N")
        assert "line 59" in shown(tail)[-2]
        assert not tail.search("")
        await pilot.press("n")


async def test_a_filter_shows_matching_lines_and_explains_a_refusal() -> None:
    tail = LogView()
    async with HostApp(tail).run_test(size=(40, 5)) as pilot:
        tail.append(log_lines(100))
        await focused(pilot, tail)
        assert tail.set_filter("5$") and tail.shown == 10 and tail.filter_error == ""
        await pilot.pause()
        assert shown(tail) == [f"line {number}" for number in (55, 65, 75, 85, 95)]
        assert not tail.set_filter("(") and "not a regular expression" in tail.filter_error and tail.shown == 10
        await pilot.press("home")
        assert tail.set_filter("") and tail.shown == 100
        await pilot.pause()
        assert not tail.follow and shown(tail)[0] == "line 5"


async def test_an_empty_log_accepts_every_key() -> None:
    tail = LogView()
    async with HostApp(tail).run_test(size=(40, 5)) as pilot:
        await focused(pilot, tail)
        await pilot.press("n", "N", "up", "down", "home", "end", "t", "l", "h", "pageup")
        assert not tail.search("x") and tail.set_filter("x") and tail.set_filter("")
        tail.append([])
        assert tail.kept == 0 and tail.get_selection(SELECT_ALL) is None


async def test_clear_removes_all_lines() -> None:
    tail = LogView(capacity=5)
    async with HostApp(tail).run_test(size=(40, 5)) as pilot:
        tail.append(log_lines(9))
        tail.clear()
        await pilot.pause()
        assert (tail.kept, tail.dropped, tail.shown) == (0, 0, 0) and not "".join(shown(tail))


async def test_text_selected_by_mouse_can_be_copied() -> None:
    tail = LogView()
    app = HostApp(tail)
    async with app.run_test(size=(40, 5)) as pilot:
        tail.append([LogLine("stdout", "\x1b[31mred\x1b[0m [b]bold"), *log_lines(4)])
        await pilot.pause()
        await pilot.mouse_down(tail, offset=(6, 0))
        await pilot.hover(tail, offset=(7, 1))
        await pilot.mouse_up(tail, offset=(7, 1))
        await pilot.pause()
        chosen = app.screen.get_selected_text()
        assert chosen is not None and chosen.startswith("[b]bold\n  line")
        selected = app.screen.get_component_rich_style("screen--selection").bgcolor
        assert any(segment.style and segment.style.bgcolor == selected for segment in tail.render_line(0))


async def test_a_flood_keeps_its_end() -> None:
    tail = LogView()
    async with HostApp(tail).run_test(size=(80, 24)) as pilot:
        for batch in range(10):
            tail.append(log_lines(5_000, batch * 5_000))
        await pilot.pause()
        assert (tail.kept, tail.dropped) == (10_000, 40_000)
        assert shown(tail)[-1] == "line 49999"


async def test_a_new_theme_redraws() -> None:
    tail = LogView()
    app = HostApp(tail)
    async with app.run_test(size=(40, 5)) as pilot:
        tail.append(log_lines(3))
        await pilot.pause()
        dark = [segment.style for segment in tail.render_line(0)]
        app.theme = "textual-light"
        await pilot.pause()
        assert [segment.style for segment in tail.render_line(0)] != dark
