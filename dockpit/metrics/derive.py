"""Two samples -> rates: a pure function of the counters and of the samples' own times.

A counter that went down, or a pair out of order, gives None: a gap, never a spike and never a zero. rates() and
ring_row() run for every sample, so they are generated from the declared figures when this is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dockpit.metrics.figure_declaration import Derived, Figure, Gauge, Rate, StalledPercent
from dockpit.metrics.figures_and_columns import FIGURES, KEPT
from dockpit.metrics.row_ring import NAN
from dockpit.metrics.samples import Pressure, Rates, Sample

MIN_SECONDS = 0.05
"""Minimum seconds between two samples for a rate."""


def counters_fell(before: Sample, after: Sample) -> bool:
    """Whether the container started again between the two: the source says so, or its CPU time went down."""
    fell = before.cpu_ns is not None and after.cpu_ns is not None and after.cpu_ns < before.cpu_ns
    return after.first or fell


def growth(before: int | None, after: int | None) -> int | None:
    """How much a counter grew; None where it is missing or was reset."""
    if before is None or after is None or after < before:
        return None
    return after - before


def throttled_ratio(before: Sample, after: Sample) -> float | None:
    """Throttled periods ÷ periods, 0..1; 0 when no period ran, None without the counters or after a reset.

    The greater of its own and that of the cgroup above with the tightest quota: either throttles it.
    """
    own = _share(growth(before.throttled_periods, after.throttled_periods), growth(before.periods, after.periods))
    was, now = before.throttling_above, after.throttling_above
    if was is None or now is None or was.path != now.path:
        return own
    above = _share(growth(was.throttled_periods, now.throttled_periods), growth(was.periods, now.periods))
    return above if own is None or (above or 0.0) > own else own


def _share(throttled: int | None, periods: int | None) -> float | None:
    if periods is None or throttled is None:
        return None
    return min(1.0, throttled / periods) if periods > 0 else 0.0


def _stalled(before: Pressure | None, after: Pressure | None, seconds: float) -> tuple[float | None, float | None]:
    """Percent of the time in which some tasks waited, and in which all did."""
    if before is None or after is None:
        return None, None
    some, full = growth(before.some_us, after.some_us), growth(before.full_us, after.full_us)
    return (
        None if some is None else min(100.0, some / 1e4 / seconds),
        None if full is None else min(100.0, full / 1e4 / seconds),
    )


def rates(before: Sample, after: Sample) -> Rates | None:
    """The rates between two samples of one container, None where the pair gives none (same instant, restart)."""
    seconds = after.at - before.at
    if before.container_id != after.container_id or not seconds >= MIN_SECONDS or counters_fell(before, after):
        return None
    return _rates(before, after, seconds)


def _pressures() -> list[str]:
    return list(dict.fromkeys(figure.source.raw for figure in FIGURES if isinstance(figure.source, StalledPercent)))


def _rate_expressions() -> Iterator[str]:
    """The value of each field of RATE_FIELDS, as an expression over both samples and `seconds`."""
    for figure in FIGURES:
        match figure.source:
            case Rate(raw, per):
                place = Sample._fields.index(raw)
                missing = f"(a := before[{place}]) is None or (b := after[{place}]) is None or b < a"
                yield f"None if {missing} else (b - a) / {per!r} / seconds"
            case StalledPercent(raw, full):
                yield f"{raw}[{int(full)}]"
            case Derived():
                yield f"derived[{figure.name!r}](before, after)"


def _rates_code() -> str:
    """rates() of two samples that give some: PSI first, then all figures in the order of Rates."""
    stalled = "".join(
        f"    {raw} = stalled(before[{place}], after[{place}], seconds)\n"
        for raw in _pressures()
        for place in (Sample._fields.index(raw),)
    )
    values = ",\n        ".join(_rate_expressions())
    return f"def rates(before, after, seconds):\n{stalled}    return make((after[1], seconds,\n        {values}))\n"


def _ring_row_code() -> str:
    values = ", ".join(f"NAN if (v := {_kept(figure)}) is None else v" for figure in KEPT)
    return f"def ring_row(sample, rates):\n    return [{values}]\n"


def _kept(figure: Figure) -> str:
    """The value of a figure that the history keeps, as an expression over `sample` and `rates`."""
    if isinstance(figure.source, Gauge):
        return f"sample[{Sample._fields.index(figure.source.raw)}]"
    return f"rates[{Rates._fields.index(figure.name)}]"


_generated: dict[str, Any] = {
    "NAN": NAN,
    "stalled": _stalled,
    "derived": {"throttled_ratio": throttled_ratio},
    "make": Rates._make,
}
exec(compile(_rates_code() + _ring_row_code(), "<rates, generated from the declared figures>", "exec"), _generated)
_rates: Callable[[Sample, Sample, float], Rates] = _generated["rates"]
_ring_row: Callable[[Sample, Rates], list[float]] = _generated["ring_row"]
_NO_RATES = Rates(0.0, 0.0)


def ring_row(sample: Sample, found: Rates | None) -> list[float]:
    """A sample and its rates as a row of the history's ring, NaN where there is no figure."""
    return _ring_row(sample, _NO_RATES if found is None else found)
