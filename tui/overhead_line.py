"""The overhead line: what dockpit itself costs, beside the keys in the key bar while the user wants to see it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual.driver import Driver
from textual.screen import Screen

from dockpit.process.overhead import OverheadReader
from dockpit.views.overhead_words import overhead_words
from tui.terminal.driver import HangupDriver
from widgets.text.key_bar import KeyBar


class OverheadLine:
    """Measures and shows the overhead while it is on; nothing is measured while it is off."""

    def __init__(self) -> None:
        self._reader: OverheadReader | None = None

    def toggle(self, screens: Iterable[Screen[object]]) -> None:
        """Start to measure, or stop; the key bars of `screens` begin empty either way."""
        self._reader = OverheadReader() if self._reader is None else None
        for screen in screens:
            _show(screen, ())

    def present(self, screen: Screen[object], driver: Driver | None, local_engine: bool) -> None:
        """Show the overhead so far on `screen`; that of the engine too where it runs on this machine."""
        if self._reader is None:
            return
        written_bytes = driver.written_bytes if isinstance(driver, HangupDriver) else None
        _show(screen, overhead_words(self._reader.read(time.monotonic(), written_bytes, local_engine)))


def _show(screen: Screen[object], wordings: tuple[str, ...]) -> None:
    for bar in screen.query(KeyBar):
        bar.aside = wordings
