"""The actions of the keys that change something or open a shell, wired to one app."""

from __future__ import annotations

from tui.actions.action_context import ActionContext
from tui.actions.container_actions import ContainerActions
from tui.actions.exec_shell import ExecShell
from tui.actions.plan_runner import PlanRunner
from tui.limits.limit_actions import LimitActions
from tui.netshoot.netshoot_actions import NetshootActions


class AppActions:
    """One object for each group of keys."""

    def __init__(self, context: ActionContext) -> None:
        plans = PlanRunner(context)
        self.container = ContainerActions(context, plans)
        self.limits = LimitActions(context, plans)
        self.exec_shell = ExecShell(context)
        self.netshoot = NetshootActions(context)
