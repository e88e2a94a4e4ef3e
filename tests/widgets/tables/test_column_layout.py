"""Columns are dropped by priority on a narrow line and share the spare width on a wide one."""

from __future__ import annotations

from itertools import pairwise

from dockpit.model.view_models import Column
from widgets.tables.column_layout import lay_out_columns

COLUMNS = (
    Column("name", "NAME", 10, priority=0, stretch=True),
    Column("cpu", "CPU", 6, priority=1),
    Column("net", "NET", 8, priority=9),
    Column("mem", "MEM", 6, priority=2),
)


def ids(width: int) -> list[str]:
    return [slot.column.id for slot in lay_out_columns(COLUMNS, width)]


def test_the_least_important_column_is_dropped_first() -> None:
    assert ids(60) == ["name", "cpu", "net", "mem"]
    assert ids(30) == ["name", "cpu", "mem"]
    assert ids(20) == ["name", "cpu"]
    assert ids(5) == ["name"]


def test_the_stretching_column_fills_the_line_with_one_cell_between() -> None:
    slots = lay_out_columns(COLUMNS, 60)
    assert slots[0].x == 1 and slots[-1].end == 59
    assert all(after.x == before.end + 1 for before, after in pairwise(slots))


def test_several_stretching_columns_share_the_spare_width() -> None:
    columns = (Column("a", "A", 4, stretch=True), Column("b", "B", 4, stretch=True))
    assert [slot.width for slot in lay_out_columns(columns, 24)] == [11, 10]


def test_the_last_column_is_cut_rather_than_dropped() -> None:
    (slot,) = lay_out_columns(COLUMNS, 6)
    assert slot.width == 4


def test_no_columns_and_no_width() -> None:
    assert lay_out_columns((), 20) == ()
    assert [slot.width for slot in lay_out_columns(COLUMNS, 0)] == [0]
