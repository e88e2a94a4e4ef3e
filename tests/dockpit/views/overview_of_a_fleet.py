"""A fleet of two Compose projects and two loose containers, and the overview that is made of it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.container_limits import Limits
from dockpit.model.verdicts import MemoryRisk, Throttling
from dockpit.model.view_models import Cell, OverviewView
from dockpit.views.overview import OverviewOptions, overview
from tests.builders import MIB, NOW, alert, entry, metric_ring

LIMITED = Limits(nano_cpus=200_000_000, memory_bytes=512 * MIB)


def fleet() -> list[Entry]:
    web = entry(
        "shop-web-1",
        about={"project": "shop"},
        limits=LIMITED,
        throttling=Throttling("high", 99.2, 812.0, NOW - 60),
        alerts=(alert("shop-web-1"),),
        past=metric_ring(cpu_cores=0.2, memory_used_bytes=41.0 * MIB, throttled_ratio=0.99),
    )
    return [
        web,
        entry("shop-db", about={"project": "shop"}, memory=MemoryRisk(cache_heavy=True)),
        entry("worker"),
        entry("apple", about={"project": "Apps"}),
        entry("migrate", about={"state": "exited", "finished_at": NOW - 3 * 3600 - 5}),
    ]


def show(snap: Snapshot, **options: Any) -> OverviewView:
    return overview(snap, OverviewOptions(**options), NOW, UTC)


def keys(view: OverviewView) -> list[str]:
    return [row.key for row in view.table.rows]


def labels(view: OverviewView) -> list[str]:
    return [row.cells[1].text.split("  ")[0] for row in view.table.rows]


def cell(view: OverviewView, key: str, column: str) -> Cell:
    row = next(row for row in view.table.rows if row.key == key)
    return row.cells[[found.id for found in view.table.columns].index(column)]
