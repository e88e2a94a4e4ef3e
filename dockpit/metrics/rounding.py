"""Rounding of numbers for sorting: rows do not change places for differences smaller than a step."""

from __future__ import annotations

import math
from collections.abc import Callable


def linear(step: float) -> Callable[[float], float]:
    """Rounding to multiples of `step`."""
    return lambda value: round(value / step)


def relative(factor: float) -> Callable[[float], float]:
    """Rounding to powers of `factor`; all values up to one are equal."""
    scale = math.log(factor)
    return lambda value: round(math.log(value) / scale) if value > 1 else 0


def exact(value: float) -> float:
    """No rounding."""
    return value


FIVE_PERCENT = relative(1.05)
HALF_AGAIN = relative(1.5)
