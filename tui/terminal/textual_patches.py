"""Changes to Textual itself, for want of a seam."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.strip import Strip

Divide = Callable[[Strip, Iterable[int]], Sequence[Strip]]


def avoid_strip_cache_cycles() -> None:
    """Keep a strip that is divided at its own end out of its own cache; further calls change nothing.

    Textual makes a reference cycle there, which only the garbage collector frees: some ten objects for every line of
    the screen that is painted, and with a change of tabs two thousand.
    """
    if Strip.divide.__module__ == Strip.__module__:
        Strip.divide = _without_cycle(Strip.divide)  # type: ignore[method-assign, assignment]  # there is no other seam


def _without_cycle(divide: Divide) -> Divide:
    def divide_strip(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        """As Strip.divide."""
        wanted = list(cuts)
        return [strip] if wanted == [strip.cell_length] else divide(strip, wanted)

    return divide_strip
