"""A shell inside the container under the cursor (docker exec)."""

from __future__ import annotations

from functools import partial

from dockpit.model.container import Container
from dockpit.model.errors import DockpitError
from tui.actions.action_context import ActionContext
from tui.actions.shell_session import return_from_shell, run_shell
from tui.workers import start_worker


class ExecShell:
    """The key that opens a shell in a container."""

    def __init__(self, context: ActionContext) -> None:
        self._context = context

    def open(self) -> None:
        """Open a shell in the container under the cursor, which must be running."""
        entry = self._context.target_to_change()
        if entry is None:
            return
        container = entry.container
        if container.state != "running":
            self._context.toast(f"{container.name} is {container.state}: a shell needs a running container", "warning")
            return
        work = partial(self._run, container)
        start_worker(self._context.app, work, name="exec", group="shell", exclusive=True)

    async def _run(self, container: Container) -> None:
        from dockpit.engine import terminals

        try:
            client = self._context.session.client
            shell = await terminals.find_shell(client, container.id)
            if shell is None:
                self._context.toast(
                    f"{container.name} has no shell (bash, ash, sh): n opens netshoot beside it", "warning"
                )
                return
            async with terminals.open_exec(client, container.id, [shell]) as terminal:
                trouble = await run_shell(self._context, terminal, f"{shell} in {container.name}", container)
        except (DockpitError, TimeoutError) as error:
            trouble = str(error) or "the engine does not answer"
        return_from_shell(self._context, trouble)
