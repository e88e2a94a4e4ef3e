"""Form for limits: a row per field with its current value, its usage and an input; the owner validates each edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from dockpit.model.view_models import Tone
from widgets.drawing.terminal_text import fit, visible
from widgets.drawing.themed_widget import StylePart, ThemedWidget
from widgets.text.wrapped_text import WrappedText

_WIDTHS: Final = {False: (18, 12, 26), True: (22, 16, 32)}
"""Cells of the columns label, now and used, in a narrow and in a wide form."""
_INPUT_CELLS: Final = 20
"""Cells of an input in a wide form; in a narrow one it takes the remaining width."""
_WIDE_COLUMNS: Final = 118
"""Minimum columns of a wide form, which shows each field's error or hint beside it."""
_TITLES: Final = ("limit", "now", "used", "new")
_HEADER: Final = "header"
_UNLIMITED: Final = 10_000
"""Width of a text that takes the rest of the row."""
_SizedText: TypeAlias = tuple[str, int, Tone | StylePart]
"""A text, its maximum width in cells including the blank after it, and its style."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field; texts are untrusted. `error` is the reason why `value` is refused, `hint` its meaning."""

    id: str
    label: str
    unit_hint: str = ""
    """Examples of valid input, shown in an empty input: "512m, 1.5g"."""
    now: str = ""
    used: str = ""
    """Usage of the limited resource: "p95 1.2 · peak 2.0"."""
    value: str = ""
    error: str = ""
    hint: str = ""


class _TextRow(ThemedWidget):
    """One row of texts in fixed widths, each with a style."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "_TextRow { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._texts: tuple[_SizedText, ...] = ()

    def show(self, *texts: _SizedText) -> None:
        """Draw `texts` beside each other; equal ones repaint nothing."""
        if texts != self._texts:
            self._texts = texts
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        segments, left = [], self.size.width
        for text, width, style in self._texts:
            width = min(width, left)
            left -= width
            segments.append(
                Segment(fit(text, width - 1, ascii=self.terminal.ascii) + " " * min(width, 1), self.themed_style(style))
            )
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)


class FieldForm(Widget):
    """Form of fields with inputs; up, down and tab move between them, enter submits, escape cancels.

    The moving keys have priority over the input and move the focus synchronously, so that text typed right after
    them lands in the new field.
    """

    DEFAULT_CSS = """
    FieldForm {
        width: 1fr; height: auto; max-height: 100%; layout: vertical;
        VerticalScroll { height: auto; max-height: 1fr; scrollbar-size: 1 1; }
        .field-row { height: 1; width: 1fr; }
        .field-row Input { margin: 0 1 0 0; }
        .field-row Input.-refused { background-tint: $error 20%; }
        .field-remark { width: 1fr; display: none; }
        .field-foot { margin: 1 0 0 0; padding: 0 2; height: 2; }
        &.-wide .field-remark { display: block; }
    }
    FieldForm:ansi .field-row Input { text-style: underline; }
    FieldForm:nocolor .field-row Input { text-style: underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+tab", "previous", "previous", id="field_form.previous", show=False, priority=True),
        Binding("down,tab", "next", "next", id="field_form.next", show=False, priority=True),
        Binding("enter", "submit", "apply", id="field_form.submit", tooltip="Continue with these values"),
        Binding("escape", "cancel", "cancel", id="field_form.cancel", tooltip="Leave without changing anything"),
    ]

    class Edited(Message):
        """The field now contains `text`; posted once per keystroke."""

        def __init__(self, field_id: str, text: str) -> None:
            super().__init__()
            self.field_id = field_id
            self.text = text

    class Submitted(Message):
        """Request to apply `values` (text by field id), which are not validated here."""

        def __init__(self, values: Mapping[str, str]) -> None:
            super().__init__()
            self.values = values

    class Cancelled(Message):
        """Request to close the form without changes."""

    def __init__(self, fields: Sequence[FieldSpec], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._fields = tuple(fields)
        self._values = {field.id: field.value for field in fields}
        self._errors: dict[str, str] = {field.id: field.error for field in fields if field.error}
        self._hints: dict[str, str] = {field.id: field.hint for field in fields if field.hint}
        self._inputs: dict[str, Input] = {}
        self._fact_rows: dict[str, _TextRow] = {}
        self._remark_rows: dict[str, _TextRow] = {}
        self._title_row = _TextRow(classes="field-head")
        self._focused_remark = WrappedText(classes="field-foot")

    def compose(self) -> ComposeResult:
        """Yield a heading, the fields, and a line for the error or hint of the focused one."""
        yield self._title_row
        with VerticalScroll(can_focus=False):
            for field in self._fields:
                yield self._field_row(field)
        yield self._focused_remark

    def _field_row(self, field: FieldSpec) -> Horizontal:
        self._fact_rows[field.id] = _TextRow(classes="field-facts")
        self._remark_rows[field.id] = _TextRow(classes="field-remark")
        value_input = Input(field.value, visible(field.unit_hint, 40), compact=True, name=field.id)
        value_input.cursor_blink = False
        self._inputs[field.id] = value_input
        return Horizontal(self._fact_rows[field.id], value_input, self._remark_rows[field.id], classes="field-row")

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """The fields; setting ones with the same ids updates the current values and usage and keeps the typed text.

        Raises ValueError for other ids, which need another form.
        """
        return self._fields

    @fields.setter
    def fields(self, fields: Sequence[FieldSpec]) -> None:
        if [field.id for field in fields] != [field.id for field in self._fields]:
            raise ValueError("a form keeps its fields")
        self._fields = tuple(fields)
        self._update_rows()

    @property
    def values(self) -> dict[str, str]:
        """Text of each field's input, by field id."""
        return dict(self._values)

    @property
    def errors(self) -> Mapping[str, str]:
        """Sentence with the reason for each refused field, by field id."""
        return self._errors

    @errors.setter
    def errors(self, errors: Mapping[str, str]) -> None:
        self._errors = {key: text for key, text in errors.items() if text}
        self._update_rows()

    @property
    def hints(self) -> Mapping[str, str]:
        """Sentence with the meaning of each field's value, by field id."""
        return self._hints

    @hints.setter
    def hints(self, hints: Mapping[str, str]) -> None:
        self._hints = {key: text for key, text in hints.items() if text}
        self._update_rows()

    def set_value(self, field_id: str, text: str) -> None:
        """Set the text of a field's input as if it had been typed."""
        self._inputs[field_id].value = text

    def on_mount(self) -> None:
        """Focus the first field."""
        self._update_rows()
        if self._fields:
            self.enter(self._fields[0].id)

    def enter(self, field_id: str) -> None:
        """Focus a field synchronously."""
        self.screen.set_focus(self._inputs[field_id])

    def on_resize(self, event: events.Resize) -> None:
        """Size the columns for a narrow or a wide form."""
        wide = event.size.width >= _WIDE_COLUMNS
        self.set_class(wide, "-wide")
        for field in self._fields:
            self._fact_rows[field.id].styles.width = sum(_WIDTHS[wide]) + 2
            self._inputs[field.id].styles.width = _INPUT_CELLS if wide else "1fr"
        self._update_rows()

    def on_descendant_focus(self) -> None:
        """Show the error or hint of the newly focused field."""
        self._update_rows()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Post Edited for a changed input."""
        event.stop()
        field_id = event.input.name or ""
        if self._values.get(field_id) == event.value:
            return
        self._values[field_id] = event.value
        self._update_rows()
        self.post_message(self.Edited(field_id, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Submit the form on Enter in an input."""
        event.stop()
        self.action_submit()

    def action_submit(self) -> None:
        """Post Submitted with the values."""
        self.post_message(self.Submitted(self.values))

    def action_cancel(self) -> None:
        """Post Cancelled."""
        self.post_message(self.Cancelled())

    def action_next(self) -> None:
        """Focus the next field."""
        self._step_focus(1)

    def action_previous(self) -> None:
        """Focus the previous field."""
        self._step_focus(-1)

    def _focused_index(self) -> int:
        """Return the index of the focused field, -1 for none."""
        focused = self.screen.focused if self.is_attached else None
        return next((index for index, field in enumerate(self._fields) if self._inputs[field.id] is focused), -1)

    def _step_focus(self, by: int) -> None:
        if self._fields:
            self.enter(self._fields[(self._focused_index() + by) % len(self._fields)].id)

    def _update_rows(self) -> None:
        """Draw the rows of all fields, and below them the error or hint of the focused one."""
        if not self._fact_rows:
            return
        wide = self.has_class("-wide")
        label, now, used = _WIDTHS[wide]
        titles = zip(_TITLES, (label, now, used, 20), strict=True)
        self._title_row.show(("", 2, "header"), *((title, width, _HEADER) for title, width in titles))
        for field in self._fields:
            sign, tone = self._state_sign(field)
            name: _SizedText = (field.label, label, "normal")
            usage: _SizedText = (field.used, used, "dim")
            self._fact_rows[field.id].show((sign, 2, tone), name, (field.now, now, "normal"), usage)
            self._remark_rows[field.id].show(self._remark(field.id))
            self._inputs[field.id].set_class(field.id in self._errors, "-refused")
        focused = self._focused_index()
        text, _, style = self._remark(self._fields[focused].id if focused >= 0 else "")
        self._focused_remark.paragraphs = [(text, style)]

    def _state_sign(self, field: FieldSpec) -> tuple[str, Tone]:
        """Return the sign before a field and its tone: refused, changed, or none."""
        if field.id in self._errors:
            return "!", "high"
        return ("*", "accent") if self._values[field.id] != field.value else (" ", "normal")

    def _remark(self, field_id: str) -> _SizedText:
        """Return the error of a field, otherwise its hint."""
        error = self._errors.get(field_id, "")
        return (error, _UNLIMITED, "high") if error else (self._hints.get(field_id, ""), _UNLIMITED, "dim")
