"""The app as its screens see it: they import this protocol and not the app."""

from __future__ import annotations

from typing import Protocol

from tui.view_state import ViewState


class CockpitApp(Protocol):
    """The app that owns a screen."""

    state: ViewState

    @property
    def paused(self) -> bool:
        """Whether the screen shows a frozen snapshot."""
        ...

    def footer(self, *scopes: str) -> tuple[tuple[str, str], ...]:
        """The (key cap, label) pairs of the key bar of a screen and of its tab in front."""
        ...

    def open_container(self, container_id: str) -> None:
        """Open the screen of one container."""
        ...

    def choose_columns(self, columns: tuple[str, ...]) -> None:
        """Show these columns, and save them in the configuration."""
        ...
