"""The order of the table's rows."""

from __future__ import annotations

from collections.abc import Iterable

from dockpit.metrics.compiled_columns import COLUMN_FIGURES, SortKey
from dockpit.metrics.snapshot import Entry
from dockpit.model.verdicts import LEVELS, Alert, Level

TROUBLE = "trouble"
"""The name of the sort that puts the worst first."""


def worst_alert_level(alerts: Iterable[Alert]) -> Level:
    """The worst level of `alerts`, "ok" when there are none."""
    return max((alert.level for alert in alerts), key=LEVELS.index, default=LEVELS[0])


def entry_alert_level(entry: Entry) -> Level:
    """The worst level of a container's alerts, "ok" when it has none."""
    return worst_alert_level(entry.alerts) if entry.alerts else "ok"


def trouble_key(entry: Entry) -> SortKey:
    """A key that sorts the worst first: level and number of alerts, then throttled and memory percent.

    Percents are compared in steps, of 5 points for throttled and 2 for memory, so that noise moves no row.
    """
    throttled = round((entry.throttled_percent or 0.0) / 5) if entry.throttling.percent else 0
    memory = 0 if entry.memory.cache_heavy else round((entry.memory_of_limit_percent or 0.0) / 2)
    live = entry.container.live
    return (-LEVELS.index(entry_alert_level(entry)), -len(entry.alerts), -throttled, -memory, not live)


def sort_entries(entries: Iterable[Entry], sort: str, descending: bool) -> list[Entry]:
    """`entries` sorted by the column `sort`; entries without that figure come last in both directions.

    Noise moves no row: a figure that changes every second is compared in steps (CPU 0.05 cores, throttled 5 points,
    memory 5 % of itself, rates a factor of 1.5), and rows with equal steps keep the order in which they were given,
    which is that of creation. TROUBLE is worst first, whatever the direction; an unknown column sorts by name.
    """
    if sort == TROUBLE:
        return sorted(entries, key=trouble_key)
    figure = COLUMN_FIGURES.get(sort, COLUMN_FIGURES["name"])
    keyed: list[tuple[SortKey, Entry]] = []
    unknown: list[Entry] = []
    for entry in entries:
        key = figure.key(entry)
        if key is None:
            unknown.append(entry)
        else:
            keyed.append((key, entry))
    keyed.sort(key=lambda pair: pair[0], reverse=descending)
    return [entry for _, entry in keyed] + unknown
