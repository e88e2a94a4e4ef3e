"""Horizontal bar in eighths of a cell, as a string."""

from __future__ import annotations

import math
from typing import Final

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


def draw_bar(share: float | None, width: int, ascii: bool = False) -> str:
    """Draw `share` (0..1 of the width) in exactly `width` cells; more than 1 is full, None and NaN are blank.

    A share above 0 shows at least the thinnest mark, so that a small value never looks like zero.
    """
    width = max(width, 0)
    if share is None or math.isnan(share) or share <= 0:
        return " " * width
    if ascii:
        return ("#" * max(1, round(min(share, 1.0) * width))).ljust(width)[:width]
    whole, eighths = divmod(max(1, round(min(share, 1.0) * width * 8)), 8)
    return ("█" * whole + (_EIGHTHS[eighths] if eighths else "")).ljust(width)[:width]
