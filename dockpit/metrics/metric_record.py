"""One container's figures as a flat record for scripts; the function is generated from the declared figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from dockpit.metrics.figure_declaration import EntryValue, Figure, Gauge, Uptime
from dockpit.metrics.figures_and_columns import FIGURES
from dockpit.metrics.samples import Rates, Sample
from dockpit.metrics.snapshot import Entry

Value = str | int | float | None


def metric_record(entry: Entry, now: float) -> dict[str, Value]:
    """The figures of one container in a fixed order; None is unknown or does not exist.

    `at` is the time of its newest sample on the engine's clock, `now` (seconds since the epoch) where it has none.
    """
    sample, rates = entry.current_sample, entry.current_rates
    at = sample.at if sample is not None else now
    return _RECORD(entry, at, sample or _NO_SAMPLE, rates or _NO_RATES)


def timestamp(at: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC with milliseconds: "2026-11-23T20:24:09.123Z"."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rounded(value: float | None, digits: int) -> float | None:
    return round(float(value), digits) if value is not None and math.isfinite(value) else None


def _uptime(since: float | None, at: float, digits: int) -> float | None:
    return None if since is None else round(max(0.0, at - since), digits)


def _expression(figure: Figure) -> str:
    """The value of an exported figure over `entry`, `at`, `sample` and `rates`."""
    match figure.source:
        case Uptime():
            return f"uptime(entry.running_since, at, {figure.digits})"
        case EntryValue(path, blank_is_null=blank_is_null):
            value = f"entry.{path} or None" if blank_is_null else f"entry.{path}"
        case Gauge(raw):
            value = f"sample[{Sample._fields.index(raw)}]"
        case _:
            value = f"rates[{Rates._fields.index(figure.name)}]"
    return value if figure.digits is None else f"rounded({value}, {figure.digits})"


def _items() -> Iterator[str]:
    yield "'at': timestamp(at)"
    for figure in FIGURES:
        if figure.json:
            yield f"{figure.json!r}: {_expression(figure)}"


def _compile_record() -> Callable[[Entry, float, Sample, Rates], dict[str, Value]]:
    body = ",\n        ".join(_items())
    code = f"def record(entry, at, sample, rates):\n    return {{\n        {body},\n    }}\n"
    found: dict[str, Any] = {"timestamp": timestamp, "rounded": _rounded, "uptime": _uptime}
    exec(compile(code, "<metric record, generated from the figures>", "exec"), found)
    function: Callable[[Entry, float, Sample, Rates], dict[str, Value]] = found["record"]
    return function


_NO_SAMPLE = Sample("", 0.0)
_NO_RATES = Rates(0.0, 0.0)
_RECORD = _compile_record()
