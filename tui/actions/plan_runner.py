"""Plans made by keys: make one for a container, show it, carry it out once confirmed, report its outcome."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dockpit.model.container import Container
from dockpit.model.engine_info import EngineInfo
from dockpit.model.errors import DockpitError
from dockpit.model.plans import Outcome, Plan
from tui.actions.action_context import ActionContext
from tui.workers import start_worker

Planner = Callable[[Container, EngineInfo], Plan]
"""Makes a plan for a container as it is now; raises DockpitError where that cannot be done."""


class PlanRunner:
    """Carries out plans through the session."""

    def __init__(self, context: ActionContext) -> None:
        self._context = context

    def propose(self, container_id: str, planner: Planner) -> None:
        """Make a plan for a container as it is now, and go on as `confirm` does."""
        snapshot = self._context.session.snapshot()
        entry = snapshot.entries.get(container_id)
        if entry is None:
            self._context.toast("this container is gone", "warning")
            return
        try:
            plan = planner(entry.container, snapshot.engine)
        except DockpitError as error:
            self._context.toast(str(error), "warning")
            return
        self.confirm(plan)

    def confirm(self, plan: Plan) -> None:
        """Show a plan and carry it out when it is confirmed, or at once where the settings want no question."""
        when_confirmed(self._context, plan, self.start)

    def start(self, plan: Plan) -> None:
        """Carry out a plan in a worker."""
        work = partial(self._carry_out, plan)
        start_worker(self._context.app, work, name="act", group="act")

    async def _carry_out(self, plan: Plan) -> None:
        self._context.toast(f"{plan.command} …")
        self._report(await self._context.session.act(plan))
        self._context.draw_frame()

    def _report(self, outcome: Outcome) -> None:
        """Show a failure and warnings; the banner of the screen tells of success."""
        if not outcome.ok:
            self._context.toast(outcome.text, "error")
        for warning in outcome.warnings:
            if warning not in outcome.text:
                self._context.toast(warning, "warning")


def when_confirmed(context: ActionContext, plan: Plan, then: Callable[[Plan], object]) -> None:
    """Show a plan and call `then` with it when it is confirmed, or at once where the settings want no question."""
    from tui.dialogs.plan_question import plan_question
    from widgets.dialogs.confirmation import ConfirmationScreen

    if not context.settings.confirm.asks(plan):
        then(plan)
        return

    def on_answer(confirmed: bool | None) -> None:
        if confirmed:
            then(plan)

    context.app.push_screen(ConfirmationScreen(plan_question(plan)), on_answer)
