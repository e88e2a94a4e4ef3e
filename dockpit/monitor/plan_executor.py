"""The way back: plans are carried out on the engine and container they were made for, and what was done is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dockpit.engine.client import EngineClient
from dockpit.engine.endpoint import Endpoint
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
    """The one door through which changes go; it stays shut where `read_only`."""

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
        self._undo: list[Plan] = []

    async def act(self, plan: Plan) -> Outcome:
        """Carry out a plan on the engine and container it was made for; what became of it, never an exception."""
        try:
            outcome = await self._act(plan)
        except DockpitError as error:
            outcome = Outcome(False, str(error), plan, at=self._now())
        if outcome.ok and plan.undoes:
            self._taken_back(plan)
        elif outcome.undo is not None:
            self._undo.append(outcome.undo)
        self._history.outcome(outcome, bool(self._undo))
        return outcome

    async def _act(self, plan: Plan) -> Outcome:
        if self._read_only:
            raise ReadOnlyError(f"dockpit is read-only: {plan.command} was not run")
        client = self._client()
        before = await self._check_target(client, plan)
        try:
            warnings = await client.perform(plan, before.stop_seconds)
        except EngineUnreachable as error:
            text = f"{plan.summary}: {error.reason}, so it may have been done or not: look again"
            return Outcome(False, text, plan, at=self._now())
        except EngineError as error:
            return await self._refused(client, plan, error)
        after = await self._after(client, plan)
        if plan.kind != "update":
            return Outcome(True, f"{plan.summary}: done", plan, at=self._now(), warnings=warnings)
        return self._updated(plan, before, after, warnings)

    async def _check_target(self, client: EngineClient, plan: Plan) -> Container:
        identity = await client.identity()
        if plan.engine_id and identity != plan.engine_id:
            raise WrongTarget(f"another engine answers at {self._endpoint.display} now: nothing was done")
        try:
            container = await client.container(plan.container_id)
        except NotFound:
            raise WrongTarget(f"{plan.container_name} is gone: nothing was done") from None
        if plan.kind == "update" and plan.before is not None and container.limits != plan.before:
            raise WrongTarget(f"the limits of {plan.container_name} were changed by someone else: look again")
        return container

    async def _after(self, client: EngineClient, plan: Plan) -> Container | None:
        """The container as it is now; None for one that is gone, or when the engine does not say."""
        try:
            container = await client.container(plan.container_id)
        except NotFound:
            self._history.forget(plan.container_id)
            return None
        except EngineError:
            return None
        self._history.put(container)
        return container

    def _updated(self, plan: Plan, before: Container, after: Container | None, warnings: tuple[str, ...]) -> Outcome:
        from dockpit.tuning.update_plans import verify

        if after is None:
            text = f"{plan.summary}; what is in force could not be read back"
            presumed = replace(before, limits=plan.expected or before.limits)
            return Outcome(True, text, plan, self._way_back(plan, presumed), self._now(), warnings)
        differences = verify(plan.expected, after.limits) if plan.expected is not None else ()
        undo = self._way_back(plan, after)
        text = plan.summary if not differences else f"{plan.summary}, but {'; '.join(differences)}"
        return Outcome(not differences, text, plan, undo, self._now(), (*warnings, *differences), in_force=after.limits)

    def _way_back(self, plan: Plan, after: Container) -> Plan | None:
        from dockpit.tuning.update_plans import plan_undo

        if plan.undoes or not plan.undo_body:
            return None
        try:
            return plan_undo(plan, after, self._history.snapshot(self._now()).engine)
        except LimitError:
            return None

    def _taken_back(self, plan: Plan) -> None:
        """Strike off the newest change of the container that `plan` brought back."""
        for index in reversed(range(len(self._undo))):
            if self._undo[index].container_id == plan.container_id:
                del self._undo[index]
                return

    async def _refused(self, client: EngineClient, plan: Plan, error: EngineError) -> Outcome:
        """A refusal; after a 5xx the cgroup may be partly changed, so the limits that were in force are sent again."""
        text = f"the engine refused: {error.message or error}"
        after: Container | None = None
        if error.status >= 500 and plan.kind == "update":
            if plan.undo_body:
                try:
                    await client.update(plan.container_id, plan.undo_body)
                    text += " (the earlier limits were written again)"
                except EngineError as again:
                    text += f" (and the earlier limits could not be written again: {again.message})"
            after = await self._after(client, plan)
        return Outcome(False, text, plan, at=self._now(), in_force=after.limits if after else None)

    def newest(self) -> Plan | None:
        """The plan that takes back the last change of limits, None when there is none."""
        return self._undo[-1] if self._undo else None

    def forget(self) -> None:
        """Give up the last change of limits that could be taken back: there is nothing left to take back of it."""
        if self._undo:
            self._undo.pop()
        self._history.can_undo(bool(self._undo))

    def forget_all(self) -> None:
        """Another engine answers: what was done to the one before stays done."""
        self._undo.clear()
        self._history.can_undo(False)
