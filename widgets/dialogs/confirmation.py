"""Confirmation of an action before it runs: changes, command, warnings, and a typed word if it can kill."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from dockpit.model.plans import Change, Danger, Plan
from dockpit.model.view_models import Tone
from widgets.drawing.terminal_text import ASCII_CLASS, visible
from widgets.text.wrapped_text import Paragraph, WrappedText

_LABEL_CELLS: Final = 24
_VALUE_CELLS: Final = 20
_EXTRA_LINES: Final = 40
"""Maximum lines shown of `ConfirmationRequest.extra`."""
_WARNING_STYLES: Final[dict[bool, tuple[str, Tone]]] = {True: ("‼ ", "high"), False: ("! ", "watch")}
"""Sign and tone of warnings of a plan that can kill, and of one that cannot."""


@dataclass(frozen=True, slots=True)
class ConfirmationRequest:
    """Content of a confirmation; every text is untrusted. `word` must be typed if the danger is "kill"."""

    title: str
    sentences: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    command: str = ""
    warnings: tuple[str, ...] = ()
    danger: Danger = "confirm"
    word: str = "kill"
    extra: str = ""
    """Text below the command: the compose lines that make a change permanent."""

    @classmethod
    def of(cls, plan: Plan, *sentences: str) -> ConfirmationRequest:
        """Return the confirmation of a plan; one that can kill requires the container's name."""
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
    """Return a line for each change: label, before and after in columns as wide as their texts."""
    rows = [tuple(visible(text, 200) for text in (change.label, change.before, change.after)) for change in changes]
    limits = (_LABEL_CELLS, _VALUE_CELLS, _VALUE_CELLS)
    widths = [
        min(max((cell_len(row[column]) for row in rows), default=0), limit) for column, limit in enumerate(limits)
    ]
    lines: list[Paragraph] = []
    for label, before, after in rows:
        left = f"{label}{' ' * (widths[0] - cell_len(label))}  {before}{' ' * (widths[1] - cell_len(before))}"
        lines.append((f"{left} → {after}", "normal"))
    return lines


class ConfirmationForm(Widget, can_focus=True):
    """Widget of a ConfirmationRequest; posts Answered, and a yes to the danger "kill" only after the word was typed."""

    DEFAULT_CSS = """
    ConfirmationForm {
        width: 1fr; height: auto; max-height: 100%; layout: vertical; padding: 1 2;
        WrappedText { margin: 0 0 1 0; }
        .confirm-body { height: auto; max-height: 1fr; scrollbar-size: 1 1; }
        .confirm-command { background: $foreground 8%; padding: 0 1; }
        .confirm-warnings { border-left: outer $error; padding: 0 1; }
        .confirm-warnings.-watch { border-left: outer $warning; }
        .confirm-answer { dock: bottom; height: auto; }
        .confirm-keys { margin: 0; }
        Input { margin: 0 0 1 0; }
        &.-ascii-frame .confirm-warnings { border-left: ascii $error; }
    }
    ConfirmationForm:ansi {
        .confirm-command { background: ansi_default; text-style: bold; }
        .confirm-warnings { border-left: outer ansi_red; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "yes", "yes", id="confirm.yes", tooltip="Do it"),
        Binding("n,escape", "no", "no", id="confirm.no", tooltip="Cancel: nothing is changed"),
        Binding("c", "copy", "copy", id="confirm.copy", tooltip="Copy the command"),
        Binding("up", "scroll_body(-1)", "up", id="confirm.up", show=False),
        Binding("down", "scroll_body(1)", "down", id="confirm.down", show=False),
    ]

    class Answered(Message):
        """The user answered yes or no."""

        def __init__(self, yes: bool) -> None:
            super().__init__()
            self.yes = yes

    class CopyRequested(Message):
        """Request to copy `text` to the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, question: ConfirmationRequest, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.question = question
        self._keys = WrappedText(classes="confirm-keys")
        self._input = Input(compact=True, select_on_focus=False)
        self._input.cursor_blink = False

    @property
    def _is_confirmable(self) -> bool:
        """Whether yes is allowed: for the danger "kill", the input holds the required word."""
        return self.question.danger != "kill" or self._input.value.strip() == self.question.word

    def compose(self) -> ComposeResult:
        """Yield title, sentences, changes, warnings and command, then the input for the word and the keys."""
        question = self.question
        can_kill = question.danger == "kill"
        with VerticalScroll(classes="confirm-body", can_focus=False):
            yield WrappedText([(question.title, "group")])
            if question.sentences:
                yield WrappedText([(text, "normal") for text in question.sentences])
            if question.changes:
                yield WrappedText(change_lines(question.changes), classes="confirm-changes")
            if question.warnings:
                sign, tone = _WARNING_STYLES[can_kill]
                warnings = [(sign + text, tone) for text in question.warnings]
                yield WrappedText(warnings, classes="confirm-warnings" + ("" if can_kill else " -watch"))
            if question.command:
                yield WrappedText([(question.command, "normal")], classes="confirm-command")
            if question.extra:
                lines = question.extra.splitlines()[:_EXTRA_LINES]
                yield WrappedText([(line, "dim") for line in lines], classes="confirm-extra")
        with Vertical(classes="confirm-answer"):
            if can_kill:
                yield WrappedText([(f"Type {question.word} to continue:", "normal")])
                yield self._input
            yield self._keys

    def on_mount(self) -> None:
        """Focus the input for the word, or this widget with its keys."""
        self.set_class(self.app.has_class(ASCII_CLASS), "-ascii-frame")
        (self._input if self.question.danger == "kill" else self).focus()
        self._show_keys()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Update the keys: the word may be complete now."""
        event.stop()
        self._show_keys()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take Enter in the input for yes."""
        event.stop()
        self.action_yes()

    def action_yes(self) -> None:
        """Answer yes, if the required word has been typed."""
        if self._is_confirmable:
            self.post_message(self.Answered(True))

    def action_no(self) -> None:
        """Answer no."""
        self.post_message(self.Answered(False))

    def action_copy(self) -> None:
        """Request to copy the command."""
        if self.question.command:
            self.post_message(self.CopyRequested(self.question.command))

    def action_scroll_body(self, by: int) -> None:
        """Scroll a question that is longer than the screen by `by` lines."""
        self.query_one(".confirm-body").scroll_relative(y=by, animate=False)

    def _show_keys(self) -> None:
        can_kill = self.question.danger == "kill"
        yes = "enter  do it" if can_kill else "enter, y  do it"
        no = "esc  cancel" if can_kill else "esc, n  cancel"
        copy = "" if can_kill or not self.question.command else "    c  copy the command"
        self._keys.paragraphs = [(f"{yes}    {no}{copy}", "normal" if self._is_confirmable else "dim")]


class ConfirmationScreen(ModalScreen[bool]):
    """Modal screen with a ConfirmationForm; its result is True for yes and False for no."""

    DEFAULT_CSS = """
    ConfirmationScreen {
        align: center middle;
        & > Vertical {
            width: 90%; max-width: 96; height: auto; max-height: 90%;
            background: $surface; border: round $foreground 40%;
        }
        &.-kill > Vertical { border: heavy $error; }
        &.-ascii-frame > Vertical { border: ascii $foreground; }
    }
    """

    def __init__(self, question: ConfirmationRequest) -> None:
        super().__init__(classes="-kill" if question.danger == "kill" else "")
        self._question = question
        self.asked_at = math.inf
        """Time of the question, in the clock of messages; keys of an earlier time must not answer it."""

    def compose(self) -> ComposeResult:
        """Yield the question in a frame."""
        yield Vertical(ConfirmationForm(self._question))

    def on_mount(self, event: events.Mount) -> None:
        """Use an ASCII frame without Unicode."""
        self.asked_at = event.time
        self.set_class(self.app.has_class(ASCII_CLASS), "-ascii-frame")

    def on_confirmation_form_answered(self, event: ConfirmationForm.Answered) -> None:
        """Return the answer as the screen's result."""
        event.stop()
        self.dismiss(event.yes)

    def on_confirmation_form_copy_requested(self, event: ConfirmationForm.CopyRequested) -> None:
        """Copy the command through the app."""
        event.stop()
        self.app.copy_to_clipboard(event.text)
