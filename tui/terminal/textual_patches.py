"""Changes to Textual itself, where it offers no way to configure them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.strip import Strip

Divide = Callable[[Strip, Iterable[int]], Sequence[Strip]]


def avoid_strip_cache_cycles() -> None:
    """Patch Strip.divide, so that a strip is never cached in itself; further calls change nothing.

    A strip that is divided at its own end would make a reference cycle, which only the garbage collector frees: some
    ten objects for every line that is painted, two thousand for a change of tabs.
    """
    if Strip.divide.__module__ == Strip.__module__:
        Strip.divide = _without_cycle(Strip.divide)  # type: ignore[method-assign, assignment]  # there is no other seam


def _without_cycle(divide: Divide) -> Divide:
    def divide_strip(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
        """As Strip.divide."""
        wanted = list(cuts)
        return [strip] if wanted == [strip.cell_length] else divide(strip, wanted)

    return divide_strip
