"""The declaration of a figure: where it is read from and shown. The figures stand in figures_and_columns.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockpit.model.view_models import Align

LAST = 1000
"""Default position of a column or filter word: after all others, in order of declaration."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """The newest sample's field `raw`, as it is."""

    raw: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Growth of the sample's counter `raw` per second, divided by `per`; None after a reset."""

    raw: str
    per: float = 1.0


@dataclass(frozen=True, slots=True)
class StalledPercent:
    """Percent of the time in which some tasks (all of them with `full`) stalled, from the PSI totals in `raw`."""

    raw: str
    full: bool = False


@dataclass(frozen=True, slots=True)
class Derived:
    """A rate that the function of its name in derive.py works out of two samples, from their fields `raws`."""

    raws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryValue:
    """An attribute of an Entry by its dotted path; `raws` are the sample's fields that it is made of.

    With `blank_is_null` an empty text is exported as null.
    """

    path: str
    raws: tuple[str, ...] = ()
    blank_is_null: bool = False


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds from the container's start to its newest sample."""


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of other figures, as far as they are known."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Greatest:
    """The greatest of other figures, as far as they are known."""

    names: tuple[str, ...]


Source = Gauge | Rate | StalledPercent | Derived | EntryValue | Uptime | Total | Greatest


@dataclass(frozen=True, slots=True)
class TableColumn:
    """Where and how a figure stands in the table; `id` is its name in the configuration.

    A column with a lower `priority` stays longer when the room shrinks. `position` orders all columns.
    Numbers are sorted in steps, as `rounding` makes them; words by their place in `ranks`, else naturally.
    """

    id: str
    title: str
    width: int
    priority: int = 8
    position: int = LAST
    default: bool = False
    align: Align = "right"
    descending: bool = True
    """Whether its first sort is from the greatest down."""
    rounding: Callable[[float], float] | None = None
    ranks: tuple[str, ...] = ()
    text: Callable[[float | None], str] | None = None
    """Writes a number of this column, unless views/table_cells.py has a cell of its own for it."""
    help: str = ""
    """Replaces the figure's help, where one figure has several columns."""


@dataclass(frozen=True, slots=True)
class FilterWord:
    """A word of the filter that compares the figure, multiplied by `scale`, with a number.

    `base` (1000 or 1024) allows amounts with a unit of bytes, which are compared with the figure `bytes_of` if given.
    """

    word: str
    base: int = 0
    percent: bool = False
    scale: float = 1.0
    bytes_of: str = ""
    aliases: tuple[str, ...] = ()
    position: int = LAST
    """Its place where the words are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a container. `name` is its field among the rates and in the history."""

    name: str
    source: Source
    unit: str = ""
    help: str = ""
    kept: bool = False
    """Whether the history keeps it."""
    json: str = ""
    """Its key in `stats --json`; "" for one that is not exported."""
    digits: int | None = None
    """Decimals in the export, None for whole numbers and words."""
    columns: tuple[TableColumn, ...] = ()
    filter: FilterWord | None = None
