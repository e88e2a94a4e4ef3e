"""The overhead line: ~ shows in the key bar of the screen in front what dockpit itself costs, and hides it again."""

from __future__ import annotations

from pathlib import Path

from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.container.container_screen import ContainerScreen
from widgets.text.key_bar import KeyBar


def overhead(cockpit: RunningCockpit) -> tuple[str, ...]:
    """The text beside the keys of the screen in front."""
    return cockpit.app.screen.query_one(KeyBar).aside


async def test_the_overhead_is_shown_on_every_screen_and_hidden_again(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        assert overhead(cockpit) == ()
        await cockpit.press("tilde")
        await cockpit.wait_for_text("dockpit", "% CPU", "MiB")
        await cockpit.press("enter")
        await cockpit.wait_for_screen(ContainerScreen)
        await cockpit.wait_until(lambda: overhead(cockpit), "the next screen shows it too")
        await cockpit.press("tilde")
        assert overhead(cockpit) == ()
        await cockpit.press("escape")
        await cockpit.wait_until(lambda: not overhead(cockpit), "the screen behind does not keep it")
