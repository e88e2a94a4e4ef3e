"""One container."""

from __future__ import annotations

from textual.screen import Screen

from dockpit.session import Session
from tui.desk import Desk


class ContainerScreen(Screen[None]):
    """Tabs of one container."""

    WHERE = "container"

    def __init__(self, desk: Desk, session: Session, container_id: str, tab: str = "charts") -> None:
        super().__init__()

    def show_tab(self, tab: str) -> None:
        """Go to a tab."""
