"""A row cursor follows its key, falls back to a neighbour, and remembers its row while there are none."""

from __future__ import annotations

from dockpit.model.view_models import Row
from widgets.tables.row_cursor import RowCursor, nearest_key


def rows(keys: str) -> tuple[Row, ...]:
    return tuple(Row(key, ()) for key in keys)


def test_the_cursor_starts_on_the_first_row_and_follows_its_key() -> None:
    cursor = RowCursor()
    assert cursor.replace_rows(rows("abc")) and cursor.key == "a"
    assert not cursor.replace_rows(rows("cba"))
    assert (cursor.key, cursor.position) == ("a", 2) and cursor.row == Row("a", ())


def test_a_cursor_without_rows_is_on_none() -> None:
    cursor = RowCursor()
    assert cursor.key is None and cursor.position is None and cursor.row is None


def test_moves_are_limited_to_the_rows_and_tell_both_positions() -> None:
    cursor = RowCursor()
    assert cursor.move_to(3) is None
    cursor.replace_rows(rows("abc"))
    assert cursor.move_to(9) == (0, 2) and cursor.key == "c"
    assert cursor.move_to(2) is None and cursor.move_to(-1) == (2, 0)


def test_a_removed_row_is_replaced_by_its_nearest_neighbour() -> None:
    cursor = RowCursor()
    cursor.replace_rows(rows("abcd"))
    cursor.move_to(2)
    assert cursor.replace_rows(rows("abd")) and cursor.key == "d"
    assert not cursor.replace_rows(()) and cursor.key is None and cursor.remembered_key == "d"
    assert not cursor.replace_rows(rows("xd")) and cursor.position == 1


def test_of_equally_near_keys_the_lower_row_wins() -> None:
    assert nearest_key(rows("abc"), 1, {"a", "c"}) == "c"
    assert nearest_key(rows("abc"), 1, ()) == ""
