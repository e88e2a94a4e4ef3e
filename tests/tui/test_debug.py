"""netshoot and shells: what is offered, pulling with a way out, recipes, what was left behind."""

from __future__ import annotations

import socket
from pathlib import Path

from textual.widgets import Input, OptionList

from dockpit.engine import terminals
from dockpit.netshoot import launcher
from dockpit.netshoot.leftovers import OWNER_LABEL, leftovers
from tests.tui.stage import Stage, staged
from tui.screens.choose import ChooseScreen
from tui.screens.overview import OverviewScreen
from tui.screens.pull import PullScreen
from tui.screens.recipe import RecipeScreen
from tui.words import Words
from widgets.live_table import LiveTable
from widgets.progress_list import ProgressList


async def offered(stage: Stage, name: str = "spin") -> list[str]:
    """Press n on a container; what can be chosen."""
    await stage.point_at(name)
    await stage.press("n")
    await stage.at(ChooseScreen)
    return [option.id or "" for option in stage.app.screen.query_one(OptionList).options]


async def choose(stage: Stage, wanted: str) -> None:
    """Choose what is called `wanted`."""
    ids = [option.id for option in stage.app.screen.query_one(OptionList).options]
    await stage.press(*("j",) * ids.index(wanted), "enter")


def said(stage: Stage, id: str = "state") -> str:
    """What the dialog says."""
    return stage.app.screen.query_one(f"#{id}", Words).said


def pulls(stage: Stage) -> int:
    """How often the engine was asked to pull."""
    return stage.engine.requests.count(("POST", "/images/create"))


async def pulled(stage: Stage) -> None:
    """Have the image on the engine."""
    stage.engine.world.add_image(f"{launcher.DEFAULT_IMAGE}:latest")


async def test_an_image_that_is_not_there_is_pulled_when_it_is_wanted(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await offered(stage)
        await choose(stage, "dns")
        await stage.at(PullScreen)
        assert "is not on this engine" in stage.text()
        await stage.press("enter")
        layers = stage.app.screen.query_one(ProgressList)
        await stage.until(lambda: any(0 < row.current < (row.total or 0) for row in layers.rows))
        asked = pulls(stage)
        await stage.press("enter")
        assert asked == pulls(stage) == 1
        await stage.at(RecipeScreen)


async def test_a_pull_is_cancelled(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await offered(stage)
        await choose(stage, "shell")
        await stage.at(PullScreen)
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen.query_one(ProgressList).rows)
        await stage.press("escape")
        assert isinstance(stage.app.screen, OverviewScreen)
        await stage.until(lambda: not [w for w in stage.app.workers if w.group == "pull" and not w.is_finished])
        assert not await launcher.has_image(stage.session.client, launcher.DEFAULT_IMAGE)


async def test_a_pull_that_fails_is_explained_and_can_be_tried_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.app.netshoot_image = "broken/[red]netshoot"
        await offered(stage)
        await choose(stage, "shell")
        await stage.at(PullScreen)
        await stage.press("enter")
        await stage.until(lambda: "manifest unknown" in said(stage))
        assert "the registry has no such image" in said(stage) and "tries again" in said(stage, "hint")
        assert "broken/[red]netshoot" in stage.text()
        asked = pulls(stage)
        await stage.press("enter")
        await stage.until(lambda: pulls(stage) > asked)
        await stage.until(lambda: "manifest unknown" in said(stage) and "tries again" in said(stage, "hint"))


async def test_a_recipe_runs_and_is_read(tmp_path: Path) -> None:
    async with staged(tmp_path, "fleet") as stage:
        await pulled(stage)
        ids = await offered(stage, "shop-web-1")
        assert ids[:2] == ["shell", "shell-pid"] and "dns" in ids
        await choose(stage, "listen")
        await stage.at(RecipeScreen)
        result = stage.app.screen.query_one(LiveTable)
        await stage.until(lambda: result.view.rows, "the recipe printed something")
        assert stage.text().count("$ ") == 1
        await stage.press("y")
        assert stage.app.clipboard and f"$ {stage.app.clipboard}"[:60] in stage.text()
        await stage.press("escape")
        assert isinstance(stage.app.screen, OverviewScreen)
        assert not await leftovers(stage.session.client, stage.session.now())


async def test_the_keys_are_those_of_the_result_once_a_recipe_runs(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await pulled(stage)
        await offered(stage)
        await choose(stage, "dns")
        await stage.at(RecipeScreen)
        assert "name: localhost" in stage.text() and said(stage, "hint") == "enter runs it · esc leaves"
        stage.engine.refuse("^POST /containers/create", 500, "out of luck")
        await stage.press("enter")
        await stage.until(lambda: "out of luck" in said(stage))
        assert isinstance(stage.app.focused, LiveTable)
        await stage.until(lambda: "tab changes the name" in said(stage, "hint"))
        stage.engine.allow()
        await stage.press("r")
        result = stage.app.screen.query_one(LiveTable)
        await stage.until(lambda: result.view.rows, "the recipe printed something")
        assert stage.app.screen.query_one(Input).value == "localhost"
        await stage.press("tab", "x")
        assert stage.app.screen.query_one(Input).value != "localhost"


async def test_an_image_that_goes_while_a_recipe_is_open_is_offered_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await pulled(stage)
        await offered(stage)
        await choose(stage, "dns")
        await stage.at(RecipeScreen)
        stage.engine.world.images.clear()
        await stage.press("enter")
        await stage.at(PullScreen)
        await stage.press("enter")
        await stage.at(RecipeScreen)
        result = stage.app.screen.query_one(LiveTable)
        await stage.until(lambda: result.view.rows, "the recipe printed something")


async def test_a_wrong_argument_is_refused_before_anything_runs(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await pulled(stage)
        await offered(stage)
        await choose(stage, "dns")
        await stage.at(RecipeScreen)
        await stage.press("ctrl+u", *"-x", "enter")
        await stage.until(lambda: "not a " in said(stage))
        assert ("POST", "/containers/create") not in stage.engine.requests


async def test_what_was_left_behind_is_offered_for_removal(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await pulled(stage)
        where = launcher.target(stage.entry("spin").container, lambda _: None)
        body = launcher.body(launcher.DEFAULT_IMAGE, where, ("sleep", "1000"), tty=False)
        body["Labels"][OWNER_LABEL] = f"{socket.gethostname()}/1/0"
        await terminals.create_container(stage.session.client, body, "debris")
        assert "leftovers" in await offered(stage)
        await choose(stage, "leftovers")
        await stage.until(lambda: "removed 1 debug container" in stage.words())
        assert not await leftovers(stage.session.client, stage.session.now())


async def test_a_stopped_container_has_neither_network_nor_shell(tmp_path: Path) -> None:
    async with staged(tmp_path, "fleet") as stage:
        await stage.point_at("report-2024-q4")
        await stage.press("n")
        assert "a stopped container has no network" in stage.words()
        await stage.press("e")
        assert "a shell needs a running container" in stage.words()
        assert isinstance(stage.app.screen, OverviewScreen)


async def test_a_terminal_that_cannot_be_lent_leaves_the_app_working(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.point_at("spin")
        await stage.press("e")
        await stage.until(lambda: "cannot be given to a shell" in stage.words())
        await stage.press("j", "k", "question_mark", "escape")
        assert isinstance(stage.app.screen, OverviewScreen)
