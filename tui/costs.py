"""What dockpit costs, at the foot of the screen in front while the user wants to see it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual.driver import Driver
from textual.screen import Screen

from dockpit.process.overhead import OverheadReader
from dockpit.views.overhead_words import cost_words
from tui.driver import LastingDriver
from widgets.key_bar import KeyBar


class CostLine:
    """Shown or not; nothing is measured while it is not."""

    def __init__(self) -> None:
        self._source: OverheadReader | None = None

    def toggle(self, screens: Iterable[Screen[object]]) -> None:
        """Begin to measure, or end and clear the feet of `screens`."""
        self._source = OverheadReader() if self._source is None else None
        for screen in screens:
            _show(screen, ())

    def present(self, screen: Screen[object], driver: Driver | None, local: bool) -> None:
        """Show the costs by now on `screen`, that of an engine on this machine (`local`) too."""
        if self._source is None:
            return
        written = driver.written_bytes if isinstance(driver, LastingDriver) else None
        _show(screen, cost_words(self._source.read(time.monotonic(), written, local)))


def _show(screen: Screen[object], words: tuple[str, ...]) -> None:
    for bar in screen.query(KeyBar):
        bar.aside = words
