"""Notices on stderr while `dockpit stats` runs: the engine is lost, or back."""

from __future__ import annotations

import logging
import sys

from dockpit.cli.output import visible
from dockpit.metrics.snapshot import Snapshot

log = logging.getLogger(__name__)


class ConnectionNotices:
    """Prints a sentence to stderr each time the connection to the engine is lost or comes back."""

    def __init__(self) -> None:
        self._lost = False

    def update(self, snapshot: Snapshot) -> None:
        """Print a notice if the connection has changed since the last call."""
        lost = snapshot.link.state == "lost"
        if lost != self._lost:
            notice = _lost_notice(snapshot) if lost else f"{visible(snapshot.link.address)} is back"
            log.warning(notice)
            sys.stderr.write(f"dockpit: {notice}\n")
        self._lost = lost


def _lost_notice(snapshot: Snapshot) -> str:
    address, reason = visible(snapshot.link.address), visible(snapshot.link.reason)
    read, live = snapshot.measured_and_live
    still_read = f", {read} of {live} containers are still read from the kernel" if read else ""
    return f"the engine at {address} is lost: {reason}; trying again{still_read}"
