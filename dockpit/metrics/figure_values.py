"""Functions that read one figure of an Entry, made from the declared figures; None is a figure that is not known."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from dockpit.metrics.figure_declaration import EntryValue, Figure, Gauge, Greatest, Total, Uptime
from dockpit.metrics.figures_and_columns import FIGURES
from dockpit.metrics.samples import Rates, Sample
from dockpit.metrics.snapshot import Entry

Number = Callable[[Entry], float | None]
Pair = tuple[float | None, float | None]


def figure_value(figure: Figure) -> Callable[[Entry], Any]:
    """The function that reads `figure`: a number or text of an Entry, None where it is not known."""
    match figure.source:
        case EntryValue(path):
            return attrgetter(path)
        case Uptime():
            return _uptime_seconds
        case Gauge(raw):
            return _of_sample(Sample._fields.index(raw))
        case Total(names):
            return _combined(sum, names)
        case Greatest(names):
            return _combined(max, names)
    return _of_rates(Rates._fields.index(figure.name))


def _of_sample(place: int) -> Number:
    def read(entry: Entry) -> float | None:
        sample = entry.current_sample
        return None if sample is None else sample[place]

    return read


def _of_rates(place: int) -> Number:
    def read(entry: Entry) -> float | None:
        rates = entry.current_rates
        return None if rates is None else rates[place]

    return read


def _combined(combine: Callable[[list[float]], float], names: tuple[str, ...]) -> Number:
    readers = [figure_value(figure) for figure in FIGURES if figure.name in names]

    def read(entry: Entry) -> float | None:
        known = [value for one in readers if (value := one(entry)) is not None]
        return combine(known) if known else None

    return read


def _uptime_seconds(entry: Entry) -> float | None:
    """As of the newest sample, None where there is none."""
    sample, since = entry.current_sample, entry.running_since
    return max(0.0, sample.at - since) if sample is not None and since is not None else None


FIGURE_VALUES: dict[str, Callable[[Entry], Any]] = {figure.name: figure_value(figure) for figure in FIGURES}
"""By the figure's name."""

cpu_cores: Number = FIGURE_VALUES["cpu_cores"]
memory_used: Number = FIGURE_VALUES["memory_used_bytes"]
net_total: Number = FIGURE_VALUES["net_bytes_per_s"]
disk_total: Number = FIGURE_VALUES["block_bytes_per_s"]
pids: Number = FIGURE_VALUES["pids"]


def net_rates(entry: Entry) -> Pair:
    """Bytes per second received and sent."""
    return FIGURE_VALUES["net_rx_bytes_per_s"](entry), FIGURE_VALUES["net_tx_bytes_per_s"](entry)


def disk_rates(entry: Entry) -> Pair:
    """Bytes per second read from and written to block devices."""
    return FIGURE_VALUES["block_read_bytes_per_s"](entry), FIGURE_VALUES["block_write_bytes_per_s"](entry)
