"""The table of alerts: time raised, duration, level, container and text."""

from __future__ import annotations

from datetime import tzinfo

from dockpit.metrics import formatting
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.verdicts import Alert
from dockpit.model.view_models import Cell, Column, Row, TableView
from dockpit.views.table_cells import NAME_LENGTH
from dockpit.views.view_context import LEVEL_TONES, ViewContext, view_context

COLUMNS = (
    Column("since", "SINCE", 11, "left", 1, help="When it was first seen"),
    Column("for", "FOR", 6, "right", 3, help="How long it has lasted"),
    Column("level", "LEVEL", 8, "left", 0, help="watch, high or critical"),
    Column("container", "CONTAINER", 16, "left", 0, help="The container's name"),
    Column("what", "WHAT", 20, "left", 0, True, "What is wrong"),
)


def alerts_table(snapshot: Snapshot, now: float, tz: tzinfo, ascii: bool = False) -> TableView:
    """The alerts of `snapshot`, the worst first; `row_key` makes the key of a row, `container_of` reads it."""
    context = view_context(snapshot, now, tz, ascii=ascii)
    rows = tuple(_row(alert, context) for alert in snapshot.alerts)
    return TableView(COLUMNS, rows, "level", True, "nothing is wrong" if snapshot.ready else "listing containers")


def row_key(alert: Alert) -> str:
    """The key of an alert's row: "<full container id>:<kind of alert>"."""
    return f"{alert.container_id}:{alert.kind}"


def container_id_of(key: str) -> str:
    """The full container id in a row's key."""
    return key.rpartition(":")[0]


def _row(alert: Alert, context: ViewContext) -> Row:
    tone = LEVEL_TONES[alert.level]
    known = alert.since > 0
    cells = (
        context.cell(context.clock(alert.since) if known else formatting.NA, "dim"),
        context.cell(formatting.duration(max(0.0, context.at - alert.since)) if known else formatting.NA, "dim"),
        context.cell(alert.level, tone),
        Cell(alert.name[:NAME_LENGTH]),
        context.cell(alert.text[:NAME_LENGTH], tone),
    )
    return Row(row_key(alert), cells)
