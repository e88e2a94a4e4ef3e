"""A painted line is freed by its reference count, without the garbage collector."""

from __future__ import annotations

import weakref
from pathlib import Path

from rich.segment import Segment
from textual.strip import Strip

from tests.tui.running_cockpit import running_cockpit
from tui.terminal.textual_patches import avoid_strip_cache_cycles


class WeakStrip(Strip):
    """A strip that can have weak references."""

    __slots__ = ("__weakref__",)


def test_a_strip_divided_at_its_own_end_is_not_in_its_own_cache() -> None:
    avoid_strip_cache_cycles()
    strip = WeakStrip([Segment("twelve cells")], 12)
    assert strip.divide([12])[0] is strip
    reference = weakref.ref(strip)
    del strip
    assert reference() is None


def test_a_strip_is_divided_as_by_textual() -> None:
    avoid_strip_cache_cycles()
    strip = Strip([Segment("twelve "), Segment("cells")], 12)
    for cuts in ([3], [3, 12], [7, 9, 12], [12, 40], [], [20]):
        parts = strip.divide(iter(cuts))
        assert [part.cell_length for part in parts] == [
            end - begin for begin, end in zip([0, *cuts], [cut for cut in cuts if cut <= 12], strict=False)
        ]
        assert "twelve cells".startswith("".join(part.text for part in parts))


async def test_the_app_applies_the_patch(tmp_path: Path) -> None:
    async with running_cockpit(tmp_path) as cockpit:
        await cockpit.wait_for_text("spin")
        assert Strip.divide.__module__ == "tui.terminal.textual_patches"
