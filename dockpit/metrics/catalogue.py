"""The catalogue of the table's figures: what each is called, how wide it is, which number of an Entry it stands for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dockpit.metrics.samples import Rates, Sample
from dockpit.metrics.snapshot import Entry
from dockpit.model.container import Health, State
from dockpit.model.verdicts import Risk
from dockpit.model.view_models import Align, Column

SortKey = tuple[Any, ...]
Key = Callable[[Entry], SortKey | None]
Figure = Callable[[Entry], float | None]

STATES: tuple[State, ...] = ("running", "paused", "restarting", "created", "removing", "exited", "dead")
HEALTHS: tuple[Health, ...] = ("none", "starting", "healthy", "unhealthy")
RISKS: tuple[Risk, ...] = ("none", "watch", "high", "imminent")

GAP = 1
"""Blank cells between two columns of the table."""
MARGIN = 1
"""Blank cells before the first column and after the last."""
NAME_WIDTH = 18
"""The least room a name is given before columns are dropped."""

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: `value` is its number or text, None where it is not known; `key` is what it is sorted by."""

    id: str
    title: str
    unit: str
    help: str
    width: int
    value: Callable[[Entry], float | str | None]
    key: Key
    align: Align = "right"
    priority: int = 5
    default: bool = True
    descending: bool = True
    """Whether its first sort is from the greatest down."""

    def column(self, width: int | None = None) -> Column:
        """The table's column for it, `width` wide when given."""
        stretch = self.id == "name"
        return Column(self.id, self.title, width or self.width, self.align, self.priority, stretch, self.help)


def rates(entry: Entry) -> Rates | None:
    """The newest rates, None for a container that is not live or whose samples have stopped."""
    return entry.rates if entry.container.live and not entry.stale else None


def sample(entry: Entry) -> Sample | None:
    """The newest sample, None for a container that is not live or whose samples have stopped."""
    return entry.sample if entry.container.live and not entry.stale else None


def source(entry: Entry) -> str:
    """Where its figures come from, "kernel" or "engine"; "" where there are none."""
    found = sample(entry)
    return found.source if found else ""


def natural(text: str) -> SortKey:
    """A key that sorts "web-2" before "web-10", whatever the case."""
    parts = _DIGITS.split(text.casefold())
    return tuple((len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part for index, part in enumerate(parts))


def linear(step: float) -> Callable[[float], float]:
    """Rounding to multiples of `step`."""
    return lambda value: round(value / step)


def relative(factor: float) -> Callable[[float], float]:
    """Rounding to powers of `factor`, everything below one being equal."""
    scale = math.log(factor)
    return lambda value: round(math.log(value) / scale) if value > 1 else 0


def exact(value: float) -> float:
    """No rounding."""
    return value


def cpu_cores(entry: Entry) -> float | None:
    """CPU used, in cores."""
    found = rates(entry)
    return found.cpu_cores if found else None


def cpu_of_limit(entry: Entry) -> float | None:
    """CPU used in percent of its own limit."""
    return entry.cpu_of_limit_percent if rates(entry) else None


def throttled_percent(entry: Entry) -> float | None:
    """Throttled periods in percent of all periods of the last window, of a cgroup above where that was stopped more.

    None without a CPU limit.
    """
    return entry.throttling.percent if rates(entry) and entry.cpu_limit_cores else None


def throttled_ms(entry: Entry) -> float | None:
    """Milliseconds stalled in each second; None without a CPU limit."""
    return entry.throttling.ms_per_s if rates(entry) and entry.cpu_limit_cores else None


def memory_used(entry: Entry) -> float | None:
    """Memory used as docker counts it, in bytes."""
    found = sample(entry)
    return found.memory_used_bytes if found else None


def memory_of_limit(entry: Entry) -> float | None:
    """Memory used in percent of its own limit."""
    return entry.memory_of_limit_percent if sample(entry) else None


def unreclaimable(entry: Entry) -> float | None:
    """Memory that reclaim cannot give back, in bytes."""
    found = sample(entry)
    return found.memory_unreclaimable_bytes if found else None


def net_rates(entry: Entry) -> tuple[float | None, float | None]:
    """Bytes per second received and sent."""
    found = rates(entry)
    return (found.net_rx_bytes_per_s, found.net_tx_bytes_per_s) if found else (None, None)


def disk_rates(entry: Entry) -> tuple[float | None, float | None]:
    """Bytes per second read and written."""
    found = rates(entry)
    return (found.block_read_bytes_per_s, found.block_write_bytes_per_s) if found else (None, None)


def cpu_pressure(entry: Entry) -> float | None:
    """PSI some of CPU: percent of the time in which some of its tasks waited for one, throttling included."""
    found = rates(entry)
    return found.cpu_some_percent if found else None


def memory_pressure(entry: Entry) -> float | None:
    """PSI some of memory: percent of the time in which some of its tasks waited for reclaim or refaults."""
    found = rates(entry)
    return found.memory_some_percent if found else None


def io_pressure(entry: Entry) -> float | None:
    """PSI some of I/O: percent of the time in which some of its tasks waited for a device."""
    found = rates(entry)
    return found.io_some_percent if found else None


def pressure(entry: Entry) -> float | None:
    """The greatest PSI some of the three resources."""
    return max(
        (n for n in (cpu_pressure(entry), memory_pressure(entry), io_pressure(entry)) if n is not None), default=None
    )


def swap(entry: Entry) -> float | None:
    """Memory that is swapped out, in bytes."""
    found = sample(entry)
    return found.swap_bytes if found else None


def refaults(entry: Entry) -> float | None:
    """Pages read again that had been dropped from memory a moment ago, per second: a cache too small."""
    found = rates(entry)
    return found.refaults_per_s if found else None


def total(pair: tuple[float | None, float | None]) -> float | None:
    """The sum of what is known of a pair, None when nothing is."""
    found = [value for value in pair if value is not None]
    return sum(found) if found else None


def pids(entry: Entry) -> float | None:
    """Processes and threads."""
    found = sample(entry)
    return found.pids if found else None


def _started(entry: Entry) -> float | None:
    return entry.container.started_at if entry.container.live and entry.container.started_at else None


def _risk_key(entry: Entry) -> SortKey | None:
    memory = entry.memory
    if not entry.container.live and not memory.kills:
        return None
    soon = -round(math.log2(max(1.0, memory.eta_seconds))) if memory.eta_seconds is not None else -99
    return (RISKS.index(memory.risk), soon, memory.kills, memory.cache_heavy)


def _stepped(value: Figure, step: Callable[[float], float]) -> Key:
    def key(entry: Entry) -> SortKey | None:
        number = value(entry)
        return None if number is None or not math.isfinite(number) else (step(number),)

    return key


def _text(value: Callable[[Entry], str]) -> Key:
    def key(entry: Entry) -> SortKey | None:
        text = value(entry)
        return natural(text) if text else None

    return key


def _number(
    id: str,
    title: str,
    unit: str,
    width: int,
    priority: int,
    value: Figure,
    step: Callable[[float], float],
    help: str,
    default: bool = True,
) -> Metric:
    return Metric(id, title, unit, help, width, value, _stepped(value, step), "right", priority, default)


def _word(id: str, title: str, width: int, value: Callable[[Entry], str], help: str) -> Metric:
    return Metric(id, title, "", help, width, value, _text(value), "left", 8, False, False)


_FIVE_PERCENT = relative(1.05)
_HALF_AGAIN = relative(1.5)

CATALOGUE: tuple[Metric, ...] = (
    Metric(
        "state", "", "", "State: running, paused, restarting, exited, dead; ! is unhealthy", 1,
        lambda entry: entry.container.state, lambda entry: (STATES.index(entry.container.state),),
        "left", 0, True, False,
    ),
    Metric(
        "name", "CONTAINER", "", "The container's name", NAME_WIDTH,
        lambda entry: entry.container.name, lambda entry: natural(entry.container.name), "left", 0, True, False,
    ),
    _number("cpu", "CPU", "cores", 5, 1, cpu_cores, linear(0.05), "CPU used, in cores"),
    _number("cpu_limit", "of limit", "%", 12, 3, cpu_of_limit, linear(5), "CPU used in percent of its own limit"),
    _number("cpu_spark", "1 min", "cores", 8, 4, cpu_cores, linear(0.05),
            "CPU of the last minute on the scale of its limit, or of one core and more without one"),
    _number("throttled", "THROTTLED", "%", 10, 1, throttled_percent, linear(5),
            "Share of the last 10 s' CFS periods in which its CPU limit stopped it, or with ↑ that of a cgroup above"),
    _number("memory", "MEMORY", "bytes", 6, 1, memory_used, _FIVE_PERCENT,
            "Memory used as docker counts it: without inactive file cache"),
    _number("memory_limit", "of limit", "%", 12, 3, memory_of_limit, linear(2),
            "Memory used in percent of its own limit"),
    _number("memory_spark", "1 min", "bytes", 8, 4, memory_used, _FIVE_PERCENT,
            "Memory of the last minute on the scale of its limit, or of its peak without one"),
    Metric(
        "oom", "OOM", "", "Risk of an OOM kill with the rough time left; cache is full and harmless; kills so far", 8,
        lambda entry: entry.memory.risk, _risk_key, "left", 1,
    ),
    _number("net", "NET in/out", "bytes/s", 10, 5, lambda entry: total(net_rates(entry)), _HALF_AGAIN,
            "Network bytes per second, received and sent"),
    _number("disk", "DISK r/w", "bytes/s", 9, 5, lambda entry: total(disk_rates(entry)), _HALF_AGAIN,
            "Block I/O bytes per second, read and written"),
    _number("pids", "PIDS", "", 5, 7, pids, _FIVE_PERCENT, "Processes and threads"),
    _number("restarts", "RESTARTS", "", 8, 7, lambda entry: entry.container.restarts, exact,
            "How often its restart policy started it again"),
    Metric(
        "health", "HEALTH", "", "What its health check says", 9, lambda entry: entry.container.health,
        lambda entry: None if entry.container.health == "none" else (HEALTHS.index(entry.container.health),), "left", 6,
    ),
    Metric(
        "uptime", "UPTIME", "s", "How long it has been running", 6, _started,
        lambda entry: None if (at := _started(entry)) is None else (-at,), "right", 7, True, False,
    ),
    _word("image", "IMAGE", 24, lambda entry: entry.container.image, "Image"),
    _word("id", "ID", 12, lambda entry: entry.container.short_id, "The first 12 digits of its id"),
    _word("project", "PROJECT", 14, lambda entry: entry.container.project, "Compose project"),
    _word("service", "SERVICE", 14, lambda entry: entry.container.service, "Compose service"),
    _word("ports", "PORTS", 20, lambda entry: ", ".join(entry.container.ports), "Published ports"),
    _number("throttled_ms", "STALLED", "CPU-ms/s", 13, 8, throttled_ms, linear(10),
            "CPU time lost to its CPU limit in each second, summed over CPUs: above 1000 is possible", False),
    _number("cpu_limit_cores", "CPU LIMIT", "cores", 9, 8, lambda entry: entry.cpu_limit_cores, exact,
            "CPU limit in cores", False),
    _number("memory_limit_bytes", "MEM LIMIT", "bytes", 9, 8, lambda entry: entry.memory_limit_bytes, exact,
            "Memory limit in bytes", False),
    _number("unreclaimable", "UNRECL", "bytes", 6, 8, unreclaimable, _FIVE_PERCENT,
            "Memory that reclaim cannot give back", False),
    _number("cpu_pressure", "PSI CPU", "%", 7, 8, cpu_pressure, linear(5),
            "Pressure: share of the time in which some of its tasks waited for a CPU, throttling included", False),
    _number("memory_pressure", "PSI MEM", "%", 7, 8, memory_pressure, linear(5),
            "Pressure: share of the time in which some of its tasks waited for memory", False),
    _number("io_pressure", "PSI IO", "%", 7, 8, io_pressure, linear(5),
            "Pressure: share of the time in which some of its tasks waited for a device", False),
    _number("swap", "SWAP", "bytes", 6, 8, swap, _FIVE_PERCENT, "Memory that is swapped out", False),
    _number("refaults", "REFAULTS", "per s", 8, 8, refaults, _HALF_AGAIN,
            "Pages per second read again that had just been dropped: the cache is too small", False),
)  # fmt: skip
"""Every figure in the order of the table."""

METRICS = {metric.id: metric for metric in CATALOGUE}
DEFAULT_COLUMNS = tuple(metric.id for metric in CATALOGUE if metric.default)
SPARKS = ("cpu_spark", "memory_spark")
BARS = ("cpu_limit", "memory_limit")


def spark_width(width: int) -> int:
    """How wide a sparkline is in a table `width` wide."""
    return 8 if width < 140 else 12 if width < 180 else 20


def _roomy(id: str, width: int) -> int | None:
    """How wide a column with a picture is in a table `width` wide, None for its usual width."""
    if id in SPARKS and width:
        return spark_width(width)
    if id in BARS and width:
        return 10 if width < 140 else 12 if width < 180 else 16
    return None


def columns(ids: Iterable[str], width: int) -> tuple[Column, ...]:
    """The columns of `ids` that fit a table `width` wide (0 for all), in that order; ids that do not exist are skipped.

    State and name are always there; of the rest the one of the greatest priority number, the rightmost first, goes.
    """
    wanted = dict.fromkeys(("state", "name", *(id for id in ids if id in METRICS)))
    chosen = [METRICS[id].column(_roomy(id, width)) for id in wanted]
    room = width - 2 * MARGIN + GAP
    while width and sum(column.width + GAP for column in chosen) > room and len(chosen) > 2:
        worst = max(range(2, len(chosen)), key=lambda index: (chosen[index].priority, index))
        del chosen[worst]
    return tuple(chosen)
