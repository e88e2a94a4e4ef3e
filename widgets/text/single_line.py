"""Base class of one-line widgets: drawn from styled texts, selectable, repainted only on change."""

from __future__ import annotations

from textual.selection import Selection
from textual.strip import Strip

from widgets.drawing.styled_strips import StyledText, build_strip, selected_text
from widgets.drawing.themed_widget import ThemedWidget


class SingleLine(ThemedWidget):
    """Widget of one line; a subclass implements `line_texts` and calls `redraw` when they change."""

    DEFAULT_CSS = """
    SingleLine {
        width: 1fr;
        height: 1;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._strip: Strip | None = None

    def line_texts(self, width: int) -> list[StyledText]:
        """Return the texts of the line, together exactly `width` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Drop the drawn line and request a repaint."""
        self._strip = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Drop the line drawn in the former styles."""
        super().notify_style_update()
        self._strip = None

    def render_line(self, y: int) -> Strip:
        """Draw the only line."""
        return self.highlight_selection(self._drawn(), y).apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text as it is drawn."""
        return selected_text([self._drawn().text], selection)

    def _drawn(self) -> Strip:
        width = self.size.width
        if self._strip is None or self._strip.cell_length != width:
            self._strip = build_strip(self.line_texts(width), width)
        return self._strip
