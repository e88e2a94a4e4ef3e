"""The four charts of a container: CPU, memory, disk and network over the last minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dockpit.metrics import figure_values, formatting
from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import EngineInfo
from dockpit.model.events import Event
from dockpit.model.thresholds import PRESSURE_HIGH_PERCENT, PRESSURE_WATCH_PERCENT
from dockpit.model.view_models import ChartLane, ChartView, Curve, Tone
from dockpit.views.chart_context import ChartContext, LimitStep, is_blank, scale_top
from dockpit.views.event_lines import event_marks
from dockpit.views.memory_curves import memory_curves
from dockpit.views.view_context import (
    LEVEL_TONES,
    RISK_TONES,
    ViewContext,
    pressure_tone,
    worse_tone,
)

NO_BLOCK_IO_V1 = "n/a: this kernel attributes no block I/O to cgroup v1"
PRESSURE_DRAWN_PERCENT = 1.0
"""Pressure below this leaves its lane blank."""
MIN_CORES = 1.0
"""Minimum top of the CPU scale without a limit."""
MIN_MEMORY_BYTES = 1 << 20
"""Minimum top of the memory scale without a limit."""
MIN_BYTES_PER_S = 10_000.0
"""Minimum top of the scales of disk and network."""


def charts(
    entry: Entry,
    engine: EngineInfo,
    events: Iterable[Event],
    context: ViewContext,
    span_seconds: float,
    points: int,
    revision: int,
) -> tuple[ChartView, ...]:
    """CPU, memory, disk and network of `entry` over the last `span_seconds`, `points` values each."""
    marks = event_marks(events, entry.container.id, context.at - span_seconds, context.at, context)
    shared = ChartContext(entry, engine, context, span_seconds, points, marks, revision)
    return (cpu_chart(shared), memory_chart(shared), disk_chart(shared), network_chart(shared))


def cpu_chart(context: ChartContext) -> ChartView:
    """CPU in cores on the scale of its limit, with lanes for the share of throttled periods and for pressure."""
    entry = context.entry
    used = context.curve("cpu_cores")
    limit = entry.cpu_limit_cores
    steps = context.limit_steps([(since.at, since.cpu_cores) for since in entry.limits_history])
    top = scale_top(used, limit, MIN_CORES)
    pressure_text, tone = _pressure(entry, "cpu_some_percent")
    return ChartView(
        title="CPU",
        lines=() if is_blank(used) else (Curve("CPU", used),),
        top=top,
        top_text=formatting.cores(top),
        now_text=context.view.text(_cpu_text(entry) + pressure_text),
        now_tone=worse_tone(LEVEL_TONES[entry.throttling.level], tone),
        limit=limit,
        limit_text=context.view.text(_limit_text(limit, steps, formatting.cores)),
        limit_steps=steps,
        lanes=(_throttled_lane(context) if limit else ()) + _pressure_lane(context, "cpu_some_percent"),
        marks=context.marks,
        span_text=context.span_text,
        revision=context.revision,
        empty=context.empty_reason() if is_blank(used) else "",
    )


def _cpu_text(entry: Entry) -> str:
    """The cores used now, with the throttling and its cause where there is some."""
    text = formatting.cores(figure_values.cpu_cores(entry))
    throttled = entry.throttled_percent
    if throttled is None or entry.throttling.level == "ok":
        return text
    text += f" · throttled {formatting.percent(throttled)}"
    if entry.throttling.above:
        return text + " by the cgroup above"
    stalled = entry.throttled_ms_per_s
    return text if stalled is None else f"{text}, {formatting.ms_per_s(stalled)}"


def _limit_text(limit: float | None, steps: Sequence[LimitStep], format_limit: Callable[[float | None], str]) -> str:
    """ "limit 0.20", "no limit", and after a change "limit 0.20 → 0.60"."""
    if len(steps) < 2:
        return f"limit {format_limit(limit)}" if limit else "no limit"
    return "limit " + " → ".join(format_limit(step) if step else "none" for _, step in steps[-2:])


def _throttled_lane(context: ChartContext) -> tuple[ChartLane, ...]:
    shares = context.curve("throttled_ratio")
    return (ChartLane("thr", "throttled", shares),) if any(share > 0 for share in shares) else ()


def _pressure_lane(context: ChartContext, metric: str) -> tuple[ChartLane, ...]:
    """The share of time in which some task waited for a resource; no lane where the source cannot tell."""
    if not context.entry.window.has(metric):
        return ()
    shares = context.resample([percent / 100 for percent in context.samples(metric)])
    if is_blank(shares):
        return ()
    watch, high, drawn = PRESSURE_WATCH_PERCENT / 100, PRESSURE_HIGH_PERCENT / 100, PRESSURE_DRAWN_PERCENT / 100
    return (ChartLane("psi", "pressure", shares, watch, high, drawn),)


def _pressure(entry: Entry, metric: str) -> tuple[str, Tone]:
    """The current pressure in words, and their tone; "" where it is no trouble or unknown."""
    percent: float | None = getattr(entry.current_rates, metric, None)
    tone = pressure_tone(percent)
    return ("", "normal") if tone is None else (f" · pressure {formatting.percent(percent)}", tone)


def memory_chart(context: ChartContext) -> ChartView:
    """Memory in bytes on the scale of its limit: its parts stacked, or used and unreclaimable without a breakdown."""
    entry = context.entry
    curves, scaled = memory_curves(context)
    limit = entry.memory_limit_bytes
    steps = context.limit_steps([(since.at, since.memory_bytes) for since in entry.limits_history])
    top = scale_top(scaled, limit, MIN_MEMORY_BYTES, binary=True)
    pressure_text, tone = _pressure(entry, "memory_some_percent")
    return ChartView(
        title="MEMORY",
        lines=curves,
        top=top,
        top_text=formatting.bytes_short(top),
        now_text=context.view.text(_memory_text(entry) + pressure_text),
        now_tone=worse_tone(RISK_TONES[entry.memory.risk], tone),
        limit=limit,
        limit_text=context.view.text(_limit_text(limit, steps, formatting.bytes_short)),
        limit_steps=steps,
        lanes=_pressure_lane(context, "memory_some_percent"),
        marks=context.marks,
        span_text=context.span_text,
        revision=context.revision,
        empty="" if curves else context.empty_reason(),
    )


def _memory_text(entry: Entry) -> str:
    """The memory used now and its share of the limit, with the risk of an OOM kill where there is one."""
    text = formatting.bytes_short(figure_values.memory_used(entry))
    percent, memory = entry.memory_of_limit_percent, entry.memory
    if percent is not None:
        text += f" · {formatting.percent(percent)}"
    if memory.risk != "none":
        left = f", {formatting.eta(memory.eta_seconds)} left" if memory.eta_seconds is not None else ""
        return f"{text} · OOM {memory.risk}{left}"
    return f"{text} · cache, harmless" if memory.cache_heavy else text


def disk_chart(context: ChartContext) -> ChartView:
    """Block I/O in bytes per second, read and written, with a lane for pressure."""
    read, write = ("block_read_bytes_per_s", "read"), ("block_write_bytes_per_s", "write")
    chart = _two_way_chart(context, "DISK", read, write, figure_values.disk_rates(context.entry))
    pressure_text, tone = _pressure(context.entry, "io_some_percent")
    now_text = chart.now_text + context.view.text(
        pressure_text if chart.now_text else pressure_text.removeprefix(" · ")
    )
    return replace(chart, now_text=now_text, now_tone=tone, lanes=_pressure_lane(context, "io_some_percent"))


def network_chart(context: ChartContext) -> ChartView:
    """Network traffic in bytes per second, received and sent."""
    received, sent = ("net_rx_bytes_per_s", "in"), ("net_tx_bytes_per_s", "out")
    return _two_way_chart(context, "NETWORK", received, sent, figure_values.net_rates(context.entry))


def _two_way_chart(
    context: ChartContext,
    title: str,
    first: tuple[str, str],
    second: tuple[str, str],
    rates_now: tuple[float | None, float | None],
) -> ChartView:
    """A chart of two rates in bytes per second, each given as its metric and its name."""
    curves = (Curve(first[1], context.curve(first[0]), "accent"), Curve(second[1], context.curve(second[0]), "info"))
    lines = tuple(curve for curve in curves if not is_blank(curve.points))
    top = scale_top([value for curve in curves for value in curve.points], None, MIN_BYTES_PER_S)
    now_text = f"{first[1]} {formatting.rate(rates_now[0])} · {second[1]} {formatting.rate(rates_now[1])}"
    return ChartView(
        title,
        lines,
        top,
        formatting.rate_long(top),
        context.view.text(now_text if lines else ""),
        span_text=context.span_text,
        revision=context.revision,
        empty="" if lines else _no_traffic_reason(context, title),
    )


def _no_traffic_reason(context: ChartContext, title: str) -> str:
    """Why the chart of disk or network is empty, in words."""
    entry = context.entry
    sampled = entry.container.live and not entry.stale and entry.rates is not None
    if not sampled:
        return context.empty_reason()
    if title == "DISK":
        cgroup_v1 = context.engine.cgroup_version == 1
        return NO_BLOCK_IO_V1 if cgroup_v1 else "n/a: the engine gives no block I/O for this container"
    mode = entry.container.network_mode
    if mode == "host":
        return "n/a: it shares the host's network"
    if mode.startswith("container:"):
        return "n/a: it shares another container's network"
    return "n/a: it has no network" if mode == "none" else context.empty_reason()
