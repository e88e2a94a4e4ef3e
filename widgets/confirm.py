"""A plan before it is carried out: what changes, the command it stands for, what to know, and yes or no."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dockpit.model import Plan
from widgets.ink import visible

WORD = "kill"
"""What must be typed when the plan can end processes that its user may want to keep."""


def preview(plan: Plan) -> Table:
    """Before and after of each field."""
    table = Table.grid(padding=(0, 2))
    for change in plan.changes:
        table.add_row(
            Text(visible(change.label, 30), "dim"),
            Text(visible(change.before, 60)),
            Text("->", "dim"),
            Text(visible(change.after, 60), "bold"),
        )
    return table


class ConfirmScreen(ModalScreen[bool]):
    """Answers True when the plan is to be carried out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "yes", "yes", show=False),
        Binding("escape,n,q", "no", "no", show=False),
        Binding("c", "copy", "copy the command", show=False),
        Binding("C", "copy_compose", "copy the compose lines", show=False),
    ]
    CSS = """
    ConfirmScreen { align: center middle; }
    ConfirmScreen #box {
        width: 92; max-width: 96%; height: auto; max-height: 94%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    ConfirmScreen.danger #box { border: heavy $error; }
    ConfirmScreen #text { height: auto; max-height: 100%; }
    ConfirmScreen .title { color: $text-accent; text-style: bold; }
    ConfirmScreen.danger .title { color: $text-error; }
    ConfirmScreen .part { margin-top: 1; }
    ConfirmScreen .warning { color: $text-warning; }
    ConfirmScreen.danger .warning { color: $text-error; text-style: bold; }
    ConfirmScreen .quiet { color: $foreground 60%; }
    ConfirmScreen #word { margin-top: 1; height: 1; border: none; }
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self.set_class(plan.danger == "kill", "danger")

    def compose(self) -> ComposeResult:
        plan = self._plan
        dangerous = plan.danger == "kill"
        with Vertical(id="box"):
            with VerticalScroll(id="text"):
                yield Static(Text(visible(plan.summary, 300)), classes="title")
                if plan.changes:
                    yield Static(preview(plan), classes="part")
                for warning in plan.warnings:
                    yield Static(Text(f"! {visible(warning, 600)}"), classes="part warning")
                yield Static(Text(f"$ {visible(plan.command, 600)}"), classes="part")
                if plan.compose:
                    yield Static(Text("to keep it over a recreate, in compose.yaml:"), classes="part quiet")
                    yield Static(Text("\n".join(visible(line, 200) for line in plan.compose.splitlines())))
            if dangerous:
                yield Input(placeholder=f"type {WORD} and press enter", id="word", compact=True)
            yield Static(Text(self._keys()), classes="part quiet")

    def _keys(self) -> str:
        yes = "" if self._plan.danger == "kill" else "enter does it · "
        compose = " · C copies the compose lines" if self._plan.compose else ""
        return f"{yes}esc leaves it · c copies the command{compose}"

    def on_mount(self) -> None:
        """Ask for the word where there is one to type."""
        if self._plan.danger == "kill":
            self.query_one("#word", Input).focus()

    @on(Input.Submitted, "#word")
    def _typed(self, event: Input.Submitted) -> None:
        if event.value.strip().lower() == WORD:
            self.dismiss(True)

    def action_yes(self) -> None:
        """Carry it out; a dangerous plan wants its word typed instead."""
        if self._plan.danger != "kill":
            self.dismiss(True)

    def action_no(self) -> None:
        """Leave it."""
        self.dismiss(False)

    def action_copy(self) -> None:
        """Copy the docker command."""
        self.app.copy_to_clipboard(self._plan.command)
        self.app.notify("copied the command", markup=False)

    def action_copy_compose(self) -> None:
        """Copy the compose lines."""
        if self._plan.compose:
            self.app.copy_to_clipboard(self._plan.compose)
            self.app.notify("copied the compose lines", markup=False)
