"""A form for limits: a line a field with what is now, what was used and what is wanted; the owner judges each key."""

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
from widgets.ink import Inked, Part, fit, visible
from widgets.prose import Prose

_WIDTHS: Final = {False: (18, 12, 26), True: (22, 16, 32)}
"""Cells of label, now and used, in a narrow and in a wide form."""
_INPUT_CELLS: Final = 20
"""Cells of an input in a wide form; in a narrow one it takes what is left."""
_WIDE_FROM: Final = 118
"""From how many columns on a form is wide: each field's error or hint stands beside it."""
_TITLES: Final = ("limit", "now", "used", "new")
_HEADER: Final = "header"
_REST: Final = 10_000
"""As wide as there is room."""
_Text: TypeAlias = tuple[str, int, Tone | Part]
"""A text, its width in cells with the blank after it, cut to the room there is, and its style."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field; texts are hostile until drawn. `error` says why `value` is refused, `hint` what it means."""

    id: str
    label: str
    unit_hint: str = ""
    """What may be typed, shown in an empty input: "512m, 1.5g"."""
    now: str = ""
    used: str = ""
    """What was used of it: "p95 1.2 · peak 2.0"."""
    value: str = ""
    error: str = ""
    hint: str = ""


class _Cells(Inked):
    """One line of texts in fixed widths, each with a tone."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "_Cells { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._cells: tuple[_Text, ...] = ()

    def show(self, *cells: _Text) -> None:
        """Draw `cells`: text, width and style of each; the same again repaints nothing."""
        if cells != self._cells:
            self._cells = cells
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        segments, left = [], self.size.width
        for text, width, style in self._cells:
            width = min(width, left)
            left -= width
            segments.append(
                Segment(fit(text, width - 1, ascii=self.ink.ascii) + " " * min(width, 1), self.ink_style(style))
            )
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)


class FieldForm(Widget):
    """Fields to tune; up, down and tab move, enter submits, escape cancels.

    The keys that move come before those that are typed, and move at once: what is typed after them, however fast,
    lands in the field they led to.
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
        Binding("enter", "submit", "apply", id="field_form.submit", tooltip="Go on with the values as they stand"),
        Binding("escape", "cancel", "cancel", id="field_form.cancel", tooltip="Leave without changing anything"),
    ]

    class Edited(Message):
        """`text` now stands in the field; said once a keystroke."""

        def __init__(self, field_id: str, text: str) -> None:
            super().__init__()
            self.field_id = field_id
            self.text = text

    class Submitted(Message):
        """The user wants `values` (text by field) to be applied; they are not checked here."""

        def __init__(self, values: Mapping[str, str]) -> None:
            super().__init__()
            self.values = values

    class Cancelled(Message):
        """The user wants nothing changed."""

    def __init__(self, fields: Sequence[FieldSpec], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._fields = tuple(fields)
        self._values = {field.id: field.value for field in fields}
        self._errors: dict[str, str] = {field.id: field.error for field in fields if field.error}
        self._hints: dict[str, str] = {field.id: field.hint for field in fields if field.hint}
        self._inputs: dict[str, Input] = {}
        self._facts: dict[str, _Cells] = {}
        self._remarks: dict[str, _Cells] = {}
        self._head = _Cells(classes="field-head")
        self._foot = Prose(classes="field-foot")

    def compose(self) -> ComposeResult:
        """A heading, the fields, and a line for the error or hint of the one with the focus."""
        yield self._head
        with VerticalScroll(can_focus=False):
            for field in self._fields:
                yield self._row(field)
        yield self._foot

    def _row(self, field: FieldSpec) -> Horizontal:
        self._facts[field.id] = _Cells(classes="field-facts")
        self._remarks[field.id] = _Cells(classes="field-remark")
        wanted = Input(field.value, visible(field.unit_hint, 40), compact=True, name=field.id)
        wanted.cursor_blink = False
        self._inputs[field.id] = wanted
        return Horizontal(self._facts[field.id], wanted, self._remarks[field.id], classes="field-row")

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """The fields; others with the same ids renew what is now and used and keep what was typed.

        Raises ValueError for other ids: make another form.
        """
        return self._fields

    @fields.setter
    def fields(self, fields: Sequence[FieldSpec]) -> None:
        if [field.id for field in fields] != [field.id for field in self._fields]:
            raise ValueError("a form keeps its fields")
        self._fields = tuple(fields)
        self._show()

    @property
    def values(self) -> dict[str, str]:
        """What stands in each field."""
        return dict(self._values)

    @property
    def errors(self) -> Mapping[str, str]:
        """Why fields are refused, a sentence by field."""
        return self._errors

    @errors.setter
    def errors(self, errors: Mapping[str, str]) -> None:
        self._errors = {key: text for key, text in errors.items() if text}
        self._show()

    @property
    def hints(self) -> Mapping[str, str]:
        """What values mean, a sentence by field."""
        return self._hints

    @hints.setter
    def hints(self, hints: Mapping[str, str]) -> None:
        self._hints = {key: text for key, text in hints.items() if text}
        self._show()

    def set_value(self, field_id: str, text: str) -> None:
        """Put `text` into a field as if it had been typed."""
        self._inputs[field_id].value = text

    def on_mount(self) -> None:
        """Stand on the first field."""
        self._show()
        if self._fields:
            self.enter(self._fields[0].id)

    def enter(self, field_id: str) -> None:
        """Stand on a field, at once."""
        self.screen.set_focus(self._inputs[field_id])

    def on_resize(self, event: events.Resize) -> None:
        """Give the columns the room there is."""
        wide = event.size.width >= _WIDE_FROM
        self.set_class(wide, "-wide")
        for field in self._fields:
            self._facts[field.id].styles.width = sum(_WIDTHS[wide]) + 2
            self._inputs[field.id].styles.width = _INPUT_CELLS if wide else "1fr"
        self._show()

    def on_descendant_focus(self) -> None:
        """Say what there is to say about the field that is entered."""
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass a keystroke on."""
        event.stop()
        field_id = event.input.name or ""
        if self._values.get(field_id) == event.value:
            return
        self._values[field_id] = event.value
        self._show()
        self.post_message(self.Edited(field_id, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field submits the form."""
        event.stop()
        self.action_submit()

    def action_submit(self) -> None:
        """Hand the values over."""
        self.post_message(self.Submitted(self.values))

    def action_cancel(self) -> None:
        """Leave."""
        self.post_message(self.Cancelled())

    def action_next(self) -> None:
        """Go to the next field."""
        self._move(1)

    def action_previous(self) -> None:
        """Go to the field before."""
        self._move(-1)

    def _focused(self) -> int:
        """The place of the field with the focus, -1 for none."""
        focused = self.screen.focused if self.is_attached else None
        return next((place for place, field in enumerate(self._fields) if self._inputs[field.id] is focused), -1)

    def _move(self, by: int) -> None:
        if self._fields:
            self.enter(self._fields[(self._focused() + by) % len(self._fields)].id)

    def _show(self) -> None:
        """Draw what is said about every field, and below them about the one with the focus."""
        if not self._facts:
            return
        wide = self.has_class("-wide")
        label, now, used = _WIDTHS[wide]
        titles = zip(_TITLES, (label, now, used, 20), strict=True)
        self._head.show(("", 2, "header"), *((title, width, _HEADER) for title, width in titles))
        for field in self._fields:
            sign, tone = self._sign(field)
            name: _Text = (field.label, label, "normal")
            quiet: _Text = (field.used, used, "dim")
            self._facts[field.id].show((sign, 2, tone), name, (field.now, now, "normal"), quiet)
            self._remarks[field.id].show(self._remark(field.id))
            self._inputs[field.id].set_class(field.id in self._errors, "-refused")
        at = self._focused()
        text, _, style = self._remark(self._fields[at].id if at >= 0 else "")
        self._foot.paragraphs = [(text, style)]

    def _sign(self, field: FieldSpec) -> tuple[str, Tone]:
        """What stands before a field: refused, changed, or nothing."""
        if field.id in self._errors:
            return "!", "high"
        return ("*", "accent") if self._values[field.id] != field.value else (" ", "normal")

    def _remark(self, field_id: str) -> _Text:
        error = self._errors.get(field_id, "")
        return (error, _REST, "high") if error else (self._hints.get(field_id, ""), _REST, "dim")
