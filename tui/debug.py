"""Shells and recipes: exec in a container, netshoot beside it.

What only a key needs is imported by it: the first figures do not wait for it (tui/opening.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from dockpit.config.config import NETSHOOT_IMAGE
from dockpit.metrics.snapshot import Entry
from dockpit.model.container import Container
from dockpit.model.errors import DockpitError, UsageError
from tui.deeds import Deeds
from tui.driver import LastingDriver

if TYPE_CHECKING:
    from dockpit.netshoot.launcher import Target
    from dockpit.netshoot.recipes import Recipe

SHELL, SHELL_PID, LEFTOVERS = "shell", "shell-pid", "leftovers"
OPENED = frozenset({"shell", "recipe"})
"""The groups of workers that have something open on the engine: they remove it when they are cancelled."""
CLEAN_UP_SECONDS = 5.0


class Debugging(Deeds):
    """The actions of the app that open something inside or beside a container."""

    netshoot_image: str = NETSHOOT_IMAGE
    own_recipes: Mapping[str, Recipe] = {}

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice; on Linux one that outlasts the terminal."""
        chosen = super().get_driver_class()
        return LastingDriver if chosen is LinuxDriver else chosen

    def leave(self, code: int) -> None:
        """End dockpit with this exit code, once what it opened on the engine is removed again."""
        opened = [worker for worker in self.workers if worker.group in OPENED and not worker.is_finished]
        self.run_worker(self._leave(opened, code), name="leave", group="leave", exit_on_error=False)

    async def _leave(self, opened: list[Worker[object]], code: int) -> None:
        for worker in opened:
            worker.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(_ended(worker) for worker in opened)), CLEAN_UP_SECONDS)
        self.exit(code)

    def action_exec(self) -> None:
        """A shell in the container."""
        entry = None if self.said_no() else self.aimed_at()
        if entry is None:
            return
        if entry.container.state != "running":
            self.say(f"{entry.container.name} is {entry.container.state}: a shell needs a running container", "warning")
            return
        self._exec(entry.container)

    @work(name="exec", group="shell", exclusive=True, exit_on_error=False)
    async def _exec(self, container: Container) -> None:
        from dockpit.engine import terminals
        from tui.shell import lend

        try:
            client = self.session.client
            shell = await terminals.find_shell(client, container.id)
            if shell is None:
                self.say(f"{container.name} has no shell (bash, ash, sh): n opens netshoot beside it", "warning")
                return
            async with terminals.open_exec(client, container.id, [shell]) as opened:
                trouble = await lend(self, opened, f"{shell} in {container.name}", self._fate(container))
        except (DockpitError, TimeoutError) as error:
            trouble = str(error) or "the engine does not answer"
        self._back_from_shell(trouble)

    def _back_from_shell(self, trouble: str) -> None:
        if trouble:
            self.say(trouble, "warning")
        self.frame()

    def _fate(self, container: Container) -> Callable[[], str]:
        """Says once that the target ended or started anew while a shell was open."""
        told: list[str] = []

        def note() -> str:
            entry = self.session.snapshot().entries.get(container.id)
            now = entry.container if entry is not None else None
            if now is None:
                text = f"{container.name} was removed"
            elif not now.live:
                text = f"{container.name} is {now.state}"
            elif now.started_at != container.started_at:
                text = (
                    f"{container.name} was started again: this shell is still in its old network; leave and come back"
                )
            else:
                return ""
            if told and told[-1] == text:
                return ""
            told.append(text)
            return text

        return note

    # netshoot

    def action_netshoot(self) -> None:
        """Choose a debug shell or a recipe for the container's network."""
        from dockpit.netshoot import launcher

        entry = None if self.said_no() else self.aimed_at()
        if entry is None:
            return
        try:
            where = launcher.target(entry.container, self._lookup)
        except UsageError as error:
            self.say(str(error), "warning")
            return
        if where.note:
            self.say(where.note)
        self._offer(entry, where)

    def _lookup(self, reference: str) -> Container | None:
        entries = self.session.snapshot().entries
        found = entries.get(reference)
        by_name = (e.container for e in entries.values() if e.container.name == reference.removeprefix("/"))
        return found.container if found is not None else next(by_name, None)

    def _recipes(self) -> dict[str, Recipe]:
        from dockpit.netshoot.recipes import RECIPES

        return {**RECIPES, **self.own_recipes}

    @work(name="leftovers", group="netshoot", exclusive=True, exit_on_error=False)
    async def _offer(self, entry: Entry, where: Target) -> None:
        from dockpit.netshoot.leftovers import leftovers
        from tui.screens.choose import Choice, ChooseScreen

        try:
            left = await leftovers(self.session.client, self.session.now())
        except DockpitError:
            left = ()
        choices = [
            Choice(SHELL, "shell", f"an interactive shell of {self.netshoot_image} in its network"),
            Choice(SHELL_PID, "shell + pids", "the same, seeing its processes too (ss -p, strace)"),
            *(Choice(recipe.id, recipe.title, recipe.description) for recipe in self._recipes().values()),
        ]
        if left:
            choices.append(Choice(LEFTOVERS, "clean up", f"remove {len(left)} left-over debug containers"))

        def chosen(key: str | None) -> None:
            if key == LEFTOVERS:
                self._clean_up(left)
            elif key in (SHELL, SHELL_PID):
                self._with_image(lambda: self._shell(entry.container, key == SHELL_PID))
            elif key:
                self._with_image(lambda: self._recipe(where, self._recipes()[key]))

        self.push_screen(ChooseScreen(f"netshoot · {entry.container.name}", choices), chosen)

    @work(name="image", group="netshoot", exclusive=True, exit_on_error=False)
    async def _with_image(self, then: Callable[[], object]) -> None:
        """Go on when the image is there; offer to pull it when it is not."""
        from dockpit.netshoot import launcher
        from tui.screens.pull import PullScreen

        try:
            there = await launcher.has_image(self.session.client, self.netshoot_image)
        except DockpitError as error:
            self.say(str(error), "warning")
            return
        if there:
            then()
            return

        def pulled(done: bool | None) -> None:
            if done:
                then()

        self.push_screen(PullScreen(self.session, self.netshoot_image), pulled)

    @work(name="netshoot", group="shell", exclusive=True, exit_on_error=False)
    async def _shell(self, container: Container, share_pid: bool) -> None:
        from dockpit.netshoot import launcher
        from tui.shell import lend

        try:
            where = launcher.target(container, self._lookup, share_pid=share_pid)
            async with launcher.open_shell(self.session.client, self.netshoot_image, where) as opened:
                trouble = await lend(self, opened, f"netshoot beside {container.name}", self._fate(container))
        except DockpitError as error:
            trouble = str(error)
        self._back_from_shell(trouble)

    def _recipe(self, where: Target, recipe: Recipe) -> None:
        from tui.screens.recipe import RecipeScreen

        self.push_screen(RecipeScreen(self.session, self.netshoot_image, where, recipe))

    @work(name="clean up", group="netshoot", exclusive=True, exit_on_error=False)
    async def _clean_up(self, left: tuple[tuple[str, str], ...]) -> None:
        from dockpit.engine import terminals

        client = self.session.client
        for container_id, _ in left:
            try:
                await terminals.remove(client, container_id)
            except DockpitError as error:
                self.say(str(error), "warning")
                return
        self.say(f"removed {len(left)} debug containers")


async def _ended(worker: Worker[object]) -> None:
    """Until a worker has ended, however it did."""
    with suppress(WorkerCancelled, WorkerFailed):
        await worker.wait()
