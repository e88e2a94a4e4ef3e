"""The dialog of a recipe: its argument, the command that it runs, and the result as a table."""

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
from dockpit.netshoot.launcher import DebugTarget, has_image, run_recipe
from dockpit.netshoot.recipes import Recipe, check_argument
from tui.crash.worker_errors import ReportsWorkerErrors
from tui.netshoot.pull_screen import PullScreen
from tui.plain_text import PlainText
from widgets.tables.live_table import LiveTable

ARGUMENT_HINT = "enter runs it · esc leaves"
RESULT_HINT = "r runs it again · y copies the command · esc leaves"
RESULT_HINT_WITH_ARGUMENT = "r runs it again · tab changes the {} · y copies the command · esc leaves"


class RecipeScreen(ReportsWorkerErrors, ModalScreen[None]):
    """Runs a recipe beside a container and shows its result; r runs it again."""

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

    def __init__(self, session: Session, image: str, target: DebugTarget, recipe: Recipe) -> None:
        super().__init__()
        self._session = session
        self._image = image
        self._target = target
        self._recipe = recipe

    def compose(self) -> ComposeResult:
        recipe = self._recipe
        with Vertical(id="box"):
            yield PlainText(f"{recipe.title} · {self._target.container.name[:60]}", id="title")
            if recipe.argument:
                with Horizontal(id="ask"):
                    yield PlainText(f"{recipe.argument}:", id="asks")
                    yield Input(recipe.default, placeholder=recipe.argument, id="argument", compact=True)
            yield PlainText(id="command")
            yield PlainText(id="state")
            yield LiveTable(id="result")
            yield PlainText(RESULT_HINT, id="hint")

    def on_mount(self) -> None:
        """Focus the argument, or run at once where the recipe has none.

        The field is looked for because it is missing where the program ends at this moment.
        """
        for field in self.query("#argument").results(Input):
            self.set_focus(field)
        if not self._recipe.argument:
            self._run()

    def on_descendant_focus(self) -> None:
        """Show the keys of the part that has the focus."""
        argument = self._recipe.argument
        result_hint = RESULT_HINT_WITH_ARGUMENT.format(argument) if argument else RESULT_HINT
        hint = ARGUMENT_HINT if isinstance(self.focused, Input) else result_hint
        self.query_one("#hint", PlainText).set_text(hint)

    def _argument(self) -> str:
        return self.query_one("#argument", Input).value.strip() if self._recipe.argument else ""

    def _command_line(self) -> str:
        return shlex.join(self._recipe.command(self._argument()))

    def _show_state(self, text: str) -> None:
        self.query_one("#state", PlainText).set_text(text)

    @on(Input.Submitted)
    def _on_submitted(self) -> None:
        self._run()

    def action_again(self) -> None:
        """Run the recipe again."""
        self._run()

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self._command_line())
        self.app.notify("copied the command", markup=False, timeout=2)

    def action_leave(self) -> None:
        """Close the dialog."""
        self.dismiss()

    @work(name="recipe", group="recipe", exclusive=True, exit_on_error=False)
    async def _run(self) -> None:
        problem = check_argument(self._recipe, self._argument())
        if problem:
            self._show_state(problem)
            return
        table = self.query_one(LiveTable)
        self.set_focus(table)
        self.query_one("#command", PlainText).set_text(f"$ {self._command_line()}")
        self._show_state("running …")
        try:
            command = self._recipe.command(self._argument())
            result = await run_recipe(self._session.client, self._image, self._target, command)
        except TimeoutError:
            self._show_state("it did not end within a minute")
        except DockpitError as error:
            self._show_state(str(error))
            if isinstance(error, NotFound):
                await self._offer_image()
        else:
            self._show_state("" if result.exit_code in (0, None) else f"exit code {result.exit_code}")
            table.view = self._recipe.read(result)

    async def _offer_image(self) -> None:
        """Offer to pull the image if that is what was not found: it may have been removed while this was open."""
        try:
            present = await has_image(self._session.client, self._image)
        except DockpitError:
            return

        def on_pull_end(pulled: bool | None) -> None:
            if pulled:
                self._run()

        if not present:
            self.app.push_screen(PullScreen(self._session, self._image), on_pull_end)
