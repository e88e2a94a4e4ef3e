"""The alerts screen: its rows, and the keys that act on the container of an alert."""

from __future__ import annotations

from pathlib import Path

from tests.tui.running_cockpit import running_cockpit
from tui.alerts.alerts_screen import AlertsScreen
from tui.container.container_screen import ContainerScreen
from tui.overview.overview_screen import OverviewScreen


async def test_alerts_are_listed_and_their_container_is_opened(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.wait_until(lambda: any(alert.kind == "throttled" for alert in cockpit.session.snapshot().alerts))
        await cockpit.press("w")
        await cockpit.wait_for_screen(AlertsScreen)
        await cockpit.wait_for_text("throttled", "spin")
        await cockpit.press("enter")
        await cockpit.wait_for_screen(ContainerScreen)
        await cockpit.wait_for_text("spin")
        await cockpit.press("escape", "w", "escape")
        assert isinstance(cockpit.app.screen, OverviewScreen)


async def test_the_keys_of_alerts_act_on_their_container(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.wait_until(lambda: any(alert.kind == "throttled" for alert in cockpit.session.snapshot().alerts))
        await cockpit.move_cursor_to("idle")
        await cockpit.press("w")
        await cockpit.wait_for_text("throttled")
        await cockpit.press("u")
        await cockpit.wait_for_text("limits of spin")
