"""Cells and rows of the overview's table: one function per column that needs more than its declaration says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from dockpit.metrics import compiled_columns, figure_values, formatting
from dockpit.metrics.figures_and_columns import NAME_WIDTH
from dockpit.metrics.row_ring import NAN
from dockpit.metrics.snapshot import Entry
from dockpit.metrics.sorting import entry_alert_level
from dockpit.model.container import Container, State
from dockpit.model.view_models import Cell, Column, Row, Tone
from dockpit.views.view_context import LEVEL_TONES, RISK_TONES, SPARK_SECONDS, ViewContext, curve, pressure_tone

NAME_LENGTH = 256
"""Maximum characters of names, images and the like in a cell."""

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

UNLIMITED_SCALE_FACTOR = 2.25
"""Scale of a sparkline without a limit, in multiples of its peak: nothing can be full there."""
MIN_SCALE_BYTES = 16 * 1024 * 1024
"""Minimum length of a memory scale."""

MakeCell = Callable[[Entry, ViewContext], Cell]

_BLANK = Cell()


def row(entry: Entry, columns: Sequence[Column], context: ViewContext, name: str, indent: int, visible: bool) -> Row:
    """The row of one container under `name`; a row out of sight has only its sign and its name."""
    if not entry.container.live:
        return _ended_row(entry, columns, context, name, indent)
    cells = []
    for column in columns:
        if column.id == "name":
            cells.append(Cell(name[:NAME_LENGTH], LEVEL_TONES[entry_alert_level(entry)]))
        elif visible or column.id == "state":
            cells.append(CELLS[column.id](entry, context))
        else:
            cells.append(_BLANK)
    return Row(entry.container.id, tuple(cells), indent=indent)


def _ended_row(entry: Entry, columns: Sequence[Column], context: ViewContext, name: str, indent: int) -> Row:
    """The row of a container that is not live: its name, and how it ended across the columns of its figures."""
    tone = ended_tone(entry)
    text = f"{name[:NAME_LENGTH].ljust(NAME_WIDTH)}  {context.text(ended_text(entry.container, context.at))}"
    own = {"state": state(entry, context), "name": Cell(text, tone)}
    cells = tuple(own.get(column.id, _BLANK) for column in columns)
    return Row(entry.container.id, cells, tone=tone, indent=indent)


def ended_text(container: Container, at: float) -> str:
    """How a container that is not live ended: "exited 0, 3 h ago"."""
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
    if container.error:
        words.append(container.error[:NAME_LENGTH])
    return ", ".join(words)


def ended_tone(entry: Entry) -> Tone:
    """The tone of that text: dim for a clean end, high while an alert stands."""
    if entry.alerts or entry.container.state in ("restarting", "dead"):
        return "high"
    return "normal" if entry.container.exit_code or entry.container.error else "dim"


def state(entry: Entry, context: ViewContext) -> Cell:
    """The sign of its state, or of a problem that no other column shows."""
    container = entry.container
    kinds = {alert.kind for alert in entry.alerts}
    signs = ASCII_SIGNS if context.ascii else SIGNS
    if container.live and ("unhealthy" in kinds or container.health == "unhealthy"):
        return Cell("!", "high")
    if "restart-loop" in kinds:
        return Cell(signs["restarting"], "high")
    if container.live and "pids" in kinds:
        return Cell("!", LEVEL_TONES[entry_alert_level(entry)])
    if container.state == "running":
        return Cell(signs["running"], LEVEL_TONES[entry_alert_level(entry)] if entry.alerts else "good")
    return Cell(signs[container.state], "info" if container.state == "paused" else "dim")


def cpu(entry: Entry, context: ViewContext) -> Cell:
    """CPU used, in cores."""
    value = figure_values.cpu_cores(entry)
    return context.cell(formatting.cores(value), _tone_from(value, 0.005))


def cpu_limit(entry: Entry, context: ViewContext) -> Cell:
    """CPU in percent of its limit, as a bar in the tone of its throttling."""
    return _share_of_limit_cell(entry.cpu_of_limit_percent, entry.cpu_limit_cores, _throttled_tone(entry), context)


def memory_limit(entry: Entry, context: ViewContext) -> Cell:
    """Memory in percent of its limit, as a bar in the tone of its OOM risk."""
    return _share_of_limit_cell(
        entry.memory_of_limit_percent, entry.memory_limit_bytes, RISK_TONES[entry.memory.risk], context
    )


def _share_of_limit_cell(percent: float | None, limit: float | None, tone: Tone, context: ViewContext) -> Cell:
    if not limit:
        return context.cell("no limit", "dim")
    if percent is None or not math.isfinite(percent):
        return context.cell(formatting.NA, "dim")
    text = formatting.percent(min(percent, 9999.0), space="")
    return context.cell(text, tone, bar=min(1.0, max(0.0, percent / 100)))


def throttled(entry: Entry, context: ViewContext) -> Cell:
    """Throttled periods with the level in words, ↑ if a cgroup above throttles it; "paused" for a paused container."""
    if entry.container.state == "paused":
        return context.cell("paused", "info")
    value = entry.throttled_percent
    level = entry.throttling.level
    if value is None or level == "ok":
        return context.cell(formatting.percent(value), _tone_from(value, 1.0))
    sign = "↑" if entry.throttling.above else " "
    return context.cell(
        f"{formatting.percent(value)}{sign}{level if level != 'critical' else 'high'}", LEVEL_TONES[level]
    )


def _throttled_tone(entry: Entry) -> Tone:
    return LEVEL_TONES[entry.throttling.level]


def memory(entry: Entry, context: ViewContext) -> Cell:
    """Memory used, as docker counts it."""
    value = figure_values.memory_used(entry)
    return context.cell(formatting.bytes_short(value), "dim" if value is None else "normal")


def oom(entry: Entry, context: ViewContext) -> Cell:
    """The risk of an OOM kill as a word or as time left, else past kills, else "cache" or a dash."""
    risk, found = entry.memory, entry.memory.risk
    killed = any(alert.kind == "oom" for alert in entry.alerts)
    kills = formatting.plural(risk.kills, "kill") if risk.kills < 100 else "99+kills"
    if entry.stale and not risk.kills:
        return context.cell(formatting.NA, "dim")
    if not entry.stale and found in ("high", "imminent"):
        return context.cell(_eta_or_word(risk.eta_seconds, found), RISK_TONES[found])
    if killed:
        return context.cell(kills, "critical" if risk.last_kill_at else "watch")
    if not entry.stale and found == "watch":
        return context.cell(_eta_or_word(risk.eta_seconds, found), "watch")
    if risk.kills:
        return context.cell(kills)
    return context.cell("cache" if risk.cache_heavy else formatting.NA, "dim")


def _eta_or_word(eta_seconds: float | None, word: str) -> str:
    if eta_seconds is None or word == "imminent":
        return word
    return formatting.eta(eta_seconds)


def cpu_spark(entry: Entry, context: ViewContext) -> Cell:
    """CPU of the last minute, scaled to its limit, or to its peak and at least one core."""
    values = _spark_values(entry, "cpu_cores", context)
    top = entry.cpu_limit_cores or max([1.0, *(value for value in values if value > 1.0)])
    return Cell(spark=_shares_of_scale(values, top), tone=_throttled_tone(entry))


def memory_spark(entry: Entry, context: ViewContext) -> Cell:
    """Memory of the last minute, scaled to its limit, or so that steady use stays below the middle."""
    values = _spark_values(entry, "memory_used_bytes", context)
    peak = max((value for value in values if value > 0), default=0.0)
    top = entry.memory_limit_bytes or max(peak * UNLIMITED_SCALE_FACTOR, MIN_SCALE_BYTES)
    return Cell(spark=_shares_of_scale(values, top), tone=RISK_TONES[entry.memory.risk])


def _spark_values(entry: Entry, name: str, context: ViewContext) -> tuple[float, ...]:
    return curve(entry.window, name, context.at, SPARK_SECONDS, context.spark_points)


def _shares_of_scale(values: tuple[float, ...], top: float) -> tuple[float, ...]:
    if all(math.isnan(value) for value in values):
        return ()
    return tuple(_clamped(value / top) for value in values) if top > 0 else ()


def _clamped(share: float) -> float:
    return NAN if math.isnan(share) else min(1.0, max(0.0, share))


def net(entry: Entry, context: ViewContext) -> Cell:
    """Network rates, in/out."""
    return _rate_pair_cell(figure_values.net_rates(entry), context)


def disk(entry: Entry, context: ViewContext) -> Cell:
    """Block I/O rates, read/write."""
    return _rate_pair_cell(figure_values.disk_rates(entry), context)


def _rate_pair_cell(pair: tuple[float | None, float | None], context: ViewContext) -> Cell:
    return context.cell(formatting.rate_pair(*pair), _tone_from(known_sum(pair), 0.5))


def pids(entry: Entry, context: ViewContext) -> Cell:
    """Processes and threads, in the tone of the pids alert."""
    levels = [alert.level for alert in entry.alerts if alert.kind == "pids"]
    return context.cell(formatting.count(figure_values.pids(entry)), LEVEL_TONES[levels[0]] if levels else "normal")


def restarts(entry: Entry, context: ViewContext) -> Cell:
    """Restarts by the restart policy."""
    loop = any(alert.kind == "restart-loop" for alert in entry.alerts)
    number = entry.container.restarts
    return context.cell(f"{formatting.count(number)}{' ↻' if loop else ''}", "high" if loop else _tone_from(number, 1))


def health(entry: Entry, context: ViewContext) -> Cell:
    """The verdict of its health check."""
    word = entry.container.health
    tones: dict[str, Tone] = {"unhealthy": "high", "starting": "info", "healthy": "normal"}
    return context.cell(formatting.NA if word == "none" else word, tones.get(word, "dim"))


def uptime(entry: Entry, context: ViewContext) -> Cell:
    """Time since its start."""
    started = entry.container.started_at
    return context.cell(formatting.duration(max(0.0, context.at - started)) if started else formatting.NA)


def known_sum(values: Iterable[float | None]) -> float | None:
    """The sum of the known values, None if none is known."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _tone_from(value: float | None, least: float) -> Tone:
    return "dim" if value is None or value < least else "normal"


def _text_cell(id: str) -> MakeCell:
    """A text column, cut to NAME_LENGTH."""
    value_of = compiled_columns.COLUMN_FIGURES[id].value

    def cell(entry: Entry, context: ViewContext) -> Cell:
        text = value_of(entry)
        return Cell(text[:NAME_LENGTH], "dim") if text else context.cell(formatting.NA, "dim")

    return cell


def _number_cell(id: str, write: Callable[[float | None], str]) -> MakeCell:
    """A number column, written by the function that it declares."""
    value_of = compiled_columns.COLUMN_FIGURES[id].value

    def cell(entry: Entry, context: ViewContext) -> Cell:
        value = value_of(entry)
        return context.cell(write(value), "dim" if value is None else "normal")

    return cell


def _pressure_cell(id: str) -> MakeCell:
    """PSI some, with the host's thresholds for its tone."""
    value_of = compiled_columns.COLUMN_FIGURES[id].value

    def cell(entry: Entry, context: ViewContext) -> Cell:
        percent = value_of(entry)
        return context.cell(formatting.percent(percent), pressure_tone(percent) or _tone_from(percent, 1.0))

    return cell


_SPECIAL: dict[str, MakeCell] = {
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
    **{id: _pressure_cell(id) for id in ("cpu_pressure", "memory_pressure", "io_pressure")},
}


def _declared_cell(id: str, write: Callable[[float | None], str] | None) -> MakeCell:
    """The cell of a column without a function of its own."""
    return _text_cell(id) if write is None else _number_cell(id, write)


CELLS: dict[str, MakeCell] = {
    id: _SPECIAL.get(id) or _declared_cell(id, figure.column.text)
    for id, figure in compiled_columns.COLUMN_FIGURES.items()
    if id != "name"
}
"""The cell function of every column but the name, which row() writes."""
