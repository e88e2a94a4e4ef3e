"""The screen of one container: its tabs, what is fetched for them, and the removal of the container."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher, Input

from dockpit.simulate.scenario_spec import LogSpec
from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.container.container_screen import TABS, ContainerScreen
from tui.container.logs_tab import BATCH_SECONDS
from tui.limits.limits_screen import LimitsScreen
from tui.overview.overview_screen import OverviewScreen
from widgets.charts.zoom_chart import ZoomChart
from widgets.lists.json_tree import JsonTree
from widgets.logs.log_view import LogView
from widgets.tables.live_table import LiveTable
from widgets.text.key_bar import KeyBar


async def open_container(cockpit: RunningCockpit, name: str, *keys: str) -> ContainerScreen:
    """Open the screen of a container and press some keys there."""
    await cockpit.move_cursor_to(name)
    await cockpit.press("enter")
    await cockpit.wait_for_screen(ContainerScreen)
    await cockpit.press(*keys)
    assert isinstance(cockpit.app.screen, ContainerScreen)
    return cockpit.app.screen


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_tab_reaches_every_tab_and_esc_goes_back(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running_cockpit(tmp_path, size=size) as cockpit:
        screen = await open_container(cockpit, "spin")
        for tab in (*TABS[1:], TABS[0]):
            await cockpit.press("tab")
            assert screen.tab == tab and screen.query_one("#body", ContentSwitcher).current == tab
            assert "esc back" in await cockpit.wait_for_text("spin", tab)
        await cockpit.press("left_square_bracket")
        assert screen.tab == TABS[-1]
        await cockpit.press("escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)


async def test_zoom_goes_through_the_charts(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        screen = await open_container(cockpit, "spin", "Z")
        titles = []
        for _ in range(4):
            titles.append(screen.query_one(ZoomChart).view.title)
            await cockpit.press("Z")
        assert len(set(titles)) == 4 and screen.query_one("#body", ContentSwitcher).current == "charts"
        await cockpit.press("Z", "escape")
        assert isinstance(cockpit.app.screen, ContainerScreen)
        await cockpit.press("plus")
        await cockpit.wait_for_text("10 min")


async def test_processes_are_fetched_on_demand_only(tmp_path: Path) -> None:
    def request_count(cockpit: RunningCockpit) -> int:
        return sum(path.endswith("/top") for _, path in cockpit.engine.requests)

    async with running_cockpit(tmp_path) as cockpit:
        screen = await open_container(cockpit, "spin")
        assert request_count(cockpit) == 0
        await cockpit.press("tab")
        await cockpit.wait_until(lambda: screen.query_one("#process-table", LiveTable).view.rows)
        assert request_count(cockpit) == 1
        await cockpit.press("R")
        await cockpit.wait_until(lambda: request_count(cockpit) == 2)


async def test_the_processes_tab_says_that_a_container_is_stopped(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "fleet") as cockpit:
        await open_container(cockpit, "report-2024-q4", "tab")
        await cockpit.wait_for_text("it is not running")


async def test_logs_are_followed_searched_and_filtered(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "flood:200") as cockpit:
        await cockpit.move_cursor_to("flood")
        await cockpit.press("l")
        await cockpit.wait_for_screen(ContainerScreen)
        tail = cockpit.app.screen.query_one(LogView)
        await cockpit.wait_until(lambda: tail.kept > 50)
        await cockpit.wait_for_text("following")
        before = tail.kept
        await cockpit.wait_until(lambda: tail.kept > before)
        await cockpit.press("slash", *"zzzz")
        await cockpit.wait_for_text("not found: zzzz")
        await cockpit.press("escape")
        assert tail.words == "" and cockpit.app.focused is tail
        await cockpit.press("ampersand", "left_parenthesis")
        assert tail.filter_error
        await cockpit.press("backspace", *"GET", "enter")
        await cockpit.wait_for_text("filter GET")
        assert tail.shown < tail.kept and all("GET" in line for line in tail.lines)
        await cockpit.press("t")
        assert tail.timestamps
        await cockpit.press("g")
        await cockpit.wait_for_text("held: f follows again")
        await cockpit.press("f")
        await cockpit.wait_for_text("following")
        await cockpit.press("slash", *"GET", "enter")
        assert tail.words == "GET"
        await cockpit.press("escape")
        assert tail.words == "" and tail.shown == tail.kept
        assert "filter GET" not in cockpit.screen_text()
        await cockpit.press("escape")
        await cockpit.wait_for_screen(OverviewScreen)


async def test_a_key_is_answered_during_a_flood_of_logs(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "flood") as cockpit:
        await cockpit.move_cursor_to("flood")
        await cockpit.press("l")
        await cockpit.wait_for_screen(ContainerScreen)
        tail = cockpit.app.screen.query_one(LogView)
        await cockpit.wait_until(lambda: tail.dropped > 0)
        assert tail.kept <= 10_000
        await cockpit.press("escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)


async def test_the_logs_of_a_stopped_container_end_with_a_note(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "fleet") as cockpit:
        await cockpit.move_cursor_to("report-2024-q4")
        await cockpit.press("l")
        await cockpit.wait_for_text("the container is not running")


async def test_a_stopped_container_without_logs_is_asked_once(tmp_path: Path) -> None:
    def request_count(cockpit: RunningCockpit) -> int:
        return sum(path.endswith("/logs") for _, path in cockpit.engine.requests)

    async with running_cockpit(tmp_path, "fleet") as cockpit:
        for container in cockpit.engine.world.containers.values():
            container.spec = replace(container.spec, logs=LogSpec(lines_per_second=0.0))
        await cockpit.move_cursor_to("report-2024-q4")
        await cockpit.press("l")
        await cockpit.wait_for_text("the container is not running")
        await asyncio.sleep(10 * BATCH_SECONDS)
        assert request_count(cockpit) == 1


async def test_logs_that_were_cut_are_read_on_and_shown_once(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "flood:50") as cockpit:
        await cockpit.move_cursor_to("flood")
        await cockpit.press("l")
        await cockpit.wait_for_screen(ContainerScreen)
        tail = cockpit.app.screen.query_one(LogView)
        await cockpit.wait_until(lambda: tail.kept > 50)
        await cockpit.engine.drop()
        await cockpit.wait_for_text("the logs are interrupted")
        before = tail.kept
        await cockpit.engine.resume()
        await cockpit.wait_until(lambda: tail.kept > before + 20)
        cut = next(number for number, line in enumerate(tail.lines) if "the logs are interrupted" in line)
        last, after = tail.lines[cut - 10 : cut], tail.lines[cut + 1 :]
        assert all(after[start : start + 10] != last for start in range(len(after))), "lines are shown twice"


async def test_inspect_is_searched_and_a_value_copied(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        screen = await open_container(cockpit, "spin", "shift+tab")
        tree = screen.query_one(JsonTree)
        await cockpit.wait_until(lambda: tree.document)
        await cockpit.press("slash", *"nanocpus", "enter")
        await cockpit.press("y")
        assert cockpit.app.clipboard == "HostConfig.NanoCpus = 200000000"
        await cockpit.press("slash", *"nothing-like-it")
        assert screen.query_one("#inspect-ask", Input).has_class("-nothing")
        await cockpit.press("escape")
        assert cockpit.app.focused is tree and isinstance(cockpit.app.screen, ContainerScreen)


async def test_the_screen_of_a_removed_container_says_so_and_can_be_left(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        screen = await open_container(cockpit, "idle")
        await cockpit.session.client.requests.send(
            f"containers/{cockpit.entry('idle').container.id}", {"force": "1"}, "DELETE"
        )
        assert "idle" in await cockpit.wait_for_text("this container was removed")
        for key in ("u", "n", "e", "a", "r", "U"):
            await cockpit.press(key)
            assert cockpit.app.screen is screen
        assert "this container is gone" in cockpit.toasts()
        for _ in TABS:
            await cockpit.press("tab")
        await cockpit.press("escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)


async def test_keys_act_on_the_container_that_is_open(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await open_container(cockpit, "idle")
        await cockpit.press("u")
        assert isinstance(cockpit.app.screen, LimitsScreen)
        await cockpit.wait_for_text("limits of idle")


async def test_the_key_bar_shows_the_keys_of_the_tab(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        screen = await open_container(cockpit, "spin", "tab", "tab")
        bar = screen.query_one(KeyBar)
        assert ("/", "search") in bar.keys and ("esc", "back") in bar.keys and ("n", "next") in bar.keys
        await cockpit.press("tab")
        assert ("/", "search") not in bar.keys and ("n", "netshoot") in bar.keys


async def test_the_tab_titles_can_be_clicked(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        screen = await open_container(cockpit, "spin")
        await cockpit.pilot.click("#tabs", offset=(14, 0))
        await cockpit.wait_until(lambda: screen.tab == "processes")


async def test_hostile_names_are_shown_with_visible_control_characters(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "fleet") as cockpit:
        await open_container(cockpit, "[red]x[/] \x1b[31m日本🐳")
        text = await cockpit.wait_for_text("[red]x[/] ␛[31m日本")
        assert "\x1b" not in text
        await cockpit.press("u")
        await cockpit.wait_for_text("limits of [red]x[/] ␛[31m")
        await cockpit.press("escape", "a")
        await cockpit.wait_for_text("[red]x[/] ␛[31m", "stop")
