"""The overview: cursor, filter, folding, sorting, columns, time span, pause and a lost engine."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from textual.widgets import Input

from dockpit.metrics.sorting import TROUBLE
from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.container.container_screen import ContainerScreen
from tui.dialogs.choose_screen import ChooseScreen
from tui.view_state import ViewState
from widgets.tables.live_table import LiveTable
from widgets.text.banner_line import BannerLine
from widgets.text.figure_bar import FigureBar


def row_names(cockpit: RunningCockpit) -> list[str]:
    """The table's rows: containers by name, others by key."""
    names = {key: entry.container.name for key, entry in cockpit.session.snapshot().entries.items()}
    return [names.get(row.key, row.key) for row in cockpit.table.view.rows]


async def test_the_cursor_starts_on_the_worst_container_and_not_on_its_project(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "incident") as cockpit:
        assert cockpit.table.view.rows[0].kind == "group"
        assert cockpit.name_under_cursor() == row_names(cockpit)[1]
        assert cockpit.session.snapshot().entries[cockpit.table.cursor_key or ""].alerts


async def test_the_cursor_stays_on_its_container_when_the_order_changes(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "calm") as cockpit:
        await cockpit.move_cursor_to("shop-db-1")
        before = row_names(cockpit).index("shop-db-1")
        await cockpit.press("S")
        await cockpit.wait_for_screen(ChooseScreen)
        await cockpit.press("j", "j", "enter")
        assert cockpit.app.state.sort != TROUBLE and cockpit.name_under_cursor() == "shop-db-1"
        await cockpit.press("R")
        assert cockpit.name_under_cursor() == "shop-db-1"
        places = {row_names(cockpit).index("shop-db-1"), before}
        await cockpit.press("p")
        assert cockpit.name_under_cursor() == "shop-db-1" and places


async def test_a_filter_applies_as_it_is_typed_and_a_wrong_one_is_explained(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "throttled") as cockpit:
        await cockpit.press("slash", *"spin")
        assert row_names(cockpit) == ["spin"]
        await cockpit.press(*" cpu>", "x")
        cockpit.app.draw_frame()
        banner = cockpit.app.screen.query_one(BannerLine).banner
        assert banner is not None and banner.text.startswith("filter: ")
        await cockpit.press("backspace", "0", "enter")
        assert cockpit.app.state.filter == "spin cpu>0" and isinstance(cockpit.app.screen.focused, LiveTable)
        assert not cockpit.app.screen.query_one("#filter", Input).has_class("open")
        await cockpit.press("escape")
        assert cockpit.app.state.filter == "" and set(row_names(cockpit)) == {"spin", "idle"}


async def test_a_filter_without_matches_is_explained(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "throttled") as cockpit:
        await cockpit.press("slash", *"nobody")
        await cockpit.wait_for_text("no container matches nobody")
        await cockpit.press("escape")
        assert set(row_names(cockpit)) == {"spin", "idle"}


async def test_projects_are_folded_and_ungrouped(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "calm") as cockpit:
        await cockpit.move_cursor_to("shop-web-1")
        await cockpit.press("z")
        assert cockpit.name_under_cursor() == "project:shop" and "shop-web-1" not in row_names(cockpit)
        await cockpit.press("enter")
        assert "shop-web-1" in row_names(cockpit)
        await cockpit.press("left")
        assert "shop-web-1" not in row_names(cockpit)
        await cockpit.press("p")
        assert "shop-web-1" in row_names(cockpit) and "project:shop" not in row_names(cockpit)


async def test_keys_for_a_container_show_a_toast_on_a_project(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "calm") as cockpit:
        cockpit.table.cursor_key = "project:shop"
        await cockpit.press("u")
        assert "the cursor is on no container" in cockpit.toasts()


async def test_columns_are_chosen_and_saved(tmp_path: Path) -> None:
    saved: dict[str, object] = {}
    async with running_cockpit(tmp_path, save=saved.__setitem__) as cockpit:
        await cockpit.press("c")
        await cockpit.wait_for_screen(ChooseScreen)
        await cockpit.press("j", "j", "space", "enter")
        assert "cpu" not in [column.id for column in cockpit.table.view.columns]
        assert isinstance(saved["columns"], list) and "cpu" not in saved["columns"] and "memory" in saved["columns"]
        await cockpit.press("c")
        await cockpit.wait_for_screen(ChooseScreen)
        await cockpit.press("j", "space", "escape")
        assert "name" in [column.id for column in cockpit.table.view.columns]


async def test_trouble_key_sorts_by_trouble_and_by_name_again(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "throttled", state=ViewState(UTC, sort="name", descending=False)) as cockpit:
        await cockpit.wait_until(lambda: any(alert.kind == "throttled" for alert in cockpit.session.snapshot().alerts))
        cockpit.app.draw_frame()
        assert row_names(cockpit) == ["idle", "spin"]
        await cockpit.press("t")
        assert row_names(cockpit) == ["spin", "idle"] and cockpit.name_under_cursor() == "spin"
        await cockpit.press("t")
        assert row_names(cockpit) == ["idle", "spin"]


async def test_the_time_span_of_the_charts_is_changed_and_they_are_hidden(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.wait_for_text("5 min")
        await cockpit.press("plus")
        await cockpit.wait_for_text("10 min")
        await cockpit.press("minus", "minus")
        await cockpit.wait_for_text("2 min")
        await cockpit.press("d")
        assert not cockpit.app.screen.query_one("#detail").display


async def test_pause_freezes_the_screen_while_sampling_goes_on(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.press("space")
        await cockpit.wait_for_text("paused")
        paused_at, view = cockpit.session.snapshot().revision, cockpit.table.view
        await cockpit.wait_until(lambda: cockpit.session.snapshot().revision > paused_at + 2)
        assert cockpit.table.view == view
        await cockpit.press("space")
        await cockpit.wait_until(lambda: "paused" not in cockpit.screen_text())
        await cockpit.wait_until(lambda: cockpit.table.view != view)


async def test_a_lost_engine_is_shown_in_a_banner_until_it_is_back(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.engine.drop()
        await cockpit.wait_for_text("engine unreachable")
        await cockpit.press("u", "escape", "enter")
        assert isinstance(cockpit.app.screen, ContainerScreen)
        await cockpit.wait_for_text("engine unreachable")
        await cockpit.press("escape")
        await cockpit.engine.resume()
        await cockpit.wait_until(lambda: "engine unreachable" not in cockpit.screen_text())


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_hostile_names_stay_inside_their_cells(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running_cockpit(tmp_path, "fleet", size=size) as cockpit:
        text = await cockpit.wait_for_text("[red]x[/]")
        assert "\x1b" not in text and all(len(line) <= size[0] for line in text.splitlines())


async def test_the_focus_stays_with_the_table(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        before = cockpit.name_under_cursor()
        await cockpit.press("tab", "j")
        assert isinstance(cockpit.app.screen.focused, LiveTable)
        await cockpit.press("k")
        assert {before, cockpit.name_under_cursor()} <= {"spin", "idle"}


async def test_an_engine_without_containers_says_so(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "empty") as cockpit:
        await cockpit.wait_for_text("this engine has no containers")
        await cockpit.press("u", "n", "enter", "z", "a", "e", "l", "y")
        assert "the cursor is on no container" in cockpit.toasts()


async def test_rows_have_their_figures_as_soon_as_they_are_visible(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "crowd:120") as cockpit:
        cpu = [column.id for column in cockpit.table.view.columns].index("cpu")
        assert any(not row.cells[cpu].text for row in cockpit.table.view.rows), "rows out of sight have none"
        for key in ("pagedown", "pagedown", "pageup", "end", "home"):
            await cockpit.press(key)
            entries = cockpit.session.snapshot().entries
            rows = [
                row for row in cockpit.table.rows_in_sight() if row.key in entries and entries[row.key].container.live
            ]
            assert rows and all(row.cells[cpu].text for row in rows), key


async def test_a_cursor_move_updates_the_detail_pane_and_not_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_cockpit(tmp_path, "incident", size=(120, 40)) as cockpit:
        monkeypatch.setattr(cockpit.app, "draw_frame", lambda: None)
        table = cockpit.table.view
        titles = []
        for _ in range(3):
            titles.append(cockpit.app.screen.query_one("#under", FigureBar).figures[0].text)
            await cockpit.press("down")
        assert len(set(titles)) == 3 and cockpit.table.view is table
