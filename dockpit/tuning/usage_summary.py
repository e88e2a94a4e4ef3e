"""Summary of past usage, shown next to the limits in their form."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """95th percentile and peak of a series, in its own unit."""

    p95: float
    peak: float


def summarise_usage(values: Iterable[float]) -> UsageSummary | None:
    """The nearest-rank 95th percentile and the peak of `values`, NaN ignored; None without any value."""
    known = sorted(value for value in values if not math.isnan(value))
    return UsageSummary(known[math.ceil(0.95 * len(known)) - 1], known[-1]) if known else None
