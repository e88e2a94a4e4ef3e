"""The cells of the overview's table: one function a figure, and the rows made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from dockpit.metrics import formatting, readers, table_figures
from dockpit.metrics.figures import NAME_WIDTH
from dockpit.metrics.row_ring import NAN
from dockpit.metrics.snapshot import Entry
from dockpit.metrics.sorting import entry_alert_level
from dockpit.model.container import Container, State
from dockpit.model.view_models import Cell, Column, Row, Tone
from dockpit.views.view_context import LEVEL_TONES, RISK_TONES, SPARK_SECONDS, ViewContext, curve, pressure_tone

NAME_LENGTH = 256
"""Names, images and the like are cut here: more is never drawn."""

SIGNS: dict[State, str] = {
    "running": "●",
    "paused": "◐",
    "restarting": "↻",
    "created": "○",
    "removing": "✖",
    "exited": "○",
    "dead": "✖",
}
ASCII_SIGNS: dict[State, str] = {
    "running": "*",
    "paused": "=",
    "restarting": "~",
    "created": "o",
    "removing": "x",
    "exited": "o",
    "dead": "x",
}

PEAK_ROOM = 2.25
"""What has no limit is drawn on a scale of this many times its peak: there is nothing it could be full of."""
LITTLE_BYTES = 16 * 1024 * 1024
"""A scale of memory is never shorter than this."""

CellOf = Callable[[Entry, ViewContext], Cell]

_BLANK = Cell()


def row(entry: Entry, columns: Sequence[Column], scene: ViewContext, name: str, indent: int, in_sight: bool) -> Row:
    """The row of one container under `name`; out of sight it is its sign and its name alone."""
    if not entry.container.live:
        return _quiet(entry, columns, scene, name, indent)
    cells = []
    for column in columns:
        if column.id == "name":
            cells.append(Cell(name[:NAME_LENGTH], LEVEL_TONES[entry_alert_level(entry)]))
        elif in_sight or column.id == "state":
            cells.append(CELLS[column.id](entry, scene))
        else:
            cells.append(_BLANK)
    return Row(entry.container.id, tuple(cells), indent=indent)


def _quiet(entry: Entry, columns: Sequence[Column], scene: ViewContext, name: str, indent: int) -> Row:
    """A container that is not live says after its name, over the room of its figures, what became of it."""
    tone = fate_tone(entry)
    text = f"{name[:NAME_LENGTH].ljust(NAME_WIDTH)}  {scene.text(fate(entry.container, scene.at))}"
    own = {"state": state(entry, scene), "name": Cell(text, tone)}
    cells = tuple(own.get(column.id, _BLANK) for column in columns)
    return Row(entry.container.id, cells, tone=tone, indent=indent)


def fate(container: Container, at: float) -> str:
    """What became of a container that is not live: "exited 0, 3 h ago"."""
    if container.state == "created":
        return (
            f"created, could not start: {container.error[:NAME_LENGTH]}" if container.error else "created, not started"
        )
    words: list[str] = [] if container.state == "exited" else [container.state]
    if container.state in ("exited", "restarting", "dead"):
        words.append(f"exited {container.exit_code}")
        if container.oom_killed:
            words.append("OOM-killed")
        if container.finished_at:
            words.append(formatting.ago(max(0.0, at - container.finished_at)))
    return ", ".join(words)


def fate_tone(entry: Entry) -> Tone:
    """How loud that is: an old end is quiet, one that still is an alert is not."""
    if entry.alerts or entry.container.state in ("restarting", "dead"):
        return "high"
    return "normal" if entry.container.exit_code or entry.container.error else "dim"


def state(entry: Entry, scene: ViewContext) -> Cell:
    """The sign of its state; trouble that no figure shows has a sign of its own."""
    container = entry.container
    kinds = {alert.kind for alert in entry.alerts}
    signs = ASCII_SIGNS if scene.ascii else SIGNS
    if container.live and ("unhealthy" in kinds or container.health == "unhealthy"):
        return Cell("!", "high")
    if "restart-loop" in kinds:
        return Cell(signs["restarting"], "high")
    if container.live and "pids" in kinds:
        return Cell("!", LEVEL_TONES[entry_alert_level(entry)])
    if container.state == "running":
        return Cell(signs["running"], LEVEL_TONES[entry_alert_level(entry)] if entry.alerts else "good")
    return Cell(signs[container.state], "info" if container.state == "paused" else "dim")


def cpu(entry: Entry, scene: ViewContext) -> Cell:
    """CPU in cores."""
    value = readers.cpu_cores(entry)
    return scene.cell(formatting.cores(value), _loud(value, 0.005))


def cpu_limit(entry: Entry, scene: ViewContext) -> Cell:
    """CPU of its own limit as a bar; it is trouble only where it is throttled."""
    return _share(entry.cpu_of_limit_percent, entry.cpu_limit_cores, _throttled_tone(entry), scene)


def memory_limit(entry: Entry, scene: ViewContext) -> Cell:
    """Memory of its own limit as a bar; it is trouble only where reclaim cannot help."""
    return _share(entry.memory_of_limit_percent, entry.memory_limit_bytes, RISK_TONES[entry.memory.risk], scene)


def _share(percent: float | None, limit: float | None, tone: Tone, scene: ViewContext) -> Cell:
    if not limit:
        return scene.cell("no limit", "dim")
    if percent is None or not math.isfinite(percent):
        return scene.cell(formatting.NA, "dim")
    text = formatting.percent(min(percent, 9999.0), space="")
    return scene.cell(text, tone, bar=min(1.0, max(0.0, percent / 100)))


def throttled(entry: Entry, scene: ViewContext) -> Cell:
    """Throttled periods with the level in words, ↑ for those of a cgroup above; a paused container says so here."""
    if entry.container.state == "paused":
        return scene.cell("paused", "info")
    value = entry.throttled_percent
    level = entry.throttling.level
    if value is None or level == "ok":
        return scene.cell(formatting.percent(value), _loud(value, 1.0))
    sign = "↑" if entry.throttling.above else " "
    return scene.cell(
        f"{formatting.percent(value)}{sign}{level if level != 'critical' else 'high'}", LEVEL_TONES[level]
    )


def _throttled_tone(entry: Entry) -> Tone:
    return LEVEL_TONES[entry.throttling.level]


def memory(entry: Entry, scene: ViewContext) -> Cell:
    """Memory used."""
    value = readers.memory_used(entry)
    return scene.cell(formatting.bytes_short(value), "dim" if value is None else "normal")


def oom(entry: Entry, scene: ViewContext) -> Cell:
    """The risk of an OOM kill in a word or as time left, kills that happened, or that all is well."""
    risk, found = entry.memory, entry.memory.risk
    killed = any(alert.kind == "oom" for alert in entry.alerts)
    kills = formatting.plural(risk.kills, "kill") if risk.kills < 100 else "99+kills"
    if entry.stale and not risk.kills:
        return scene.cell(formatting.NA, "dim")
    if not entry.stale and found in ("high", "imminent"):
        return scene.cell(_left(risk.eta_seconds, found), RISK_TONES[found])
    if killed:
        return scene.cell(kills, "critical" if risk.last_kill_at else "watch")
    if not entry.stale and found == "watch":
        return scene.cell(_left(risk.eta_seconds, found), "watch")
    if risk.kills:
        return scene.cell(kills)
    return scene.cell("cache" if risk.cache_heavy else formatting.NA, "dim")


def _left(eta_seconds: float | None, word: str) -> str:
    if eta_seconds is None or word == "imminent":
        return word
    return formatting.eta(eta_seconds)


def cpu_spark(entry: Entry, scene: ViewContext) -> Cell:
    """CPU of the last minute on the scale of its limit, without one on that of its peak, of one core at least."""
    values = _spark(entry, "cpu_cores", scene)
    top = entry.cpu_limit_cores or max([1.0, *(value for value in values if value > 1.0)])
    return Cell(spark=_shares(values, top), tone=_throttled_tone(entry))


def memory_spark(entry: Entry, scene: ViewContext) -> Cell:
    """Memory of the last minute on the scale of its limit; without one what is steady stays below the middle."""
    values = _spark(entry, "memory_used_bytes", scene)
    peak = max((value for value in values if value > 0), default=0.0)
    top = entry.memory_limit_bytes or max(peak * PEAK_ROOM, LITTLE_BYTES)
    return Cell(spark=_shares(values, top), tone=RISK_TONES[entry.memory.risk])


def _spark(entry: Entry, name: str, scene: ViewContext) -> tuple[float, ...]:
    return curve(entry.window, name, scene.at, SPARK_SECONDS, scene.spark_points)


def _shares(values: tuple[float, ...], top: float) -> tuple[float, ...]:
    if all(math.isnan(value) for value in values):
        return ()
    return tuple(_clamped(value / top) for value in values) if top > 0 else ()


def _clamped(share: float) -> float:
    return NAN if math.isnan(share) else min(1.0, max(0.0, share))


def net(entry: Entry, scene: ViewContext) -> Cell:
    """Network rates, in/out."""
    return _pair(readers.net_rates(entry), scene)


def disk(entry: Entry, scene: ViewContext) -> Cell:
    """Block I/O rates, read/write."""
    return _pair(readers.disk_rates(entry), scene)


def _pair(pair: tuple[float | None, float | None], scene: ViewContext) -> Cell:
    return scene.cell(formatting.rate_pair(*pair), _loud(_sum(pair), 0.5))


def pids(entry: Entry, scene: ViewContext) -> Cell:
    """Processes; its tone is that of its alert."""
    levels = [alert.level for alert in entry.alerts if alert.kind == "pids"]
    return scene.cell(formatting.count(readers.pids(entry)), LEVEL_TONES[levels[0]] if levels else "normal")


def restarts(entry: Entry, scene: ViewContext) -> Cell:
    """Restarts by its policy."""
    loop = any(alert.kind == "restart-loop" for alert in entry.alerts)
    number = entry.container.restarts
    return scene.cell(f"{formatting.count(number)}{' ↻' if loop else ''}", "high" if loop else _loud(number, 1))


def health(entry: Entry, scene: ViewContext) -> Cell:
    """What its health check says."""
    word = entry.container.health
    tones: dict[str, Tone] = {"unhealthy": "high", "starting": "info", "healthy": "normal"}
    return scene.cell(formatting.NA if word == "none" else word, tones.get(word, "dim"))


def uptime(entry: Entry, scene: ViewContext) -> Cell:
    """How long it has been running."""
    started = entry.container.started_at
    return scene.cell(formatting.duration(max(0.0, scene.at - started)) if started else formatting.NA)


def _sum(pair: readers.Pair) -> float | None:
    """The sum of what is known of a pair, None when nothing is."""
    known = [value for value in pair if value is not None]
    return sum(known) if known else None


def _loud(value: float | None, least: float) -> Tone:
    return "dim" if value is None or value < least else "normal"


def _plain(id: str) -> CellOf:
    """A text, cut to what is ever drawn."""
    value_of = table_figures.TABLE_FIGURES[id].value

    def cell(entry: Entry, scene: ViewContext) -> Cell:
        text = value_of(entry)
        return Cell(text[:NAME_LENGTH], "dim") if text else scene.cell(formatting.NA, "dim")

    return cell


def _number(id: str, write: Callable[[float | None], str]) -> CellOf:
    """A number as its column declares it."""
    value_of = table_figures.TABLE_FIGURES[id].value

    def cell(entry: Entry, scene: ViewContext) -> Cell:
        value = value_of(entry)
        return scene.cell(write(value), "dim" if value is None else "normal")

    return cell


def _pressure(id: str) -> CellOf:
    """PSI some; it is loud from where the host's own is."""
    value_of = table_figures.TABLE_FIGURES[id].value

    def cell(entry: Entry, scene: ViewContext) -> Cell:
        percent = value_of(entry)
        return scene.cell(formatting.percent(percent), pressure_tone(percent) or _loud(percent, 1.0))

    return cell


_SPECIAL: dict[str, CellOf] = {
    "state": state,
    "cpu": cpu,
    "cpu_limit": cpu_limit,
    "cpu_spark": cpu_spark,
    "throttled": throttled,
    "memory": memory,
    "memory_limit": memory_limit,
    "memory_spark": memory_spark,
    "oom": oom,
    "net": net,
    "disk": disk,
    "pids": pids,
    "restarts": restarts,
    "health": health,
    "uptime": uptime,
    **{id: _pressure(id) for id in ("cpu_pressure", "memory_pressure", "io_pressure")},
}


def _declared(id: str, write: Callable[[float | None], str] | None) -> CellOf:
    """The cell of a figure that needs no more than its declaration says."""
    return _plain(id) if write is None else _number(id, write)


CELLS: dict[str, CellOf] = {
    id: _SPECIAL.get(id) or _declared(id, figure.column.text)
    for id, figure in table_figures.TABLE_FIGURES.items()
    if id != "name"
}
"""How each column's figure is written; the name is written by the row."""
