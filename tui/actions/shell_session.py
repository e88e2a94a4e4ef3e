"""What shells have in common, whether in a container or beside it: notes about the target, and coming back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dockpit.model.container import Container
from dockpit.monitor.session import Session
from tui.actions.action_context import ActionContext

if TYPE_CHECKING:
    from dockpit.engine.terminals import Terminal


async def run_shell(context: ActionContext, terminal: Terminal, title: str, container: Container) -> str:
    """Give the whole screen to `terminal` until it ends; what went wrong, "" for nothing."""
    from tui.terminal.terminal_bridge import attach_terminal

    return await attach_terminal(context.app, terminal, title, target_notes(context.session, container))


def return_from_shell(context: ActionContext, trouble: str) -> None:
    """Show what went wrong, if anything, and the newest figures."""
    if trouble:
        context.toast(trouble, "warning")
    context.draw_frame()


def target_notes(session: Session, container: Container) -> Callable[[], str]:
    """A function that says once when `container` ended or was started again since, and returns "" otherwise."""
    last = ""

    def note() -> str:
        nonlocal last
        entry = session.snapshot().entries.get(container.id)
        text = _change(container, entry.container if entry is not None else None)
        if not text or text == last:
            return ""
        last = text
        return text

    return note


def _change(before: Container, now: Container | None) -> str:
    """What happened to the target of a shell, "" for nothing."""
    if now is None:
        return f"{before.name} was removed"
    if not now.live:
        return f"{before.name} is {now.state}"
    if now.started_at != before.started_at:
        return f"{before.name} was started again: this shell is still in its old network; leave and come back"
    return ""
