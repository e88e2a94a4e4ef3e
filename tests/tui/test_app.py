"""What the configuration asks of the app: what is kept, said, asked and coloured, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockpit.config.config import Config, Confirm, Loaded
from dockpit.config.options import Options
from dockpit.engine.endpoint import Endpoint
from dockpit.monitor.session import Session
from tests.tui.stage import staged
from tui.app import application
from tui.screens.limits import LimitsScreen


async def test_an_order_chosen_for_now_is_not_kept(tmp_path: Path) -> None:
    kept: dict[str, object] = {}
    async with staged(tmp_path, keep=kept.__setitem__) as stage:
        before = stage.app.state.sort
        await stage.press("s", "R", "t")
        await stage.press("s")
        assert stage.app.state.sort != before
        assert kept == {}


async def test_mistakes_in_the_configuration_are_said_inside(tmp_path: Path) -> None:
    async with staged(tmp_path, problems=("c.toml line 3: there is no setting [b]asci",)) as stage:
        assert stage.words() == "c.toml line 3: there is no setting [b]asci"


async def test_a_change_of_limits_is_made_without_asking_where_that_is_configured(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.app.confirming = Confirm(update=False)
        await stage.point_at("spin")
        await stage.press("u")
        await stage.at(LimitsScreen)
        await stage.press("2")
        await stage.says("$ docker update --cpus 2 spin")
        await stage.press("enter")
        await stage.until(lambda: stage.entry("spin").container.limits.cpu_cores == 2.0, "the limit is applied")


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", 130)])
async def test_leaving_is_done_and_an_interruption_is_one(tmp_path: Path, key: str, code: int) -> None:
    async with staged(tmp_path) as stage:
        await stage.press(key)
        await stage.until(lambda: stage.app.return_value is not None, "it ends")
        assert stage.app.return_value == code


@pytest.mark.parametrize("colour", [True, False])
def test_the_app_is_as_configured(colour: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.delenv("NO_COLOR")
    config = Config(color=colour, confirm=Confirm(stop=False))
    app = application(Options(loaded=Loaded(config)), Session(Endpoint("unix:///nowhere")))
    assert app.no_color is not colour
    assert app.confirming == Confirm(stop=False)
