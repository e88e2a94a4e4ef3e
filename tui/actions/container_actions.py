"""Start, stop, restart, pause, kill and remove the container under the cursor."""

from __future__ import annotations

from dockpit.metrics.snapshot import Entry
from dockpit.model.errors import UsageError
from dockpit.tuning import lifecycle_plans
from tui.actions.action_context import ActionContext
from tui.actions.plan_runner import Planner, PlanRunner

LIFECYCLE_ACTIONS: dict[str, tuple[str, str, Planner]] = {
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
"""(label, help, planner) by id, in the order of the list to choose from."""


class ContainerActions:
    """The keys that act on a whole container."""

    def __init__(self, context: ActionContext, plans: PlanRunner) -> None:
        self._context = context
        self._plans = plans

    def choose(self) -> None:
        """Choose among the actions that are possible in the container's state."""
        from tui.dialogs.choose_screen import Choice, ChooseScreen

        entry = self._context.target_to_change()
        if entry is None:
            return
        choices = [
            Choice(id, label, help)
            for id, (label, help, planner) in LIFECYCLE_ACTIONS.items()
            if self._is_possible(entry, planner)
        ]

        def on_choice(id: str | None) -> None:
            if id:
                self._plans.propose(entry.container.id, LIFECYCLE_ACTIONS[id][2])

        self._context.app.push_screen(ChooseScreen(f"{entry.container.name}", choices), on_choice)

    def _is_possible(self, entry: Entry, planner: Planner) -> bool:
        try:
            planner(entry.container, self._context.session.snapshot().engine)
        except UsageError:
            return False
        return True

    def restart(self) -> None:
        """Restart the container."""
        entry = self._context.target_to_change()
        if entry is not None:
            self._plans.propose(entry.container.id, lifecycle_plans.plan_restart)
