"""The four charts of a container: CPU, memory, disk and network over the last minutes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from dockpit import figures, metrics
from dockpit.model import EngineInfo, Event
from dockpit.snapshot import Entry
from dockpit.viewmodel import ChartView, Line, Mark, Tone
from dockpit.views.happenings import marks
from dockpit.views.scene import LEVEL_TONES, RISK_TONES, Scene, curve

NO_BLOCK_IO_V1 = "n/a: this kernel attributes no block I/O to cgroup v1"
NO_FIGURES = "no figures in this time"
NOT_RUNNING = "not running"
STALE = "no figures come from the engine"


@dataclass(frozen=True, slots=True)
class Stage:
    """What the charts of one container share: its past, the time they span, and how many points they have."""

    entry: Entry
    engine: EngineInfo
    scene: Scene
    span: float
    points: int
    marks: tuple[Mark, ...]
    revision: int

    @property
    def span_text(self) -> str:
        """The time spanned in words: "15 min"."""
        return figures.duration(self.span) if self.span >= 60 else f"{self.span:.0f} s"

    def curve(self, name: str) -> tuple[float, ...]:
        """One metric of the container's past."""
        return curve(self.entry.window, name, self.scene.at, self.span, self.points)

    def why_empty(self) -> str:
        """What to say where there is no curve at all."""
        if not self.entry.container.live:
            return NOT_RUNNING
        return STALE if self.entry.stale else NO_FIGURES


def charts(
    entry: Entry,
    engine: EngineInfo,
    events: Iterable[Event],
    scene: Scene,
    span: float,
    points: int,
    revision: int,
) -> tuple[ChartView, ...]:
    """CPU, memory, disk and network of `entry` over the last `span` seconds, `points` values each."""
    found = marks(events, entry.container.id, scene.at - span, scene.at, scene)
    stage = Stage(entry, engine, scene, span, points, found, revision)
    return (cpu(stage), memory(stage), disk(stage), network(stage))


def cpu(stage: Stage) -> ChartView:
    """CPU in cores on the scale of its limit, with the share of throttled periods below it."""
    entry, scene = stage.entry, stage.scene
    used, shade = stage.curve("cpu_cores"), stage.curve("throttled_ratio")
    limit = entry.cpu_limit_cores
    top = _top(used, limit, 1.0)
    now = figures.cores(metrics.cpu_cores(entry))
    throttled, level = metrics.throttled_percent(entry), entry.throttling.level
    if throttled is not None and level != "ok":
        now += f" · throttled {figures.percent(throttled)}"
        stall = metrics.throttled_ms(entry)
        now += f", {figures.ms_per_s(stall)}" if stall is not None else ""
    return ChartView(
        "CPU",
        () if _blank(used) else (Line("CPU", used),),
        top,
        figures.cores(top),
        scene.text(now),
        LEVEL_TONES[level],
        limit,
        f"limit {figures.cores(limit)}" if limit else "no limit",
        shade if limit and any(value > 0 for value in shade) else (),
        stage.marks,
        stage.span_text,
        stage.revision,
        stage.why_empty() if _blank(used) else "",
    )


def memory(stage: Stage) -> ChartView:
    """Memory in bytes on the scale of its limit; the second line is what reclaim cannot give back."""
    entry, scene = stage.entry, stage.scene
    used, firm = stage.curve("memory_used_bytes"), stage.curve("memory_unreclaimable_bytes")
    limit = entry.memory_limit_bytes
    top = _top(used, limit, 1 << 20, binary=True)
    lines = [] if _blank(used) else [Line("used", used)]
    if not _blank(firm):
        lines.append(Line("unreclaimable", firm, "info"))
    now = figures.bytes_short(metrics.memory_used(entry))
    now += _memory_words(entry)
    return ChartView(
        "MEMORY",
        tuple(lines),
        top,
        figures.bytes_short(top),
        scene.text(now),
        RISK_TONES[entry.memory.risk],
        limit,
        f"limit {figures.bytes_short(limit)}" if limit else "no limit",
        (),
        stage.marks,
        stage.span_text,
        stage.revision,
        "" if lines else stage.why_empty(),
    )


def _memory_words(entry: Entry) -> str:
    percent, risk = metrics.memory_of_limit(entry), entry.memory
    words = f" · {figures.percent(percent)}" if percent is not None else ""
    if risk.risk != "none":
        left = f", {figures.eta(risk.eta_seconds)} left" if risk.eta_seconds is not None else ""
        return f"{words} · OOM {risk.risk}{left}"
    return f"{words} · cache, harmless" if risk.cache_heavy else words


def disk(stage: Stage) -> ChartView:
    """Block I/O in bytes per second, read and written."""
    pair = metrics.disk_rates(stage.entry)
    return _pair(stage, "DISK", ("block_read_bytes_per_s", "read"), ("block_write_bytes_per_s", "write"), pair)


def network(stage: Stage) -> ChartView:
    """Network traffic in bytes per second, received and sent."""
    pair = metrics.net_rates(stage.entry)
    return _pair(stage, "NETWORK", ("net_rx_bytes_per_s", "in"), ("net_tx_bytes_per_s", "out"), pair)


def _pair(
    stage: Stage,
    title: str,
    first: tuple[str, str],
    second: tuple[str, str],
    now: tuple[float | None, float | None],
) -> ChartView:
    tones: tuple[Tone, Tone] = ("accent", "info")
    curves = [(name, stage.curve(metric)) for metric, name in (first, second)]
    lines = tuple(
        Line(name, values, tone) for (name, values), tone in zip(curves, tones, strict=True) if not _blank(values)
    )
    top = _top([value for _, values in curves for value in values], None, 10_000.0)
    return ChartView(
        title,
        lines,
        top,
        figures.rate_long(top),
        stage.scene.text(f"{first[1]} {figures.rate(now[0])} · {second[1]} {figures.rate(now[1])}" if lines else ""),
        span_text=stage.span_text,
        revision=stage.revision,
        empty="" if lines else _why_no_traffic(stage, title),
    )


def _why_no_traffic(stage: Stage, title: str) -> str:
    entry = stage.entry
    seen = entry.container.live and not entry.stale and entry.rates is not None
    if seen and title == "DISK" and stage.engine.cgroup_version == 1:
        return NO_BLOCK_IO_V1
    if seen and title == "DISK":
        return "n/a: the engine gives no block I/O for this container"
    mode = entry.container.network_mode
    if seen and mode == "host":
        return "n/a: it shares the host's network"
    if seen and mode.startswith("container:"):
        return "n/a: it shares another container's network"
    if seen and mode == "none":
        return "it has no network"
    return stage.why_empty()


def _top(values: Iterable[float], limit: float | None, least: float, binary: bool = False) -> float:
    """The scale: the limit, or a round number over the peak, so that the axis does not move with every value."""
    peak = max((value for value in values if math.isfinite(value)), default=0.0)
    if limit:
        return max(limit, peak)
    return _round_up(max(peak * 1.1, least), binary)


def _round_up(value: float, binary: bool) -> float:
    if binary:
        power = 2.0 ** math.floor(math.log2(value))
        return next(power * step for step in (1.0, 1.5, 2.0) if power * step >= value)
    power = 10.0 ** math.floor(math.log10(value))
    return next((power * step for step in (1, 2, 5, 10) if power * step >= value), power * 10)


def _blank(values: Iterable[float]) -> bool:
    return all(math.isnan(value) for value in values)
