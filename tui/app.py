"""The application: one session, one frame timer, one screen shown at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from rich.text import Text
from textual import work
from textual.binding import Binding
from textual.command import CommandPalette
from textual.events import Event, Key
from textual.reactive import var
from textual.worker import Worker, WorkerState

from dockpit.config.loader import default_path
from dockpit.config.options import Options
from dockpit.config.toml_file import save_value
from dockpit.metrics.snapshot import Snapshot
from dockpit.model.errors import DockpitError
from dockpit.model.view_models import Banner
from dockpit.monitor.poll_intervals import Attention
from dockpit.monitor.session import Session
from dockpit.process.crash_report import write_crash_report
from tui.commands import DockpitCommands, places, press
from tui.costs import CostLine
from tui.debug import Debugging
from tui.economy import Economical
from tui.failing import Unexpected
from tui.keys import footer, pressed
from tui.live import Aimed, Live
from tui.opening import LOOK_SECONDS, Opening, load_the_rest
from tui.pacing import Pacing
from tui.screens.overview import OverviewScreen
from tui.state import ViewState
from tui.strips import keep_no_circles
from tui.theme import DARK, LIGHT, STYLES, choose_theme, colours
from widgets.ink import ASCII_CLASS
from widgets.key_bar import KeyBar

INTERRUPTED = 130


class DockpitApp(Debugging, Economical):
    """The cockpit."""

    TITLE = "dockpit"
    CSS = STYLES
    COMMANDS = {DockpitCommands}  # noqa: RUF012 - Textual's own spelling of a class attribute
    BINDINGS = [Binding("ctrl+c", "interrupt", "quit", show=False, priority=True)]  # noqa: RUF012 - as above
    ENABLE_COMMAND_PALETTE = True
    paused: var[bool] = var(False)

    def __init__(
        self,
        session: Session,
        state: ViewState,
        *,
        theme: str = "",
        keys: Mapping[str, str] | None = None,
        bell: bool = False,
        problems: Sequence[str] = (),
        keep: Callable[[str, object], None] | None = None,
        report: Callable[[BaseException], str] | None = None,
    ) -> None:
        super().__init__()
        keep_no_circles()
        self.session = session
        self.state = state
        self.remapped = dict(keys or {})
        self.trouble: DockpitError | None = None
        self.begun: asyncio.Task[None] | None = None
        """The session's run, where it began before the app did."""
        self._wanted_theme = theme
        self._held: Snapshot | None = None
        self._bell = bell
        self._problems = tuple(problems)
        self._keep = keep
        self._report = report
        self._rung: frozenset[tuple[str, str]] = frozenset()
        self._opening = Opening()
        self._costs = CostLine()
        self._pacing = Pacing(
            session.here, self.set_timer, seconds=lambda: state.frame_seconds, draw=lambda: self.frame()
        )

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = choose_theme(
            self._wanted_theme, self.available_themes, colours(self.console), os.environ.get("COLORFGBG", "")
        )
        self.set_class(self.state.ascii, ASCII_CLASS)
        self.set_keymap(self.remapped)
        self.push_screen(OverviewScreen(self))
        for problem in self._problems:
            self.say(problem, "warning")
        self._watch_engine()
        self._pacing.begin()
        self._hurry = self.set_interval(LOOK_SECONDS, self._first_looks)

    def _watch_engine(self) -> None:
        work, self.begun = self.begun or self.session.run(), None
        self.run_worker(work, name="session", group="session", exit_on_error=False, exclusive=True)

    def _first_looks(self) -> None:
        """A frame as soon as there is something new to show, until every container has its figures."""
        if self._opening.worth_a_frame(self.session.snapshot()):
            self.frame()
        if self._opening.over:
            self._hurry.stop()
            self._settle()

    @work(name="settle", group="settle", exit_on_error=False)
    async def _settle(self) -> None:
        await asyncio.to_thread(load_the_rest)
        self._pacing.tidy_from_now_on()

    # frames

    def now(self) -> float:
        """The moment that is shown, seconds since the epoch."""
        return self._held.at if self._held is not None else self.session.now()

    def snapshot(self) -> Snapshot:
        """What is shown: the newest, or what was held."""
        return self._held if self._held is not None else self.session.snapshot()

    async def on_event(self, event: Event) -> None:
        """A key on its way: all else waits."""
        if isinstance(event, Key):
            self._pacing.pressed()
        await super().on_event(event)

    def on_unmount(self) -> None:
        """Leave the process as it was."""
        self._pacing.end()

    def frame(self) -> None:
        """Show the newest snapshot on the screen in front, and on what is seen behind a dialog; none at the end."""
        if not self.is_running:
            return
        self._attend()
        newest = self.session.snapshot()
        for screen in reversed(self.screen_stack):
            if screen.is_mounted and isinstance(screen, Live):
                screen.present(self._held or newest, self.now())
            if not screen.is_modal:
                break
        self._costs.present(self.screen, self._driver, newest.engine.local)
        self._ring(newest)

    def _attend(self) -> None:
        """Let the session know what is looked at: what is in focus is read at the interval, however short."""
        front = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Aimed)), None)
        if front is None:
            return
        target = front.target()
        focus = frozenset({target}) if target and self.state.interval < 1 else frozenset()
        self.session.attention = Attention(focus, front.in_sight())

    def _ring(self, newest: Snapshot) -> None:
        """One bell for alerts that were not there at the last frame."""
        raised = frozenset(alert.key for alert in newest.alerts if alert.level != "watch")
        if self._bell and raised - self._rung:
            self.bell()
        self._rung = raised

    def watch_paused(self, paused: bool) -> None:
        self._held = self.session.snapshot().keep() if paused else None
        if self.is_running and self.screen_stack:
            self.frame()

    # what becomes of the session

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state != WorkerState.ERROR or event.worker.error is None:
            return
        error = event.worker.error
        if event.worker.group == "session" and isinstance(error, DockpitError):
            self.trouble = error
            self.exit(2)
        else:
            self._crash(error)

    def on_unexpected(self, event: Unexpected) -> None:
        self._crash(event.error)

    def _crash(self, error: BaseException) -> None:
        from tui.screens.crash import CrashScreen

        self.push_screen(CrashScreen(error, self._report(error) if self._report else ""))

    def action_go_on(self) -> None:
        """Go on after something unexpected, with a new connection if that is what was lost."""
        from tui.screens.crash import CrashScreen

        if isinstance(self.screen, CrashScreen):
            self.pop_screen()
        if not any(worker.group == "session" and not worker.is_finished for worker in self.workers):
            self._watch_engine()

    def _handle_exception(self, error: Exception) -> None:
        """Nothing can be shown any more: leave a report and a sentence instead of a traceback full of data."""
        if self._report is None:
            super()._handle_exception(error)
            return
        path = self._report(error)
        self._return_code = 1
        self._exception = self._exception or error
        self._exception_event.set()
        where = f"a report was written to {path}" if path else "no report could be written"
        self.panic(Text(f"dockpit met something unexpected and had to end: {type(error).__name__}; {where}"))

    # what screens ask

    def footer(self, *places: str) -> tuple[tuple[str, str], ...]:
        """The pairs of the key bar of a screen and of the tab in front."""
        return footer(self.remapped, *places)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A click on the key bar is the key."""
        key = pressed(event.key, self.remapped, *places(self.screen))
        if key is not None:
            await press(self.screen, key)

    def warning(self, text: str) -> Banner:
        """A line that says what is wrong with what was typed."""
        return Banner(text, "watch")

    def open_container(self, container_id: str, tab: str = "charts") -> None:
        """Show one container."""
        from tui.screens.container import ContainerScreen

        self.push_screen(ContainerScreen(self, self.session, container_id, tab))
        self.call_later(self.frame)

    def choose_columns(self, columns: tuple[str, ...]) -> None:
        """Take the user's columns and keep them for the next start."""
        self.state.columns = columns
        self.remember("columns", list(columns))

    def remember(self, key: str, value: object) -> None:
        """Keep a choice in the configuration; one that cannot be kept is said."""
        if self._keep is None:
            return
        try:
            self._keep(key, value)
        except DockpitError as error:
            self.say(str(error), "warning")

    # keys of every screen

    def action_logs(self) -> None:
        """Follow the logs of the container."""
        from tui.screens.container import ContainerScreen

        entry = self.aimed_at()
        if entry is None:
            return
        if isinstance(self.screen, ContainerScreen):
            self.screen.show_tab("logs")
        else:
            self.open_container(entry.container.id, "logs")

    def action_alerts(self) -> None:
        """List the alerts."""
        from tui.screens.alerts import AlertsScreen

        if not isinstance(self.screen, AlertsScreen):
            self.push_screen(AlertsScreen(self))
            self.call_later(self.frame)

    def action_help(self) -> None:
        """All keys."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(places(self.screen), self.remapped))

    def action_command_palette(self) -> None:
        """Find a command."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(id="--command-palette", placeholder="type a word of what you want"))

    def action_costs(self) -> None:
        """Show or hide what dockpit itself costs."""
        self._costs.toggle(self.screen_stack)
        self.frame()

    def action_pause(self) -> None:
        """Hold the screen still, or let it go."""
        self.paused = not self.paused

    def action_copy(self) -> None:
        """Copy what is selected, else the name of the container."""
        selected = self.screen.get_selected_text()
        entry = self.aimed_at() if not selected else None
        text = selected or (entry.container.name if entry is not None else "")
        if text:
            self.copy_to_clipboard(text)
            self.say(f"copied {len(text)} characters" if len(text) > 40 else f"copied {text}")

    def action_leave(self) -> None:
        self.leave(0)

    def action_interrupt(self) -> None:
        self.leave(INTERRUPTED)


def application(options: Options, session: Session) -> DockpitApp:
    """The app as configured; without colour where that is asked for."""
    config = options.config
    if not config.color:
        os.environ["NO_COLOR"] = "1"
    app = DockpitApp(
        session,
        view_state(options),
        theme=config.theme,
        keys=config.keys,
        bell=config.bell,
        problems=options.loaded.problems,
        keep=partial(save_value, options.loaded.path or default_path()),
        report=write_crash_report,
    )
    app.confirming = config.confirm
    app.netshoot_image = config.netshoot.image
    if config.netshoot.recipes:
        from dockpit.netshoot.recipes import own_recipe

        app.own_recipes = {r.name: own_recipe(r.name, r.command, r.description) for r in config.netshoot.recipes}
    return app


def view_state(options: Options) -> ViewState:
    """What to look at first, as configured."""
    config = options.config
    sort, _, direction = config.sort.partition(" ")
    return ViewState(
        tz=datetime.now().astimezone().tzinfo or UTC,
        sort=sort,
        descending=direction == "desc",
        filter=options.filter,
        grouped=config.group,
        columns=tuple(config.columns),
        ascii=config.ascii,
        interval=config.interval_seconds,
        calm=config.calm,
    )
