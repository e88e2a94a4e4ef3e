"""List of events, newest first."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events as input_events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import EventLine
from widgets.drawing.styled_strips import StyledText, build_strip, selected_text, style_words
from widgets.drawing.terminal_text import fit
from widgets.drawing.themed_widget import ThemedWidget

TIME_CELLS = 8
NAME_CELLS = (8, 20)
"""Minimum and maximum width of the names."""


class EventList(ThemedWidget, ScrollView, can_focus=True):
    """Scrolling list of `events`; while scrolled down, it stays on the same lines when new ones arrive above."""

    DEFAULT_CSS = """
    EventList {
        width: 1fr;
        height: 1fr;
        overflow: hidden auto;
        scrollbar-size-vertical: 1;
    }
    """

    class Opened(Message):
        """A click on the event of the container `container_id`."""

        def __init__(self, events: EventList, container_id: str) -> None:
            super().__init__()
            self.events = events
            self.container_id = container_id

        @property
        def control(self) -> EventList:
            """The list, for `@on(…, "#id")`."""
            return self.events

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._events: tuple[EventLine, ...] = ()
        self._strips: dict[EventLine, Strip] = {}
        self._strips_width = 0
        self._has_names = False

    @property
    def events(self) -> tuple[EventLine, ...]:
        """Content of the list, newest first."""
        return self._events

    @events.setter
    def events(self, events: tuple[EventLine, ...]) -> None:
        old, top = self._events, self.scroll_offset.y
        if events == old:
            return
        self._events = events
        has_names = any(event.name for event in events)
        if has_names != self._has_names:
            self._has_names = has_names
            self._strips.clear()
        added = events.index(old[0]) if old and old[0] in events else 0
        self.virtual_size = Size(0, len(events))
        if top and added:
            self.scroll_to(y=top + added, animate=False)
        elif top > max(len(events) - self.size.height, 0):
            self.scroll_to(y=max(len(events) - self.size.height, 0), animate=False)
        self._refresh_changed(old)

    def notify_style_update(self) -> None:
        """Drop the lines drawn in the former styles."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """Draw visible line `y`."""
        line = y + self.scroll_offset.y
        return self.highlight_selection(self._draw(line), line).apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text as it is drawn."""
        return selected_text([self._draw(line).text for line in range(max(len(self._events), 1))], selection)

    def on_click(self, event: input_events.Click) -> None:
        """Post Opened for the container of the clicked event."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        line = offset.y + self.scroll_offset.y
        if line < len(self._events) and self._events[line].container_id:
            self.post_message(self.Opened(self, self._events[line].container_id))

    def _refresh_changed(self, old: tuple[EventLine, ...]) -> None:
        top = self.scroll_offset.y
        lines = range(top, top + self.size.height)
        new = self._events
        changed = [line for line in lines if _event_at(old, line) != _event_at(new, line) or not old or not new]
        if changed:
            self.refresh(*(Region(0, line - top, self.size.width, 1) for line in changed))

    def _draw(self, line: int) -> Strip:
        width = self.size.width
        if width != self._strips_width or len(self._strips) > 2 * len(self._events) + 100:
            self._strips.clear()
            self._strips_width = width
        event = _event_at(self._events, line)
        if event is None:
            text = self._empty if line == 0 and not self._events else ""
            return build_strip([(fit(f" {text}", width, "left", self.terminal.ascii), self.themed_style("dim"))], width)
        if event not in self._strips:
            self._strips[event] = build_strip(self._line_texts(event, width), width)
        return self._strips[event]

    def _line_texts(self, event: EventLine, width: int) -> list[StyledText]:
        """Return time, name (if any event has one) and text between margins; narrow lists drop name, then time."""
        terminal, blank = self.terminal, self.themed_style("normal")
        name_cells = min(max(width // 5, NAME_CELLS[0]), NAME_CELLS[1])
        texts: list[StyledText] = [(" ", blank)]
        if width >= TIME_CELLS + 12:
            texts += [
                (fit(event.time_text, TIME_CELLS, "left", terminal.ascii), self.themed_style("dim")),
                ("  ", blank),
            ]
        if self._has_names and width >= TIME_CELLS + NAME_CELLS[0] + 20:
            texts += [(fit(event.name, name_cells, "left", terminal.ascii), blank), (" ", blank)]
        if not terminal.colour:
            texts.append((f"{terminal.sign(event.tone)} ", blank))
        remaining = max(width - 1 - sum(cell_len(text) for text, _ in texts), 0)
        text = fit(event.text, remaining, "left", terminal.ascii)
        return [*texts, *style_words(text, self.themed_style(event.tone), blank), (" ", blank)]


def _event_at(events: tuple[EventLine, ...], line: int) -> EventLine | None:
    return events[line] if line < len(events) else None
