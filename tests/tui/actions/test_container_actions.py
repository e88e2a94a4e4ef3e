"""The keys that change containers: lifecycle actions, confirmation of dangerous ones, and read-only mode."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import OptionList

from dockpit.tuning.limit_request import LimitRequest
from dockpit.tuning.update_plans import plan_update
from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.dialogs.choose_screen import ChooseScreen
from tui.dialogs.plan_question import FALLBACK_WORD, plan_question
from tui.overview.overview_screen import OverviewScreen
from tui.view_state import ViewState
from widgets.dialogs.confirmation import ConfirmationScreen


def choice_ids(cockpit: RunningCockpit) -> list[str]:
    """The ids of the list in front."""
    return [option.id or "" for option in cockpit.app.screen.query_one(OptionList).options]


async def test_an_action_that_kills_needs_its_word_typed(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("idle")
        await cockpit.press("a")
        await cockpit.wait_for_screen(ChooseScreen)
        ids = choice_ids(cockpit)
        await cockpit.press(*("j",) * ids.index("remove_force"), "enter")
        await cockpit.wait_for_screen(ConfirmationScreen)
        await cockpit.press("enter", "y", "enter")
        assert isinstance(cockpit.app.screen, ConfirmationScreen)
        await cockpit.press("backspace", *"idle", "enter")
        await cockpit.wait_until(lambda: len(cockpit.session.snapshot().entries) == 1)


async def test_the_fallback_word_replaces_a_name_that_cannot_be_typed(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "fleet") as cockpit:
        entry = cockpit.entry("[red]x[/] \x1b[31m日本🐳")
        plan = plan_update(entry.container, cockpit.session.snapshot().engine, LimitRequest(cpus="1"), entry.sample)
        assert plan_question(plan).word == FALLBACK_WORD


async def test_pasted_text_that_comes_as_keys_confirms_nothing(tmp_path: Path) -> None:
    def restarts(cockpit: RunningCockpit) -> int:
        return sum(path.endswith("/restart") for _, path in cockpit.engine.requests)

    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("idle")
        for character in "registry":
            cockpit.app.post_message(Key(character, character))
        await cockpit.wait_for_screen(ConfirmationScreen)
        await cockpit.pilot.pause()
        assert isinstance(cockpit.app.screen, ConfirmationScreen) and restarts(cockpit) == 0
        await cockpit.press("y")
        await cockpit.wait_until(lambda: restarts(cockpit) == 1)


@pytest.mark.parametrize(("key", "state"), [("pause", "paused"), ("stop", "exited")])
async def test_an_action_is_chosen_confirmed_and_its_effect_shown(tmp_path: Path, key: str, state: str) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("idle")
        await cockpit.press("a")
        await cockpit.wait_for_screen(ChooseScreen)
        ids = choice_ids(cockpit)
        assert "start" not in ids and "unpause" not in ids
        await cockpit.press(*("j",) * ids.index(key), "enter")
        if isinstance(cockpit.app.screen, ConfirmationScreen):
            await cockpit.press("enter")
        await cockpit.wait_until(lambda: cockpit.entry("idle").container.state == state)


async def test_a_refusal_by_the_engine_is_shown(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        cockpit.engine.refuse("^POST ", 403, "<html><body>403 Forbidden</body></html>")
        await cockpit.move_cursor_to("idle")
        await cockpit.press("r")
        await cockpit.wait_for_screen(ConfirmationScreen)
        await cockpit.press("enter")
        await cockpit.wait_until(lambda: "allows only reads" in cockpit.toasts())


async def test_read_only_mode_refuses_every_key_that_changes_something(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, read_only=True) as cockpit:
        await cockpit.move_cursor_to("spin")
        for key in ("u", "U", "n", "e", "a", "r"):
            cockpit.app.clear_notifications()
            await cockpit.press(key)
            assert "read-only" in cockpit.toasts(), key
            assert isinstance(cockpit.app.screen, OverviewScreen)
        assert all(method in ("GET", "HEAD") for method, _ in cockpit.engine.requests)


async def test_a_toast_that_is_still_shown_is_not_repeated(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, read_only=True) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("u", "r", "u")
        assert cockpit.toasts().count("nothing is changed") == 1
        cockpit.app.clear_notifications()
        await cockpit.press("u")
        assert cockpit.toasts().count("nothing is changed") == 1


async def test_read_only_mode_is_explained_where_there_is_no_container_too(tmp_path: Path) -> None:
    async with running_cockpit(
        tmp_path, read_only=True, state=ViewState(UTC, filter="name:nothing-like-it")
    ) as cockpit:
        await cockpit.wait_until(lambda: not cockpit.table.view.rows)
        for key in ("u", "n", "e", "a", "r"):
            cockpit.app.clear_notifications()
            await cockpit.press(key)
            assert "nothing is changed" in cockpit.toasts(), key
