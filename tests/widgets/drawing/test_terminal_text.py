"""Untrusted text becomes printable and exactly as wide as requested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.drawing.terminal_text import fit, visible


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
def test_ascii_substitutes_similar_characters(text: str, shown: str) -> None:
    assert visible(text, ascii=True) == shown


def test_only_the_fitting_part_of_a_huge_line_is_processed() -> None:
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


def test_the_ellipsis_has_an_ascii_form() -> None:
    assert fit("abcdef", 4, ascii=True) == "abc~"


@given(st.text(max_size=80), st.integers(0, 40), st.sampled_from(["left", "right", "center"]), st.booleans())
def test_fit_is_exact_and_printable_for_any_text(text: str, width: int, align: str, ascii: bool) -> None:
    shown = fit(text, width, align, ascii)  # type: ignore[arg-type]  # sampled literals come as plain str
    assert cell_len(shown) == width
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert shown.isascii() or not ascii
