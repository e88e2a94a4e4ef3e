"""What a container used, summed up for the form of its limits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """The 95th percentile and the peak of a figure, in its own unit."""

    p95: float
    peak: float


def summarise_usage(values: Iterable[float]) -> UsageSummary | None:
    """The nearest-rank 95th percentile and the peak of `values`, NaN left out; None where there is no value."""
    known = sorted(value for value in values if not math.isnan(value))
    return UsageSummary(known[math.ceil(0.95 * len(known)) - 1], known[-1]) if known else None
