"""~ shows what dockpit itself costs at the foot of whichever screen is in front, and hides it again."""

from __future__ import annotations

from pathlib import Path

from tests.tui.stage import Stage, staged
from tui.screens.container import ContainerScreen
from widgets.key_bar import KeyBar


def aside(stage: Stage) -> tuple[str, ...]:
    """What stands beside the keys of the screen in front."""
    return stage.app.screen.query_one(KeyBar).aside


async def test_the_costs_are_shown_and_hidden(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert aside(stage) == ()
        await stage.press("tilde")
        await stage.says("dockpit", "% CPU", "MiB")
        await stage.press("enter")
        await stage.at(ContainerScreen)
        await stage.until(lambda: aside(stage), "the next screen shows them too")
        await stage.press("tilde")
        assert aside(stage) == ()
        await stage.press("escape")
        await stage.until(lambda: not aside(stage), "the screen behind does not keep them")
