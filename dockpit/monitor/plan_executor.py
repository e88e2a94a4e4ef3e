"""Carries out plans on the engine and container they were made for, and keeps the plans that undo them.

tuning.plan_...() -> Plan -> confirmed by the user -> act(plan)
  refused if read-only, another engine answers, the container is gone or its limits were changed by someone else
  -> engine -> inspect again -> Outcome(ok, text, undo) -> history, screen
                                               |
                 undo_plan() <- undo stack <---+     act(undo) takes it off the stack
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dockpit.engine.endpoint_resolution import Endpoint
from dockpit.engine.engine_client import EngineClient
from dockpit.model.container import Container
from dockpit.model.errors import (
    DockpitError,
    EngineError,
    EngineUnreachable,
    LimitError,
    NotFound,
    ReadOnlyError,
    WrongTarget,
)
from dockpit.model.plans import Outcome, Plan
from dockpit.monitor.history import History


class PlanExecutor:
    """The only way in which dockpit changes anything on an engine; with `read_only` every plan is refused."""

    def __init__(
        self,
        endpoint: Endpoint,
        history: History,
        *,
        client: Callable[[], EngineClient],
        now: Callable[[], float],
        read_only: bool,
    ) -> None:
        self._endpoint = endpoint
        self._history = history
        self._client = client
        self._now = now
        self._read_only = read_only
        self._undo_stack: list[Plan] = []

    async def act(self, plan: Plan) -> Outcome:
        """Carry out a plan; whatever goes wrong is in the outcome, never an exception."""
        try:
            outcome = await self._act(plan)
        except DockpitError as error:
            outcome = Outcome(False, str(error), plan, at=self._now())
        if outcome.ok and plan.undoes:
            self._remove_newest_undo_of(plan.container_id)
        elif outcome.undo is not None:
            self._undo_stack.append(outcome.undo)
        self._history.add_outcome(outcome, bool(self._undo_stack))
        return outcome

    async def _act(self, plan: Plan) -> Outcome:
        """Raises DockpitError where nothing was done."""
        if self._read_only:
            raise ReadOnlyError(f"dockpit is read-only: {plan.command} was not run")
        client = self._client()
        before = await self._check_target(client, plan)
        try:
            warnings = await client.perform(plan, before.stop_seconds)
        except EngineUnreachable as error:
            text = f"{plan.summary}: {error.reason}; it may or may not have been done: check the container"
            return Outcome(False, text, plan, at=self._now())
        except EngineError as error:
            return await self._refused_outcome(client, plan, error)
        after = await self._inspect_again(client, plan)
        if plan.kind != "update":
            return Outcome(True, f"{plan.summary}: done", plan, at=self._now(), warnings=warnings)
        return self._update_outcome(plan, before, after, warnings)

    async def _check_target(self, client: EngineClient, plan: Plan) -> Container:
        """The container that the plan was made for. Raises WrongTarget where it, its limits or the engine changed."""
        identity = await client.engine_id()
        if plan.engine_id and identity != plan.engine_id:
            raise WrongTarget(f"another engine answers at {self._endpoint.display} now: nothing was done")
        try:
            container = await client.container(plan.container_id)
        except NotFound:
            raise WrongTarget(f"{plan.container_name} is gone: nothing was done") from None
        if plan.kind == "update" and plan.before is not None and container.limits != plan.before:
            raise WrongTarget(f"the limits of {plan.container_name} were changed by someone else: check them")
        return container

    async def _inspect_again(self, client: EngineClient, plan: Plan) -> Container | None:
        """The container as it is now; None when it is gone, or the engine does not say."""
        try:
            container = await client.container(plan.container_id)
        except NotFound:
            self._history.forget(plan.container_id)
            return None
        except EngineError:
            return None
        self._history.put(container)
        return container

    def _update_outcome(
        self, plan: Plan, before: Container, after: Container | None, warnings: tuple[str, ...]
    ) -> Outcome:
        """The outcome of an update that the engine accepted; ok if the limits read back are those expected."""
        from dockpit.tuning.update_effect import limit_mismatches

        if after is None:
            text = f"{plan.summary}; the limits in force could not be read back"
            presumed = replace(before, limits=plan.expected or before.limits)
            return Outcome(True, text, plan, self._plan_undo(plan, presumed), self._now(), warnings)
        differences = limit_mismatches(plan.expected, after.limits) if plan.expected is not None else ()
        undo = self._plan_undo(plan, after)
        text = plan.summary if not differences else f"{plan.summary}, but {'; '.join(differences)}"
        return Outcome(not differences, text, plan, undo, self._now(), (*warnings, *differences), in_force=after.limits)

    def _plan_undo(self, plan: Plan, after: Container) -> Plan | None:
        """The plan that undoes `plan`; None for an undo itself, and where there is nothing to undo."""
        from dockpit.tuning.update_plans import plan_undo

        if plan.undoes or not plan.undo_body:
            return None
        try:
            return plan_undo(plan, after, self._history.snapshot(self._now()).engine)
        except LimitError:
            return None

    async def _refused_outcome(self, client: EngineClient, plan: Plan, error: EngineError) -> Outcome:
        """The outcome of a refusal.

        After a 5xx the cgroup may be partly changed, so the limits that were in force are sent again.
        """
        text = f"the engine refused: {error.message or error}"
        after: Container | None = None
        if error.status >= 500 and plan.kind == "update":
            if plan.undo_body:
                try:
                    await client.update(plan.container_id, plan.undo_body)
                    text += " (the earlier limits were written again)"
                except EngineError as again:
                    text += f" (and the earlier limits could not be written again: {again.message})"
            after = await self._inspect_again(client, plan)
        return Outcome(False, text, plan, at=self._now(), in_force=after.limits if after else None)

    # undo

    def undo_plan(self) -> Plan | None:
        """The plan that undoes the last change of limits, None when there is none."""
        return self._undo_stack[-1] if self._undo_stack else None

    def _remove_newest_undo_of(self, container_id: str) -> None:
        for index in reversed(range(len(self._undo_stack))):
            if self._undo_stack[index].container_id == container_id:
                del self._undo_stack[index]
                return

    def drop_undo_plan(self) -> None:
        """Drop the undo of the last change of limits, which turned out to have nothing to undo."""
        if self._undo_stack:
            self._undo_stack.pop()
        self._history.set_can_undo(bool(self._undo_stack))

    def drop_all_undo_plans(self) -> None:
        """Another engine answers: what was done to the one before stays done."""
        self._undo_stack.clear()
        self._history.set_can_undo(False)
