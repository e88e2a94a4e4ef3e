"""One line across the screen that is there only while there is something to say."""

from __future__ import annotations

from dockpit.model.view_models import Banner
from widgets.ink import fit
from widgets.one_line import OneLine
from widgets.strips import Piece


class BannerLine(OneLine):
    """The line of `banner`: its sign and its words in its tone; None takes no room."""

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
        """What is said, None for nothing."""
        return self._banner

    @banner.setter
    def banner(self, banner: Banner | None) -> None:
        if banner == self._banner:
            return
        self._banner = banner
        self.set_class(banner is not None, "-shown")
        self.changed()

    def pieces(self, width: int) -> list[Piece]:
        """The sign of the tone and the words."""
        if self._banner is None:
            return [(" " * width, self.ink_style("normal"))]
        ink, style = self.ink, self.ink_style(self._banner.tone)
        sign = fit(ink.sign(self._banner.tone), 1, "left", ink.ascii)
        return [(f" {sign} ", style), (fit(self._banner.text, width - 3, "left", ink.ascii), style)]
