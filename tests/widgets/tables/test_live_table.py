"""A live table repaints changed lines only, and its cursor stays on its row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import Cell, Column, Row, TableView
from tests.widgets.host_app import HostApp, drawn_lines
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.tables.live_table import LiveTable

COLUMNS = (
    Column("name", "NAME", 12, priority=0, stretch=True),
    Column("cpu", "CPU", 6, "right", priority=1),
    Column("bar", "OF LIMIT", 12, "right", priority=2),
    Column("spark", "1 MIN", 8, priority=3),
    Column("net", "NET", 30, priority=9),
)


class RecordingTable(LiveTable):
    """Live table that records the lines it was asked to draw."""

    def __init__(self, view: TableView) -> None:
        super().__init__(view)
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


def row(key: str, cpu: str = "0.10", share: float = 0.5) -> Row:
    return Row(key, (Cell(key), Cell(cpu), Cell("50%", bar=share), Cell(spark=(0.0, 1.0)), Cell("1k")))


def view(*keys: str) -> TableView:
    return TableView(COLUMNS, tuple(row(key) for key in keys), sort="cpu")


def many(count: int) -> TableView:
    return view(*(f"c{number:03}" for number in range(count)))


def names(table: LiveTable) -> list[str]:
    return [line.strip(" ▌>").split(" ")[0] for line in drawn_lines(table)[1:]]


async def test_titles_rows_bars_and_sparklines() -> None:
    table = LiveTable(view("web", "db"))
    async with HostApp(table).run_test(size=(50, 5)):
        title, first, second, *rest = drawn_lines(table)
    assert title == " NAME                  CPU↓     OF LIMIT 1 MIN    "
    assert first == "▌web                   0.10 ███▌     50%       ▁█ "
    assert second.startswith(" db ")
    assert [line.strip() for line in rest] == ["", ""]


@pytest.mark.parametrize(
    ("size", "titles"), [((80, 24), 5), ((120, 36), 5), ((200, 60), 5), ((40, 10), 3), ((21, 5), 2), ((20, 5), 1)]
)
async def test_every_line_is_as_wide_as_the_widget(size: tuple[int, int], titles: int) -> None:
    table = LiveTable(many(100))
    async with HostApp(table).run_test(size=size):
        drawn = drawn_lines(table)
        assert {cell_len(line) for line in drawn} == {table.size.width}
        assert sum(column.title in drawn[0] for column in COLUMNS) == titles
        assert len(drawn) == size[1]


async def test_control_characters_and_markup_are_literal_and_visible() -> None:
    untrusted = Row("x", (Cell("[red]a\x1b[2J\n[/]"), Cell("[b]")))
    table = LiveTable(TableView(COLUMNS, (untrusted,), empty="[/]"))
    async with HostApp(table).run_test(size=(60, 3)):
        assert drawn_lines(table)[1].startswith("▌[red]a␛[2J␊[/]")
        assert "[b]" in drawn_lines(table)[1]


async def test_wide_characters_keep_the_columns_aligned() -> None:
    table = LiveTable(view("日本語コンテナ名前非常長", "🐳whale", "plain"))
    async with HostApp(table).run_test(size=(40, 4)):
        for line in drawn_lines(table)[1:]:
            assert cell_len(line[: line.index("0.10")]) == drawn_lines(table)[0].index("CPU↓")


async def test_long_text_continues_over_empty_cells_only() -> None:
    exited = Row("m", (Cell("migrate"), Cell("exited 0, 3 h ago")))
    busy = Row("b", (Cell("b"), Cell("0.123456789"), Cell("7%")))
    table = LiveTable(TableView(COLUMNS, (exited, busy)))
    async with HostApp(table).run_test(size=(50, 4)):
        assert "exited 0, 3 h ago" in drawn_lines(table)[1]
        assert "0.123…" in drawn_lines(table)[2]


async def test_groups_have_fold_signs_and_items_an_indent() -> None:
    group = Row("g", (Cell("shop"),), kind="group")
    rows = (group, replace(row("web"), indent=1), replace(group, key="h", folded=True))
    table = LiveTable(TableView(COLUMNS, rows))
    async with HostApp(table).run_test(size=(60, 5)):
        assert [line[1:8].rstrip() for line in drawn_lines(table)[1:4]] == ["▾ shop", "  web", "▸ shop"]
    ascii_table = LiveTable(TableView(COLUMNS, rows))
    app = HostApp(ascii_table)
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(60, 5)):
        assert [line[1:8].rstrip() for line in drawn_lines(ascii_table)[1:4]] == ["v shop", "  web", "> shop"]


async def test_a_narrow_first_column_takes_the_fold_sign_alone() -> None:
    columns = (Column("state", "", 1, priority=0), *COLUMNS)
    rows = (Row("g", (Cell(), Cell("shop")), kind="group"), Row("w", (Cell("●"), Cell("web")), indent=1))
    table = LiveTable(TableView(columns, rows))
    async with HostApp(table).run_test(size=(60, 4)):
        assert [line[1:9].rstrip() for line in drawn_lines(table)[1:3]] == ["▾ shop", "●   web"]


async def test_ascii_draws_nothing_but_ascii() -> None:
    table = LiveTable(replace(many(50), descending=False))
    app = HostApp(table)
    app.add_class(ASCII_CLASS)
    async with app.run_test(size=(80, 10)):
        drawn = drawn_lines(table)
        assert all(line.isascii() for line in drawn)
        assert "CPU^" in drawn[0] and drawn[1].startswith(">c000")
        assert table.scrollbar_size_vertical == 0


async def test_an_equal_view_redraws_nothing() -> None:
    table = RecordingTable(many(500))
    async with HostApp(table).run_test(size=(140, 42)) as pilot:
        await pilot.pause()
        table.drawn.clear()
        table.view = many(500)
        await pilot.pause()
        assert table.drawn == []


async def test_only_changed_visible_lines_are_redrawn() -> None:
    table = RecordingTable(many(500))
    async with HostApp(table).run_test(size=(140, 42)) as pilot:
        await pilot.pause()
        table.drawn.clear()
        rows = list(table.view.rows)
        for at in (3, 7, 30, 400):
            rows[at] = row(rows[at].key, cpu="9.99")
        table.view = replace(table.view, rows=tuple(rows))
        await pilot.pause()
        assert sorted(table.drawn) == [4, 8, 31]
        assert "9.99" in drawn_lines(table)[4]


async def test_moving_the_cursor_redraws_two_lines() -> None:
    table = RecordingTable(many(100))
    async with HostApp(table).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        table.drawn.clear()
        await pilot.press("down")
        await pilot.pause()
        assert sorted(set(table.drawn)) == [1, 2]


async def test_a_change_in_a_dropped_column_redraws_nothing() -> None:
    table = RecordingTable(view("a", "b"))
    async with HostApp(table).run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        table.drawn.clear()
        changed = replace(row("a"), cells=(*row("a").cells[:4], Cell("9k")))
        table.view = replace(table.view, rows=(changed, row("b")))
        await pilot.pause()
        assert table.drawn == []


async def test_the_cursor_follows_its_key_when_rows_move() -> None:
    table = LiveTable(view("a", "b", "c"))
    app = HostApp(table)
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.press("down")
        table.view = view("b", "c", "a")
        await pilot.pause()
        assert table.cursor_key == "b"
        assert [line[0] for line in drawn_lines(table)[1:4]] == ["▌", " ", " "]
        assert app.received == ["Highlighted a", "Highlighted b"]


async def test_the_cursor_goes_to_the_nearest_neighbour_when_its_row_is_gone() -> None:
    table = LiveTable(view("a", "b", "c", "d"))
    async with HostApp(table).run_test(size=(60, 6)) as pilot:
        table.cursor_key = "c"
        table.view = view("a", "b", "d")
        assert table.cursor_key == "d"
        table.view = view("a", "b")
        assert table.cursor_key == "b"
        table.view = view("x", "y", "z")
        assert table.cursor_key == "y"
        await pilot.pause()


async def test_an_empty_table_shows_its_message_and_remembers_the_cursor() -> None:
    table = LiveTable(view("a", "b"))
    async with HostApp(table).run_test(size=(60, 6)) as pilot:
        table.cursor_key = "b"
        table.view = TableView(COLUMNS, (), empty="No container runs here.")
        await pilot.pause()
        assert table.cursor_key is None and table.cursor_row is None
        assert drawn_lines(table)[3].strip() == "No container runs here."
        assert drawn_lines(table)[3].index("N") == 18
        await pilot.press("down", "enter", "end")
        table.view = view("a", "b")
        assert table.cursor_key == "b"


async def test_scrolling_keeps_titles_and_cursor_visible() -> None:
    table = LiveTable(many(100))
    async with HostApp(table).run_test(size=(60, 11)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert drawn_lines(table)[0].startswith(" NAME")
        assert names(table)[-1] == "c099" and names(table)[0] == "c090"
        await pilot.press("home", "pagedown")
        await pilot.pause()
        assert table.cursor_key == "c009"
        await pilot.press("pagedown", "pageup", "k", "j", "j")
        assert table.cursor_key == "c010"
        await pilot.press("G")
        assert table.cursor_key == "c099"
        await pilot.press("g")
        assert table.cursor_key == "c000" and table.scroll_offset.y == 0


async def test_the_cursor_stays_visible_when_its_row_moves_far() -> None:
    table = LiveTable(many(100))
    async with HostApp(table).run_test(size=(60, 11)) as pilot:
        await pilot.press("down")
        keys = [row.key for row in table.view.rows]
        table.view = view(*keys[5:], *keys[:5])
        await pilot.pause()
        assert table.cursor_key == "c001" and "c001" in names(table)


async def test_a_shrinking_table_leaves_no_empty_lines() -> None:
    table = LiveTable(many(100))
    async with HostApp(table).run_test(size=(60, 11)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        table.view = many(12)
        await pilot.pause()
        assert names(table) == [f"c{number:03}" for number in range(2, 12)]


async def test_a_growing_table_gets_a_scrollbar() -> None:
    table = LiveTable(many(3))
    async with HostApp(table).run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        assert not table.show_vertical_scrollbar
        table.view = many(100)
        await pilot.pause()
        await pilot.pause()
        assert table.show_vertical_scrollbar
        await pilot.press("end")
        await pilot.pause()
        assert names(table)[-1] == "c099"
        assert all(line.endswith(" ") for line in drawn_lines(table)), "the scrollbar covers the right margin alone"


async def test_resizing_keeps_the_cursor_visible() -> None:
    table = LiveTable(many(100))
    async with HostApp(table).run_test(size=(60, 31)) as pilot:
        table.cursor_key = "c025"
        await pilot.resize_terminal(60, 11)
        await pilot.pause()
        assert "c025" in names(table)


async def test_enter_opens_a_row_and_folds_a_group() -> None:
    group = Row("g", (Cell("shop"),), kind="group")
    table = LiveTable(TableView(COLUMNS, (group, row("web"))))
    app = HostApp(table)
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.press("enter", "left", "right", "down", "left", "enter", "space")
        await pilot.pause()
        assert app.received == ["Highlighted g", "FoldToggled g", "FoldToggled g", "Highlighted web", "Opened web"]


async def test_clicks_move_the_cursor_open_rows_and_report_titles() -> None:
    table = LiveTable(view("a", "b"))
    app = HostApp(table)
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.click(LiveTable, offset=(3, 2))
        await pilot.pause()
        assert table.cursor_key == "b"
        await pilot.click(LiveTable, offset=(3, 2))
        await pilot.click(LiveTable, offset=(3, 0))
        await pilot.click(LiveTable, offset=(3, 5))
        await pilot.pause()
        assert app.received == ["Highlighted a", "Highlighted b", "Opened b", "HeaderClicked name"]


async def test_text_can_be_selected_by_mouse_and_copied() -> None:
    table = LiveTable(view("web-1", "db"))
    async with HostApp(table).run_test(size=(60, 6)) as pilot:
        await pilot.mouse_down(LiveTable, offset=(1, 1))
        await pilot.hover(LiveTable, offset=(6, 1))
        await pilot.mouse_up(LiveTable, offset=(6, 1))
        await pilot.pause()
        assert table.screen.get_selected_text() == "web-1"
        assert table.cursor_key == "web-1"


async def test_selected_lines_are_highlighted_and_copied_without_trailing_blanks() -> None:
    table = LiveTable(view("web-1", "db"))
    async with HostApp(table).run_test(size=(60, 6)) as pilot:
        chosen = Selection(Offset(1, 1), Offset(3, 2))
        table.screen.selections = {table: chosen}
        await pilot.pause()
        assert table.get_selection(chosen) == (drawn_lines(table)[1][1:].rstrip() + "\n db", "\n")
        mark = table.screen.get_component_rich_style("screen--selection").bgcolor

        def marked(y: int) -> str:
            return "".join(part.text for part in table.render_line(y) if part.style and part.style.bgcolor == mark)

        assert [marked(y) for y in (1, 2, 3)] == [drawn_lines(table)[1][1:], " db", ""]


async def test_a_double_click_selects_the_line() -> None:
    table = LiveTable(view("web-1", "db"))
    async with HostApp(table).run_test(size=(60, 6)) as pilot:
        await pilot.press("down")
        table.text_select_all()
        text = table.screen.get_selected_text()
        assert text is not None and text.split()[:2] == ["▌db", "0.10"]
        await pilot.pause()


async def test_a_new_theme_draws_new_colours() -> None:
    table = LiveTable(view("web", "db"))
    app = HostApp(table)
    async with app.run_test(size=(60, 6)) as pilot:
        before = table.render_line(2)
        app.theme = "textual-light"
        await pilot.pause()
        after = table.render_line(2)
        assert before.text == after.text
        assert [segment.style for segment in before] != [segment.style for segment in after]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "ansi-dark"])
async def test_critical_text_on_the_cursor_line_differs_from_its_neighbours(theme: str) -> None:
    cells = (Cell("web"), Cell("99 %", "critical"), Cell("5%", bar=0.5), Cell(), Cell("x", "high"))
    table = LiveTable(TableView(COLUMNS, (Row("web", cells),)))
    app = HostApp(table)
    app.theme = theme
    async with app.run_test(size=(80, 4)) as pilot:
        table.focus()
        await pilot.pause()
        words = {part.text.strip(): part.style for part in table.render_line(1) if part.style}
        assert words["99 %"].color != words["web"].color or words["99 %"].reverse != words["web"].reverse
        assert words["99 %"].color != words["99 %"].bgcolor


async def test_without_colour_critical_text_is_reversed_except_on_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    cells = (Cell("web"), Cell("99 %", "critical"))
    table = LiveTable(TableView(COLUMNS, (Row("a", cells), Row("b", cells))))
    async with HostApp(table).run_test(size=(80, 4)) as pilot:
        table.focus()
        await pilot.pause()

        def reverse(y: int) -> dict[str, bool]:
            return {s.text.strip(): bool(s.style and s.style.reverse) for s in table.render_line(y) if s.text.strip()}

        assert (reverse(1)["web"], reverse(1)["99 %"]) == (True, False)
        assert (reverse(2)["web"], reverse(2)["99 %"]) == (False, True)


async def test_replaced_rows_do_not_accumulate() -> None:
    table = LiveTable(many(5))
    async with HostApp(table).run_test(size=(60, 8)) as pilot:
        for number in range(300):
            table.view = view(*(f"r{number}-{at}" for at in range(5)))
            drawn_lines(table)
        await pilot.pause()
        assert names(table)[0] == "r299-0"


async def test_missing_cells_of_a_row_are_blank() -> None:
    table = LiveTable(TableView(COLUMNS, (Row("a", (Cell("a"),)),)))
    async with HostApp(table).run_test(size=(60, 4)):
        assert drawn_lines(table)[1].strip(" ▌") == "a"
