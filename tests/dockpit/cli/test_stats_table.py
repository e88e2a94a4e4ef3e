"""The table of `dockpit stats`."""

from __future__ import annotations

from dockpit.cli.stats_table import format_table
from dockpit.metrics.metric_record import metric_record
from dockpit.model.verdicts import MemoryRisk
from tests.builders import NOW, entry


def test_the_table_has_all_columns_and_escapes_names() -> None:
    hostile = entry("\x1b[31mred", about={"health": "unhealthy"}, memory=MemoryRisk("high", 240.0, kills=2))
    text = format_table([metric_record(hostile, NOW), metric_record(entry("b", about={"state": "exited"}), NOW)])
    head, first, second = text.splitlines()
    assert head.startswith("CONTAINER    STATE")
    assert first.startswith("\\x1b[31mred  running  0.20")
    assert "high ~4 min 2 kills" in first
    assert first.endswith("unhealthy     1 h")
    assert second.split()[:3] == ["b", "exited", "–"]
