"""Line across the screen for a warning or an answer; hidden without one."""

from __future__ import annotations

from dockpit.model.view_models import Banner
from widgets.drawing.styled_strips import StyledText
from widgets.drawing.terminal_text import fit
from widgets.text.single_line import SingleLine


class BannerLine(SingleLine):
    """Sign and text of `banner` in its tone; takes no line while `banner` is None."""

    DEFAULT_CSS = """
    BannerLine {
        display: none;
        background: $surface;
        &.-shown { display: block; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._banner: Banner | None = None

    @property
    def banner(self) -> Banner | None:
        """Content, None to hide the line."""
        return self._banner

    @banner.setter
    def banner(self, banner: Banner | None) -> None:
        if banner == self._banner:
            return
        self._banner = banner
        self.set_class(banner is not None, "-shown")
        self.redraw()

    def line_texts(self, width: int) -> list[StyledText]:
        """Return the sign of the tone and the text."""
        if self._banner is None:
            return [(" " * width, self.themed_style("normal"))]
        terminal, style = self.terminal, self.themed_style(self._banner.tone)
        sign = fit(terminal.sign(self._banner.tone), 1, "left", terminal.ascii)
        return [(f" {sign} ", style), (fit(self._banner.text, width - 3, "left", terminal.ascii), style)]
