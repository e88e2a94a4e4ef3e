"""The table of one container's limits: configured, in force, and how much of it is used."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from dockpit.metrics import formatting, readers
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
Write = Callable[[float | None], str]


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """What is used of one limit: now, at most in 95 % of the time, at most."""

    now: float | None = None
    p95: float | None = None
    peak: float | None = None


def limits_table(entry: Entry, scene: ViewContext) -> TableView:
    """Everything that `docker update` can change, with what is in force and used."""
    limits, sample = entry.container.limits, entry.current_sample
    memory = _usage(entry, readers.memory_used(entry), "memory_used_bytes")
    if sample is not None and sample.memory_peak_bytes is not None:
        memory = LimitUsage(memory.now, memory.p95, max(sample.memory_peak_bytes, memory.peak or 0.0))
    kernel = sample.in_force if sample is not None else None
    rows = (
        _measured(
            "CPUs",
            (limits.cpu_cores, _enforced(kernel, "cpu_cores")),
            _usage(entry, readers.cpu_cores(entry), "cpu_cores"),
            formatting.cores,
            LEVEL_TONES[entry.throttling.level],
            scene,
        ),
        _plain("CPU shares", str(limits.cpu_shares) if limits.cpu_shares else "default", scene),
        _plain("CPUs allowed", limits.cpuset_cpus or "all", scene),
        _plain("memory nodes", limits.cpuset_mems or "all", scene),
        _measured(
            "memory",
            (limits.memory_limit_bytes, _memory_enforced(entry, kernel)),
            memory,
            formatting.bytes_short,
            RISK_TONES[entry.memory.risk],
            scene,
        ),
        _plain("memory + swap", _swap(limits), scene, _swap_used(entry), _swap_enforced(kernel)),
        _plain("reservation", _or(limits.memory_reserved_bytes, formatting.bytes_short), scene),
        _measured(
            "pids",
            (limits.pids_max, _enforced(kernel, "pids") or (sample.pids_limit if sample else None)),
            _usage(entry, readers.pids(entry), "pids"),
            formatting.count,
            next((LEVEL_TONES[alert.level] for alert in entry.alerts if alert.kind == "pids"), "normal"),
            scene,
        ),
        _plain("block I/O weight", str(limits.blkio_weight) if limits.blkio_weight else "default", scene),
        _plain("restart policy", _policy(limits), scene, formatting.plural(entry.container.restarts, "restart")),
    )
    return TableView(COLUMNS, rows + _above(kernel, scene))


def _enforced(kernel: EnforcedLimits | None, name: str) -> float | None:
    """A limit as the kernel enforces it: infinity for none, None where it was not read."""
    if kernel is None:
        return None
    value: float | None = getattr(kernel, name)
    return math.inf if value is None else value


def _memory_enforced(entry: Entry, kernel: EnforcedLimits | None) -> float | None:
    """The same for memory; an engine's figure says nothing where it is the machine's memory."""
    if kernel is not None:
        return _enforced(kernel, "memory_bytes")
    sample = entry.current_sample
    return entry.memory_limit_bytes if sample and sample.memory_limit_bytes is not None else None


def _swap_enforced(kernel: EnforcedLimits | None) -> str:
    if kernel is None:
        return formatting.NA
    if kernel.swap_bytes is None or kernel.memory_bytes is None:
        return NO_LIMIT
    return formatting.bytes_short(kernel.memory_bytes + kernel.swap_bytes)


def _above(kernel: EnforcedLimits | None, scene: ViewContext) -> tuple[Row, ...]:
    """The cgroup above that is tighter than the container's own limits, where there is one."""
    if kernel is None or not kernel.parent:
        return ()
    held = [
        f"{formatting.cores(kernel.parent_cpu_cores)} CPUs" if kernel.parent_cpu_cores is not None else "",
        formatting.bytes_short(kernel.parent_memory_bytes) if kernel.parent_memory_bytes is not None else "",
    ]
    words = f"cgroup above: {kernel.parent[-60:]}"
    return (_cells(words, Cell(), scene.cell(" ".join(filter(None, held)), "watch"), Cell(), Cell(), Cell()),)


def _measured(
    title: str,
    limits: tuple[float | None, float | None],
    usage: LimitUsage,
    write: Write,
    tone: Tone,
    scene: ViewContext,
) -> Row:
    """A limit whose use is measured: as configured, None for no limit; in force, infinity for none, None for n/a."""
    configured, in_force = limits
    set_to = math.inf if configured is None else configured
    differs = in_force is not None and not math.isclose(in_force, set_to, rel_tol=0.01)
    quiet = in_force is None or in_force == math.inf
    return _cells(
        title,
        scene.cell(NO_LIMIT if configured is None else write(configured), "dim" if configured is None else "normal"),
        scene.cell(
            NO_LIMIT if in_force == math.inf else write(in_force), "watch" if differs else "dim" if quiet else "normal"
        ),
        scene.cell(write(usage.now), tone),
        scene.cell(write(usage.p95)),
        scene.cell(write(usage.peak)),
    )


def _plain(
    title: str, configured: str, scene: ViewContext, used: str = formatting.NA, in_force: str = formatting.NA
) -> Row:
    """A setting of which little or nothing is measured."""
    cells = (
        Cell(configured, _quiet(configured)),
        *(scene.cell(text, _quiet(text)) for text in (in_force, used)),
    )
    unknown = scene.cell(formatting.NA, "dim")
    return _cells(title, *cells, unknown, unknown)


def _quiet(text: str) -> Tone:
    return "dim" if text in (NO_LIMIT, "default", "all", formatting.NA) else "normal"


def _cells(title: str, *cells: Cell) -> Row:
    return Row(title, (Cell(title), *cells))


def _usage(entry: Entry, now: float | None, name: str) -> LimitUsage:
    values = sorted(value for value in entry.window.values(name) if math.isfinite(value))
    if not values:
        return LimitUsage(now)
    return LimitUsage(now, values[min(len(values) - 1, math.ceil(len(values) * 0.95) - 1)], values[-1])


def _swap(limits: Limits) -> str:
    """MemorySwap as docker means it: with memory, -1 or the most there can be for no limit, 0 for twice the memory."""
    if 0 < limits.memory_swap_bytes < UNLIMITED_BYTES:
        return formatting.bytes_short(limits.memory_swap_bytes)
    return "default" if limits.memory_swap_bytes == 0 and limits.memory_limit_bytes else NO_LIMIT


def _swap_used(entry: Entry) -> str:
    sample = entry.current_sample
    if sample is None or sample.swap_bytes is None or sample.memory_used_bytes is None:
        return formatting.NA
    return formatting.bytes_short(sample.memory_used_bytes + sample.swap_bytes)


def _policy(limits: Limits) -> str:
    tries = f":{limits.restart_max_retries}" if limits.restart_max_retries else ""
    return f"{limits.restart_policy[:40]}{tries}"


def form_facts(entry: Entry) -> dict[str, tuple[str, str]]:
    """What is set and what was used (95th percentile and peak) of each limit, by the field of the form."""
    limits = entry.container.limits
    return {
        "cpus": (_or(limits.cpu_cores, formatting.cores), _spread(entry, "cpu_cores", formatting.cores)),
        "cpu_shares": (str(limits.cpu_shares or "default"), ""),
        "cpuset_cpus": (limits.cpuset_cpus or "all", ""),
        "cpuset_mems": (limits.cpuset_mems or "all", ""),
        "memory": (
            _or(limits.memory_limit_bytes, formatting.bytes_short),
            _spread(entry, "memory_used_bytes", formatting.bytes_short),
        ),
        "memory_swap": (_swap(limits), ""),
        "memory_reservation": (_or(limits.memory_reserved_bytes, formatting.bytes_short), ""),
        "pids_limit": (_or(limits.pids_max, formatting.count), _spread(entry, "pids", formatting.count)),
        "blkio_weight": (str(limits.blkio_weight or "default"), ""),
        "restart": (_policy(limits), formatting.plural(entry.container.restarts, "restart")),
    }


def _or(value: float | None, write: Write) -> str:
    return NO_LIMIT if value is None else write(value)


def _spread(entry: Entry, name: str, write: Write) -> str:
    found = summarise_usage(entry.window.values(name))
    return f"{write(found.p95)} · {write(found.peak)}" if found else formatting.NA
