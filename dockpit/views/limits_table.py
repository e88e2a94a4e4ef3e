"""One container's limits as a table: configured, in force, and used. Also as texts for the form that changes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from dockpit.metrics import figure_values, formatting
from dockpit.metrics.snapshot import Entry
from dockpit.model.container_limits import UNLIMITED_BYTES, EnforcedLimits, Limits
from dockpit.model.view_models import Cell, Column, Row, TableView, Tone
from dockpit.tuning.usage_summary import summarise_usage
from dockpit.views.view_context import LEVEL_TONES, RISK_TONES, ViewContext

COLUMNS = (
    Column("limit", "LIMIT", 18, "left", 0, True, "What is limited"),
    Column("configured", "CONFIGURED", 14, "right", 1, help="What docker inspect says"),
    Column("in_force", "IN FORCE", 12, "right", 0, help="What the kernel enforces, where it can be read"),
    Column("used", "USED NOW", 12, "right", 0, help="Used now"),
    Column("p95", "P95", 8, "right", 2, help="Used at most in 95 % of the time kept"),
    Column("peak", "PEAK", 8, "right", 2, help="The most that was used in the time kept"),
)

NO_LIMIT = "no limit"
DEFAULT = "default"
ALL = "all"
Formatter = Callable[[float | None], str]


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """The use of one limit: now, the 95th percentile and the peak of the history kept, None for unknown."""

    now: float | None = None
    p95: float | None = None
    peak: float | None = None


def limits_table(entry: Entry, context: ViewContext) -> TableView:
    """Everything that `docker update` can change, with what is in force and used, and a tighter cgroup above."""
    limits, sample = entry.container.limits, entry.current_sample
    enforced = sample.in_force if sample is not None else None
    pids_in_force = _enforced(enforced, "pids") or (sample.pids_limit if sample else None)
    pids_tone: Tone = next((LEVEL_TONES[alert.level] for alert in entry.alerts if alert.kind == "pids"), "normal")
    rows = (
        _measured_row(
            "CPUs",
            (limits.cpu_cores, _enforced(enforced, "cpu_cores")),
            _usage(entry, figure_values.cpu_cores(entry), "cpu_cores"),
            formatting.cores,
            LEVEL_TONES[entry.throttling.level],
            context,
        ),
        _setting_row("CPU shares", _cpu_shares_text(limits), context),
        _setting_row("CPUs allowed", limits.cpuset_cpus or ALL, context),
        _setting_row("memory nodes", limits.cpuset_mems or ALL, context),
        _measured_row(
            "memory",
            (limits.memory_limit_bytes, _memory_enforced(entry, enforced)),
            _memory_usage(entry),
            formatting.bytes_short,
            RISK_TONES[entry.memory.risk],
            context,
        ),
        _setting_row("memory + swap", _swap_text(limits), context, _swap_used(entry), _swap_enforced(enforced)),
        _setting_row("reservation", _limit_text(limits.memory_reserved_bytes, formatting.bytes_short), context),
        _measured_row(
            "pids",
            (limits.pids_max, pids_in_force),
            _usage(entry, figure_values.pids(entry), "pids"),
            formatting.count,
            pids_tone,
            context,
        ),
        _setting_row("block I/O weight", _blkio_weight_text(limits), context),
        _setting_row("restart policy", _restart_text(limits), context, _restarts_text(entry)),
    )
    return TableView(COLUMNS, rows + _parent_row(enforced, context))


def limit_form_texts(entry: Entry) -> dict[str, tuple[str, str]]:
    """What is set of each limit and what was used (95th percentile and peak), in words, by the field of the form."""
    limits = entry.container.limits
    memory = _limit_text(limits.memory_limit_bytes, formatting.bytes_short)
    return {
        "cpus": (_limit_text(limits.cpu_cores, formatting.cores), _usage_text(entry, "cpu_cores", formatting.cores)),
        "cpu_shares": (_cpu_shares_text(limits), ""),
        "cpuset_cpus": (limits.cpuset_cpus or ALL, ""),
        "cpuset_mems": (limits.cpuset_mems or ALL, ""),
        "memory": (memory, _usage_text(entry, "memory_used_bytes", formatting.bytes_short)),
        "memory_swap": (_swap_text(limits), ""),
        "memory_reservation": (_limit_text(limits.memory_reserved_bytes, formatting.bytes_short), ""),
        "pids_limit": (_limit_text(limits.pids_max, formatting.count), _usage_text(entry, "pids", formatting.count)),
        "blkio_weight": (_blkio_weight_text(limits), ""),
        "restart": (_restart_text(limits), _restarts_text(entry)),
    }


# --- what is in force ----------------------------------------------------------------------------------------------


def _enforced(enforced: EnforcedLimits | None, name: str) -> float | None:
    """A limit as the kernel enforces it: infinity for no limit, None where it was not read."""
    if enforced is None:
        return None
    value: float | None = getattr(enforced, name)
    return math.inf if value is None else value


def _memory_enforced(entry: Entry, enforced: EnforcedLimits | None) -> float | None:
    """The same for memory, else the engine's figure; None where that is the machine's memory, which is no limit."""
    if enforced is not None:
        return _enforced(enforced, "memory_bytes")
    sample = entry.current_sample
    return entry.memory_limit_bytes if sample and sample.memory_limit_bytes is not None else None


def _swap_enforced(enforced: EnforcedLimits | None) -> str:
    if enforced is None:
        return formatting.NA
    if enforced.swap_bytes is None or enforced.memory_bytes is None:
        return NO_LIMIT
    return formatting.bytes_short(enforced.memory_bytes + enforced.swap_bytes)


def _parent_row(enforced: EnforcedLimits | None, context: ViewContext) -> tuple[Row, ...]:
    """The cgroup above that is tighter than the container's own limits, where there is one."""
    if enforced is None or not enforced.parent:
        return ()
    cores, memory_bytes = enforced.parent_cpu_cores, enforced.parent_memory_bytes
    limits = [
        f"{formatting.cores(cores)} CPUs" if cores is not None else "",
        formatting.bytes_short(memory_bytes) if memory_bytes is not None else "",
    ]
    title = f"cgroup above: {enforced.parent[-60:]}"
    return (_row(title, Cell(), context.cell(" ".join(filter(None, limits)), "watch"), Cell(), Cell(), Cell()),)


# --- what is used --------------------------------------------------------------------------------------------------


def _usage(entry: Entry, now: float | None, name: str) -> LimitUsage:
    summary = summarise_usage(entry.window.values(name))
    return LimitUsage(now) if summary is None else LimitUsage(now, summary.p95, summary.peak)


def _memory_usage(entry: Entry) -> LimitUsage:
    """The use of memory; its peak is the kernel's where that is known and higher than that of the history kept."""
    usage, sample = _usage(entry, figure_values.memory_used(entry), "memory_used_bytes"), entry.current_sample
    if sample is None or sample.memory_peak_bytes is None:
        return usage
    return LimitUsage(usage.now, usage.p95, max(sample.memory_peak_bytes, usage.peak or 0.0))


def _swap_used(entry: Entry) -> str:
    sample = entry.current_sample
    if sample is None or sample.swap_bytes is None or sample.memory_used_bytes is None:
        return formatting.NA
    return formatting.bytes_short(sample.memory_used_bytes + sample.swap_bytes)


def _usage_text(entry: Entry, name: str, format_value: Formatter) -> str:
    summary = summarise_usage(entry.window.values(name))
    return f"{format_value(summary.p95)} · {format_value(summary.peak)}" if summary else formatting.NA


# --- what is configured --------------------------------------------------------------------------------------------


def _limit_text(value: float | None, format_value: Formatter) -> str:
    return NO_LIMIT if value is None else format_value(value)


def _cpu_shares_text(limits: Limits) -> str:
    return str(limits.cpu_shares or DEFAULT)


def _blkio_weight_text(limits: Limits) -> str:
    return str(limits.blkio_weight or DEFAULT)


def _swap_text(limits: Limits) -> str:
    """Memory plus swap as docker counts it: -1 or UNLIMITED_BYTES is no limit, 0 is twice the memory limit."""
    if 0 < limits.memory_swap_bytes < UNLIMITED_BYTES:
        return formatting.bytes_short(limits.memory_swap_bytes)
    return DEFAULT if limits.memory_swap_bytes == 0 and limits.memory_limit_bytes else NO_LIMIT


def _restart_text(limits: Limits) -> str:
    retries = f":{limits.restart_max_retries}" if limits.restart_max_retries else ""
    return f"{limits.restart_policy[:40]}{retries}"


def _restarts_text(entry: Entry) -> str:
    return formatting.plural(entry.container.restarts, "restart")


# --- rows ----------------------------------------------------------------------------------------------------------


def _measured_row(
    title: str,
    limits: tuple[float | None, float | None],
    usage: LimitUsage,
    format_value: Formatter,
    tone: Tone,
    context: ViewContext,
) -> Row:
    """A limit whose use is measured. `limits` are configured, None for no limit; in force, infinity for none, None
    for unknown.
    """
    configured, in_force = limits
    expected = math.inf if configured is None else configured
    differs = in_force is not None and not math.isclose(in_force, expected, rel_tol=0.01)
    quiet = in_force is None or in_force == math.inf
    return _row(
        title,
        context.cell(_limit_text(configured, format_value), "dim" if configured is None else "normal"),
        context.cell(
            NO_LIMIT if in_force == math.inf else format_value(in_force),
            "watch" if differs else "dim" if quiet else "normal",
        ),
        context.cell(format_value(usage.now), tone),
        context.cell(format_value(usage.p95)),
        context.cell(format_value(usage.peak)),
    )


def _setting_row(
    title: str, configured: str, context: ViewContext, used: str = formatting.NA, in_force: str = formatting.NA
) -> Row:
    """A setting of which little or nothing is measured."""
    cells = (
        Cell(configured, _setting_tone(configured)),
        *(context.cell(text, _setting_tone(text)) for text in (in_force, used)),
    )
    unknown = context.cell(formatting.NA, "dim")
    return _row(title, *cells, unknown, unknown)


def _setting_tone(text: str) -> Tone:
    return "dim" if text in (NO_LIMIT, DEFAULT, ALL, formatting.NA) else "normal"


def _row(title: str, *cells: Cell) -> Row:
    return Row(title, (Cell(title), *cells))
