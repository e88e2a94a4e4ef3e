"""Modules that only keys need, imported once the first figures are on the screen."""

from __future__ import annotations

from importlib import import_module
from typing import Final

DEFERRED_MODULES: Final = (
    "tui.app_actions",
    "tui.container.container_screen",
    "tui.dialogs.choose_screen",
    "tui.limits.limits_screen",
    "tui.help.help_screen",
    "tui.alerts.alerts_screen",
    "tui.dialogs.plan_question",
    "tui.terminal.terminal_bridge",
    "tui.netshoot.pull_screen",
    "tui.netshoot.recipe_screen",
    "tui.crash.crash_screen",
    "dockpit.netshoot.leftover_containers",
    "dockpit.netshoot.recipes",
    "dockpit.tuning.update_plans",
)
"""In the order of how likely their key is pressed first; each is also imported where it is used."""


def import_deferred_modules() -> None:
    """Import DEFERRED_MODULES; takes long, so run it in a thread."""
    for name in DEFERRED_MODULES:
        import_module(name)
