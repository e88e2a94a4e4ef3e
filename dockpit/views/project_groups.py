"""The rows of the overview grouped by Compose project: which containers belong together, and the row of each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dockpit.metrics import figure_values, formatting
from dockpit.metrics.compiled_columns import natural
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.metrics.sorting import TROUBLE, entry_alert_level, worst_alert_level
from dockpit.model.verdicts import LEVELS
from dockpit.model.view_models import Cell, Column, Row
from dockpit.views.table_cells import NAME_LENGTH, known_sum
from dockpit.views.view_context import LEVEL_TONES, ViewContext

GROUP_PREFIX = "project:"
"""Start of the key of a group's row; the project's name follows."""
NO_PROJECT = ""
"""The project of containers without one."""


@dataclass(frozen=True, slots=True)
class ProjectGroup:
    """The containers of one Compose project that the filter lets through, in order; `size` counts all it has."""

    project: str
    entries: tuple[Entry, ...]
    size: int

    @property
    def key(self) -> str:
        """The key of its row."""
        return GROUP_PREFIX + self.project


class TableRow(NamedTuple):
    """A container's place in the table, under the row of its group if there is one."""

    entry: Entry
    group: ProjectGroup | None = None


def grouped_rows(
    snapshot: Snapshot, entries: Sequence[Entry], sort: str, folded: frozenset[str]
) -> Iterator[ProjectGroup | TableRow]:
    """Each group followed by its containers, unless its key is `folded`; no groups where nothing has a project."""
    groups = _groups(snapshot, entries, sort)
    if all(group.project == NO_PROJECT for group in groups):
        yield from (TableRow(entry) for entry in entries)
        return
    for group in groups:
        yield group
        if group.key not in folded:
            yield from (TableRow(entry, group) for entry in group.entries)


def _groups(snapshot: Snapshot, entries: Sequence[Entry], sort: str) -> list[ProjectGroup]:
    """Groups by name, containers without a project last; sorted by "trouble", the group with the worst alert first."""
    sizes: dict[str, int] = {}
    for entry in snapshot.entries.values():
        sizes[entry.container.project] = sizes.get(entry.container.project, 0) + 1
    members: dict[str, list[Entry]] = {}
    for entry in entries:
        members.setdefault(entry.container.project, []).append(entry)
    groups = [ProjectGroup(project, tuple(found), sizes[project]) for project, found in members.items()]
    groups.sort(key=lambda group: (group.project == NO_PROJECT, natural(group.project)))
    if sort == TROUBLE:
        groups.sort(key=lambda group: -max(LEVELS.index(entry_alert_level(entry)) for entry in group.entries))
    return groups


def short_name(entry: Entry, group: ProjectGroup | None) -> str:
    """The container's name; under its project's row, without the project's name in front."""
    name = entry.container.name
    project = group.project if group else ""
    for separator in "-_":
        short = name.removeprefix(project + separator)
        if project and short != name and short:
            return short
    return name


def group_row(group: ProjectGroup, columns: Sequence[Column], folded: bool, context: ViewContext) -> Row:
    """The row of a group: its size, its sums of CPU and memory, and the alerts that it hides while folded."""
    cpu_cores = known_sum([figure_values.cpu_cores(entry) for entry in group.entries])
    memory_bytes = known_sum([figure_values.memory_used(entry) for entry in group.entries])
    cells = {
        "name": _name_cell(group, context),
        "oom": _hidden_alerts_cell(group, context) if folded else Cell(),
        "cpu": context.cell(formatting.cores(cpu_cores), "dim"),
        "memory": context.cell(formatting.bytes_short(memory_bytes), "dim"),
    }
    return Row(group.key, tuple(cells.get(column.id, Cell()) for column in columns), "group", folded=folded)


def _name_cell(group: ProjectGroup, context: ViewContext) -> Cell:
    shown = len(group.entries)
    number = str(shown) if shown == group.size else f"{shown} of {group.size}"
    if not group.project:
        return context.cell(f"no project · {number}", "dim")
    return Cell(f"{group.project[:NAME_LENGTH]}  {context.text(f'compose · {number}')}")


def _hidden_alerts_cell(group: ProjectGroup, context: ViewContext) -> Cell:
    alerts = [alert for entry in group.entries for alert in entry.alerts]
    return (
        context.cell(formatting.plural(len(alerts), "alert"), LEVEL_TONES[worst_alert_level(alerts)])
        if alerts
        else Cell()
    )
