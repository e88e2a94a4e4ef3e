"""A form posts every keystroke to its owner and shows the errors and hints of the owner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tests.widgets.host_app import HostApp, drawn_lines
from widgets.dialogs.field_form import FieldForm, FieldSpec
from widgets.drawing.terminal_text import ASCII_CLASS
from widgets.drawing.themed_widget import ThemedWidget

NAMES = ("cpus", "shares", "cpuset", "mems", "memory", "swap", "reservation", "pids", "blkio", "restart", "retries")
FIELDS = tuple(
    FieldSpec(name, f"{name} limit", "512m, 1.5g", f"now {number}", f"p95 {number} · peak 9", str(number))
    for number, name in enumerate(NAMES)
)


def drawn(form: Widget) -> str:
    """Return the text of every part of the form but its inputs."""
    return "\n".join(line.rstrip() for part in form.query(ThemedWidget) if part.display for line in drawn_lines(part))


class RecordedMessages:
    """Messages that reached the app, in order."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @property
    def edits(self) -> list[tuple[str, str]]:
        edits = {id(said): said for said in self.messages if isinstance(said, FieldForm.Edited)}
        return [(said.field_id, said.text) for said in edits.values()]

    def last(self) -> Message:
        kinds = (FieldForm.Submitted, FieldForm.Cancelled, FieldForm.Edited)
        return next(said for said in reversed(self.messages) if isinstance(said, kinds))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("ascii", [False, True])
async def test_eleven_fields_fit(size: tuple[int, int], ascii: bool) -> None:
    form = FieldForm(FIELDS)
    app = HostApp(form)
    app.set_class(ascii, ASCII_CLASS)
    async with app.run_test(size=size):
        text = drawn(form)
        for field in FIELDS:
            assert field.label in text and field.now in text and f"p95 {field.value}" in text
        inputs = list(form.query(Input))
        assert len({field_input.region.y for field_input in inputs}) == 11
        assert all(field_input.region.bottom < size[1] and field_input.size.width >= 15 for field_input in inputs)
        assert all(cell_len(line) == part.size.width for part in form.query(ThemedWidget) for line in drawn_lines(part))
        assert not ascii or text.isascii()


async def test_every_keystroke_posts_one_edit() -> None:
    form, said = FieldForm(FIELDS), RecordedMessages()
    async with HostApp(form).run_test(size=(80, 24), message_hook=said.messages.append) as pilot:
        await pilot.pause()
        assert said.edits == []
        await pilot.press("1", ".", "5", "down", "tab", "up", "7")
        await pilot.pause()
        assert said.edits == [("cpus", "1"), ("cpus", "1."), ("cpus", "1.5"), ("shares", "7")]
        assert form.values == {**{field.id: field.value for field in FIELDS}, "cpus": "1.5", "shares": "7"}
        assert drawn(form).count("* cpus") == 1


async def test_up_and_down_wrap_around() -> None:
    form = FieldForm(FIELDS)
    app = HostApp(form)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("up")
        assert app.focused is not None and app.focused.name == "retries"
        await pilot.press("down", "down")
        assert app.focused.name == "shares"


async def test_text_typed_right_after_moving_lands_in_the_new_field() -> None:
    form = FieldForm(FIELDS)
    app = HostApp(form)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("down", "down", "tab", "down", "7", "up", "shift+tab", "8"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        changed = {name: text for name, text in form.values.items() if text != str(NAMES.index(name))}
        assert changed == {"memory": "7", "cpuset": "8"}


async def test_enter_submits_and_escape_cancels() -> None:
    form, said = FieldForm(FIELDS[:2]), RecordedMessages()
    async with HostApp(form).run_test(size=(80, 24), message_hook=said.messages.append) as pilot:
        await pilot.press("2", "enter")
        await pilot.pause()
        submitted = said.last()
        assert isinstance(submitted, FieldForm.Submitted) and submitted.values == {"cpus": "2", "shares": "1"}
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(said.last(), FieldForm.Cancelled)


async def test_the_error_or_hint_of_the_focused_field_is_shown() -> None:
    form = FieldForm([replace(FIELDS[0], hint="half a core"), replace(FIELDS[1], error="[red]\x1b refused")])
    async with HostApp(form).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "half a core" in drawn(form) and "refused" not in drawn(form)
        await pilot.press("down")
        await pilot.pause()
        assert "[red]␛ refused" in drawn(form) and "! shares" in drawn(form)
        form.errors = {"shares": ""}
        form.hints = {"shares": "relative"}
        assert "refused" not in drawn(form) and "relative" in drawn(form)
        assert form.errors == {} and form.hints == {"shares": "relative"}
        assert not form.query(".-refused")


async def test_a_wide_form_shows_errors_and_hints_beside_every_field() -> None:
    form = FieldForm(FIELDS)
    async with HostApp(form).run_test(size=(160, 24)) as pilot:
        form.errors = {"memory": "below the minimum of 6 MiB"}
        form.hints = {"pids": "12 used"}
        await pilot.pause()
        assert "below the minimum of 6 MiB" in drawn(form) and "12 used" in drawn(form)


async def test_updated_fields_keep_the_typed_text() -> None:
    form, said = FieldForm(FIELDS[:2]), RecordedMessages()
    async with HostApp(form).run_test(size=(80, 24), message_hook=said.messages.append) as pilot:
        await pilot.press("9")
        form.fields = [replace(FIELDS[0], now="now other"), FIELDS[1]]
        await pilot.pause()
        assert "now other" in drawn(form) and form.values["cpus"] == "9" and form.fields[0].now == "now other"
        form.set_value("shares", "8")
        await pilot.pause()
        assert said.edits[-1] == ("shares", "8")
        with pytest.raises(ValueError, match="keeps its fields"):
            form.fields = FIELDS


async def test_a_form_without_fields_accepts_keys() -> None:
    form = FieldForm(())
    async with HostApp(form).run_test(size=(80, 24)) as pilot:
        form.focus()
        await pilot.press("up", "down", "enter")
        assert form.values == {}
