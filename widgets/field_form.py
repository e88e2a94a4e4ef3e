"""A form of short fields, one line each: what is set, what was used, what is to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from widgets.ink import fit, visible


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: `now` and `used` in words, `hint` what may be typed."""

    id: str
    label: str
    now: str = ""
    used: str = ""
    hint: str = ""


class FieldForm(Vertical):
    """The fields, and under them a line on the one that has the keyboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,tab", "field(1)", "next field", show=False),
        Binding("up,shift+tab", "field(-1)", "field before", show=False),
    ]
    DEFAULT_CSS = """
    FieldForm { height: auto; }
    FieldForm .row { height: 1; }
    FieldForm .row Static { width: auto; height: 1; }
    FieldForm Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $foreground 6%; }
    FieldForm Input:focus { background: $primary 35%; }
    FieldForm Input.wrong { background: $error 35%; }
    FieldForm .heads { color: $foreground 55%; height: 1; }
    FieldForm #word { height: 2; margin-top: 1; color: $foreground 65%; }
    FieldForm #word.wrong { color: $text-error; }
    """
    LABEL: ClassVar[int] = 17
    NOW: ClassVar[int] = 15
    USED: ClassVar[int] = 22

    class Edited(Message):
        """The field `id` holds `text` now."""

        def __init__(self, id: str, text: str) -> None:
            super().__init__()
            self.id = id
            self.text = text

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, fields: Sequence[FieldSpec], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fields = tuple(fields)
        self._errors: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        head = f"{'limit':<{self.LABEL}}{'now':<{self.NOW}}{'used p95 · peak':<{self.USED}} new"
        yield Static(Text(head), classes="heads")
        for field in self._fields:
            with Horizontal(classes="row"):
                yield Static(Text(fit(field.label, self.LABEL)))
                yield Static(Text(fit(field.now, self.NOW)))
                yield Static(Text(fit(field.used, self.USED), "dim"))
                yield Input(placeholder=visible(field.hint, 40), id=f"field-{field.id}", compact=True)
        yield Static(id="word", markup=False)

    @property
    def values(self) -> dict[str, str]:
        """What is typed, by field."""
        return {field.id: self._input(field.id).value.strip() for field in self._fields}

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong, by field; "" for the whole."""
        return self._errors

    @errors.setter
    def errors(self, errors: Mapping[str, str]) -> None:
        self._errors = errors
        for field in self._fields:
            self._input(field.id).set_class(field.id in errors, "wrong")
        self._explain()

    def begin(self, field_id: str = "") -> None:
        """Take the keyboard."""
        self._input(field_id or self._fields[0].id).focus()

    def _input(self, field_id: str) -> Input:
        return self.query_one(f"#field-{field_id}", Input)

    def _focused(self) -> FieldSpec | None:
        return next((field for field in self._fields if self._input(field.id).has_focus), None)

    def _explain(self) -> None:
        field = self._focused()
        word = self.query_one("#word", Static)
        wrong = self._errors.get(field.id if field else "", "") or next(iter(self._errors.values()), "")
        word.set_class(bool(wrong), "wrong")
        word.update(Text(visible(wrong or (field.hint if field else ""), 300)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Another field has the keyboard."""
        self._explain()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited((event.input.id or "").removeprefix("field-"), event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def action_field(self, step: int) -> None:
        """Go to the next field, or the one before."""
        field = self._focused()
        at = self._fields.index(field) if field is not None else -1
        self._input(self._fields[(at + step) % len(self._fields)].id).focus()
