"""The ground of widgets that are one line of text: drawn from pieces, selectable, repainted only when it changed."""

from __future__ import annotations

from textual.selection import Selection
from textual.strip import Strip

from widgets.ink import Inked
from widgets.strips import Piece, selected_text, strip_of, with_selection


class OneLine(Inked):
    """A widget of one line; a subclass answers `pieces` and calls `changed` when they have."""

    DEFAULT_CSS = """
    OneLine {
        width: 1fr;
        height: 1;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._strip: Strip | None = None

    def pieces(self, width: int) -> list[Piece]:
        """The line, together exactly `width` cells."""
        raise NotImplementedError

    def changed(self) -> None:
        """Draw the line again."""
        self._strip = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn in the styles before."""
        super().notify_style_update()
        self._strip = None

    def render_line(self, y: int) -> Strip:
        """Draw the line; there is no other."""
        style = self.screen.get_component_rich_style("screen--selection")
        return with_selection(self._drawn(), self.text_selection, y, style).apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, as it is drawn."""
        return selected_text([self._drawn().text], selection)

    def _drawn(self) -> Strip:
        width = self.size.width
        if self._strip is None or self._strip.cell_length != width:
            self._strip = strip_of(self.pieces(width), width)
        return self._strip
