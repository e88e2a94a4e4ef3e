"""What is different while the cockpit opens: a frame as soon as there is something to show, and all else later."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from dockpit.metrics.snapshot import Snapshot

LOOK_SECONDS: Final = 0.03
"""How often is looked whether something has come."""
LOOKS: Final = 333
"""A container that never gives figures does not make it so for ever."""
SPACED_LOOKS: Final = 4
"""Looks between two frames when containers and figures come in one after the other."""

LATER: Final = (
    *("tui.screens.container", "tui.screens.choose", "tui.screens.limits", "tui.screens.help", "tui.screens.alerts"),
    *("tui.asking", "tui.shell", "tui.screens.pull", "tui.screens.recipe", "tui.screens.crash"),
    *("dockpit.netshoot.leftovers", "dockpit.netshoot.recipes", "dockpit.tuning.update_plans"),
)
"""What only keys need, the likely ones first: loaded once there are figures, so that neither waits for the other."""


class Opening:
    """Says look by look whether a frame is worth it, until every live container has its figures."""

    def __init__(self) -> None:
        self._shown: tuple[str, bool, int, int] = ("", False, 0, 0)
        self._looks = 0
        self._last = -SPACED_LOOKS
        self.over = False

    def worth_a_frame(self, snapshot: Snapshot) -> bool:
        """Whether `snapshot` has what was not shown yet: at once for the first figures and the last, else now and then.

        To be asked every LOOK_SECONDS.
        """
        self._looks += 1
        live = [entry for entry in snapshot.entries.values() if entry.container.live]
        measured = sum(entry.rates is not None for entry in live)
        complete = snapshot.ready and measured == len(live)
        self.over = complete or self._looks >= LOOKS
        now = (snapshot.link.state, snapshot.ready, len(snapshot.entries), measured)
        first = measured > 0 and self._shown[3] == 0
        if now == self._shown or not (first or complete or self._looks - self._last >= SPACED_LOOKS):
            return False
        self._shown, self._last = now, self._looks
        return True


def load_the_rest() -> None:
    """Import LATER; for a thread of its own."""
    for name in LATER:
        import_module(name)
