"""Makes a frame: shows a snapshot on every screen that can be seen.

session.snapshot()               frozen figures; while paused, the one kept
      | present(snapshot, now)
tui screen -> dockpit.views      view models of plain values
      | widget.view = ...
widgets                          repaint what changed
      | Textual's compositor
tui/terminal/diff_output.py      the cells that differ from the ScreenBuffer
      | escape sequences
tui/terminal/driver.py           the terminal
"""

from __future__ import annotations

from textual.app import App

from dockpit.metrics.snapshot import Snapshot
from dockpit.monitor.sample_intervals import Attention
from dockpit.monitor.session import Session
from tui.overhead_line import OverheadLine
from tui.screen_interfaces import SnapshotScreen, TargetScreen
from tui.view_state import ViewState


class FramePresenter:
    """Shows the newest snapshot of `session` on the screens of `app`, or a frozen one while paused."""

    def __init__(self, app: App[int], session: Session, state: ViewState, *, bell: bool = False) -> None:
        self._app = app
        self._session = session
        self._state = state
        self._bell = bell
        self._frozen: Snapshot | None = None
        self._known_alerts: frozenset[tuple[str, str]] = frozenset()
        self._overhead = OverheadLine()

    def now(self) -> float:
        """The time of the snapshot on the screen, seconds since the epoch."""
        return self._frozen.at if self._frozen is not None else self._session.now()

    def snapshot(self) -> Snapshot:
        """The snapshot on the screen: the newest, or the frozen one."""
        return self._frozen if self._frozen is not None else self._session.snapshot()

    def freeze(self, frozen: bool) -> None:
        """Keep showing the current snapshot, or follow the newest again."""
        self._frozen = self._session.snapshot().detach() if frozen else None

    def toggle_overhead(self) -> None:
        """Show or hide what dockpit itself costs."""
        self._overhead.toggle(self._app.screen_stack)

    def present(self) -> None:
        """Update the screen in front, and those that can be seen behind a dialog."""
        self._set_attention()
        newest = self._session.snapshot()
        for screen in reversed(self._app.screen_stack):
            if screen.is_mounted and isinstance(screen, SnapshotScreen):
                screen.present(self._frozen or newest, self.now())
            if not screen.is_modal:
                break
        self._overhead.present(self._app.screen, self._app._driver, newest.engine.local)
        self._ring_for_new_alerts(newest)

    def _set_attention(self) -> None:
        """Tell the session what is on the screen; the container in focus is read at an interval below a second."""
        front = next((screen for screen in reversed(self._app.screen_stack) if isinstance(screen, TargetScreen)), None)
        if front is None:
            return
        target = front.target()
        focus = frozenset({target}) if target and self._state.interval_seconds < 1 else frozenset()
        self._session.attention = Attention(focus, front.visible_containers())

    def _ring_for_new_alerts(self, newest: Snapshot) -> None:
        """Ring the bell once for the alerts that came since the last frame."""
        alerts = frozenset(alert.key for alert in newest.alerts if alert.level != "watch")
        if self._bell and alerts - self._known_alerts:
            self._app.bell()
        self._known_alerts = alerts
