"""Every tone has a style in each theme, with 16 colours and without colour."""

from __future__ import annotations

from typing import get_args

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip

from dockpit.model.view_models import Tone
from widgets.drawing.terminal_text import ASCII_CLASS, TerminalFeatures
from widgets.drawing.themed_widget import StylePart, ThemedWidget


class Swatch(ThemedWidget, can_focus=True):
    """Widget with every tone and part, plain in line 0 and on the cursor in line 1."""

    def render_line(self, y: int) -> Strip:
        return Strip(
            [Segment("x", self.themed_style(name, cursor=y == 1)) for name in (*get_args(Tone), *get_args(StylePart))]
        )


class SwatchApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Swatch()


async def test_tones_follow_a_change_of_theme() -> None:
    app = SwatchApp()
    async with app.run_test(size=(40, 3)) as pilot:
        swatch = app.query_one(Swatch)
        dark = swatch.themed_style("critical")
        app.theme = "textual-light"
        await pilot.pause()
        assert swatch.themed_style("critical") != dark
        assert swatch.terminal == TerminalFeatures(ascii=False, colour=True)


async def test_tones_keep_their_colour_on_the_cursor() -> None:
    app = SwatchApp()
    async with app.run_test(size=(40, 3)) as pilot:
        swatch = app.query_one(Swatch)
        under = swatch.themed_style("focused").bgcolor
        assert swatch.themed_style("high", cursor=True).color == swatch.themed_style("high").color
        assert swatch.themed_style("critical", cursor=True).bgcolor == under
        assert swatch.themed_style("dim", cursor=True).color == swatch.themed_style("normal").color
        app.set_focus(None)
        await pilot.pause()
        quiet = swatch.themed_style("cursor").bgcolor
        assert swatch.themed_style("critical", cursor=True).bgcolor == quiet != under, "the cursor of what has no focus"


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-dark", "ansi-light"])
async def test_without_colour_a_tone_is_weight_underline_or_reverse(
    theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = SwatchApp()
    app.theme = theme
    async with app.run_test(size=(40, 3)) as pilot:
        swatch = app.query_one(Swatch)
        swatch.focus()
        await pilot.pause()
        tones: tuple[Tone, ...] = ("normal", "watch", "high", "critical")
        styles = [swatch.themed_style(tone) for tone in tones]
        attributes = {(bool(style.bold), bool(style.underline), bool(style.reverse)) for style in styles}
        assert len(attributes) == 4
        assert not swatch.terminal.colour
        assert swatch.themed_style("normal", cursor=True).reverse
        assert not swatch.themed_style("critical", cursor=True).reverse


async def test_sixteen_colours_are_the_terminals_own() -> None:
    app = SwatchApp()
    app.theme = "ansi-dark"
    async with app.run_test(size=(40, 3)):
        colour = app.query_one(Swatch).themed_style("high").color
        assert colour is not None and colour.number == 1


async def test_the_css_class_of_the_app_selects_ascii() -> None:
    app = SwatchApp()
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(40, 3)):
        terminal = app.query_one(Swatch).terminal
    assert terminal.ascii
    assert all(terminal.sign(tone).isascii() for tone in get_args(Tone))
