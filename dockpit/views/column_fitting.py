"""Which columns of the table fit its width; titles, widths and order are declared in metrics/figures_and_columns.py."""

from __future__ import annotations

from collections.abc import Iterable

from dockpit.metrics.compiled_columns import COLUMN_FIGURES
from dockpit.model.view_models import COLUMN_GAP, TABLE_MARGIN, Column

SPARKS = ("cpu_spark", "memory_spark")
BARS = ("cpu_limit", "memory_limit")


def spark_width(width: int) -> int:
    """How wide a sparkline is in a table `width` wide."""
    return 8 if width < 140 else 12 if width < 180 else 20


def columns(ids: Iterable[str], width: int) -> tuple[Column, ...]:
    """The columns of `ids` that fit a table `width` wide (0 for all), in that order; ids that do not exist are skipped.

    State and name are always there; of the rest the one of the greatest priority number, the rightmost first, goes.
    """
    wanted = dict.fromkeys(("state", "name", *(id for id in ids if id in COLUMN_FIGURES)))
    chosen = [_column(id, width) for id in wanted]
    room = width - 2 * TABLE_MARGIN + COLUMN_GAP
    while width and sum(column.width + COLUMN_GAP for column in chosen) > room and len(chosen) > 2:
        worst = max(range(2, len(chosen)), key=lambda index: (chosen[index].priority, index))
        del chosen[worst]
    return tuple(chosen)


def _column(id: str, width: int) -> Column:
    figure = COLUMN_FIGURES[id]
    declared = figure.column
    wide = _picture_width(id, width) or declared.width
    return Column(id, declared.title, wide, declared.align, declared.priority, id == "name", figure.help)


def _picture_width(id: str, width: int) -> int | None:
    """How wide a column with a picture is in a table `width` wide, None for one without."""
    if id in SPARKS and width:
        return spark_width(width)
    if id in BARS and width:
        return 10 if width < 140 else 12 if width < 180 else 16
    return None
