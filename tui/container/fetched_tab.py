"""The base of the tabs whose contents are asked of the engine when they are opened."""

from __future__ import annotations

from textual.containers import Vertical

from dockpit.metrics.snapshot import Entry
from dockpit.monitor.session import Session
from tui.crash.worker_errors import ReportsWorkerErrors

MAX_ERROR_CHARACTERS = 200
"""Characters of an engine's error that are shown."""


class FetchedTab(ReportsWorkerErrors, Vertical):
    """A tab of the screen of one container."""

    def __init__(self, session: Session, container_id: str, *, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._container_id = container_id

    def begin(self) -> None:
        """Take the focus and start to fetch."""
        raise NotImplementedError

    def entry(self) -> Entry | None:
        """The container in the newest snapshot, None when it is gone."""
        return self._session.snapshot().entries.get(self._container_id)

    def action_refresh(self) -> None:
        """Fetch again."""
        self.begin()
