"""One container's figures as a flat record for scripts."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from dockpit.metrics import catalogue
from dockpit.metrics.samples import Rates, Sample
from dockpit.metrics.snapshot import Entry

Value = str | int | float | None


def metric_record(entry: Entry, now: float) -> dict[str, Value]:
    """The figures of one container in a fixed order; None is a figure that is not known, or that there is none of.

    `at` is the time of its newest sample on the engine's clock, `now` (seconds since the epoch) where it has none.
    """
    container, sample = entry.container, catalogue.sample(entry)
    at = sample.at if sample else now
    gauges = sample or Sample(container.id, at)
    net, disk = catalogue.net_rates(entry), catalogue.disk_rates(entry)
    return {
        "at": timestamp(at),
        "id": container.id,
        "name": container.name,
        "project": container.project or None,
        "service": container.service or None,
        "image": container.image,
        "state": container.state,
        "health": container.health,
        "cpu_cores": _figure(catalogue.cpu_cores(entry), 4),
        "cpu_limit_cores": _figure(entry.cpu_limit_cores, 4),
        "cpu_of_limit_percent": _figure(catalogue.cpu_of_limit(entry), 2),
        "throttled_percent": _figure(catalogue.throttled_percent(entry), 2),
        "throttled_ms_per_s": _figure(catalogue.throttled_ms(entry), 2),
        "memory_used_bytes": gauges.memory_used_bytes,
        "memory_unreclaimable_bytes": gauges.memory_unreclaimable_bytes,
        "memory_limit_bytes": entry.memory_limit_bytes,
        "memory_of_limit_percent": _figure(catalogue.memory_of_limit(entry), 2),
        "memory_peak_bytes": gauges.memory_peak_bytes,
        "oom_kills": entry.memory.kills,
        "oom_risk": entry.memory.risk if sample else "none",
        "oom_eta_seconds": _figure(entry.memory.eta_seconds, 1) if sample else None,
        "net_rx_bytes_per_s": _figure(net[0], 1),
        "net_tx_bytes_per_s": _figure(net[1], 1),
        "block_read_bytes_per_s": _figure(disk[0], 1),
        "block_write_bytes_per_s": _figure(disk[1], 1),
        "pids": gauges.pids,
        "pids_limit": entry.pids_limit,
        "restarts": container.restarts,
        "uptime_s": _uptime(entry, at),
        **_of_the_kernel(entry, gauges),
        "source": sample.source if sample else "engine",
    }


def _of_the_kernel(entry: Entry, gauges: Sample) -> dict[str, Value]:
    """What the kernel's files say beyond what every engine does; CPU in percent of one, pressure of the time."""
    rates = catalogue.rates(entry) or Rates(gauges.at, 0.0)
    return {
        "cpu_user_percent": _share(rates.cpu_user_cores),
        "cpu_system_percent": _share(rates.cpu_system_cores),
        "cpu_pressure_some_percent": _figure(rates.cpu_some_percent, 2),
        "memory_pressure_some_percent": _figure(rates.memory_some_percent, 2),
        "memory_pressure_full_percent": _figure(rates.memory_full_percent, 2),
        "io_pressure_some_percent": _figure(rates.io_some_percent, 2),
        "io_pressure_full_percent": _figure(rates.io_full_percent, 2),
        "memory_anon_bytes": gauges.anon_bytes,
        "memory_file_bytes": gauges.file_bytes,
        "memory_kernel_bytes": gauges.kernel_bytes,
        "memory_shmem_bytes": gauges.shmem_bytes,
        "memory_swap_bytes": gauges.swap_bytes,
        "major_faults_per_s": _figure(rates.major_faults_per_s, 1),
        "refaults_per_s": _figure(rates.refaults_per_s, 1),
        "throttled_by": entry.throttling.above or None,
        "limits_differ": "; ".join(entry.differences) or None,
    }


def _share(cores: float | None) -> float | None:
    return None if cores is None else _figure(cores * 100, 2)


def timestamp(at: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC with milliseconds: "2026-11-23T20:24:09.123Z"."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _figure(value: float | None, digits: int) -> float | None:
    return round(float(value), digits) if value is not None and math.isfinite(value) else None


def _uptime(entry: Entry, at: float) -> float | None:
    started = entry.container.started_at
    return round(max(0.0, at - started), 1) if entry.container.live and started else None
