"""A dialog to choose one of a few things, or to tick several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.plain_text import PlainText
from widgets.drawing.terminal_text import ASCII_CLASS, fit

LABEL_CELLS = 18
WIDTH_CELLS = 84
FRAME_CELLS = 5
"""Border, padding and scrollbar."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; `help` is a short explanation beside its label."""

    id: str
    label: str
    help: str = ""


class ChooseScreen(ModalScreen[str | None]):
    """Returns the id that was chosen, or None when the dialog was left.

    With `ticked` several may be chosen; their ids are returned in the order of the list, separated by spaces.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("j", "down", "down", show=False),
        Binding("k", "up", "up", show=False),
        Binding("space", "tick", "tick", show=False),
    ]
    CSS = """
    ChooseScreen { align: center middle; }
    ChooseScreen #box {
        width: 84; max-width: 95%; height: auto; max-height: 96%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    ChooseScreen #title { height: 1; color: $text-accent; text-style: bold; }
    ChooseScreen #hint { height: 1; color: $foreground 55%; dock: bottom; }
    ChooseScreen OptionList {
        border: none; height: auto; max-height: 100%; background: $surface; padding: 0; margin-bottom: 1;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: clip;
    }
    """

    def __init__(
        self, title: str, choices: Sequence[Choice], current: str = "", ticked: tuple[str, ...] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._current = current
        self._multiple = ticked is not None
        self._ticked = set(ticked or ())

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield PlainText(self._title.replace("\n", " "), id="title")
            yield OptionList(*(Option(self._prompt(choice), id=choice.id) for choice in self._choices), markup=False)
            multiple = "space toggles · enter applies the selection · esc cancels"
            yield PlainText(multiple if self._multiple else "enter chooses · esc leaves", id="hint")

    def _prompt(self, choice: Choice) -> Text:
        tick = f"[{'x' if choice.id in self._ticked else ' '}] " if self._multiple else ""
        ascii = self.app.has_class(ASCII_CLASS)
        label = f"{tick}{fit(choice.label, LABEL_CELLS, ascii=ascii)} "
        width = min(WIDTH_CELLS, self.app.size.width * 95 // 100)
        help_cells = width - FRAME_CELLS - len(tick) - LABEL_CELLS - 1
        return Text(label).append(fit(choice.help, help_cells, ascii=ascii), "dim")

    def on_mount(self) -> None:
        """Put the cursor on the current choice."""
        options = self.query_one(OptionList)
        ids = [choice.id for choice in self._choices]
        options.highlighted = ids.index(self._current) if self._current in ids else 0 if ids else None
        options.focus()

    @on(OptionList.OptionSelected)
    def _on_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._multiple:
            self.dismiss(" ".join(choice.id for choice in self._choices if choice.id in self._ticked))
        else:
            self.dismiss(event.option.id)

    def action_tick(self) -> None:
        """Tick or untick the option under the cursor; choose it where only one can be chosen."""
        options = self.query_one(OptionList)
        if not self._multiple:
            options.action_select()
        elif options.highlighted is not None:
            choice = self._choices[options.highlighted]
            self._ticked ^= {choice.id}
            options.replace_option_prompt(choice.id, self._prompt(choice))

    def action_leave(self) -> None:
        """Leave without a choice."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Move the cursor down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Move the cursor up."""
        self.query_one(OptionList).action_cursor_up()
