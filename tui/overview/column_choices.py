"""The overview's dialogs: the column to sort by, and the columns to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from dockpit.metrics import compiled_columns
from dockpit.metrics.sorting import TROUBLE

if TYPE_CHECKING:
    from tui.dialogs.choose_screen import Choice


def ask_sort_column(app: App[object], current: str, on_choice: Callable[[str], None]) -> None:
    """Call `on_choice` with the id of the column to sort by, or with TROUBLE; not when the dialog is left."""
    from tui.dialogs.choose_screen import Choice, ChooseScreen

    def on_close(chosen: str | None) -> None:
        if chosen:
            on_choice(chosen)

    choices = (Choice(TROUBLE, "trouble", "The worst first"), *column_choices())
    app.push_screen(ChooseScreen("Sort by", choices, current), on_close)


def ask_columns(app: App[object], current: tuple[str, ...], on_choice: Callable[[tuple[str, ...]], None]) -> None:
    """Call `on_choice` with the ids of the columns to show; not when the dialog is left."""
    from tui.dialogs.choose_screen import ChooseScreen

    def on_close(chosen: str | None) -> None:
        if chosen is not None:
            on_choice(tuple(chosen.split()))

    ticked = tuple(current or compiled_columns.DEFAULT_COLUMNS)
    app.push_screen(ChooseScreen("Columns", column_choices(), ticked=ticked), on_close)


def column_choices() -> tuple[Choice, ...]:
    """Every column; those that share a title are told apart by the title of the column before them."""
    from tui.dialogs.choose_screen import Choice

    titles = [figure.title or figure.id for figure in compiled_columns.COLUMN_FIGURES.values()]
    choices, unique_title = [], ""
    for figure, title in zip(compiled_columns.COLUMN_FIGURES.values(), titles, strict=True):
        shared = titles.count(title) > 1
        choices.append(Choice(figure.id, f"{unique_title} {title}" if shared else title, figure.help))
        unique_title = unique_title if shared else title
    return tuple(choices)
