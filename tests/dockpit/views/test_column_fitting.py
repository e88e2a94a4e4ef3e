"""Which columns fit a terminal."""

from __future__ import annotations

import pytest

from dockpit.metrics.compiled_columns import DEFAULT_COLUMNS
from dockpit.model.view_models import COLUMN_GAP, TABLE_MARGIN
from dockpit.views.column_fitting import columns


def ids(width: int, wanted: tuple[str, ...] = DEFAULT_COLUMNS) -> list[str]:
    return [column.id for column in columns(wanted, width)]


def test_80_cells_show_what_decides() -> None:
    found = ["state", "name", "cpu", "cpu_limit", "throttled", "memory", "memory_limit", "oom"]
    assert ids(80) == found


def test_120_cells_show_the_past_and_the_rates() -> None:
    added = {"cpu_spark", "memory_spark", "net", "disk"}
    assert set(ids(120)) == set(ids(80)) | added


def test_200_cells_show_every_default_figure() -> None:
    assert ids(200) == list(DEFAULT_COLUMNS)


@pytest.mark.parametrize("width", range(20, 240, 7))
def test_what_is_chosen_fits(width: int) -> None:
    fitting = columns(DEFAULT_COLUMNS, width)
    needed = sum(column.width for column in fitting) + COLUMN_GAP * (len(fitting) - 1) + 2 * TABLE_MARGIN
    assert needed <= width or len(fitting) == 2


def test_a_column_that_fits_stays_when_there_is_more_room() -> None:
    seen: set[str] = set()
    for width in range(20, 240):
        now = set(ids(width))
        if seen - now:
            assert width in (140, 180), "columns may only go where the pictures widen"
        seen = now


def test_the_user_chooses_columns_and_their_order() -> None:
    assert ids(0, ("image", "cpu", "no-such", "cpu")) == ["state", "name", "image", "cpu"]


def test_the_name_takes_the_room_that_is_left() -> None:
    assert [column.id for column in columns(DEFAULT_COLUMNS, 200) if column.stretch] == ["name"]
