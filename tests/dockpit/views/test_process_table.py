"""The table of processes: the busiest first, n/a for figures that only psutil on the same machine knows."""

from __future__ import annotations

from dockpit.model.container import Process
from dockpit.views.process_table import process_table


def test_busy_processes_first_and_unknown_figures_as_such() -> None:
    view = process_table(
        [
            Process(9, "root", "sleep"),
            Process(
                7, "app", "busy", cpu_percent=50.0, memory_bytes=1 << 20, threads=3, state="running", started_at=940.0
            ),
        ],
        1000.0,
    )
    texts = [[cell.text for cell in row.cells] for row in view.rows]
    assert texts[0][:6] == ["7", "app", "50.0", "1M", "3", "running"]
    assert texts[1][:7] == ["9", "root", "–", "–", "–", "–", "–"]
    assert texts[0][-1] == "busy" and [column.id for column in view.columns][-1] == "command"
