"""The overview: the cursor, the filter, folding, sorting, columns, spans, pause and a lost engine."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from textual.widgets import Input

from dockpit.metrics.sorting import TROUBLE
from tests.tui.stage import Stage, staged
from tui.screens.choose import ChooseScreen
from tui.screens.container import ContainerScreen
from tui.state import ViewState
from widgets.banner import BannerLine
from widgets.figures import FigureBar
from widgets.live_table import LiveTable


def rows(stage: Stage) -> list[str]:
    """The keys of the table's rows, containers by name."""
    names = {key: entry.container.name for key, entry in stage.session.snapshot().entries.items()}
    return [names.get(row.key, row.key) for row in stage.table.view.rows]


async def test_it_starts_on_the_worst_container_and_not_on_its_project(tmp_path: Path) -> None:
    async with staged(tmp_path, "incident") as stage:
        assert stage.table.view.rows[0].kind == "group"
        assert stage.under_cursor() == rows(stage)[1]
        assert stage.session.snapshot().entries[stage.table.cursor_key or ""].alerts


async def test_the_cursor_stays_on_its_container_when_the_order_changes(tmp_path: Path) -> None:
    async with staged(tmp_path, "calm") as stage:
        await stage.point_at("shop-db-1")
        before = rows(stage).index("shop-db-1")
        await stage.press("S")
        await stage.at(ChooseScreen)
        await stage.press("j", "j", "enter")
        assert stage.app.state.sort != TROUBLE and stage.under_cursor() == "shop-db-1"
        await stage.press("R")
        assert stage.under_cursor() == "shop-db-1"
        places = {rows(stage).index("shop-db-1"), before}
        await stage.press("p")
        assert stage.under_cursor() == "shop-db-1" and places


async def test_a_filter_works_while_it_is_typed_and_a_wrong_one_is_explained(tmp_path: Path) -> None:
    async with staged(tmp_path, "throttled") as stage:
        await stage.press("slash", *"spin")
        assert rows(stage) == ["spin"]
        await stage.press(*" cpu>", "x")
        stage.app.frame()
        banner = stage.app.screen.query_one(BannerLine).banner
        assert banner is not None and banner.text.startswith("filter: ")
        await stage.press("backspace", "0", "enter")
        assert stage.app.state.filter == "spin cpu>0" and isinstance(stage.app.screen.focused, LiveTable)
        assert not stage.app.screen.query_one("#filter", Input).has_class("open")
        await stage.press("escape")
        assert stage.app.state.filter == "" and set(rows(stage)) == {"spin", "idle"}


async def test_nothing_matches_is_said(tmp_path: Path) -> None:
    async with staged(tmp_path, "throttled") as stage:
        await stage.press("slash", *"nobody")
        await stage.says("no container matches nobody")
        await stage.press("escape")
        assert set(rows(stage)) == {"spin", "idle"}


async def test_projects_fold_and_the_list_goes_flat(tmp_path: Path) -> None:
    async with staged(tmp_path, "calm") as stage:
        await stage.point_at("shop-web-1")
        await stage.press("z")
        assert stage.under_cursor() == "project:shop" and "shop-web-1" not in rows(stage)
        await stage.press("enter")
        assert "shop-web-1" in rows(stage)
        await stage.press("left")
        assert "shop-web-1" not in rows(stage)
        await stage.press("p")
        assert "shop-web-1" in rows(stage) and "project:shop" not in rows(stage)


async def test_keys_on_a_project_say_that_they_want_a_container(tmp_path: Path) -> None:
    async with staged(tmp_path, "calm") as stage:
        stage.table.cursor_key = "project:shop"
        await stage.press("u")
        assert "the cursor is on no container" in stage.words()


async def test_columns_are_chosen_and_kept(tmp_path: Path) -> None:
    kept: dict[str, object] = {}
    async with staged(tmp_path, keep=kept.__setitem__) as stage:
        await stage.press("c")
        await stage.at(ChooseScreen)
        await stage.press("j", "j", "space", "enter")
        assert "cpu" not in [column.id for column in stage.table.view.columns]
        assert isinstance(kept["columns"], list) and "cpu" not in kept["columns"] and "memory" in kept["columns"]
        await stage.press("c")
        await stage.at(ChooseScreen)
        await stage.press("j", "space", "escape")
        assert "name" in [column.id for column in stage.table.view.columns]


async def test_trouble_first_and_by_name_again(tmp_path: Path) -> None:
    async with staged(tmp_path, "throttled", state=ViewState(UTC, sort="name", descending=False)) as stage:
        await stage.until(lambda: any(alert.kind == "throttled" for alert in stage.session.snapshot().alerts))
        stage.app.frame()
        assert rows(stage) == ["idle", "spin"]
        await stage.press("t")
        assert rows(stage) == ["spin", "idle"] and stage.under_cursor() == "spin"
        await stage.press("t")
        assert rows(stage) == ["idle", "spin"]


async def test_the_charts_look_further_back_or_go_away(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.says("5 min")
        await stage.press("plus")
        await stage.says("10 min")
        await stage.press("minus", "minus")
        await stage.says("2 min")
        await stage.press("d")
        assert not stage.app.screen.query_one("#detail").display


async def test_pause_holds_the_screen_while_sampling_goes_on(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.press("space")
        await stage.says("paused")
        held, view = stage.session.snapshot().revision, stage.table.view
        await stage.until(lambda: stage.session.snapshot().revision > held + 2)
        assert stage.table.view == view
        await stage.press("space")
        await stage.until(lambda: "paused" not in stage.text())
        await stage.until(lambda: stage.table.view != view)


async def test_a_lost_engine_is_a_banner_and_goes_away(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.engine.drop()
        await stage.says("engine unreachable")
        await stage.press("u", "escape", "enter")
        assert isinstance(stage.app.screen, ContainerScreen)
        await stage.says("engine unreachable")
        await stage.press("escape")
        await stage.engine.resume()
        await stage.until(lambda: "engine unreachable" not in stage.text())


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_hostile_names_stay_inside_their_cells(tmp_path: Path, size: tuple[int, int]) -> None:
    async with staged(tmp_path, "fleet", size=size) as stage:
        text = await stage.says("[red]x[/]")
        assert "\x1b" not in text and all(len(line) <= size[0] for line in text.splitlines())


async def test_the_keyboard_stays_with_the_table(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        before = stage.under_cursor()
        await stage.press("tab", "j")
        assert isinstance(stage.app.screen.focused, LiveTable)
        await stage.press("k")
        assert {before, stage.under_cursor()} <= {"spin", "idle"}


async def test_an_engine_without_containers_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path, "empty") as stage:
        await stage.says("this engine has no containers")
        await stage.press("u", "n", "enter", "z", "a", "e", "l", "y")
        assert "the cursor is on no container" in stage.words()


async def test_rows_that_come_into_sight_have_their_figures_at_once(tmp_path: Path) -> None:
    async with staged(tmp_path, "crowd:120") as stage:
        cpu = [column.id for column in stage.table.view.columns].index("cpu")
        assert any(not row.cells[cpu].text for row in stage.table.view.rows), "out of sight they have none"
        for key in ("pagedown", "pagedown", "pageup", "end", "home"):
            await stage.press(key)
            entries = stage.session.snapshot().entries
            rows = [
                row for row in stage.table.rows_in_sight() if row.key in entries and entries[row.key].container.live
            ]
            assert rows and all(row.cells[cpu].text for row in rows), key


async def test_a_move_of_the_cursor_changes_what_is_below_the_table_and_not_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(tmp_path, "incident", size=(120, 40)) as stage:
        monkeypatch.setattr(stage.app, "frame", lambda: None)
        table = stage.table.view
        titles = []
        for _ in range(3):
            titles.append(stage.app.screen.query_one("#under", FigureBar).figures[0].text)
            await stage.press("down")
        assert len(set(titles)) == 3 and stage.table.view is table
