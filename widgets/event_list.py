"""A list of what happened, newest first."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events as input_events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from dockpit.model.view_models import EventLine
from widgets.ink import Inked, fit
from widgets.strips import Piece, padded, selected_text, strip_of, with_selection

TIME_WIDTH = 8
NAME_WIDTHS = (8, 20)


class EventList(Inked, ScrollView, can_focus=True):
    """The list of `events`; who has scrolled down keeps looking at the same lines when a new one comes in above."""

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
        self._drawn: dict[EventLine, Strip] = {}
        self._drawn_width = 0
        self._named = False

    @property
    def events(self) -> tuple[EventLine, ...]:
        """What the list shows, newest first."""
        return self._events

    @events.setter
    def events(self, events: tuple[EventLine, ...]) -> None:
        old, top = self._events, self.scroll_offset.y
        if events == old:
            return
        self._events = events
        named = any(event.name for event in events)
        if named != self._named:
            self._named = named
            self._drawn.clear()
        added = events.index(old[0]) if old and old[0] in events else 0
        self.virtual_size = Size(0, len(events))
        if top and added:
            self.scroll_to(y=top + added, animate=False)
        elif top > max(len(events) - self.size.height, 0):
            self.scroll_to(y=max(len(events) - self.size.height, 0), animate=False)
        self._refresh_changed(old)

    def notify_style_update(self) -> None:
        """Forget what was drawn in the styles before."""
        super().notify_style_update()
        self._drawn.clear()

    def render_line(self, y: int) -> Strip:
        """Draw the event at line `y` of what is in sight."""
        line = y + self.scroll_offset.y
        style = self.screen.get_component_rich_style("screen--selection")
        return with_selection(self._draw(line), self.text_selection, line, style).apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, as it is drawn."""
        return selected_text([self._draw(line).text for line in range(max(len(self._events), 1))], selection)

    def on_click(self, event: input_events.Click) -> None:
        """Say whose event was hit."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        at = offset.y + self.scroll_offset.y
        if at < len(self._events) and self._events[at].container_id:
            self.post_message(self.Opened(self, self._events[at].container_id))

    def _refresh_changed(self, old: tuple[EventLine, ...]) -> None:
        top = self.scroll_offset.y
        lines = range(top, top + self.size.height)
        changed = [line for line in lines if _at(old, line) != _at(self._events, line) or not old or not self._events]
        if changed:
            self.refresh(*(Region(0, line - top, self.size.width, 1) for line in changed))

    def _draw(self, line: int) -> Strip:
        width = self.size.width
        if width != self._drawn_width or len(self._drawn) > 2 * len(self._events) + 100:
            self._drawn.clear()
            self._drawn_width = width
        event = _at(self._events, line)
        if event is None:
            text = self._empty if line == 0 and not self._events else ""
            return strip_of([(fit(f" {text}", width, "left", self.ink.ascii), self.ink_style("dim"))], width)
        if event not in self._drawn:
            self._drawn[event] = strip_of(self._pieces(event, width), width)
        return self._drawn[event]

    def _pieces(self, event: EventLine, width: int) -> list[Piece]:
        """Time, name (if any has one) and words between two margins; a narrow list drops the name, then the time."""
        ink, blank = self.ink, self.ink_style("normal")
        name_width = min(max(width // 5, NAME_WIDTHS[0]), NAME_WIDTHS[1])
        pieces: list[Piece] = [(" ", blank)]
        if width >= TIME_WIDTH + 12:
            pieces += [(fit(event.time_text, TIME_WIDTH, "left", ink.ascii), self.ink_style("dim")), ("  ", blank)]
        if self._named and width >= TIME_WIDTH + NAME_WIDTHS[0] + 20:
            pieces += [(fit(event.name, name_width, "left", ink.ascii), blank), (" ", blank)]
        if not ink.colour:
            pieces.append((f"{ink.sign(event.tone)} ", blank))
        room = max(width - 1 - sum(cell_len(text) for text, _ in pieces), 0)
        words = fit(event.text, room, "left", ink.ascii)
        return [*pieces, *padded(words, self.ink_style(event.tone), blank), (" ", blank)]


def _at(events: tuple[EventLine, ...], line: int) -> EventLine | None:
    return events[line] if line < len(events) else None
