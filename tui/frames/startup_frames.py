"""Frames while the cockpit starts: a new one soon after new figures came in, instead of at the next regular frame."""

from __future__ import annotations

from typing import Final

from dockpit.metrics.snapshot import Snapshot

CHECK_SECONDS: Final = 0.03
"""Seconds between two checks for new figures."""
MAX_CHECKS: Final = 333
"""Checks after which the start counts as finished, because a container may never give figures."""
CHECKS_BETWEEN_FRAMES: Final = 4
"""Minimum checks between two frames while containers and figures come in one after the other."""


class StartupFrames:
    """Decides at each check whether to draw a frame, until every live container has figures."""

    def __init__(self) -> None:
        self._drawn: tuple[str, bool, int, int] = ("", False, 0, 0)
        self._checks = 0
        self._drawn_at_check = -CHECKS_BETWEEN_FRAMES
        self.finished = False

    def is_frame_due(self, snapshot: Snapshot) -> bool:
        """Whether to draw `snapshot`: at once for the first and the last figures, every few checks for those between.

        To be called every CHECK_SECONDS.
        """
        self._checks += 1
        live = [entry for entry in snapshot.entries.values() if entry.container.live]
        measured = sum(entry.rates is not None for entry in live)
        complete = snapshot.ready and measured == len(live)
        self.finished = complete or self._checks >= MAX_CHECKS
        current = (snapshot.link.state, snapshot.ready, len(snapshot.entries), measured)
        first_figures = measured > 0 and self._drawn[3] == 0
        spaced = self._checks - self._drawn_at_check >= CHECKS_BETWEEN_FRAMES
        if current == self._drawn or not (first_figures or complete or spaced):
            return False
        self._drawn, self._drawn_at_check = current, self._checks
        return True
