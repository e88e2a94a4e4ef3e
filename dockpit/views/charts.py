"""The four charts of a container: CPU, memory, disk and network over the last minutes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from dockpit.metrics import formatting, readers
from dockpit.metrics.series import NAN, resample
from dockpit.metrics.snapshot import Entry
from dockpit.model.engine_info import EngineInfo
from dockpit.model.events import Event
from dockpit.model.view_models import ChartView, Curve, Lane, Mark, Tone
from dockpit.views.event_lines import marks
from dockpit.views.view_context import LEVEL_TONES, RISK_TONES, ViewContext, bounds, curve

NO_BLOCK_IO_V1 = "n/a: this kernel attributes no block I/O to cgroup v1"
NO_FIGURES = "no figures in this time"
NOT_RUNNING = "not running"
STALE = "no figures come from the engine"
PRESSURE_LEAST_PERCENT = 1.0
PRESSURE_WATCH_PERCENT = 10.0
"""From this share of stalled time on, pressure is said and coloured."""
PRESSURE_HIGH_PERCENT = 40.0
PARTS: tuple[tuple[str, Tone], ...] = (("anon", "accent"), ("shmem", "good"), ("kernel", "info"), ("cache", "dim"))
"""What a container's memory is made of, from the bottom: what reclaim cannot give back, then the file cache."""
Step = tuple[float, float | None]
"""When a limit began to hold, and the limit, None for none."""
_SEVERITY: tuple[Tone, ...] = ("normal", "watch", "high", "critical")


@dataclass(frozen=True, slots=True)
class ChartContext:
    """What the charts of one container share: its past, the time they span, and how many points they have."""

    entry: Entry
    engine: EngineInfo
    scene: ViewContext
    span: float
    points: int
    marks: tuple[Mark, ...]
    revision: int

    @property
    def span_text(self) -> str:
        """The time spanned in words: "15 min"."""
        return formatting.duration(self.span) if self.span >= 60 else f"{self.span:.0f} s"

    def curve(self, name: str) -> tuple[float, ...]:
        """One metric of the container's past."""
        if not self.entry.window.has(name):
            return (NAN,) * self.points
        return curve(self.entry.window, name, self.scene.at, self.span, self.points)

    def rows(self, name: str) -> Sequence[float]:
        """One metric of the container's past as it was measured."""
        return self.entry.window.values(name, bounds(self.scene.at, self.span, self.points)[0])

    def spread(self, rows: Sequence[float]) -> tuple[float, ...]:
        """A curve of figures made of rows()."""
        begin, edge = bounds(self.scene.at, self.span, self.points)
        return resample(self.entry.window.times(begin), rows, edge, self.span, self.points)

    def steps(self, limits: Sequence[Step]) -> tuple[Step, ...]:
        """Where in the time spanned each limit (epoch seconds, limit) began to hold; empty for one all along."""
        begin, edge = bounds(self.scene.at, self.span, self.points)
        found: list[Step] = []
        for at, limit in limits:
            if at >= edge or (found and found[-1][1] == limit):
                continue
            place = max(0, int((at - begin) / (edge - begin) * self.points)) / self.points
            if found and place == 0.0:
                found.clear()
            found.append((place if found else 0.0, limit))
        return tuple(found) if len(found) > 1 else ()

    def why_empty(self) -> str:
        """What to say where there is no curve at all."""
        if not self.entry.container.live:
            return NOT_RUNNING
        return STALE if self.entry.stale else NO_FIGURES


def charts(
    entry: Entry,
    engine: EngineInfo,
    events: Iterable[Event],
    scene: ViewContext,
    span: float,
    points: int,
    revision: int,
) -> tuple[ChartView, ...]:
    """CPU, memory, disk and network of `entry` over the last `span` seconds, `points` values each."""
    found = marks(events, entry.container.id, scene.at - span, scene.at, scene)
    stage = ChartContext(entry, engine, scene, span, points, found, revision)
    return (cpu(stage), memory(stage), disk(stage), network(stage))


def cpu(stage: ChartContext) -> ChartView:
    """CPU in cores on the scale of its limit, with the share of throttled periods and the pressure below it."""
    entry, scene = stage.entry, stage.scene
    used = stage.curve("cpu_cores")
    limit = entry.cpu_limit_cores
    steps = stage.steps([(held.at, held.cpu_cores) for held in entry.limits_from])
    top = _top(used, limit, 1.0)
    now = formatting.cores(readers.cpu_cores(entry))
    throttled, level = entry.throttled_percent, entry.throttling.level
    if throttled is not None and level != "ok":
        now += f" · throttled {formatting.percent(throttled)}"
        stall = entry.throttled_ms_per_s
        if entry.throttling.above:
            now += " by the cgroup above"
        elif stall is not None:
            now += f", {formatting.ms_per_s(stall)}"
    words, tone = _pressure(entry, "cpu_some_percent")
    return ChartView(
        "CPU",
        () if _blank(used) else (Curve("CPU", used),),
        top,
        formatting.cores(top),
        scene.text(now + words),
        _worse(LEVEL_TONES[level], tone),
        limit,
        scene.text(_limit_words(limit, steps, formatting.cores)),
        steps,
        (_throttled_lane(stage) if limit else ()) + _pressure_lane(stage, "cpu_some_percent"),
        stage.marks,
        stage.span_text,
        stage.revision,
        stage.why_empty() if _blank(used) else "",
    )


def _limit_words(limit: float | None, steps: Sequence[Step], words: Callable[[float | None], str]) -> str:
    """ "limit 0.20", "no limit", and after a change "limit 0.20 → 0.60"."""
    if len(steps) < 2:
        return f"limit {words(limit)}" if limit else "no limit"
    return "limit " + " → ".join(words(held) if held else "none" for _, held in steps[-2:])


def _throttled_lane(stage: ChartContext) -> tuple[Lane, ...]:
    shares = stage.curve("throttled_ratio")
    return (Lane("thr", "throttled", shares),) if any(share > 0 for share in shares) else ()


def _pressure_lane(stage: ChartContext, metric: str) -> tuple[Lane, ...]:
    """How much of each moment some task stood still for want of a resource, where the source can tell."""
    if not stage.entry.window.has(metric):
        return ()
    shares = stage.spread([percent / 100 for percent in stage.rows(metric)])
    steps = (PRESSURE_WATCH_PERCENT / 100, PRESSURE_HIGH_PERCENT / 100, PRESSURE_LEAST_PERCENT / 100)
    return () if _blank(shares) else (Lane("psi", "pressure", shares, *steps),)


def _pressure(entry: Entry, metric: str) -> tuple[str, Tone]:
    """The pressure of now in words, and their tone; nothing where there is next to none."""
    percent = getattr(entry.current_rates, metric, None)
    if percent is None or percent < PRESSURE_WATCH_PERCENT:
        return "", "normal"
    return f" · pressure {formatting.percent(percent)}", "high" if percent >= PRESSURE_HIGH_PERCENT else "watch"


def _worse(one: Tone, other: Tone) -> Tone:
    return max(one, other, key=_SEVERITY.index)


def memory(stage: ChartContext) -> ChartView:
    """Memory in bytes on the scale of its limit: its parts one on the other, or used and unreclaimable without them."""
    entry, scene = stage.entry, stage.scene
    lines, peaks = _parts(stage) or _used(stage)
    limit = entry.memory_limit_bytes
    steps = stage.steps([(held.at, held.memory_bytes) for held in entry.limits_from])
    top = _top(peaks, limit, 1 << 20, binary=True)
    now = formatting.bytes_short(readers.memory_used(entry))
    words, tone = _pressure(entry, "memory_some_percent")
    return ChartView(
        "MEMORY",
        lines,
        top,
        formatting.bytes_short(top),
        scene.text(now + _memory_words(entry) + words),
        _worse(RISK_TONES[entry.memory.risk], tone),
        limit,
        scene.text(_limit_words(limit, steps, formatting.bytes_short)),
        steps,
        _pressure_lane(stage, "memory_some_percent"),
        stage.marks,
        stage.span_text,
        stage.revision,
        "" if lines else stage.why_empty(),
    )


def _used(stage: ChartContext) -> tuple[tuple[Curve, ...], Sequence[float]]:
    """docker's figure, what reclaim cannot give back of it, and the values that the scale must hold."""
    used, firm = stage.curve("memory_used_bytes"), stage.curve("memory_unreclaimable_bytes")
    lines = (Curve("used", used), Curve("unreclaimable", firm, "info"))
    return tuple(line for line in lines if not _blank(line.points)), used


def _parts(stage: ChartContext) -> tuple[tuple[Curve, ...], Sequence[float]] | None:
    """PARTS as stacked lines, docker's figure for the time without them, and the values that the scale must hold.

    Each total is spread as a whole, so that the stack is as high as the memory really was. None without parts.
    """
    if not all(stage.entry.window.has(name) for name in ("anon_bytes", "file_bytes", "shmem_bytes")):
        return None
    rows = [stage.rows(f"{name}_bytes") for name in ("anon", "shmem", "kernel", "file")]
    totals = list(zip(*map(_totals, *rows), strict=True))
    curves = [stage.spread(total) for total in totals]
    below = [(0.0,) * stage.points, *curves]
    lines = [
        Curve(name, _less(curve, under), tone, stacked=True)
        for (name, tone), curve, under in zip(PARTS, curves, below, strict=False)
    ]
    shown = tuple(line for line in lines if any(value > 0 for value in line.points))
    if not shown:
        return None
    pairs = zip(stage.rows("memory_used_bytes"), totals[-1], strict=True)
    rest = [used if math.isnan(total) else NAN for used, total in pairs]
    if _blank(rest):
        return shown, curves[-1]
    line = Curve("used", stage.spread(rest), "normal")
    return (*shown, line), curves[-1] + line.points


def _totals(anon: float, shmem: float, kernel: float, file: float) -> tuple[float, float, float, float]:
    """The running totals of PARTS in one row; gaps where anything but `kernel` is missing."""
    firm = anon + shmem
    held = firm if math.isnan(kernel) else firm + kernel
    whole = held if file < shmem else held + file - shmem
    return (NAN, NAN, NAN, NAN) if math.isnan(whole) else (anon, firm, held, whole)


def _less(curve: Sequence[float], lower: Sequence[float]) -> tuple[float, ...]:
    """What `curve` has over `lower`; gaps stay the very NAN, by which two equal views are known."""
    return tuple(NAN if math.isnan(total) else total - under for total, under in zip(curve, lower, strict=True))


def _memory_words(entry: Entry) -> str:
    percent, risk = entry.memory_of_limit_percent, entry.memory
    words = f" · {formatting.percent(percent)}" if percent is not None else ""
    if risk.risk != "none":
        left = f", {formatting.eta(risk.eta_seconds)} left" if risk.eta_seconds is not None else ""
        return f"{words} · OOM {risk.risk}{left}"
    return f"{words} · cache, harmless" if risk.cache_heavy else words


def disk(stage: ChartContext) -> ChartView:
    """Block I/O in bytes per second, read and written, with the pressure below it."""
    pair = readers.disk_rates(stage.entry)
    drawn = _pair(stage, "DISK", ("block_read_bytes_per_s", "read"), ("block_write_bytes_per_s", "write"), pair)
    words, tone = _pressure(stage.entry, "io_some_percent")
    now = drawn.now_text + stage.scene.text(words if drawn.now_text else words.removeprefix(" · "))
    return replace(drawn, now_text=now, now_tone=tone, lanes=_pressure_lane(stage, "io_some_percent"))


def network(stage: ChartContext) -> ChartView:
    """Network traffic in bytes per second, received and sent."""
    pair = readers.net_rates(stage.entry)
    return _pair(stage, "NETWORK", ("net_rx_bytes_per_s", "in"), ("net_tx_bytes_per_s", "out"), pair)


def _pair(
    stage: ChartContext,
    title: str,
    first: tuple[str, str],
    second: tuple[str, str],
    now: tuple[float | None, float | None],
) -> ChartView:
    tones: tuple[Tone, Tone] = ("accent", "info")
    curves = [(name, stage.curve(metric)) for metric, name in (first, second)]
    lines = tuple(
        Curve(name, values, tone) for (name, values), tone in zip(curves, tones, strict=True) if not _blank(values)
    )
    top = _top([value for _, values in curves for value in values], None, 10_000.0)
    return ChartView(
        title,
        lines,
        top,
        formatting.rate_long(top),
        stage.scene.text(
            f"{first[1]} {formatting.rate(now[0])} · {second[1]} {formatting.rate(now[1])}" if lines else ""
        ),
        span_text=stage.span_text,
        revision=stage.revision,
        empty="" if lines else _why_no_traffic(stage, title),
    )


def _why_no_traffic(stage: ChartContext, title: str) -> str:
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
