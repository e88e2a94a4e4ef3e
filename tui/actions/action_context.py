"""What the actions of the keys work with: the app, the session, and the container under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.app import App

from dockpit.metrics.snapshot import Entry
from dockpit.monitor.session import Session
from tui import notifications
from tui.app_settings import AppSettings
from tui.screen_interfaces import TargetScreen


@dataclass(frozen=True, slots=True)
class ActionContext:
    """`draw_frame` shows the newest figures at once, as after a change."""

    app: App[int]
    session: Session
    settings: AppSettings
    draw_frame: Callable[[], None]

    def toast(self, text: str, severity: str = "information") -> None:
        """Show a message in the corner: "information", "warning" or "error"; `text` may be hostile."""
        notifications.toast(self.app, text, severity)

    def target(self) -> Entry | None:
        """The container under the cursor of the screen in front; a toast says so when there is none."""
        screen = self.app.screen
        target = screen.target() if isinstance(screen, TargetScreen) else None
        entry = self.session.snapshot().entries.get(target or "")
        if entry is None:
            self.toast("this container is gone" if target else "the cursor is on no container", "warning")
        return entry

    def target_to_change(self) -> Entry | None:
        """The container under the cursor; None with a toast when there is none or dockpit is read-only."""
        return None if self.is_read_only() else self.target()

    def is_read_only(self) -> bool:
        """Whether dockpit is read-only; a toast says so when it is."""
        if self.session.read_only:
            self.toast("dockpit is read-only (--read-only): nothing is changed", "warning")
        return self.session.read_only
