"""The lines above the table: the header, the host and the banner."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dockpit.metrics import formatting
from dockpit.metrics.series import NAN
from dockpit.metrics.snapshot import Snapshot
from dockpit.metrics.sorting import worst
from dockpit.model.engine_info import EngineInfo
from dockpit.model.host_figures import HostFigures
from dockpit.model.view_models import Banner, LabelledText, Tone
from dockpit.views.view_context import LEVEL_TONES, SPARK_SECONDS, ViewContext, curve, pressure_tone

OUTCOME_SECONDS = 15.0
"""How long what became of an action is shown."""
TEXT_LENGTH = 200

SPACE = 2
"""Blanks between two figures of a line."""
MARGIN = 1
"""Blanks before the first and after the last."""
SPARK_POINTS = 8


def header(
    snapshot: Snapshot, scene: ViewContext, width: int, *, paused: bool, filtered: str, interval: float
) -> tuple[LabelledText, ...]:
    """The header's figures that fit `width` (0 for all); the least important go first, the clock is always the last."""
    engine = snapshot.engine
    ranked: list[tuple[int, LabelledText]] = [
        (0, LabelledText("", "dockpit", "accent")),
        (3, LabelledText("", scene.text(_address(snapshot)))),
        (4, LabelledText("", scene.text(_product(engine)), "dim")),
        (6, LabelledText("", scene.text(_machine(engine)), "dim")),
        (5, LabelledText("", scene.text(_sources(snapshot, interval)), "dim")),
        (1, LabelledText("", "read-only" if snapshot.read_only else "", "info")),
        (2, LabelledText("filter", filtered[:TEXT_LENGTH], "accent") if filtered else LabelledText("", "")),
        (0, LabelledText("", "paused" if paused else "", "info")),
        (0, _alerts(snapshot)),
        (0, LabelledText("", formatting.clock(scene.now, scene.tz))),
    ]
    kept = [pair for pair in ranked if pair[1].text]
    while width and len(kept) > 1 and _room([figure for _, figure in kept]) > width and max(kept, key=_rank)[0] > 0:
        kept.remove(max(kept, key=_rank))
    return tuple(figure for _, figure in kept)


def _rank(pair: tuple[int, LabelledText]) -> int:
    return pair[0]


def _room(line: Sequence[LabelledText]) -> int:
    """How wide a line of figures is, with its margins and a blank between a figure's parts."""
    parts = (len(figure.label) + len(figure.text) + len(figure.spark) for figure in line)
    inner = (bool(figure.label) + bool(figure.spark) for figure in line)
    return 2 * MARGIN + sum(parts) + sum(inner) + SPACE * max(0, len(line) - 1)


def _address(snapshot: Snapshot) -> str:
    engine = snapshot.engine
    address = (engine.address or snapshot.link.address)[:TEXT_LENGTH]
    context = engine.context[:TEXT_LENGTH]
    return f"{context} · {address}" if context and address else context or address


def _product(engine: EngineInfo) -> str:
    if not engine.version:
        return ""
    words = [f"{engine.product} {engine.version.partition('+')[0][:40]}"]
    if engine.cgroup_version:
        words.append(f"cgroup v{engine.cgroup_version}")
    if engine.rootless:
        words.append("rootless")
    return " · ".join(words)


def _machine(engine: EngineInfo) -> str:
    words = [formatting.plural(engine.cpus, "CPU")] if engine.cpus else []
    if engine.memory_bytes:
        words.append(formatting.bytes_long(engine.memory_bytes))
    return " · ".join(words)


def _sources(snapshot: Snapshot, interval: float) -> str:
    """Where figures come from and how often: "kernel 1 s", "kernel 97 · engine 3 · 1 s"; late rounds are said."""
    sources = snapshot.sources
    if not sources.kernel and not sources.engine:
        return f"{interval:g} s"
    if sources.kernel and sources.engine:
        words = [f"kernel {sources.kernel}", f"engine {sources.engine}", f"{interval:g} s"]
    else:
        words = [f"{'kernel' if sources.kernel else 'engine'} {interval:g} s"]
    words += [f"{sources.late} late"] if sources.late else []
    return " · ".join(words)


def _alerts(snapshot: Snapshot) -> LabelledText:
    if not snapshot.alerts:
        return LabelledText("", "no alerts" if snapshot.ready else "", "dim")
    return LabelledText("", formatting.plural(len(snapshot.alerts), "alert"), LEVEL_TONES[worst(snapshot.alerts)])


def host(snapshot: Snapshot, scene: ViewContext, width: int) -> tuple[LabelledText, ...]:
    """The figures of the machine under a local engine; no sparklines and less pressure where room is short."""
    if snapshot.host is None:
        waiting = "host figures are on their way" if snapshot.engine.local else "host figures need a local engine"
        return (LabelledText("", waiting, "dim"),) if snapshot.ready else ()
    best: tuple[LabelledText, ...] = ()
    for points, least in ((SPARK_POINTS, 0.0), (SPARK_POINTS, 10.0), (0, 10.0), (0, math.inf)):
        best = _host_line(snapshot, snapshot.host, scene, points, least)
        if not width or _room(best) <= width:
            break
    return best


def _host_line(
    snapshot: Snapshot, now: HostFigures, scene: ViewContext, points: int, least: float
) -> tuple[LabelledText, ...]:
    """The host's figures with sparklines of `points`, and with the pressure that is `least` percent or more."""

    def spark(name: str, top: float) -> tuple[float, ...]:
        values = curve(snapshot.host_window, name, scene.now, SPARK_SECONDS, points) if points else ()
        peak = max((value for value in values if math.isfinite(value)), default=0.0)
        return () if all(map(math.isnan, values)) else tuple(_share(value, max(top, peak)) for value in values)

    def figure(
        label: str, text: str, pressure: float | None, line: tuple[float, ...], tone: Tone = "normal"
    ) -> LabelledText:
        if pressure is not None and pressure >= least:
            text += f"  some {formatting.percent(pressure)}"
        return LabelledText(label, scene.text(text), pressure_tone(pressure) or tone, line)

    total = float(now.memory_total_bytes or 0) or 1.0
    disk = formatting.rate_pair(now.disk_read_bytes_per_s, now.disk_write_bytes_per_s)
    net = formatting.rate_pair(now.net_rx_bytes_per_s, now.net_tx_bytes_per_s)
    used = now.memory_used_bytes / total if now.memory_used_bytes is not None else 0.0
    return (
        figure("CPU", formatting.percent(now.cpu_percent), now.cpu_some_percent, spark("cpu_percent", 100.0)),
        figure(
            "MEM",
            formatting.bytes_share(now.memory_used_bytes, now.memory_total_bytes),
            now.memory_some_percent,
            spark("memory_used_bytes", total),
            "high" if used > 0.95 else "watch" if used > 0.9 else "normal",
        ),
        figure("IO r/w", disk, now.io_some_percent, spark("disk_write_bytes_per_s", 1e6)),
        figure("NET in/out", net, None, spark("net_rx_bytes_per_s", 1e6)),
    )


def _share(value: float, top: float) -> float:
    return NAN if math.isnan(value) else max(0.0, value / top)


def banner(snapshot: Snapshot, scene: ViewContext, *, paused: bool, trouble: str = "") -> Banner | None:
    """The line across the screen: a lost engine, a wrong filter, what became of an action, a paused view; else None."""
    link = snapshot.link
    if link.state == "lost":
        return Banner(scene.text(_lost(snapshot, scene)), "critical")
    if trouble:
        return Banner(scene.text(trouble), "watch")
    last = snapshot.outcomes[-1] if snapshot.outcomes else None
    if last is not None and 0 <= scene.now - last.at < OUTCOME_SECONDS:
        undo = " · U undoes it" if last.undo is not None and snapshot.can_undo else ""
        return Banner(last.text[:TEXT_LENGTH] + scene.text(undo), "good" if last.ok else "high")
    if link.state == "connecting" and not snapshot.ready:
        return Banner(scene.text(f"connecting to {(link.address or 'the engine')[:TEXT_LENGTH]} …"), "info")
    if link.state == "closed":
        return Banner("the connection is closed", "info")
    if paused:
        shown = formatting.clock(snapshot.at or scene.now, scene.tz)
        return Banner(scene.text(f"paused · figures are from {shown} · space goes on"), "info")
    return None


def _lost(snapshot: Snapshot, scene: ViewContext) -> str:
    """What matters while one waits comes first: a long reason may be cut."""
    link = snapshot.link
    words = ["engine unreachable"]
    if link.retry_at:
        left = math.ceil(link.retry_at - scene.now)
        words.append(f"next attempt in {formatting.duration(left)}" if left > 0 else "trying again now")
    words.append(_still_read(snapshot, scene))
    if link.reason:
        words.append(link.reason[:TEXT_LENGTH])
    return " · ".join(word for word in words if word)


def _still_read(snapshot: Snapshot, scene: ViewContext) -> str:
    """Which figures still come, from the kernel, and since when the others do not."""
    since = snapshot.link.since
    old = f"from {formatting.stamp(since, scene.now, scene.tz)}" if since else "old"
    read, live = snapshot.figures_go_on
    if not read:
        return f"figures are {old}" if since else ""
    if read == live:
        return "figures go on from the kernel, states are " + old
    return f"{read} of {live} containers are read from the kernel, all else is {old}"
