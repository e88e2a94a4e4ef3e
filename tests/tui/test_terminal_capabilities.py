"""Every screen without Unicode, without colour and in every kind of theme, at three sizes."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.container.container_screen import TABS, ContainerScreen
from tui.dialogs.choose_screen import ChooseScreen
from tui.view_state import ViewState


async def screen_texts(cockpit: RunningCockpit) -> dict[str, str]:
    """The text of each screen, by a name for it."""
    await cockpit.wait_until(lambda: any(alert.kind == "throttled" for alert in cockpit.session.snapshot().alerts))
    cockpit.app.draw_frame()
    await cockpit.pilot.pause()
    found = {"overview": cockpit.screen_text()}
    for name, key in (
        ("alerts", "w"),
        ("help", "question_mark"),
        ("sort", "S"),
        ("columns", "c"),
        ("limits", "u"),
        ("actions", "a"),
        ("palette", "colon"),
        ("filter", "slash"),
    ):
        await cockpit.press(key)
        found[name] = cockpit.screen_text()
        await cockpit.press("escape")
    await cockpit.press("n")
    await cockpit.wait_for_screen(ChooseScreen)
    found["netshoot"] = cockpit.screen_text()
    await cockpit.press("escape", "enter")
    await cockpit.wait_for_screen(ContainerScreen)
    for tab in TABS:
        cockpit.app.draw_frame()
        await cockpit.pilot.pause()
        found[tab] = cockpit.screen_text()
        await cockpit.press("tab")
    await cockpit.press("Z")
    found["zoom"] = cockpit.screen_text()
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_ascii_mode_shows_nothing_but_ascii(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running_cockpit(tmp_path, "fleet", size=size, state=ViewState(UTC, ascii=True)) as cockpit:
        for name, text in (await screen_texts(cockpit)).items():
            stray = {char for char in text if not char.isascii()}
            assert not stray, f"{name}: {sorted(stray)}\n{text}"


@pytest.mark.parametrize("theme", ["light", "ansi-dark", "ansi-light"])
async def test_every_screen_has_text_in_every_theme(tmp_path: Path, theme: str) -> None:
    async with running_cockpit(tmp_path, theme=theme) as cockpit:
        assert cockpit.app.theme.endswith(theme)
        assert all(text.strip() for text in (await screen_texts(cockpit)).values())


async def test_no_color_shows_nothing_but_greys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.wait_until(lambda: "high" in cockpit.screen_text(), "a word stands for the colour")
        for strip in cockpit.app.screen._compositor.render_strips():
            for segment in strip:
                colour = segment.style.color.triplet if segment.style and segment.style.color else None
                assert colour is None or colour.red == colour.green == colour.blue
