"""One container: its tabs, what is fetched for them, and what happens when the container goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher, Input

from tests.tui.stage import Stage, staged
from tui.screens.container import TABS, ContainerScreen
from tui.screens.limits import LimitsScreen
from tui.screens.overview import OverviewScreen
from widgets.json_tree import JsonTree
from widgets.key_bar import KeyBar
from widgets.live_table import LiveTable
from widgets.tail import Tail
from widgets.zoom import ZoomChart


async def opened(stage: Stage, name: str, *keys: str) -> ContainerScreen:
    """The screen of a container, after some keys."""
    await stage.point_at(name)
    await stage.press("enter")
    await stage.at(ContainerScreen)
    await stage.press(*keys)
    assert isinstance(stage.app.screen, ContainerScreen)
    return stage.app.screen


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_every_tab_is_reached_and_esc_goes_back(tmp_path: Path, size: tuple[int, int]) -> None:
    async with staged(tmp_path, size=size) as stage:
        screen = await opened(stage, "spin")
        for tab in (*TABS[1:], TABS[0]):
            await stage.press("tab")
            assert screen.tab == tab and screen.query_one("#body", ContentSwitcher).current == tab
            assert "esc back" in await stage.says("spin", tab)
        await stage.press("left_square_bracket")
        assert screen.tab == TABS[-1]
        await stage.press("escape")
        assert isinstance(stage.app.screen, OverviewScreen)


async def test_charts_zoom_one_after_the_other(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        screen = await opened(stage, "spin", "Z")
        titles = []
        for _ in range(4):
            titles.append(screen.query_one(ZoomChart).view.title)
            await stage.press("Z")
        assert len(set(titles)) == 4 and screen.query_one("#body", ContentSwitcher).current == "charts"
        await stage.press("Z", "escape")
        assert isinstance(stage.app.screen, ContainerScreen)
        await stage.press("plus")
        await stage.says("10 min")


async def test_processes_are_asked_for_on_demand_only(tmp_path: Path) -> None:
    def asked(stage: Stage) -> int:
        return sum(path.endswith("/top") for _, path in stage.engine.requests)

    async with staged(tmp_path) as stage:
        screen = await opened(stage, "spin")
        assert asked(stage) == 0
        await stage.press("tab")
        await stage.until(lambda: screen.query_one("#process-table", LiveTable).view.rows)
        assert asked(stage) == 1
        await stage.press("R")
        await stage.until(lambda: asked(stage) == 2)


async def test_a_stopped_container_has_no_processes_and_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path, "fleet") as stage:
        await opened(stage, "report-2024-q4", "tab")
        await stage.says("it is not running")


async def test_logs_are_followed_searched_and_filtered(tmp_path: Path) -> None:
    async with staged(tmp_path, "flood:200") as stage:
        await stage.point_at("flood")
        await stage.press("l")
        await stage.at(ContainerScreen)
        tail = stage.app.screen.query_one(Tail)
        await stage.until(lambda: tail.kept > 50)
        await stage.says("following")
        before = tail.kept
        await stage.until(lambda: tail.kept > before)
        await stage.press("slash", *"zzzz")
        await stage.says("nothing has zzzz")
        await stage.press("escape")
        assert tail.words == "" and stage.app.focused is tail
        await stage.press("ampersand", "left_parenthesis")
        assert tail.filter_error
        await stage.press("backspace", *"GET", "enter")
        await stage.says("filter GET")
        assert tail.shown < tail.kept and all("GET" in line for line in tail.lines)
        await stage.press("t")
        assert tail.timestamps
        await stage.press("g")
        await stage.says("held: f follows again")
        await stage.press("f")
        await stage.says("following")
        await stage.press("slash", *"GET", "enter")
        assert tail.words == "GET"
        await stage.press("escape")
        assert tail.words == "" and tail.shown == tail.kept
        assert "filter GET" not in stage.text()
        await stage.press("escape")
        await stage.at(OverviewScreen)


async def test_a_flood_of_logs_does_not_keep_a_key_waiting(tmp_path: Path) -> None:
    async with staged(tmp_path, "flood") as stage:
        await stage.point_at("flood")
        await stage.press("l")
        await stage.at(ContainerScreen)
        tail = stage.app.screen.query_one(Tail)
        await stage.until(lambda: tail.dropped > 0)
        assert tail.kept <= 10_000
        await stage.press("escape")
        assert isinstance(stage.app.screen, OverviewScreen)


async def test_the_logs_of_a_stopped_container_end_with_a_word(tmp_path: Path) -> None:
    async with staged(tmp_path, "fleet") as stage:
        await stage.point_at("report-2024-q4")
        await stage.press("l")
        await stage.says("it is not running")


async def test_inspect_is_searched_and_copied_with_its_secrets_covered(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        screen = await opened(stage, "spin", "shift+tab")
        tree = screen.query_one(JsonTree)
        await stage.until(lambda: tree.document)
        await stage.press("slash", *"nanocpus", "enter")
        await stage.press("y")
        assert stage.app.clipboard == "HostConfig.NanoCpus = 200000000"
        await stage.press("slash", *"nothing-like-it")
        assert screen.query_one("#inspect-ask", Input).has_class("-nothing")
        await stage.press("escape")
        assert stage.app.focused is tree and isinstance(stage.app.screen, ContainerScreen)


async def test_a_container_that_is_removed_says_so_and_lets_go(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        screen = await opened(stage, "idle")
        await stage.session.client.send(f"containers/{stage.entry('idle').container.id}", {"force": "1"}, "DELETE")
        assert "idle" in await stage.says("this container was removed")
        for key in ("u", "n", "e", "a", "r", "U"):
            await stage.press(key)
            assert stage.app.screen is screen
        assert "this container is gone" in stage.words()
        for _ in TABS:
            await stage.press("tab")
        await stage.press("escape")
        assert isinstance(stage.app.screen, OverviewScreen)


async def test_keys_act_on_the_container_that_is_open(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await opened(stage, "idle")
        await stage.press("u")
        assert isinstance(stage.app.screen, LimitsScreen)
        await stage.says("limits of idle")


async def test_the_key_bar_shows_the_keys_of_the_tab(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        screen = await opened(stage, "spin", "tab", "tab")
        bar = screen.query_one(KeyBar)
        assert ("/", "search") in bar.keys and ("esc", "back") in bar.keys and ("n", "next") in bar.keys
        await stage.press("tab")
        assert ("/", "search") not in bar.keys and ("n", "netshoot") in bar.keys


async def test_the_tab_titles_can_be_clicked(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        screen = await opened(stage, "spin")
        await stage.pilot.click("#tabs", offset=(14, 0))
        await stage.until(lambda: screen.tab == "processes")


async def test_hostile_names_are_the_title_of_their_screen(tmp_path: Path) -> None:
    async with staged(tmp_path, "fleet") as stage:
        await opened(stage, "[red]x[/] \x1b[31m日本🐳")
        text = await stage.says("[red]x[/] ␛[31m日本")
        assert "\x1b" not in text
        await stage.press("u")
        await stage.says("limits of [red]x[/] ␛[31m")
        await stage.press("escape", "a")
        await stage.says("[red]x[/] ␛[31m", "stop")
