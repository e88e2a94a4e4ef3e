"""Terminals without Unicode, without colour, with sixteen colours or a light background, at three sizes."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from rich.console import Console

from tests.tui.running_cockpit import RunningCockpit, running_cockpit
from tui.container.container_screen import TABS, ContainerScreen
from tui.dialogs.choose_screen import ChooseScreen
from tui.theme import choose_theme, color_count
from tui.view_state import ViewState

KNOWN = ("ansi-dark", "ansi-light", "dockpit-dark", "dockpit-light", "nord")


@pytest.mark.parametrize(
    ("wanted", "number", "background", "theme"),
    [
        ("", 1 << 24, "", "dockpit-dark"),
        ("auto", 256, "0;15", "dockpit-light"),
        ("light", 256, "15;0", "dockpit-light"),
        ("dark", 256, "0;15", "dockpit-dark"),
        ("nord", 16, "", "nord"),
        ("dark", 16, "", "ansi-dark"),
        ("light", 16, "", "ansi-light"),
        ("", 16, "0;15", "ansi-light"),
        ("no such theme", 256, "", "dockpit-dark"),
    ],
)
def test_the_theme_is_chosen_by_setting_and_terminal(wanted: str, number: int, background: str, theme: str) -> None:
    assert choose_theme(wanted, KNOWN, number, background) == theme


def test_the_number_of_colours_of_a_terminal() -> None:
    assert color_count(Console(color_system="standard", force_terminal=True)) == 16
    assert color_count(Console(color_system="256", force_terminal=True)) == 256
    assert color_count(Console(color_system="truecolor", force_terminal=True)) > 256


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
