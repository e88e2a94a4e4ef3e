"""What the keys do to a container: make a plan, show it, carry it out through the session, say what became of it.

What only a key needs is imported by it: the first figures do not wait for it (tui/opening.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual import work
from textual.app import App
from textual.notifications import SeverityLevel

from dockpit.config.config import Confirm
from dockpit.metrics.snapshot import Entry
from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import DockpitError, UsageError
from dockpit.model.plans import Outcome, Plan
from dockpit.monitor.session import Session
from dockpit.tuning import lifecycle_plans
from tui.live import Aimed
from tui.words import seen

Planner = Callable[[Container, EngineInfo], Plan]

PLANNERS: dict[str, tuple[str, str, Planner]] = {
    "start": ("start", "docker start", lifecycle_plans.plan_start),
    "stop": ("stop", "docker stop: SIGTERM, then SIGKILL", lifecycle_plans.plan_stop),
    "restart": ("restart", "docker restart", lifecycle_plans.plan_restart),
    "pause": ("pause", "docker pause: freeze its processes", lifecycle_plans.plan_pause),
    "unpause": ("unpause", "docker unpause", lifecycle_plans.plan_unpause),
    "term": ("kill -s TERM", "ask it to end", lambda c, e: lifecycle_plans.plan_kill(c, e, "TERM")),
    "hup": ("kill -s HUP", "often: read the configuration again", lambda c, e: lifecycle_plans.plan_kill(c, e, "HUP")),
    "usr1": ("kill -s USR1", "often: open the logs again", lambda c, e: lifecycle_plans.plan_kill(c, e, "USR1")),
    "kill": ("kill", "docker kill: SIGKILL, at once", lifecycle_plans.plan_kill),
    "remove": ("remove", "docker rm", lifecycle_plans.plan_remove),
    "remove_force": ("remove by force", "docker rm -f", lambda c, e: lifecycle_plans.plan_remove(c, e, force=True)),
}


SEVERITIES: dict[str, SeverityLevel] = {"warning": "warning", "error": "error"}
SECONDS: dict[SeverityLevel, float] = {"information": 2.5, "warning": 5.0, "error": 10.0}
"""How long a word in the corner stays."""
SAID_MOST = 300


class Deeds(App[int]):
    """The actions of the app that change something."""

    session: Session
    confirming: Confirm = Confirm()

    def asks(self, plan: Plan) -> bool:
        """Whether a plan needs a yes, after the user's configuration."""
        return self.confirming.asks(plan)

    def aimed_at(self) -> Entry | None:
        """The container under the cursor of the screen in front; says so when there is none."""
        screen = self.screen
        target = screen.target() if isinstance(screen, Aimed) else None
        entry = self.session.snapshot().entries.get(target or "")
        if entry is None:
            self.say("this container is gone" if target else "the cursor is on no container", "warning")
        return entry

    def say(self, text: str, severity: str = "information") -> None:
        """A short word in the corner: "information", "warning" or "error"; `text` may be hostile."""
        shown = seen(self, text if len(text) <= SAID_MOST else f"{text[:SAID_MOST]}…", SAID_MOST)
        level = SEVERITIES.get(severity, "information")
        self.notify(shown, severity=level, markup=False, timeout=SECONDS[level])

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Textual's word in the corner; what still stands there is not said again."""
        if not any((note.message, note.severity) == (message, severity) for note in self._notifications):
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def said_no(self) -> bool:
        """Whether dockpit is read-only; says so."""
        if self.session.read_only:
            self.say("dockpit is read-only (--read-only): nothing is changed", "warning")
        return self.session.read_only

    # whole containers

    def action_actions(self) -> None:
        """Choose what to do to the container."""
        from tui.screens.choose import Choice, ChooseScreen

        entry = None if self.said_no() else self.aimed_at()
        if entry is None:
            return
        choices = [
            Choice(key, label, help) for key, (label, help, planner) in PLANNERS.items() if self._can(entry, planner)
        ]

        def chosen(key: str | None) -> None:
            if key:
                self.propose(entry.container.id, PLANNERS[key][2])

        self.push_screen(ChooseScreen(f"{entry.container.name}", choices), chosen)

    def _can(self, entry: Entry, planner: Planner) -> bool:
        try:
            planner(entry.container, self.session.snapshot().engine)
        except UsageError:
            return False
        return True

    def action_restart(self) -> None:
        """Restart the container."""
        entry = None if self.said_no() else self.aimed_at()
        if entry is not None:
            self.propose(entry.container.id, lifecycle_plans.plan_restart)

    def propose(self, container_id: str, planner: Planner) -> None:
        """Make a plan for a container as it is now, show it and carry it out when it is confirmed."""
        snapshot = self.session.snapshot()
        entry = snapshot.entries.get(container_id)
        if entry is None:
            self.say("this container is gone", "warning")
            return
        try:
            plan = planner(entry.container, snapshot.engine)
        except DockpitError as error:
            self.say(str(error), "warning")
            return
        self.confirm(plan)

    def confirm(self, plan: Plan) -> None:
        """Show a plan; one that needs no yes is carried out without asking."""
        from tui.asking import question
        from widgets.confirm import ConfirmScreen

        if not self.asks(plan):
            self.carry_out(plan)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.carry_out(plan)

        self.push_screen(ConfirmScreen(question(plan)), answered)

    @work(name="act", group="act", exit_on_error=False)
    async def carry_out(self, plan: Plan) -> None:
        """Do it, and say what became of it."""
        self.say(f"{plan.command} …")
        outcome = await self.session.act(plan)
        self.report_outcome(outcome)
        self.frame()

    def report_outcome(self, outcome: Outcome) -> None:
        """Say what became of a plan; the banner says it as well, so that success needs no word here."""
        if not outcome.ok:
            self.say(outcome.text, "error")
        for warning in outcome.warnings:
            if warning not in outcome.text:
                self.say(warning, "warning")

    def frame(self) -> None:
        """Show the newest."""

    # limits

    def action_limits(self) -> None:
        """Change the limits of the container."""
        from tui.screens.limits import LimitsScreen

        entry = None if self.said_no() else self.aimed_at()
        if entry is not None:
            self.push_screen(LimitsScreen(self, self.session, entry.container.id), self._limits_done)

    def _limits_done(self, plan: Plan | None) -> None:
        if plan is not None:
            self.carry_out(plan)

    def action_undo(self) -> None:
        """Take back the last change of limits, judged by what is in use now."""
        from dockpit.tuning.update_plans import plan_undo

        if self.said_no():
            return
        plan = self.session.undo_plan()
        if plan is None:
            self.say("there is nothing to undo")
            return
        snapshot = self.session.snapshot()
        entry = snapshot.entries.get(plan.container_id)
        if entry is None:
            self._nothing_back(f"{plan.container_name} is gone: there is nothing to take back")
            return
        again = plan_undo(replace(plan, undo_body=plan.body), entry.container, snapshot.engine, entry.sample)
        if again.changes:
            self.confirm(replace(again, engine_id=plan.engine_id))
        else:
            self._nothing_back(f"{plan.container_name} has its earlier limits already")

    def _nothing_back(self, why: str) -> None:
        self.session.forget_undo()
        self.say(why, "warning")
