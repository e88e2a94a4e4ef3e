"""Hostile text is visible and exactly as wide as asked; tones have a style in every theme and without colour."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip

from dockpit.model.view_models import Tone
from widgets.drawing.themed_widget import StylePart, ThemedWidget
from widgets.ink import ASCII_CLASS, TerminalFeatures, fit, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred", "␛[31mred"),
        ("[red]x[/]", "[red]x[/]"),
        ("a\r\nb", "a␍␊b"),
        ("a\tb", "a b"),
        ("a\x7fb\x9bc", "a␡b�c"),
        ("\u202eevil\u2066", "�evil�"),
        ("a\u200bb\u2028c", "a�b�c"),
        ("\ud800", "�"),
        ("⚠\ufe0f", "⚠"),
        ("été 日本", "été 日本"),
    ],
)
def test_control_and_invisible_characters_are_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("● up → 3 ≥ 2 …", "* up > 3 >= 2 ~"), ("\x1bé日\t", "??? "), ("▁▂█", "###"), ("plain", "plain")],
)
def test_a_terminal_without_unicode_gets_near_signs(text: str, shown: str) -> None:
    assert visible(text, ascii=True) == shown


def test_only_what_fits_of_a_huge_line_is_looked_at() -> None:
    assert len(visible("\x1b" * 5_000_000, 10)) < 100
    assert fit("\x1bx" * 5_000_000, 6) == "␛x␛x␛…"


@pytest.mark.parametrize(
    ("text", "width", "align", "shown"),
    [
        ("ab", 5, "left", "ab   "),
        ("ab", 5, "right", "   ab"),
        ("ab", 5, "center", " ab  "),
        ("abcdef", 4, "left", "abc…"),
        ("日本語", 6, "left", "日本語"),
        ("日本語", 5, "left", "日本…"),
        ("日本語", 4, "left", "日 …"),
        ("x", 0, "left", ""),
    ],
)
def test_fit_pads_and_cuts_in_terminal_cells(text: str, width: int, align: str, shown: str) -> None:
    assert fit(text, width, align) == shown  # type: ignore[arg-type]  # parametrized literals come as plain str


def test_the_ellipsis_is_ascii_where_it_must_be() -> None:
    assert fit("abcdef", 4, ascii=True) == "abc~"


@given(st.text(max_size=80), st.integers(0, 40), st.sampled_from(["left", "right", "center"]), st.booleans())
def test_fit_is_exact_and_harmless_for_any_text(text: str, width: int, align: str, ascii: bool) -> None:
    shown = fit(text, width, align, ascii)  # type: ignore[arg-type]  # sampled literals come as plain str
    assert cell_len(shown) == width
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert shown.isascii() or not ascii


class Swatch(ThemedWidget, can_focus=True):
    """Every tone and part, plain in line 0 and on the cursor in line 1."""

    def render_line(self, y: int) -> Strip:
        return Strip(
            [Segment("x", self.themed_style(name, cursor=y == 1)) for name in (*get_args(Tone), *get_args(StylePart))]
        )


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Swatch()


async def test_tones_follow_a_change_of_theme() -> None:
    app = Host()
    async with app.run_test(size=(40, 3)) as pilot:
        swatch = app.query_one(Swatch)
        dark = swatch.themed_style("critical")
        app.theme = "textual-light"
        await pilot.pause()
        assert swatch.themed_style("critical") != dark
        assert swatch.terminal == TerminalFeatures(ascii=False, colour=True)


async def test_trouble_keeps_its_colour_on_the_cursor() -> None:
    app = Host()
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
    app = Host()
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
    app = Host()
    app.theme = "ansi-dark"
    async with app.run_test(size=(40, 3)):
        colour = app.query_one(Swatch).themed_style("high").color
        assert colour is not None and colour.number == 1


async def test_the_app_says_that_the_terminal_has_no_unicode() -> None:
    app = Host()
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(40, 3)):
        terminal = app.query_one(Swatch).terminal
    assert terminal.ascii
    assert all(terminal.sign(tone).isascii() for tone in get_args(Tone))
