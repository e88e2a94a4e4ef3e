"""App around one widget, and the text that it draws."""

from __future__ import annotations

from textual import on
from textual.app import App, ComposeResult
from textual.widget import Widget

from widgets.lists.event_list import EventList
from widgets.tables.live_table import LiveTable, RowMessage
from widgets.text.key_bar import KeyBar


class HostApp(App[None]):
    """App that shows one widget and records the messages that reach it."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.received: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    @on(LiveTable.Highlighted)
    @on(LiveTable.Opened)
    @on(LiveTable.FoldToggled)
    def record_row(self, message: RowMessage) -> None:
        self.received.append(f"{type(message).__name__} {message.key}")
        assert message.control is self.widget

    @on(LiveTable.HeaderClicked)
    def record_header(self, message: LiveTable.HeaderClicked) -> None:
        self.received.append(f"HeaderClicked {message.column_id}")
        assert message.control is self.widget

    @on(EventList.Opened)
    def record_event(self, message: EventList.Opened) -> None:
        self.received.append(f"Opened {message.container_id}")
        assert message.control is self.widget

    @on(KeyBar.Pressed)
    def record_key(self, message: KeyBar.Pressed) -> None:
        self.received.append(f"Pressed {message.key}")
        assert message.control is self.widget


def drawn_lines(widget: Widget) -> list[str]:
    """Return the text of every line of `widget` as it is drawn now."""
    return [widget.render_line(y).text for y in range(widget.size.height)]
