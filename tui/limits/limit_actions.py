"""Change the limits of the container under the cursor, and undo the last change."""

from __future__ import annotations

from dataclasses import replace

from dockpit.model.plans import Plan
from tui.actions.action_context import ActionContext
from tui.actions.plan_runner import PlanRunner


class LimitActions:
    """The keys that change limits."""

    def __init__(self, context: ActionContext, plans: PlanRunner) -> None:
        self._context = context
        self._plans = plans

    def edit(self) -> None:
        """Open the form, and carry out the plan that it returns."""
        from tui.limits.limits_screen import LimitsScreen

        entry = self._context.target_to_change()
        if entry is not None:
            self._context.app.push_screen(LimitsScreen(self._context, entry.container.id), self._start)

    def _start(self, plan: Plan | None) -> None:
        if plan is not None:
            self._plans.start(plan)

    def undo(self) -> None:
        """Undo the last change of limits; the plan is made anew, judged by what the container uses now."""
        from dockpit.tuning.update_plans import plan_undo

        if self._context.is_read_only():
            return
        session = self._context.session
        plan = session.undo_plan()
        if plan is None:
            self._context.toast("there is nothing to undo")
            return
        snapshot = session.snapshot()
        entry = snapshot.entries.get(plan.container_id)
        if entry is None:
            self._forget(f"{plan.container_name} is gone: there is nothing to undo")
            return
        current = plan_undo(replace(plan, undo_body=plan.body), entry.container, snapshot.engine, entry.sample)
        if current.changes:
            self._plans.confirm(replace(current, engine_id=plan.engine_id))
        else:
            self._forget(f"{plan.container_name} has its earlier limits already")

    def _forget(self, reason: str) -> None:
        """Drop an undo that cannot be carried out any more."""
        self._context.session.forget_undo()
        self._context.toast(reason, "warning")
