"""A painted line is gone when nobody wants it any more, without the garbage collector."""

from __future__ import annotations

import weakref
from pathlib import Path

from rich.segment import Segment
from textual.strip import Strip

from tests.tui.stage import staged
from tui.strips import keep_no_circles


class Watched(Strip):
    """A strip that can be looked after."""

    __slots__ = ("__weakref__",)


def test_a_line_cut_at_its_own_end_does_not_keep_itself() -> None:
    keep_no_circles()
    strip = Watched([Segment("twelve cells")], 12)
    assert strip.divide([12])[0] is strip
    gone = weakref.ref(strip)
    del strip
    assert gone() is None


def test_a_line_is_cut_as_ever() -> None:
    keep_no_circles()
    strip = Strip([Segment("twelve "), Segment("cells")], 12)
    for cuts in ([3], [3, 12], [7, 9, 12], [12, 40], [], [20]):
        parts = strip.divide(iter(cuts))
        assert [part.cell_length for part in parts] == [
            end - begin for begin, end in zip([0, *cuts], [cut for cut in cuts if cut <= 12], strict=False)
        ]
        assert "twelve cells".startswith("".join(part.text for part in parts))


async def test_the_app_sees_to_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.says("spin")
        assert Strip.divide.__module__ == "tui.strips"
