"""Sparkline on a fixed scale, as a string."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_ASCII_LEVELS: Final = "_.:-=+*#"


def sparkline(values: Sequence[float], width: int, ascii: bool = False) -> str:
    """Draw the last `width` of `values` (shares 0..1, newest last) in exactly `width` cells, newest at the right.

    The scale is fixed: 0 is the lowest level, 1 and more the highest. NaN and missing history are spaces.
    """
    levels = _ASCII_LEVELS if ascii else _BLOCKS
    shown = values[-width:] if width > 0 else ()
    return "".join([_level(value, levels) for value in shown]).rjust(max(width, 0))


def _level(share: float, levels: str) -> str:
    if math.isnan(share):
        return " "
    return levels[int(min(max(share, 0.0), 0.999) * len(levels))]
