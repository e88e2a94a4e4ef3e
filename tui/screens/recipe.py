"""A recipe: what it asks, the command it runs, and what came out."""

from __future__ import annotations

import shlex
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from dockpit.model.errors import DockpitError, NotFound
from dockpit.monitor.session import Session
from dockpit.netshoot.launcher import Target, has_image, run_recipe
from dockpit.netshoot.recipes import Recipe, check_argument
from tui.failing import Failing
from tui.screens.pull import PullScreen
from tui.words import Words
from widgets.live_table import LiveTable

ASKING = "enter runs it · esc leaves"
RUNNING = "r runs it again · y copies the command · esc leaves"
RUNNING_ASKED = "r runs it again · tab changes the {} · y copies the command · esc leaves"


class RecipeScreen(Failing, ModalScreen[None]):
    """Runs a recipe and shows its reading; r runs it again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("r", "again", "again", show=False),
        Binding("y", "copy", "copy the command", show=False),
    ]
    CSS = """
    RecipeScreen { align: center middle; }
    RecipeScreen #box {
        width: 100; max-width: 95%; height: 80%; background: $surface; border: round $primary; padding: 0 1;
    }
    RecipeScreen #ask { height: 1; }
    RecipeScreen #asks { width: auto; margin-right: 1; }
    RecipeScreen #argument { width: 1fr; }
    RecipeScreen #title { color: $text-accent; text-style: bold; }
    RecipeScreen #command, RecipeScreen #hint { color: $foreground 55%; }
    RecipeScreen #state { margin: 1 0; }
    RecipeScreen #result { height: 1fr; background: $surface; }
    """

    def __init__(self, session: Session, image: str, where: Target, recipe: Recipe) -> None:
        super().__init__()
        self._session = session
        self._image = image
        self._where = where
        self._recipe = recipe

    def compose(self) -> ComposeResult:
        recipe = self._recipe
        with Vertical(id="box"):
            yield Words(f"{recipe.title} · {self._where.container.name[:60]}", id="title")
            if recipe.argument:
                with Horizontal(id="ask"):
                    yield Words(f"{recipe.argument}:", id="asks")
                    yield Input(recipe.default, placeholder=recipe.argument, id="argument", compact=True)
            yield Words(id="command")
            yield Words(id="state")
            yield LiveTable(id="result")
            yield Words(RUNNING, id="hint")

    def on_mount(self) -> None:
        """Ask, or begin at once when there is nothing to ask.

        There is no field yet where the program ends in this very moment.
        """
        for field in self.query("#argument").results(Input):
            self.set_focus(field)
        if not self._recipe.argument:
            self._run()

    def on_descendant_focus(self) -> None:
        """Say what the keys do where the keyboard is."""
        asked = self._recipe.argument
        again = RUNNING_ASKED.format(asked) if asked else RUNNING
        self.query_one("#hint", Words).say(ASKING if isinstance(self.focused, Input) else again)

    def _argument(self) -> str:
        return self.query_one("#argument", Input).value.strip() if self._recipe.argument else ""

    def _line(self) -> str:
        return shlex.join(self._recipe.command(self._argument()))

    def _say(self, text: str) -> None:
        self.query_one("#state", Words).say(text)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._run()

    def action_again(self) -> None:
        """Run it again."""
        self._run()

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self._line())
        self.app.notify("copied the command", markup=False, timeout=2)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss()

    @work(name="recipe", group="recipe", exclusive=True, exit_on_error=False)
    async def _run(self) -> None:
        wrong = check_argument(self._recipe, self._argument())
        if wrong:
            self._say(wrong)
            return
        table = self.query_one(LiveTable)
        self.set_focus(table)
        self.query_one("#command", Words).say(f"$ {self._line()}")
        self._say("running …")
        try:
            command = self._recipe.command(self._argument())
            result = await run_recipe(self._session.client, self._image, self._where, command)
        except TimeoutError:
            self._say("it did not end within a minute")
        except DockpitError as error:
            self._say(str(error))
            if isinstance(error, NotFound):
                await self._offer_image()
        else:
            self._say("" if result.exit_code in (0, None) else f"exit code {result.exit_code}")
            table.view = self._recipe.read(result)

    async def _offer_image(self) -> None:
        """Offer to pull the image where it is what is missing: it may have been removed since this was opened."""
        try:
            there = await has_image(self._session.client, self._image)
        except DockpitError:
            return

        def pulled(done: bool | None) -> None:
            if done:
                self._run()

        if not there:
            self.app.push_screen(PullScreen(self._session, self._image), pulled)
