"""Curves keep their spikes and gaps in braille and ASCII cells."""

from __future__ import annotations

from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockpit.model.view_models import Curve
from widgets.charts.braille_grid import (
    GlyphGrid,
    blank_grid,
    draw_curves,
    resample,
    row_of_value,
    scaled_height,
    stacked_totals,
)

anything = st.floats(allow_nan=True, allow_infinity=True)


def rows(grid: GlyphGrid) -> list[str]:
    return ["".join(row) for row in grid.glyphs]


def line(*points: float, stacked: bool = False) -> Curve:
    return Curve("x", points, stacked=stacked)


def test_a_full_curve_fills_its_cells() -> None:
    assert rows(draw_curves([line(*[1.0] * 8)], 4, 2, 1.0)) == ["⣿⣿⣿⣿", "⣿⣿⣿⣿"]


def test_heights_use_a_fixed_scale() -> None:
    assert rows(draw_curves([line(0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 1.0, 0.0)], 4, 1, 1.0)) == ["⣠⣶⣿⣇"]


def test_zero_is_a_dot_and_a_gap_is_not() -> None:
    assert rows(draw_curves([line(0.0, 0.0, nan, nan, 0.0, 0.0)], 3, 1, 1.0)) == ["⣀ ⣀"]


def test_a_spike_survives_downsampling() -> None:
    points = [0.0] * 900
    points[437] = 1.0
    drawn = rows(draw_curves([Curve("x", tuple(points))], 75, 10, 1.0))
    assert sum(cell != " " for cell in drawn[0]) == 1


def test_a_gap_that_fills_its_columns_stays_empty() -> None:
    points = tuple(nan if 300 <= at < 400 else 1.0 for at in range(900))
    bottom = rows(draw_curves([Curve("x", points)], 90, 4, 1.0))[-1]
    assert bottom == "⣿" * 30 + " " * 10 + "⣿" * 50


def test_few_points_are_interpolated_but_not_across_a_gap() -> None:
    assert resample([0.0, 1.0], 5) == [0.0, 0.25, 0.5, 0.75, 1.0]
    spread = resample([1.0, nan, 1.0], 9)
    assert [isnan(value) for value in spread] == [False, False, False, True, True, True, True, False, False]
    assert resample([3.0], 3) == [3.0, 3.0, 3.0]
    assert all(isnan(value) for value in resample([], 3))
    assert resample([1.0], 0) == []


@given(st.lists(anything, max_size=60), st.integers(1, 40))
def test_resampling_keeps_the_greatest_number(points: list[float], columns: int) -> None:
    found = resample(points, columns)
    numbers = [point for point in points if not isnan(point)]
    assert len(found) == columns
    if len(points) > columns and numbers:
        assert max(value for value in found if not isnan(value)) == max(numbers)


@given(st.lists(st.lists(anything, max_size=30), max_size=4), st.integers(0, 30), st.integers(0, 8), anything)
def test_any_values_can_be_drawn(curves: list[list[float]], columns: int, height: int, top: float) -> None:
    lines = [Curve("x", tuple(points), stacked=order % 2 == 0) for order, points in enumerate(curves)]
    for ascii, patterned in ((False, False), (False, True), (True, False)):
        grid = draw_curves(lines, columns, height, top, ascii=ascii, patterned=patterned)
        assert {len(row) for row in grid.glyphs} == {len(row) for row in grid.owners} == {max(columns, 1)}


def test_several_curves_are_traced_and_own_their_cells() -> None:
    grid = draw_curves([line(*[1.0] * 6), line(*[0.0] * 6)], 3, 2, 1.0)
    assert rows(grid) == ["⠉⠉⠉", "⣀⣀⣀"]
    assert grid.owners == [[1, 1, 1], [2, 2, 2]]


def test_a_step_is_a_vertical_stroke() -> None:
    assert rows(draw_curves([line(0.0, 0.0, 1.0, 1.0), line(nan)], 2, 2, 1.0)) == [" ⡏", "⣀⠇"]


def test_stacked_curves_lie_on_top_of_each_other() -> None:
    grid = draw_curves([line(*[1.0] * 4, stacked=True), line(*[1.0] * 4, stacked=True)], 2, 2, 2.0)
    assert rows(grid) == ["⣿⣿", "⣿⣿"]
    assert grid.owners == [[2, 2], [1, 1]]


def test_totals_skip_gaps() -> None:
    below, above = stacked_totals([line(1.0, nan, nan, stacked=True), line(2.0, 2.0, nan, stacked=True)])
    assert below[0] == 1.0 and above[:2] == [3.0, 2.0] and isnan(above[2])
    assert isnan(stacked_totals([line(1.0), line(1.0, 1.0)])[0][0])


def test_without_colour_layers_differ_by_their_dots() -> None:
    lines = [line(*[1.0] * 4, stacked=True), line(*[1.0] * 4, stacked=True)]
    assert rows(draw_curves(lines, 2, 2, 2.0, patterned=True)) == ["⣕⣕", "⣿⣿"]
    dashed = rows(draw_curves([line(nan), line(*[0.0] * 16)], 8, 1, 1.0, patterned=True))
    assert dashed == ["⣀⣀  ⣀⣀  "]


def test_ascii_draws_an_edge_and_a_body() -> None:
    assert rows(draw_curves([line(0.0, 0.5, 1.0, nan)], 4, 3, 1.0, ascii=True)) == ["  * ", " *: ", "*:: "]


def test_a_limit_line_fills_empty_cells_only() -> None:
    grid = draw_curves([line(0.0, 0.0, 1.0, 1.0, 0.0, 0.0)], 3, 4, 1.0)
    row = row_of_value(0.5, 1.0, 4)
    grid.put_limit(row, "┈")
    assert row == 1 and rows(grid)[row] == "┈⣿┈"
    assert grid.owners[row] == ["limit", 1, "limit"]
    assert row_of_value(0.5, 1.0, 4, ascii=True) == 1


@pytest.mark.parametrize(("value", "dots"), [(nan, 0), (-1.0, 1), (0.0, 1), (0.5, 5), (1.0, 8), (inf, 8)])
def test_scaled_height(value: float, dots: int) -> None:
    assert scaled_height(value, 1.0, 8) == dots


def test_a_scale_of_zero_draws_the_lowest_dot() -> None:
    assert scaled_height(3.0, 0.0, 8) == 1


def test_text_outside_the_grid_is_dropped() -> None:
    grid = blank_grid(3, 1)
    grid.put(0, 2, "ab", "dim")
    grid.put(5, 0, "x", "dim")
    assert rows(grid) == ["  a"]
    assert (
        not grid.is_free(0, 2, 1)
        and grid.is_free(0, 0, 2)
        and not grid.is_free(0, -1, 1)
        and not grid.is_free(0, 2, 2, "dim")
    )
