"""netshoot and exec: what is offered, pulling the image, recipes, leftovers."""

from __future__ import annotations

import socket
from pathlib import Path

from textual.widgets import Input, OptionList

from dockpit.engine import temporary_containers
from dockpit.netshoot import launcher
from dockpit.netshoot.leftover_containers import OWNER_LABEL, find_leftovers
from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.dialogs.choose_screen import ChooseScreen
from tui.netshoot.pull_screen import PullScreen
from tui.netshoot.recipe_screen import RecipeScreen
from tui.overview.overview_screen import OverviewScreen
from tui.plain_text import PlainText
from widgets.lists.progress_list import ProgressList
from widgets.tables.live_table import LiveTable


async def open_netshoot(cockpit: RunningCockpit, name: str = "spin") -> list[str]:
    """Press n on a container; the ids of the list to choose from."""
    await cockpit.move_cursor_to(name)
    await cockpit.press("n")
    await cockpit.wait_for_screen(ChooseScreen)
    return [option.id or "" for option in cockpit.app.screen.query_one(OptionList).options]


async def choose(cockpit: RunningCockpit, wanted: str) -> None:
    """Choose the option with the id `wanted`."""
    ids = [option.id for option in cockpit.app.screen.query_one(OptionList).options]
    await cockpit.press(*("j",) * ids.index(wanted), "enter")


def dialog_text(cockpit: RunningCockpit, id: str = "state") -> str:
    """The text of one widget of the dialog in front."""
    return cockpit.app.screen.query_one(f"#{id}", PlainText).text


def pull_count(cockpit: RunningCockpit) -> int:
    """The number of pulls that the engine was asked for."""
    return cockpit.engine.requests.count(("POST", "/images/create"))


def add_image(cockpit: RunningCockpit) -> None:
    """Add the image to the engine."""
    cockpit.engine.world.add_image(f"{launcher.DEFAULT_IMAGE}:latest")


async def test_a_missing_image_is_pulled_on_request_before_the_recipe_opens(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await open_netshoot(cockpit)
        await choose(cockpit, "dns")
        await cockpit.wait_for_screen(PullScreen)
        assert "is not on this engine" in cockpit.screen_text()
        await cockpit.press("enter")
        layers = cockpit.app.screen.query_one(ProgressList)
        await cockpit.wait_until(lambda: any(0 < row.current < (row.total or 0) for row in layers.rows))
        pulls = pull_count(cockpit)
        await cockpit.press("enter")
        assert pulls == pull_count(cockpit) == 1
        await cockpit.wait_for_screen(RecipeScreen)


async def test_a_pull_is_cancelled_by_esc(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await open_netshoot(cockpit)
        await choose(cockpit, "shell")
        await cockpit.wait_for_screen(PullScreen)
        await cockpit.press("enter")
        await cockpit.wait_until(lambda: cockpit.app.screen.query_one(ProgressList).rows)
        await cockpit.press("escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)
        await cockpit.wait_until(
            lambda: not [w for w in cockpit.app.workers if w.group == "pull" and not w.is_finished]
        )
        assert not await launcher.has_image(cockpit.session.client, launcher.DEFAULT_IMAGE)


async def test_a_pull_that_fails_is_explained_and_can_be_tried_again(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, netshoot_image="broken/[red]netshoot") as cockpit:
        await open_netshoot(cockpit)
        await choose(cockpit, "shell")
        await cockpit.wait_for_screen(PullScreen)
        await cockpit.press("enter")
        await cockpit.wait_until(lambda: "manifest unknown" in dialog_text(cockpit))
        assert "the registry has no such image" in dialog_text(cockpit) and "tries again" in dialog_text(
            cockpit, "hint"
        )
        assert "broken/[red]netshoot" in cockpit.screen_text()
        pulls = pull_count(cockpit)
        await cockpit.press("enter")
        await cockpit.wait_until(lambda: pull_count(cockpit) > pulls)
        await cockpit.wait_until(
            lambda: "manifest unknown" in dialog_text(cockpit) and "tries again" in dialog_text(cockpit, "hint")
        )


async def test_a_recipe_runs_and_its_result_is_shown(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "fleet") as cockpit:
        add_image(cockpit)
        ids = await open_netshoot(cockpit, "shop-web-1")
        assert ids[:2] == ["shell", "shell-pid"] and "dns" in ids
        await choose(cockpit, "listen")
        await cockpit.wait_for_screen(RecipeScreen)
        result = cockpit.app.screen.query_one(LiveTable)
        await cockpit.wait_until(lambda: result.view.rows, "the recipe printed something")
        assert cockpit.screen_text().count("$ ") == 1
        await cockpit.press("y")
        assert cockpit.app.clipboard and f"$ {cockpit.app.clipboard}"[:60] in cockpit.screen_text()
        await cockpit.press("escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)
        assert not await find_leftovers(cockpit.session.client, cockpit.session.now())


async def test_the_result_has_the_focus_once_a_recipe_runs(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        add_image(cockpit)
        await open_netshoot(cockpit)
        await choose(cockpit, "dns")
        await cockpit.wait_for_screen(RecipeScreen)
        assert (
            "name: localhost" in cockpit.screen_text() and dialog_text(cockpit, "hint") == "enter runs it · esc leaves"
        )
        cockpit.engine.refuse("^POST /containers/create", 500, "out of luck")
        await cockpit.press("enter")
        await cockpit.wait_until(lambda: "out of luck" in dialog_text(cockpit))
        assert isinstance(cockpit.app.focused, LiveTable)
        await cockpit.wait_until(lambda: "tab changes the name" in dialog_text(cockpit, "hint"))
        cockpit.engine.allow()
        await cockpit.press("r")
        result = cockpit.app.screen.query_one(LiveTable)
        await cockpit.wait_until(lambda: result.view.rows, "the recipe printed something")
        assert cockpit.app.screen.query_one(Input).value == "localhost"
        await cockpit.press("tab", "x")
        assert cockpit.app.screen.query_one(Input).value != "localhost"


async def test_an_image_removed_while_a_recipe_is_open_is_offered_again(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        add_image(cockpit)
        await open_netshoot(cockpit)
        await choose(cockpit, "dns")
        await cockpit.wait_for_screen(RecipeScreen)
        cockpit.engine.world.images.clear()
        await cockpit.press("enter")
        await cockpit.wait_for_screen(PullScreen)
        await cockpit.press("enter")
        await cockpit.wait_for_screen(RecipeScreen)
        result = cockpit.app.screen.query_one(LiveTable)
        await cockpit.wait_until(lambda: result.view.rows, "the recipe printed something")


async def test_a_wrong_argument_is_refused_before_a_container_is_created(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        add_image(cockpit)
        await open_netshoot(cockpit)
        await choose(cockpit, "dns")
        await cockpit.wait_for_screen(RecipeScreen)
        await cockpit.press("ctrl+u", *"-x", "enter")
        await cockpit.wait_until(lambda: "not a " in dialog_text(cockpit))
        assert ("POST", "/containers/create") not in cockpit.engine.requests


async def test_leftover_debug_containers_are_offered_for_removal(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        add_image(cockpit)
        where = launcher.find_debug_target(cockpit.entry("spin").container, lambda _: None)
        body = launcher.create_body(launcher.DEFAULT_IMAGE, where, ("sleep", "1000"), tty=False)
        body["Labels"][OWNER_LABEL] = f"{socket.gethostname()}/1/0"
        await temporary_containers.create_container(cockpit.session.client, body, "debris")
        assert "leftovers" in await open_netshoot(cockpit)
        await choose(cockpit, "leftovers")
        await cockpit.wait_until(lambda: "removed 1 debug container" in cockpit.toasts())
        assert not await find_leftovers(cockpit.session.client, cockpit.session.now())


async def test_a_stopped_container_has_neither_network_nor_shell(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, "fleet") as cockpit:
        await cockpit.move_cursor_to("report-2024-q4")
        await cockpit.press("n")
        assert "a stopped container has no network" in cockpit.toasts()
        await cockpit.press("e")
        assert "a shell needs a running container" in cockpit.toasts()
        assert isinstance(cockpit.app.screen, OverviewScreen)


async def test_the_app_goes_on_where_the_terminal_cannot_be_suspended(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("e")
        await cockpit.wait_until(lambda: "cannot be given to a shell" in cockpit.toasts())
        await cockpit.press("j", "k", "question_mark", "escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)
