"""The application: one session, one frame timer, one screen shown at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.driver import Driver
from textual.events import Event, Key
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.worker import Worker, WorkerState

from dockpit.metrics.snapshot import Snapshot
from dockpit.model.errors import DockpitError
from dockpit.monitor.session import Session
from tui import notifications
from tui.actions.action_context import ActionContext
from tui.app_settings import AppSettings
from tui.command_palette import DockpitCommands, key_scopes, run_key
from tui.crash.crash_display import last_words, show_crash
from tui.crash.worker_errors import UnexpectedError
from tui.frames.frame_presenter import FramePresenter
from tui.frames.frame_schedule import FrameSchedule
from tui.keys import footer_pairs, key_for_cap
from tui.overview.overview_screen import OverviewScreen
from tui.shutdown import start_shutdown
from tui.terminal.diff_output import DiffOutputApp
from tui.terminal.driver import driver_class
from tui.terminal.textual_patches import avoid_strip_cache_cycles
from tui.theme import DARK, LIGHT, STYLES, choose_theme, color_count
from tui.view_state import ViewState
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.text.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.app_actions import AppActions

INTERRUPT_EXIT_CODE = 130


class DockpitApp(DiffOutputApp):
    """The cockpit."""

    TITLE = "dockpit"
    CSS = STYLES
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {DockpitCommands}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "interrupt", "quit", show=False, priority=True)]
    ENABLE_COMMAND_PALETTE = True
    paused: var[bool] = var(False)

    def __init__(self, session: Session, state: ViewState, settings: AppSettings | None = None) -> None:
        super().__init__()
        avoid_strip_cache_cycles()
        self.session = session
        self.state = state
        self.settings = settings or AppSettings()
        self.remapped_keys = dict(self.settings.keys)
        self.connection_error: DockpitError | None = None
        """Why the app ended with exit code 2."""
        self.session_task: asyncio.Task[None] | None = None
        """The session's run, where it was started before the app."""
        self._action_context = ActionContext(self, session, self.settings, lambda: self.draw_frame())
        self._frames = FramePresenter(self, session, state, bell=self.settings.bell)
        self._frame_schedule = FrameSchedule(self, session, state, lambda: self.draw_frame())

    @cached_property
    def _key_actions(self) -> AppActions:
        """Imported with the first key that needs it: the first figures do not wait for it."""
        from tui.app_actions import AppActions

        return AppActions(self._action_context)

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice, or dockpit's own driver on Linux."""
        return driver_class(super().get_driver_class())

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        background = os.environ.get("COLORFGBG", "")
        self.theme = choose_theme(self.settings.theme, self.available_themes, color_count(self.console), background)
        self.set_class(self.state.ascii, ASCII_CLASS)
        self.set_keymap(self.remapped_keys)
        self.push_screen(OverviewScreen(self))
        for problem in self.settings.problems:
            self.toast(problem, "warning")
        self._run_session()
        self._frame_schedule.start()

    def on_unmount(self) -> None:
        """Leave the process as it was."""
        self._frame_schedule.stop()

    def _run_session(self) -> None:
        work, self.session_task = self.session_task or self.session.run(), None
        self.run_worker(work, name="session", group="session", exit_on_error=False, exclusive=True)

    # frames

    def snapshot(self) -> Snapshot:
        """The snapshot on the screen: the newest, or the frozen one while paused."""
        return self._frames.snapshot()

    def draw_frame(self) -> None:
        """Show the newest snapshot on the screens that can be seen; nothing once the app is ending."""
        if self.is_running:
            self._frames.present()

    async def on_event(self, event: Event) -> None:
        """Give a key precedence over frames, and let none answer a question that came after it.

        Text pasted into a terminal without bracketed paste arrives as keys, which are here before the question is.
        """
        if isinstance(event, Key):
            if self.screen_stack and event.time < getattr(self.screen, "asked_at", 0.0):
                return
            self._frame_schedule.key_pressed()
        await super().on_event(event)

    def watch_paused(self, paused: bool) -> None:
        self._frames.freeze(paused)
        if self.is_running and self.screen_stack:
            self.draw_frame()

    # errors

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Exit when the engine was never reached; show the crash screen for any other error."""
        if event.state != WorkerState.ERROR or event.worker.error is None:
            return
        error = event.worker.error
        if event.worker.group == "session" and isinstance(error, DockpitError):
            self.connection_error = error
            self.exit(2)
        else:
            show_crash(self, error, self.settings)

    def on_unexpected_error(self, event: UnexpectedError) -> None:
        show_crash(self, event.error, self.settings)

    def action_go_on(self) -> None:
        """Leave the crash screen, and run the session again if that is what ended."""
        from tui.crash.crash_screen import CrashScreen

        if isinstance(self.screen, CrashScreen):
            self.pop_screen()
        if not any(worker.group == "session" and not worker.is_finished for worker in self.workers):
            self._run_session()

    def _handle_exception(self, error: Exception) -> None:
        """End with a crash report and a sentence instead of a traceback full of data: no screen can be shown."""
        if self.settings.write_report is None:
            super()._handle_exception(error)
            return
        path = self.settings.write_report(error)
        self._return_code = 1
        self._exception = self._exception or error
        self._exception_event.set()
        self.panic(last_words(error, path))

    # notifications

    def toast(self, text: str, severity: str = "information") -> None:
        """Show a message in the corner: "information", "warning" or "error"; `text` may be hostile."""
        notifications.toast(self, text, severity)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """As Textual's, but a message that is still on the screen is not shown twice."""
        if not any((note.message, note.severity) == (message, severity) for note in self._notifications):
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    # for the screens (tui/app_interface.py)

    def footer(self, *scopes: str) -> tuple[tuple[str, str], ...]:
        """The (key cap, label) pairs of the key bar of a screen and of its tab in front."""
        return footer_pairs(self.remapped_keys, *scopes)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Run the key that was clicked in the key bar."""
        key = key_for_cap(event.key, self.remapped_keys, *key_scopes(self.screen))
        if key is not None:
            await run_key(self.screen, key)

    def open_container(self, container_id: str, tab: str = "charts") -> None:
        """Open the screen of one container on a tab."""
        from tui.container.container_screen import ContainerScreen

        self.push_screen(ContainerScreen(self, self.session, container_id, tab))
        self.call_later(self.draw_frame)

    def choose_columns(self, columns: tuple[str, ...]) -> None:
        """Show these columns, and save them in the configuration; a toast says where that fails."""
        self.state.columns = columns
        if self.settings.save is None:
            return
        try:
            self.settings.save("columns", list(columns))
        except DockpitError as error:
            self.toast(str(error), "warning")

    # keys of every screen (tui/keys.py)

    def action_actions(self) -> None:
        """Choose what to do to the container."""
        self._key_actions.container.choose()

    def action_restart(self) -> None:
        """Restart the container."""
        self._key_actions.container.restart()

    def action_limits(self) -> None:
        """Change the limits of the container."""
        self._key_actions.limits.edit()

    def action_undo(self) -> None:
        """Undo the last change of limits."""
        self._key_actions.limits.undo()

    def action_exec(self) -> None:
        """Open a shell in the container."""
        self._key_actions.exec_shell.open()

    def action_netshoot(self) -> None:
        """Open a debug shell or a recipe in the container's network."""
        self._key_actions.netshoot.open()

    def action_logs(self) -> None:
        """Follow the logs of the container."""
        from tui.container.container_screen import ContainerScreen

        entry = self._action_context.target()
        if entry is None:
            return
        if isinstance(self.screen, ContainerScreen):
            self.screen.show_tab("logs")
        else:
            self.open_container(entry.container.id, "logs")

    def action_alerts(self) -> None:
        """List the alerts."""
        from tui.alerts.alerts_screen import AlertsScreen

        if not isinstance(self.screen, AlertsScreen):
            self.push_screen(AlertsScreen(self))
            self.call_later(self.draw_frame)

    def action_help(self) -> None:
        """Show all keys."""
        from tui.help.help_screen import HelpScreen

        self.push_screen(HelpScreen(key_scopes(self.screen), self.remapped_keys))

    def action_command_palette(self) -> None:
        """Find a command by its words."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(id="--command-palette", placeholder="type to find a command"))

    def action_costs(self) -> None:
        """Show or hide what dockpit itself costs."""
        self._frames.toggle_overhead()
        self.draw_frame()

    def action_pause(self) -> None:
        """Freeze the screen, or follow the figures again; sampling goes on."""
        self.paused = not self.paused

    def action_copy(self) -> None:
        """Copy the selection, else the name of the container."""
        selected = self.screen.get_selected_text()
        entry = self._action_context.target() if not selected else None
        text = selected or (entry.container.name if entry is not None else "")
        if text:
            self.copy_to_clipboard(text)
            self.toast(f"copied {len(text)} characters" if len(text) > 40 else f"copied {text}")

    # the end

    def leave(self, exit_code: int) -> None:
        """End dockpit with this exit code, once what it opened on the engine is removed."""
        start_shutdown(self, exit_code)

    def action_leave(self) -> None:
        self.leave(0)

    def action_interrupt(self) -> None:
        self.leave(INTERRUPT_EXIT_CODE)
