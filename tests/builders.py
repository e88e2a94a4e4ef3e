"""Builders of snapshots and their parts for tests, with defaults for what a test does not care about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dockpit.metrics.metric_ring import KEPT_NAMES, MetricRing
from dockpit.metrics.row_ring import NAN
from dockpit.metrics.samples import Rates, Sample
from dockpit.metrics.snapshot import Entry, Snapshot
from dockpit.model.container import Container
from dockpit.model.container_limits import Limits
from dockpit.model.engine_info import EngineInfo, Link
from dockpit.model.events import Event
from dockpit.model.verdicts import Alert, Level, MemoryRisk, Throttling

NOW = 1_700_000_000.0
MIB = 1 << 20
GIB = 1 << 30


def full_id(name: str) -> str:
    """A container id of 64 characters made from a name."""
    return (name.encode().hex() + "0" * 64)[:64]


def container(name: str = "web-1", **fields: Any) -> Container:
    """A running container that started an hour ago."""
    running = {"state": "running", "started_at": NOW - 3600, "created_at": NOW - 7200, "pid": 4242}
    return Container(full_id(name), name, **{**running, **fields})


def sample(**fields: Any) -> Sample:
    """A sample taken at NOW."""
    return Sample(**{"container_id": "", "at": NOW, "memory_used_bytes": 41 * MIB, "pids": 7, **fields})


def rates(**fields: Any) -> Rates:
    """Rates over the second before NOW."""
    return Rates(**{"at": NOW, "seconds": 1.0, "cpu_cores": 0.2, **fields})


def metric_ring(seconds: int = 60, **curves: float | Callable[[float], float]) -> MetricRing:
    """A MetricRing with one row a second up to NOW; a curve is a constant or a function of its age in seconds."""
    made = MetricRing(2000)
    for age in range(seconds, -1, -1):
        row = [curves.get(name, NAN) for name in KEPT_NAMES]
        made.append(NOW - age, [value(float(age)) if callable(value) else value for value in row])
    return made


def alert(name: str, kind: Any = "throttled", level: Level = "high", text: str = "throttled 99 %") -> Alert:
    """An alert raised a minute before NOW."""
    return Alert(full_id(name), name, kind, level, text, NOW - 60)


def entry(
    name: str = "web-1",
    *,
    about: dict[str, Any] | None = None,
    limits: Limits | None = None,
    sampled: dict[str, Any] | None = None,
    rated: dict[str, Any] | None = None,
    throttling: Throttling | None = None,
    memory: MemoryRisk | None = None,
    alerts: tuple[Alert, ...] = (),
    past: MetricRing | None = None,
    stale: bool = False,
) -> Entry:
    """A container with its figures; a running one has a sample, rates and an hour of uptime.

    `about`, `sampled` and `rated` are fields of the container, its sample and its rates; `past` is its history.
    """
    made = container(name, **{"limits": limits or Limits(), **(about or {})})
    return Entry(
        container=made,
        window=(past or MetricRing(1)).window(),
        sample=sample(**(sampled or {})) if made.live else None,
        rates=rates(**(rated or {})) if made.live else None,
        throttling=throttling or Throttling(),
        memory=memory or MemoryRisk(),
        alerts=alerts,
        stale=stale,
        memory_total_bytes=64 * GIB,
    )


def engine(**fields: Any) -> EngineInfo:
    """A remote Docker 26.1 on cgroup v2."""
    known = {
        "id": "E", "version": "26.1", "cgroup_version": 2, "cpus": 16, "memory_bytes": 64 * GIB,
        "address": "ssh://ops@web-07", "context": "prod",
    }  # fmt: skip
    return EngineInfo(**{**known, **fields})


def snapshot(entries: Iterable[Entry] = (), **fields: Any) -> Snapshot:
    """A ready snapshot taken at NOW with the alerts of its entries."""
    found = {entry.container.id: entry for entry in entries}
    known: dict[str, Any] = {
        "revision": 3, "at": NOW, "link": Link("up", "ssh://ops@web-07"), "engine": engine(), "entries": found,
        "alerts": tuple(alert for entry in found.values() for alert in entry.alerts), "ready": True,
    }  # fmt: skip
    return Snapshot(**{**known, **fields})


def event(name: str, action: str, age: float, detail: str = "", **attributes: str) -> Event:
    """An event `age` seconds before NOW."""
    return Event(int((NOW - age) * 1e9), "container", action, full_id(name), detail, name, attributes)
