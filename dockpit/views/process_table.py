"""The processes of one container as a table."""

from __future__ import annotations

from collections.abc import Iterable

from dockpit.metrics import formatting
from dockpit.model.container import Process
from dockpit.model.view_models import Cell, Column, Row, TableView

COLUMNS = (
    Column("pid", "PID", 8, "right", 1),
    Column("user", "USER", 10, "left", 3),
    Column("cpu", "CPU %", 7, "right", 2),
    Column("memory", "RSS", 6, "right", 2),
    Column("threads", "THR", 4, "right", 5),
    Column("state", "STATE", 10, "left", 5),
    Column("age", "AGE", 8, "right", 6),
    Column("command", "COMMAND", 40, "left", 1, stretch=True),
)


def process_table(processes: Iterable[Process], now: float) -> TableView:
    """The processes at `now` (epoch seconds), the busiest first; what only psutil knows is n/a for a remote engine."""
    ordered = sorted(processes, key=lambda process: (-(process.cpu_percent or 0.0), process.pid))
    return TableView(COLUMNS, tuple(_row(process, now) for process in ordered), empty="no processes")


def _row(process: Process, now: float) -> Row:
    cpu = formatting.NA if process.cpu_percent is None else f"{process.cpu_percent:.1f}"
    age = formatting.duration(now - process.started_at) if process.started_at else formatting.NA
    cells = (
        str(process.pid),
        process.user,
        cpu,
        formatting.bytes_short(process.memory_bytes),
        formatting.NA if process.threads is None else str(process.threads),
        process.state or formatting.NA,
        age,
        process.command,
    )
    return Row(f"{process.pid}", tuple(Cell(text) for text in cells))
