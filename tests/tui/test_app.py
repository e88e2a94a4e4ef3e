"""The app as the configuration asks for it: what is saved, shown, confirmed and coloured; and exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockpit.config.defaults import Config, ConfirmSettings, LoadedConfig
from dockpit.config.options import Options
from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.monitor.session import Session
from tests.tui.running_cockpit import running_cockpit
from tui.app_factory import create_app
from tui.limits.limits_screen import LimitsScreen


async def test_a_sort_order_is_not_saved(tmp_path: Path) -> None:
    saved: dict[str, object] = {}
    async with running_cockpit(tmp_path, save=saved.__setitem__) as cockpit:
        before = cockpit.app.state.sort
        await cockpit.press("s", "R", "t")
        await cockpit.press("s")
        assert cockpit.app.state.sort != before
        assert saved == {}


async def test_mistakes_in_the_configuration_are_shown_as_toasts(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, problems=("c.toml line 3: there is no setting [b]asci",)) as cockpit:
        assert cockpit.toasts() == "c.toml line 3: there is no setting [b]asci"


async def test_limits_are_changed_without_confirmation_where_so_configured(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path, confirm=ConfirmSettings(update=False)) as cockpit:
        await cockpit.move_cursor_to("spin")
        await cockpit.press("u")
        await cockpit.wait_for_screen(LimitsScreen)
        await cockpit.press("2")
        await cockpit.wait_for_text("$ docker update --cpus 2 spin")
        await cockpit.press("enter")
        await cockpit.wait_until(
            lambda: cockpit.entry("spin").container.limits.cpu_cores == 2.0, "the limit is applied"
        )


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", 130)])
async def test_exit_codes(tmp_path: Path, key: str, code: int) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.press(key)
        await cockpit.wait_until(lambda: cockpit.app.return_value is not None, "it ends")
        assert cockpit.app.return_value == code


@pytest.mark.parametrize("colour", [True, False])
def test_colour_and_confirmation_are_taken_from_the_configuration(
    colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.delenv("NO_COLOR")
    config = Config(color=colour, confirm=ConfirmSettings(stop=False))
    app = create_app(Options(loaded=LoadedConfig(config)), Session(Endpoint("unix:///nowhere")))
    assert app.no_color is not colour
    assert app.settings.confirm == ConfirmSettings(stop=False)
