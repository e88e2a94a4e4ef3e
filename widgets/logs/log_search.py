"""Plain text search in log lines: the pattern, the line found last, and highlighted matches."""

from __future__ import annotations

import re
from typing import Final

from rich.segment import Segment
from rich.style import Style

NO_HIT: Final = -1
"""Line number while no line was found."""


class LogSearch:
    """Search for words in lines, case-insensitive for lower-case words."""

    def __init__(self) -> None:
        self.words = ""
        """Words searched for, "" without a search."""
        self.hit = NO_HIT
        """Number of the line found last."""
        self._pattern: re.Pattern[str] | None = None

    @property
    def is_active(self) -> bool:
        """Whether there are words to search for."""
        return self._pattern is not None

    def start(self, words: str) -> None:
        """Search for `words` from now on; "" ends the search."""
        flags = re.IGNORECASE if words == words.lower() else 0
        self._pattern = re.compile(re.escape(words), flags) if words else None
        self.words = words
        self.hit = NO_HIT

    def matches(self, text: str) -> bool:
        """Return whether `text` contains the words."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def highlight(self, text: str, base: Style, match_style: Style) -> list[Segment]:
        """Return `text` in `base`, with every match in `match_style`."""
        segments, at = [], 0
        for match in self._pattern.finditer(text) if self._pattern else ():
            segments += [Segment(text[at : match.start()], base), Segment(match.group(), match_style)]
            at = match.end()
        return [segment for segment in (*segments, Segment(text[at:], base)) if segment.text]
