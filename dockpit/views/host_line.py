"""The host line: CPU, memory, disk and network of the machine that a local engine runs on."""

from __future__ import annotations

import math

from dockpit.metrics import formatting
from dockpit.metrics.row_ring import NAN
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.host_figures import HostFigures
from dockpit.model.thresholds import PRESSURE_WATCH_PERCENT
from dockpit.model.view_models import LabelledText, Tone
from dockpit.views.header import line_width
from dockpit.views.view_context import (
    SPARK_POINTS,
    SPARK_SECONDS,
    ViewContext,
    curve,
    pressure_tone,
)

MEMORY_WATCH_SHARE = 0.9
"""The machine's memory in use has a tone above this share of all."""
MEMORY_HIGH_SHARE = 0.95
MIN_BYTES_PER_S = 1e6
"""Minimum top of the scale of the sparklines of disk and network."""
_LAYOUTS = (
    (SPARK_POINTS, 0.0),
    (SPARK_POINTS, PRESSURE_WATCH_PERCENT),
    (0, PRESSURE_WATCH_PERCENT),
    (0, math.inf),
)
"""Values in each sparkline and the least pressure shown in percent, from the widest line to the narrowest."""


def host_line(snapshot: Snapshot, context: ViewContext, width: int) -> tuple[LabelledText, ...]:
    """The figures of the machine in `width` characters (0 for no end), or why there are none.

    Where room is short there is pressure only where it matters, then no sparklines, then no pressure.
    """
    if snapshot.host is None:
        waiting = "waiting for host figures" if snapshot.engine.local else "host figures need a local engine"
        return (LabelledText("", waiting, "dim"),) if snapshot.ready else ()
    line: tuple[LabelledText, ...] = ()
    for spark_points, least_pressure_percent in _LAYOUTS:
        line = _line(snapshot, snapshot.host, context, spark_points, least_pressure_percent)
        if not width or line_width(line) <= width:
            break
    return line


def _line(
    snapshot: Snapshot, host: HostFigures, context: ViewContext, spark_points: int, least_pressure_percent: float
) -> tuple[LabelledText, ...]:
    def spark(name: str, top: float) -> tuple[float, ...]:
        if not spark_points:
            return ()
        values = curve(snapshot.host_window, name, context.now, SPARK_SECONDS, spark_points)
        peak = max((value for value in values if math.isfinite(value)), default=0.0)
        return () if all(map(math.isnan, values)) else tuple(_share(value, max(top, peak)) for value in values)

    def item(
        label: str, text: str, pressure_percent: float | None, sparkline: tuple[float, ...], tone: Tone = "normal"
    ) -> LabelledText:
        if pressure_percent is not None and pressure_percent >= least_pressure_percent:
            text += f"  some {formatting.percent(pressure_percent)}"
        return LabelledText(label, context.text(text), pressure_tone(pressure_percent) or tone, sparkline)

    cpu, memory = formatting.percent(host.cpu_percent), _memory_text(host)
    disk = formatting.rate_pair(host.disk_read_bytes_per_s, host.disk_write_bytes_per_s)
    network = formatting.rate_pair(host.net_rx_bytes_per_s, host.net_tx_bytes_per_s)
    memory_spark = spark("memory_used_bytes", _memory_total_bytes(host))
    return (
        item("CPU", cpu, host.cpu_some_percent, spark("cpu_percent", 100.0)),
        item("MEM", memory, host.memory_some_percent, memory_spark, _memory_tone(host)),
        item("IO r/w", disk, host.io_some_percent, spark("disk_write_bytes_per_s", MIN_BYTES_PER_S)),
        item("NET in/out", network, None, spark("net_rx_bytes_per_s", MIN_BYTES_PER_S)),
    )


def _memory_text(host: HostFigures) -> str:
    return formatting.bytes_share(host.memory_used_bytes, host.memory_total_bytes)


def _memory_total_bytes(host: HostFigures) -> float:
    """The machine's memory, 1 where it is unknown so that it can divide."""
    return float(host.memory_total_bytes or 0) or 1.0


def _memory_tone(host: HostFigures) -> Tone:
    used = host.memory_used_bytes / _memory_total_bytes(host) if host.memory_used_bytes is not None else 0.0
    if used > MEMORY_HIGH_SHARE:
        return "high"
    return "watch" if used > MEMORY_WATCH_SHARE else "normal"


def _share(value: float, top: float) -> float:
    return NAN if math.isnan(value) else max(0.0, value / top)
