"""Debug containers in the network of the container under the cursor: a shell, a recipe, removal of leftovers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from dockpit.metrics.formatting import plural
from dockpit.metrics.snapshot import Entry
from dockpit.model.container import Container
from dockpit.model.errors import DockpitError, UsageError
from tui.actions.action_context import ActionContext
from tui.actions.shell_session import return_from_shell, run_shell
from tui.workers import start_worker

if TYPE_CHECKING:
    from dockpit.netshoot.launcher import DebugTarget
    from dockpit.netshoot.recipes import Recipe
    from tui.dialogs.choose_screen import Choice

SHELL, SHELL_PID, LEFTOVERS = "shell", "shell-pid", "leftovers"
"""Ids in the list to choose from; any other id is that of a recipe."""

Leftovers = tuple[tuple[str, str], ...]
"""(id, name) of debug containers that were not removed."""


class NetshootActions:
    """The key that opens a debug container.

    open() -> leftovers looked up -> list to choose from -> image there? (else PullScreen) -> shell or RecipeScreen
    """

    def __init__(self, context: ActionContext) -> None:
        self._context = context
        self._image = context.settings.netshoot_image

    def open(self) -> None:
        """Offer a debug shell and the recipes for the container under the cursor."""
        from dockpit.netshoot import launcher

        entry = self._context.target_to_change()
        if entry is None:
            return
        try:
            target = launcher.find_debug_target(entry.container, self._lookup)
        except UsageError as error:
            self._context.toast(str(error), "warning")
            return
        if target.note:
            self._context.toast(target.note)
        work = partial(self._offer, entry, target)
        start_worker(self._context.app, work, name="leftovers", group="netshoot", exclusive=True)

    def _lookup(self, reference: str) -> Container | None:
        """The container with this full id or name."""
        entries = self._context.session.snapshot().entries
        found = entries.get(reference)
        by_name = (e.container for e in entries.values() if e.container.name == reference.removeprefix("/"))
        return found.container if found is not None else next(by_name, None)

    def _recipes(self) -> dict[str, Recipe]:
        from dockpit.netshoot.recipes import RECIPES

        return {**RECIPES, **self._context.settings.own_recipes}

    async def _offer(self, entry: Entry, target: DebugTarget) -> None:
        from dockpit.netshoot.leftover_containers import find_leftovers
        from tui.dialogs.choose_screen import ChooseScreen

        session = self._context.session
        try:
            left = await find_leftovers(session.client, session.now())
        except DockpitError:
            left = ()

        def on_choice(id: str | None) -> None:
            if id == LEFTOVERS:
                self._start_clean_up(left)
            elif id in (SHELL, SHELL_PID):
                self._start_with_image(lambda: self._start_shell(entry.container, id == SHELL_PID))
            elif id:
                self._start_with_image(lambda: self._open_recipe(target, self._recipes()[id]))

        screen = ChooseScreen(f"netshoot · {entry.container.name}", self._choices(left))
        self._context.app.push_screen(screen, on_choice)

    def _choices(self, left: Leftovers) -> list[Choice]:
        from tui.dialogs.choose_screen import Choice

        choices = [
            Choice(SHELL, "shell", f"an interactive shell of {self._image} in its network"),
            Choice(SHELL_PID, "shell + pids", "the same, seeing its processes too (ss -p, strace)"),
            *(Choice(recipe.id, recipe.title, recipe.description) for recipe in self._recipes().values()),
        ]
        if left:
            choices.append(Choice(LEFTOVERS, "clean up", f"remove {plural(len(left), 'left-over debug container')}"))
        return choices

    def _start_with_image(self, then: Callable[[], object]) -> None:
        work = partial(self._with_image, then)
        start_worker(self._context.app, work, name="image", group="netshoot", exclusive=True)

    async def _with_image(self, then: Callable[[], object]) -> None:
        """Call `then` when the image is on the engine; offer to pull it first when it is not."""
        from dockpit.netshoot import launcher
        from tui.netshoot.pull_screen import PullScreen

        try:
            present = await launcher.has_image(self._context.session.client, self._image)
        except DockpitError as error:
            self._context.toast(str(error), "warning")
            return
        if present:
            then()
            return

        def on_pull_end(pulled: bool | None) -> None:
            if pulled:
                then()

        self._context.app.push_screen(PullScreen(self._context.session, self._image), on_pull_end)

    def _start_shell(self, container: Container, share_pid: bool) -> None:
        work = partial(self._shell, container, share_pid)
        start_worker(self._context.app, work, name="netshoot", group="shell", exclusive=True)

    async def _shell(self, container: Container, share_pid: bool) -> None:
        from dockpit.netshoot import launcher

        try:
            target = launcher.find_debug_target(container, self._lookup, share_pid=share_pid)
            async with launcher.open_shell(self._context.session.client, self._image, target) as terminal:
                trouble = await run_shell(self._context, terminal, f"netshoot beside {container.name}", container)
        except DockpitError as error:
            trouble = str(error)
        return_from_shell(self._context, trouble)

    def _open_recipe(self, target: DebugTarget, recipe: Recipe) -> None:
        from tui.netshoot.recipe_screen import RecipeScreen

        self._context.app.push_screen(RecipeScreen(self._context.session, self._image, target, recipe))

    def _start_clean_up(self, left: Leftovers) -> None:
        work = partial(self._clean_up, left)
        start_worker(self._context.app, work, name="clean up", group="netshoot", exclusive=True)

    async def _clean_up(self, left: Leftovers) -> None:
        from dockpit.engine import temporary_containers

        client = self._context.session.client
        for container_id, _ in left:
            try:
                await temporary_containers.remove_container(client, container_id)
            except DockpitError as error:
                self._context.toast(str(error), "warning")
                return
        self._context.toast(f"removed {plural(len(left), 'debug container')}")
