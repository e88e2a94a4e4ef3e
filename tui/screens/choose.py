"""Choose one of a few things, or tick several."""

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
from textual.widgets import OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from widgets.ink import visible


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose, with a word on it."""

    id: str
    label: str
    help: str = ""


class ChooseScreen(ModalScreen[str | None]):
    """Answers with the id chosen, with the ids ticked separated by spaces, or None when it was left.

    With `ticked` several may be chosen, in the order of the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("j", "down", "down", show=False),
        Binding("k", "up", "up", show=False),
    ]
    CSS = """
    ChooseScreen { align: center middle; }
    ChooseScreen #box {
        width: 76; max-width: 95%; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    ChooseScreen #title { color: $text-accent; text-style: bold; }
    ChooseScreen #hint { color: $foreground 55%; }
    ChooseScreen OptionList, ChooseScreen SelectionList {
        border: none; height: auto; max-height: 30; background: $surface; padding: 0;
    }
    """

    def __init__(
        self, title: str, choices: Sequence[Choice], current: str = "", ticked: tuple[str, ...] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._current = current
        self._ticked = ticked

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(Text(self._title), id="title")
            if self._ticked is None:
                yield OptionList(*(Option(self._label(choice), id=choice.id) for choice in self._choices))
                yield Static("enter chooses · esc leaves", id="hint", markup=False)
            else:
                ticks = (Selection(self._label(c), c.id, c.id in self._ticked) for c in self._choices)
                yield SelectionList[str](*ticks)
                yield Static("space ticks · enter keeps · esc leaves", id="hint", markup=False)

    def _label(self, choice: Choice) -> Text:
        label = Text(visible(choice.label, 40).ljust(18))
        label.append(f" {visible(choice.help, 200)}", "dim")
        label.truncate(70, overflow="ellipsis")
        return label

    def on_mount(self) -> None:
        """Begin at what is in force."""
        options = self.query_one(OptionList)
        ids = [choice.id for choice in self._choices]
        if self._current in ids:
            options.highlighted = ids.index(self._current)
        options.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        if self._ticked is None:
            self.dismiss(event.option.id)

    def key_enter(self) -> None:
        """Keep what is ticked."""
        if self._ticked is not None:
            chosen = set(self.query_one(SelectionList).selected)
            self.dismiss(" ".join(choice.id for choice in self._choices if choice.id in chosen))

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def action_down(self) -> None:
        """One on."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """One back."""
        self.query_one(OptionList).action_cursor_up()
