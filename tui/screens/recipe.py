"""A recipe: what it asks, the command it runs, and what came out."""

from __future__ import annotations

import shlex
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from dockpit.errors import DockpitError
from dockpit.netshoot.launcher import Target, run_recipe
from dockpit.netshoot.recipes import Recipe, check_argument
from dockpit.session import Session
from tui.failing import Failing
from tui.words import Words
from widgets.live_table import LiveTable


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
                yield Input(recipe.default, placeholder=recipe.argument, id="argument", compact=True)
            yield Words(id="command")
            yield Words(id="state")
            yield LiveTable(id="result")
            yield Words("r runs it again · y copies the command · esc leaves", id="hint")

    def on_mount(self) -> None:
        """Ask, or begin at once when there is nothing to ask."""
        if self._recipe.argument:
            self.query_one("#argument", Input).focus()
            self._say("enter runs it")
        else:
            self._run()

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
        self.query_one("#command", Words).say(f"$ {self._line()}")
        self._say("running …")
        try:
            command = self._recipe.command(self._argument())
            result = await run_recipe(self._session.client, self._image, self._where, command)
        except TimeoutError:
            self._say("it did not end within a minute")
            return
        except DockpitError as error:
            self._say(str(error))
            return
        self._say("" if result.exit_code in (0, None) else f"exit code {result.exit_code}")
        table = self.query_one(LiveTable)
        table.view = self._recipe.read(result)
        table.focus()
