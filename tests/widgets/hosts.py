"""A small app around one widget, and what a test reads from the screen."""

from __future__ import annotations

from textual import on
from textual.app import App, ComposeResult
from textual.widget import Widget

from widgets.event_list import EventList
from widgets.key_bar import KeyBar
from widgets.live_table import LiveTable


class Host(App[None]):
    """An app that shows one widget and notes the messages that reach it."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    @on(LiveTable.Highlighted)
    @on(LiveTable.Opened)
    @on(LiveTable.FoldToggled)
    def note_row(self, message: LiveTable.OnRow) -> None:
        self.said.append(f"{type(message).__name__} {message.key}")
        assert message.control is self.widget

    @on(LiveTable.HeaderClicked)
    def note_header(self, message: LiveTable.HeaderClicked) -> None:
        self.said.append(f"HeaderClicked {message.column_id}")
        assert message.control is self.widget

    @on(EventList.Opened)
    def note_event(self, message: EventList.Opened) -> None:
        self.said.append(f"Opened {message.container_id}")
        assert message.control is self.widget

    @on(KeyBar.Pressed)
    def note_key(self, message: KeyBar.Pressed) -> None:
        self.said.append(f"Pressed {message.key}")
        assert message.control is self.widget


def lines(widget: Widget) -> list[str]:
    """The text of every line of `widget` as it is drawn now."""
    return [widget.render_line(y).text for y in range(widget.size.height)]
