"""The figures that can be columns of the table, in its order, with their titles and sort keys."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dockpit.metrics.figure_declaration import Figure, TableColumn
from dockpit.metrics.figure_values import FIGURE_VALUES
from dockpit.metrics.figures_and_columns import FIGURES
from dockpit.metrics.snapshot import Entry
from dockpit.model.verdicts import RISKS

SortKey = tuple[Any, ...]
Key = Callable[[Entry], SortKey | None]

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class ColumnFigure:
    """A figure in one column: `value` is its number or text, None if unknown, and `key` its sort key."""

    column: TableColumn
    unit: str
    help: str
    value: Callable[[Entry], Any]
    key: Key

    @property
    def id(self) -> str:
        """Its name in the configuration."""
        return self.column.id

    @property
    def title(self) -> str:
        """The heading of its column."""
        return self.column.title


def natural(text: str) -> SortKey:
    """A key that sorts "web-2" before "web-10", whatever the case."""
    parts = _DIGITS.split(text.casefold())
    return tuple((len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part for index, part in enumerate(parts))


def _sort_key(column: TableColumn, value: Callable[[Entry], Any]) -> Key:
    if column.id in _SPECIAL_KEYS:
        return _SPECIAL_KEYS[column.id]
    if column.ranks:
        return _ranked(value, {word: (rank,) for rank, word in enumerate(column.ranks)})
    return _natural(value) if column.rounding is None else _stepped(value, column.rounding)


def _ranked(value: Callable[[Entry], Any], ranks: dict[str, SortKey]) -> Key:
    return lambda entry: ranks.get(value(entry))


def _natural(value: Callable[[Entry], Any]) -> Key:
    def key(entry: Entry) -> SortKey | None:
        text = value(entry)
        return natural(text) if text else None

    return key


def _stepped(value: Callable[[Entry], Any], rounding: Callable[[float], float]) -> Key:
    def key(entry: Entry) -> SortKey | None:
        number = value(entry)
        return None if number is None or not math.isfinite(number) else (rounding(number),)

    return key


def _risk_key(entry: Entry) -> SortKey | None:
    memory = entry.memory
    if not entry.container.live and not memory.kills:
        return None
    soon = -round(math.log2(max(1.0, memory.eta_seconds))) if memory.eta_seconds is not None else -99
    return (RISKS.index(memory.risk), soon, memory.kills, memory.cache_heavy)


def _uptime_key(entry: Entry) -> SortKey | None:
    since = entry.running_since
    return None if since is None else (-since,)


_SPECIAL_KEYS: dict[str, Key] = {"oom": _risk_key, "uptime": _uptime_key}


def _table_figure(figure: Figure, column: TableColumn) -> ColumnFigure:
    value = FIGURE_VALUES[figure.name]
    return ColumnFigure(column, figure.unit, column.help or figure.help, value, _sort_key(column, value))


_DECLARED = [(figure, column) for figure in FIGURES for column in figure.columns]

COLUMN_FIGURES = {
    column.id: _table_figure(figure, column) for figure, column in sorted(_DECLARED, key=lambda pair: pair[1].position)
}
"""By the column's id, in the order of the table."""

DEFAULT_COLUMNS = tuple(id for id, figure in COLUMN_FIGURES.items() if figure.column.default)
