"""Terminals without Unicode, without colour, with sixteen colours or a light background, at three sizes."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from rich.console import Console

from tests.tui.stage import Stage, staged
from tui.screens.choose import ChooseScreen
from tui.screens.container import TABS, ContainerScreen
from tui.state import ViewState
from tui.theme import choose_theme, colours

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
def test_the_theme_fits_the_terminal(wanted: str, number: int, background: str, theme: str) -> None:
    assert choose_theme(wanted, KNOWN, number, background) == theme


def test_colours_of_a_terminal() -> None:
    assert colours(Console(color_system="standard", force_terminal=True)) == 16
    assert colours(Console(color_system="256", force_terminal=True)) == 256
    assert colours(Console(color_system="truecolor", force_terminal=True)) > 256


async def every_screen(stage: Stage) -> dict[str, str]:
    """What each screen shows."""
    await stage.until(lambda: any(alert.kind == "throttled" for alert in stage.session.snapshot().alerts))
    stage.app.frame()
    await stage.pilot.pause()
    found = {"overview": stage.text()}
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
        await stage.press(key)
        found[name] = stage.text()
        await stage.press("escape")
    await stage.press("n")
    await stage.at(ChooseScreen)
    found["netshoot"] = stage.text()
    await stage.press("escape", "enter")
    await stage.at(ContainerScreen)
    for tab in TABS:
        stage.app.frame()
        await stage.pilot.pause()
        found[tab] = stage.text()
        await stage.press("tab")
    await stage.press("Z")
    found["zoom"] = stage.text()
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_nothing_but_ascii_where_the_terminal_has_no_more(tmp_path: Path, size: tuple[int, int]) -> None:
    async with staged(tmp_path, "fleet", size=size, state=ViewState(UTC, ascii=True)) as stage:
        for name, text in (await every_screen(stage)).items():
            stray = {char for char in text if not char.isascii()}
            assert not stray, f"{name}: {sorted(stray)}\n{text}"


@pytest.mark.parametrize("theme", ["light", "ansi-dark", "ansi-light"])
async def test_every_theme_draws_every_screen(tmp_path: Path, theme: str) -> None:
    async with staged(tmp_path, theme=theme) as stage:
        assert stage.app.theme.endswith(theme)
        assert all(text.strip() for text in (await every_screen(stage)).values())


async def test_no_colour_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with staged(tmp_path) as stage:
        await stage.until(lambda: "high" in stage.text(), "a word stands for the colour")
        for strip in stage.app.screen._compositor.render_strips():
            for segment in strip:
                colour = segment.style.color.triplet if segment.style and segment.style.color else None
                assert colour is None or colour.red == colour.green == colour.blue
