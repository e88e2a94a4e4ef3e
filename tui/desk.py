"""What screens ask of the app, without knowing the app."""

from __future__ import annotations

from typing import Protocol

from dockpit.model.plans import Plan
from dockpit.model.view_models import Banner
from tui.state import ViewState


class Speaker(Protocol):
    """What can say a word in the corner of the screen."""

    def say(self, text: str, severity: str = "information") -> None:
        """A short word: "information", "warning" or "error"; `text` may be hostile."""
        ...


class Asking(Speaker, Protocol):
    """What knows which plans the user wants to be asked about."""

    def asks(self, plan: Plan) -> bool:
        """Whether a plan needs a yes, after the user's configuration."""
        ...


class Desk(Speaker, Protocol):
    """The app as its screens see it."""

    state: ViewState

    @property
    def paused(self) -> bool:
        """Whether the screen is held still."""
        ...

    def footer(self, *places: str) -> tuple[tuple[str, str], ...]:
        """The pairs of the key bar of a screen and of the tab in front."""
        ...

    def warning(self, text: str) -> Banner:
        """A line that says what is wrong with what was typed."""
        ...

    def open_container(self, container_id: str) -> None:
        """Show one container."""
        ...

    def choose_columns(self, columns: tuple[str, ...]) -> None:
        """Take the user's columns and keep them for the next start."""
        ...
