"""What an action will do, before it does it: before and after, the command, and a yes that fits the danger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from dockpit.model.plans import Change, Plan
from dockpit.model.view_models import Tone
from widgets.ink import ASCII_CLASS, visible
from widgets.prose import Paragraph, Prose

Danger = Literal["safe", "confirm", "kill"]

_LABEL_CELLS: Final = 24
_VALUE_CELLS: Final = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; every text is hostile until drawn. `word` must be typed where the danger is "kill"."""

    title: str
    sentences: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    command: str = ""
    warnings: tuple[str, ...] = ()
    danger: Danger = "confirm"
    word: str = "kill"
    extra: str = ""
    """More to read under the command: the compose lines that make a change permanent."""

    @classmethod
    def of(cls, plan: Plan, *sentences: str) -> Question:
        """The question that a plan asks; one that can kill asks for the container's name."""
        return cls(
            title=plan.summary,
            sentences=sentences,
            changes=plan.changes,
            command=plan.command,
            warnings=plan.warnings,
            danger=plan.danger,
            word=plan.container_name or "kill",
            extra=plan.compose,
        )


def change_lines(changes: Sequence[Change]) -> list[Paragraph]:
    """Return a line for each change, label, before and after in columns as wide as they need."""
    rows = [tuple(visible(text, 200) for text in (change.label, change.before, change.after)) for change in changes]
    limits = (_LABEL_CELLS, _VALUE_CELLS, _VALUE_CELLS)
    widths = [min(max((cell_len(row[column]) for row in rows), default=0), most) for column, most in enumerate(limits)]
    lines: list[Paragraph] = []
    for label, before, after in rows:
        left = f"{label}{' ' * (widths[0] - cell_len(label))}  {before}{' ' * (widths[1] - cell_len(before))}"
        lines.append((f"{left} → {after}", "normal"))
    return lines


class Confirm(Widget, can_focus=True):
    """A Question as a widget; it says Answered, and for the danger "kill" only after the word was typed."""

    DEFAULT_CSS = """
    Confirm {
        width: 1fr; height: auto; max-height: 100%; layout: vertical; padding: 1 2;
        Prose { margin: 0 0 1 0; }
        .confirm-body { height: auto; max-height: 1fr; scrollbar-size: 1 1; }
        .confirm-command { background: $foreground 8%; padding: 0 1; }
        .confirm-warnings { border-left: outer $error; padding: 0 1; }
        .confirm-warnings.-watch { border-left: outer $warning; }
        .confirm-answer { dock: bottom; height: auto; }
        .confirm-keys { margin: 0; }
        Input { margin: 0 0 1 0; }
        &.-ascii-frame .confirm-warnings { border-left: ascii $error; }
    }
    Confirm:ansi {
        .confirm-command { background: ansi_default; text-style: bold; }
        .confirm-warnings { border-left: outer ansi_red; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "yes", "yes", id="confirm.yes", tooltip="Do it"),
        Binding("n,escape", "no", "no", id="confirm.no", tooltip="Leave everything as it is"),
        Binding("c", "copy", "copy", id="confirm.copy", tooltip="Copy the command"),
        Binding("up", "scroll_body(-1)", "up", id="confirm.up", show=False),
        Binding("down", "scroll_body(1)", "down", id="confirm.down", show=False),
    ]

    class Answered(Message):
        """The user said yes or no."""

        def __init__(self, yes: bool) -> None:
            super().__init__()
            self.yes = yes

    class CopyRequested(Message):
        """The user wants `text` on the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, question: Question, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.question = question
        self._keys = Prose(classes="confirm-keys")
        self._input = Input(compact=True, select_on_focus=False)
        self._input.cursor_blink = False

    @property
    def _typed(self) -> bool:
        """Whether the word that a deadly action asks for stands in the input."""
        return self.question.danger != "kill" or self._input.value.strip() == self.question.word

    def compose(self) -> ComposeResult:
        """Title, sentences, changes, command and warnings, then the word to type and the keys."""
        asked = self.question
        grave: Tone = "critical" if asked.danger == "kill" else "watch"
        with VerticalScroll(classes="confirm-body", can_focus=False):
            yield Prose([(asked.title, "group")])
            if asked.sentences:
                yield Prose([(text, "normal") for text in asked.sentences])
            if asked.changes:
                yield Prose(change_lines(asked.changes), classes="confirm-changes")
            if asked.warnings:
                sign = "‼ " if asked.danger == "kill" else "! "
                warnings = [(sign + text, "high" if grave == "critical" else grave) for text in asked.warnings]
                yield Prose(warnings, classes="confirm-warnings" + (" -watch" if grave == "watch" else ""))
            if asked.command:
                yield Prose([(asked.command, "normal")], classes="confirm-command")
            if asked.extra:
                yield Prose([(line, "dim") for line in asked.extra.splitlines()[:40]], classes="confirm-extra")
        with Vertical(classes="confirm-answer"):
            if asked.danger == "kill":
                yield Prose([(f"Type {asked.word} to go on:", "normal")])
                yield self._input
            yield self._keys

    def on_mount(self) -> None:
        """Stand where the answer is given."""
        self.set_class(self.app.has_class(ASCII_CLASS), "-ascii-frame")
        (self._input if self.question.danger == "kill" else self).focus()
        self._show_keys()

    def on_input_changed(self, event: Input.Changed) -> None:
        """See whether the word is complete."""
        event.stop()
        self._show_keys()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter after the word says yes."""
        event.stop()
        self.action_yes()

    def action_yes(self) -> None:
        """Say yes, if the word has been typed where one is asked for."""
        if self._typed:
            self.post_message(self.Answered(True))

    def action_no(self) -> None:
        """Say no."""
        self.post_message(self.Answered(False))

    def action_copy(self) -> None:
        """Ask for the command to be copied."""
        if self.question.command:
            self.post_message(self.CopyRequested(self.question.command))

    def action_scroll_body(self, by: int) -> None:
        """Read on, where the question is longer than the screen."""
        self.query_one(".confirm-body").scroll_relative(y=by, animate=False)

    def _show_keys(self) -> None:
        deadly = self.question.danger == "kill"
        yes = "enter  do it" if deadly else "enter, y  do it"
        rest = "esc  leave it" if deadly else "esc, n  leave it"
        copy = "" if deadly or not self.question.command else "    c  copy the command"
        self._keys.paragraphs = [(f"{yes}    {rest}{copy}", "normal" if self._typed else "dim")]


class ConfirmScreen(ModalScreen[bool]):
    """A Confirm over the screen that asked; answers True or False, and copies through the app."""

    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        & > Vertical {
            width: 90%; max-width: 96; height: auto; max-height: 90%;
            background: $surface; border: round $foreground 40%;
        }
        &.-kill > Vertical { border: heavy $error; }
        &.-ascii-frame > Vertical { border: ascii $foreground; }
    }
    """

    def __init__(self, question: Question) -> None:
        super().__init__(classes="-kill" if question.danger == "kill" else "")
        self._question = question

    def compose(self) -> ComposeResult:
        """The question in a frame."""
        yield Vertical(Confirm(self._question))

    def on_mount(self) -> None:
        """A terminal without Unicode gets a frame of its own."""
        self.set_class(self.app.has_class(ASCII_CLASS), "-ascii-frame")

    def on_confirm_answered(self, event: Confirm.Answered) -> None:
        """Hand the answer back."""
        event.stop()
        self.dismiss(event.yes)

    def on_confirm_copy_requested(self, event: Confirm.CopyRequested) -> None:
        """Copy for the question."""
        event.stop()
        self.app.copy_to_clipboard(event.text)
