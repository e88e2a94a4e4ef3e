"""The order of the table's rows."""

from __future__ import annotations

from collections.abc import Iterable

from dockpit.metrics.snapshot import Entry
from dockpit.metrics.table_figures import TABLE_FIGURES, SortKey
from dockpit.model.verdicts import LEVELS, Alert, Level

TROUBLE = "trouble"
"""The sort that puts the worst first."""


def worst(alerts: Iterable[Alert]) -> Level:
    """The worst of their levels, "ok" when there are none."""
    return max((alert.level for alert in alerts), key=LEVELS.index, default=LEVELS[0])


def worst_level(entry: Entry) -> Level:
    """The worst level of its alerts, "ok" when it has none."""
    return worst(entry.alerts) if entry.alerts else "ok"


def trouble(entry: Entry) -> SortKey:
    """Least for the worst: level and number of alerts, throttled in steps of 5 points, memory in steps of 2."""
    throttled = round((entry.throttled_percent or 0.0) / 5) if entry.throttling.percent else 0
    memory = 0 if entry.memory.cache_heavy else round((entry.memory_of_limit_percent or 0.0) / 2)
    live = entry.container.live
    return (-LEVELS.index(worst_level(entry)), -len(entry.alerts), -throttled, -memory, not live)


def ordered(entries: Iterable[Entry], sort: str, descending: bool) -> list[Entry]:
    """`entries` by the figure `sort`; what has no figure comes last in both directions.

    No row jumps for noise: a figure that moves every second is compared in steps (CPU 0.05 cores, throttled 5 points,
    memory 5 % of itself, rates a factor of 1.5), not by its last digit, and rows whose steps are equal keep the order
    in which they came, which is that of creation. "trouble" is worst first, whatever the direction; an unknown figure
    sorts by name.
    """
    if sort == TROUBLE:
        return sorted(entries, key=trouble)
    metric = TABLE_FIGURES.get(sort, TABLE_FIGURES["name"])
    keyed: list[tuple[SortKey, Entry]] = []
    unknown: list[Entry] = []
    for entry in entries:
        key = metric.key(entry)
        if key is None:
            unknown.append(entry)
        else:
            keyed.append((key, entry))
    keyed.sort(key=lambda pair: pair[0], reverse=descending)
    return [entry for _, entry in keyed] + unknown
