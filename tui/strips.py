"""Lets go of painted lines: Textual keeps a line that is cut at its own end in that line's own cache.

That is a circle, which only the garbage collector frees: some ten objects for every line of the screen that is painted,
and with a change of tabs two thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.strip import Strip

Divide = Callable[[Strip, Iterable[int]], Sequence[Strip]]


def keep_no_circles() -> None:
    """From now on a strip that is divided into itself is not kept by itself; nothing else changes."""
    if Strip.divide.__module__ == Strip.__module__:
        Strip.divide = _dividing(Strip.divide)  # type: ignore[method-assign, assignment]  # there is no other seam


def _dividing(divide: Divide) -> Divide:
    def divided(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        """As Strip.divide."""
        wanted = list(cuts)
        return [strip] if wanted == [strip.cell_length] else divide(strip, wanted)

    return divided
